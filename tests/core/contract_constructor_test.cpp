// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/python_text.h"
#include "core/norm/state_dict.h"
#include "support/contract.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

double firstOutput(double eps, bool training, DType dtype = DType::Float32) {
    BatchNorm1d layer({.numFeatures = 3, .eps = eps, .dtype = dtype});
    layer.setTraining(training);
    layer.mutableState().runningVar = three(0);
    Tensor y;
    layer.forward(pairsBatch(3, dtype), &y);
    return y.at(0);
}

}  // namespace

/// Statements 1 to 6: what a new layer is, which options it takes and how it prints.
class ContractConstructorTest : public QObject {
    Q_OBJECT

private slots:
    void s01_defaults() {
        const BatchNorm1d layer({.numFeatures = 3});
        QVERIFY(*layer.state().weight == three(1) && *layer.state().bias == three(0));
        QVERIFY(*layer.state().runningMean == three(0) && *layer.state().runningVar == three(1));
        QVERIFY(layer.state().numBatchesTracked == 0);
        QVERIFY(layer.training() && layer.options().affine && layer.options().trackRunningStats);
        QVERIFY(layer.options().eps == 1e-5 && layer.options().momentum == 0.1);
        QVERIFY(layer.options().dtype == DType::Float32);
    }

    void s01_withoutParametersOrBuffers() {
        const LayerState plain = BatchNorm1d({.numFeatures = 3, .affine = false}).state();
        QVERIFY(!plain.weight && !plain.bias && plain.runningMean && plain.runningVar && plain.numBatchesTracked);
        const LayerState untracked = BatchNorm1d({.numFeatures = 3, .trackRunningStats = false}).state();
        QVERIFY(untracked.weight && untracked.bias);
        QVERIFY(!untracked.runningMean && !untracked.runningVar && !untracked.numBatchesTracked);
        const BatchNorm1d bare({.numFeatures = 3, .affine = false, .trackRunningStats = false});
        QVERIFY(bare.state() == LayerState{});
    }

    void s01_float64() {
        const BatchNorm1d layer({.numFeatures = 3, .dtype = DType::Float64});
        for (const auto& [key, tensor] : stateDict(layer).entries)
            QVERIFY(tensor.dtype() == (key == "num_batches_tracked" ? DType::Int64 : DType::Float64));
    }

    void s02_momentumIsStoredAsGiven() {
        for (const double momentum : {-0.1, 0.0, 1.0, 1.5, inf})
            QVERIFY(BatchNorm1d({.numFeatures = 3, .momentum = momentum}).options().momentum == momentum);
        QVERIFY(std::isnan(*BatchNorm1d({.numFeatures = 3, .momentum = quietNaN}).options().momentum));
        QVERIFY(!BatchNorm1d({.numFeatures = 3, .momentum = std::nullopt}).options().momentum);
    }

    void s03_noFeatures() {
        BatchNorm1d layer({.numFeatures = 0});
        for (const auto& [key, tensor] : stateDict(layer).entries)
            QVERIFY(tensor.shape() == (key == "num_batches_tracked" ? Dims{} : Dims{0}));
        const Tensor x(DType::Float32, {4, 0});
        QCOMPARE(messageOf([&] { layer.forward(x); }),
                 std::string("select(): index 0 out of range for tensor of size [0] at dimension 0"));
        QVERIFY(layer.state().numBatchesTracked == 1);
        BatchNorm1d plain({.numFeatures = 0, .affine = false});
        Tensor y;
        plain.forward(x, &y);
        QVERIFY(y.shape() == Dims({4, 0}));
    }

    void s03_refusedOptions() {
        QCOMPARE(messageOf([] { BatchNorm1d({.numFeatures = -1}); }),
                 std::string("Trying to create tensor with negative dimension -1: [-1]"));
        for (const DType dtype : {DType::Int64, DType::UInt8, DType::Bool}) {
            QCOMPARE(messageOf([&] { BatchNorm1d({.numFeatures = 2, .dtype = dtype}); }),
                     std::string("Only Tensors of floating point and complex dtype can require gradients"));
            QCOMPARE(messageOf([&] { BatchNorm1d({.numFeatures = -2, .dtype = dtype}); }),
                     std::string("Trying to create tensor with negative dimension -2: [-2]"));
        }
        QCOMPARE(messageOf([] { BatchNorm1d({.numFeatures = 2, .dtype = DType::Float16}); }),
                 std::string("dtype of a BatchNorm1d must be float32 or float64, but got float16"));
        QCOMPARE(messageOf([] { BatchNorm1d({.numFeatures = 2, .affine = false, .dtype = DType::Int64}); }),
                 std::string("dtype of a BatchNorm1d must be float32 or float64, but got int64"));
    }

    void s04_refusedEps_data() {
        QTest::addColumn<double>("eps");
        QTest::addColumn<QString>("printed");
        QTest::newRow("negative") << -1e-5 << "-1e-05";
        QTest::newRow("minus infinity") << -inf << "-inf";
        QTest::newRow("infinite") << inf << "inf";
        QTest::newRow("NaN") << quietNaN << "nan";
    }

    void s04_refusedEps() {
        QFETCH(double, eps);
        QFETCH(QString, printed);
        const std::string expected = "batch_norm eps must be positive, but got " + printed.toStdString();
        QCOMPARE(messageOf([&] { BatchNorm1d({.numFeatures = 2, .eps = eps}); }), expected);
        BatchNorm1d layer({.numFeatures = 2});
        QCOMPARE(messageOf([&] { layer.setEps(eps); }), expected);
        QVERIFY(layer.options().eps == 1e-5);
    }

    void s04_zeroEpsIsLegal() {
        BatchNorm1d layer({.numFeatures = 3, .eps = 0});
        Tensor y;
        layer.forward(pairsBatch(), &y);
        QVERIFY(y.at(0) == -1 && y.at(3) == 1);
        layer.setEps(3);  // mean 2, variance 1: (1 − 2)/√(1 + 3)
        layer.forward(pairsBatch(), &y);
        QVERIFY(y.at(0) == -0.5);
    }

    /// Training adds eps in double. Eval rounds it to the dtype first, so a variance of 0 then has no scale: Inf − Inf.
    void s04_tinyEps() {
        for (const double eps : {0.0, 1e-50}) {
            QVERIFY(firstOutput(eps, true) == -1);
            QVERIFY(std::isnan(firstOutput(eps, false)));
        }
        QVERIFY(std::isfinite(firstOutput(1e-50, false, DType::Float64)));
        BatchNorm1d layer({.numFeatures = 1, .eps = 1e-50});  // a constant channel: 1/√eps is finite only in double
        const double invstd = layer.forward(Tensor::of<float>({2, 1}, {7, 7})).invstd[0];
        QVERIFY(std::fabs(invstd / 1e25 - 1) <= 0x1p-51);  // 1e-50 and 1e25 are rounded themselves
    }

    void s05_momentum_data() {
        QTest::addColumn<double>("momentum");
        QTest::addColumn<double>("mean");
        QTest::addColumn<double>("var");
        // before: mean 8, variance 16; the batch: mean 2, unbiased variance 4/3
        const double s = 4.0 / 3;
        QTest::newRow("0") << 0.0 << 8.0 << 16.0;
        QTest::newRow("0.5") << 0.5 << 5.0 << 8 + s / 2;
        QTest::newRow("1") << 1.0 << 2.0 << s;
        QTest::newRow("1.5") << 1.5 << -1.0 << -8 + 1.5 * s;
        QTest::newRow("-0.5") << -0.5 << 11.0 << 24 - s / 2;
        QTest::newRow("NaN") << quietNaN << quietNaN << quietNaN;
        QTest::newRow("inf") << inf << quietNaN << quietNaN;
        QTest::newRow("-inf") << -inf << quietNaN << quietNaN;
    }

    void s05_momentum() {
        QFETCH(double, momentum);
        QFETCH(double, mean);
        QFETCH(double, var);
        BatchNorm1d layer({.numFeatures = 3, .momentum = momentum});
        layer.mutableState().runningMean = three(8);
        layer.mutableState().runningVar = three(16);
        layer.forward(pairsBatch());
        const auto same = [](double a, double b) {
            return std::isnan(b) ? std::isnan(a) : a == roundTo(DType::Float32, b);
        };
        QVERIFY(same((*layer.state().runningMean)[0], mean) && same((*layer.state().runningVar)[0], var));
    }

    /// 0·NaN and 0·Inf are NaN: neither "keep" nor "replace" cures or spares the buffers.
    void s05_poisonedStatisticsStayPoisoned() {
        for (const double momentum : {0.0, 1.0})
            for (const double poison : {quietNaN, inf, -inf}) {
                BatchNorm1d layer({.numFeatures = 3, .momentum = momentum});
                layer.mutableState().runningMean = three(poison);
                layer.mutableState().runningVar = three(poison);
                layer.forward(pairsBatch());
                const double mean = (*layer.state().runningMean)[0], var = (*layer.state().runningVar)[0];
                const bool kept = momentum == 0 && std::isinf(poison);  // 0·2 + 1·Inf
                QVERIFY(kept ? mean == poison && var == poison : std::isnan(mean) && std::isnan(var));
            }
        BatchNorm1d layer({.numFeatures = 1, .momentum = 0});
        layer.forward(Tensor::of<float>({2, 1}, {1, static_cast<float>(inf)}));
        QVERIFY(std::isnan((*layer.state().runningMean)[0]) && std::isnan((*layer.state().runningVar)[0]));
    }

    void s05_cumulativeAverage() {
        BatchNorm1d layer({.numFeatures = 1, .momentum = std::nullopt, .dtype = DType::Float64});
        std::int64_t count = 0;
        for (const double mean : {2.0, 4.0, 12.0}) {
            const ForwardRecord record = layer.forward(
                makeBatch(DType::Float64, {2, 1}, [&](auto n, auto, auto) { return mean + (n == 0 ? 1 : -1); }));
            QVERIFY(record.factor == 1.0 / static_cast<double>(++count));
        }
        // (2 + 4 + 12)/3 = 6; 1/3 is rounded, hence the last bits
        QVERIFY(std::fabs((*layer.state().runningMean)[0] - 6) <= 6 * 0x1p-52);
        QVERIFY(std::fabs((*layer.state().runningVar)[0] - 2) <= 2 * 0x1p-51);
        QVERIFY(layer.state().numBatchesTracked == 3);
    }

    void s05_negativeCounterExtrapolates() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = std::nullopt});
        layer.mutableState().numBatchesTracked = -3;  // factor 1/−2
        layer.forward(pairsBatch());
        QVERIFY(*layer.state().runningMean == three(-1));
        QVERIFY(*layer.state().runningVar == three(roundTo(DType::Float32, 1.5 - 2.0 / 3)));
    }

    void s05_cumulativeWithoutCountingHasFactorZero() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = std::nullopt});
        layer.mutableState().numBatchesTracked.reset();
        const ForwardRecord record = layer.forward(pairsBatch());
        QVERIFY(record.factor == 0 && record.updatedMean && record.updatedVar && !record.counted);
        QVERIFY(*layer.state().runningMean == three(0) && *layer.state().runningVar == three(1));
        BatchNorm1d untracked({.numFeatures = 3, .momentum = std::nullopt, .trackRunningStats = false});
        QVERIFY(untracked.forward(pairsBatch()).factor == 0);
    }

    void s05_divisionByZero() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = std::nullopt});
        layer.mutableState().numBatchesTracked = -1;
        QCOMPARE(messageOf([&] { layer.forward(pairsBatch()); }), std::string("float division by zero"));
        QVERIFY(layer.state().numBatchesTracked == 0 && *layer.state().runningMean == three(0));
    }

    void s05_momentumIsReadAtEveryCall() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = 0});
        layer.forward(pairsBatch());
        QVERIFY(*layer.state().runningMean == three(0));
        layer.setMomentum(0.5);
        layer.forward(pairsBatch());
        QVERIFY(*layer.state().runningMean == three(1));
        layer.setMomentum(std::nullopt);
        QVERIFY(layer.forward(pairsBatch()).factor == 1.0 / 3);
    }

    void s06_extraRepr_data() {
        QTest::addColumn<double>("eps");
        QTest::addColumn<bool>("hasMomentum");
        QTest::addColumn<double>("momentum");
        QTest::addColumn<QString>("text");
        QTest::newRow("defaults") << 1e-5 << true << 0.1 << "eps=1e-05, momentum=0.1";
        QTest::newRow("none") << 1e-3 << false << 0.0 << "eps=0.001, momentum=None";
        QTest::newRow("one") << 1e-12 << true << 1.0 << "eps=1e-12, momentum=1.0";
        QTest::newRow("digits") << 1.0 << true << 0.30000000000000004 << "eps=1.0, momentum=0.30000000000000004";
        QTest::newRow("inf") << 0.0 << true << -inf << "eps=0.0, momentum=-inf";
        QTest::newRow("NaN") << 1e-5 << true << quietNaN << "eps=1e-05, momentum=nan";
    }

    void s06_extraRepr() {
        QFETCH(double, eps);
        QFETCH(bool, hasMomentum);
        QFETCH(double, momentum);
        QFETCH(QString, text);
        const std::optional<double> given = hasMomentum ? std::optional(momentum) : std::nullopt;
        QCOMPARE(BatchNorm1d({.numFeatures = 3, .eps = eps, .momentum = given}).extraRepr(),
                 "3, " + text.toStdString() + ", affine=True, track_running_stats=True");
        QCOMPARE(
            BatchNorm1d({.numFeatures = 0, .eps = eps, .momentum = given, .affine = false, .trackRunningStats = false})
                .extraRepr(),
            "0, " + text.toStdString() + ", affine=False, track_running_stats=False");
    }

    void s06_pythonFloats_data() {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        const std::pair<double, const char*> rows[] = {{0.0, "0.0"},
                                                       {-0.0, "-0.0"},
                                                       {1e-4, "0.0001"},
                                                       {9.999e-5, "9.999e-05"},
                                                       {1e15, "1000000000000000.0"},
                                                       {1e16, "1e+16"},
                                                       {1e22, "1e+22"},
                                                       {1e-300, "1e-300"},
                                                       {123456.75, "123456.75"},
                                                       {2.0 / 3, "0.6666666666666666"},
                                                       {1e100, "1e+100"},
                                                       {5e-324, "5e-324"},
                                                       {-1.5e-7, "-1.5e-07"},
                                                       {9007199254740993.0, "9007199254740992.0"}};
        for (const auto& [value, text] : rows)
            QTest::newRow(text) << value << text;
    }

    void s06_pythonFloats() {
        QFETCH(double, value);
        QTEST(QString::fromStdString(pythonFloat(value)), "text");
    }
};

QTEST_GUILESS_MAIN(ContractConstructorTest)
#include "contract_constructor_test.moc"
