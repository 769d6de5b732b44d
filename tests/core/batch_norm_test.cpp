// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/norm/batch_norm.h"
#include "core/norm/python_text.h"
#include "core/parallel/parallel.h"
#include "support/reference.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double quietNaN = std::numeric_limits<double>::quiet_NaN();

/// The message of the Error that @p body throws, empty when it throws none.
template <class Body>
std::string messageOf(Body body) {
    try {
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

/// Mean 2 and biased variance 1 in every channel, exactly; unbiased 4/3.
Tensor pairsBatch(std::int64_t channels = 3, DType dtype = DType::Float32) {
    return makeBatch(dtype, {4, channels}, [](std::int64_t n, auto, auto) { return n % 2 == 0 ? 1.0 : 3.0; });
}

Tensor noiseBatch(DType dtype, const Dims& shape, std::uint64_t seed) {
    TestNoise noise(seed);
    return makeBatch(dtype, shape, [&](auto...) { return noise.normal(); });
}

bool sameBytes(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && a.dtype() == b.dtype() && std::memcmp(a.bytes(), b.bytes(), a.byteSize()) == 0;
}

/// Bit for bit; NaN equals the same NaN.
bool sameBytes(const ChannelVector& a, const ChannelVector& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

ChannelVector three(double value) {
    return {value, value, value};
}

}  // namespace

class BatchNormTest : public QObject {
    Q_OBJECT

private slots:
    // --- construction and attributes

    void newLayer() {
        const BatchNorm1d layer({.numFeatures = 3});
        QVERIFY(*layer.state().weight == three(1) && *layer.state().bias == three(0));
        QVERIFY(*layer.state().runningMean == three(0) && *layer.state().runningVar == three(1));
        QVERIFY(layer.state().numBatchesTracked == 0);
        QVERIFY(layer.training());
        const BatchNorm1d bare({.numFeatures = 3, .affine = false, .trackRunningStats = false});
        QVERIFY(bare.state() == LayerState{});
    }

    void refusedOptions() {
        QCOMPARE(messageOf([] { BatchNorm1d({.numFeatures = -1}); }),
                 std::string("Trying to create tensor with negative dimension -1: [-1]"));
        QCOMPARE(messageOf([] { BatchNorm1d({.numFeatures = 2, .dtype = DType::Int64}); }),
                 std::string("dtype of a BatchNorm1d must be float32 or float64, but got int64"));
    }

    void refusedEps_data() {
        QTest::addColumn<double>("eps");
        QTest::addColumn<QString>("printed");
        QTest::newRow("negative") << -1e-5 << "-1e-05";
        QTest::newRow("infinite") << inf << "inf";
        QTest::newRow("NaN") << quietNaN << "nan";
    }

    void refusedEps() {
        QFETCH(double, eps);
        QFETCH(QString, printed);
        const std::string expected = "batch_norm eps must be positive, but got " + printed.toStdString();
        QCOMPARE(messageOf([&] { BatchNorm1d({.numFeatures = 2, .eps = eps}); }), expected);
        BatchNorm1d layer({.numFeatures = 2});
        QCOMPARE(messageOf([&] { layer.setEps(eps); }), expected);
        QVERIFY(layer.options().eps == 1e-5);
        layer.setEps(0);
        QVERIFY(layer.options().eps == 0);
    }

    void extraRepr_data() {
        QTest::addColumn<double>("eps");
        QTest::addColumn<bool>("hasMomentum");
        QTest::addColumn<double>("momentum");
        QTest::addColumn<QString>("text");
        QTest::newRow("defaults") << 1e-5 << true << 0.1 << "eps=1e-05, momentum=0.1";
        QTest::newRow("none") << 1e-3 << false << 0.0 << "eps=0.001, momentum=None";
        QTest::newRow("one") << 1e-12 << true << 1.0 << "eps=1e-12, momentum=1.0";
        QTest::newRow("digits") << 1.0 << true << 0.30000000000000004 << "eps=1.0, momentum=0.30000000000000004";
        QTest::newRow("inf") << 0.0 << true << -inf << "eps=0.0, momentum=-inf";
    }

    void extraRepr() {
        QFETCH(double, eps);
        QFETCH(bool, hasMomentum);
        QFETCH(double, momentum);
        QFETCH(QString, text);
        BatchNorm1d layer({.numFeatures = 3, .eps = eps, .trackRunningStats = false});
        layer.setMomentum(hasMomentum ? std::optional(momentum) : std::nullopt);
        QCOMPARE(layer.extraRepr(), "3, " + text.toStdString() + ", affine=True, track_running_stats=False");
    }

    void pythonFloats_data() {
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

    void pythonFloats() {
        QFETCH(double, value);
        QTEST(QString::fromStdString(pythonFloat(value)), "text");
    }

    void affineSwitch() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState().weight = three(5);
        layer.setAffine(true);
        QVERIFY(*layer.state().weight == three(5));  // present ones stay
        layer.setAffine(false);
        QVERIFY(!layer.state().weight && !layer.state().bias && !layer.options().affine);
        layer.setAffine(true);
        QVERIFY(*layer.state().weight == three(1) && *layer.state().bias == three(0));
    }

    // --- values

    void exactForwardAndUpdate() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 3, .eps = 0, .momentum = 0.5, .dtype = dtype});
            layer.mutableState().weight = three(2);
            layer.mutableState().bias = three(0.5);
            Tensor y;
            const ForwardRecord record = layer.forward(pairsBatch(3, dtype), &y);
            for (std::int64_t i = 0; i < y.size(); ++i)
                QVERIFY(y.at(i) == (i / 3 % 2 == 0 ? -1.5 : 2.5));
            QVERIFY(record.mean == three(2) && record.var == three(1) && record.invstd == three(1));
            QVERIFY(record.usedBatchStatistics && record.updatedMean && record.updatedVar && record.counted);
            QCOMPARE(record.valuesPerChannel, 4);
            QVERIFY(*layer.state().runningMean == three(1));
            QVERIFY(*layer.state().runningVar == three(roundTo(dtype, 0.5 + 2.0 / 3)));  // unbiased: 4/3
            QVERIFY(layer.state().numBatchesTracked == 1);
        }
    }

    /// x̂ = ±1, so with dy = (a, b, a, b) the definition gives S = 2(a + b), Q = 2(b − a) and dy − S/n − x̂·Q/n = 0.
    void exactBackward() {
        BatchNorm1d layer({.numFeatures = 1, .eps = 0});
        layer.mutableState().weight = {{3}};
        const Tensor x = pairsBatch(1);
        Tensor gradX;
        const ForwardRecord record = layer.forward(x);
        const BackwardRecord same = layer.backward(x, Tensor::of<float>({4, 1}, {1, 4, 1, 4}), record, &gradX);
        QVERIFY(*same.gradBias == ChannelVector{10} && *same.gradWeight == ChannelVector{6});
        for (std::int64_t i = 0; i < 4; ++i)
            QVERIFY(gradX.at(i) == 0);
        // dy = (4, 0, 0, 0): S/n = 1, Q/n = −1; times γ·invstd = 3.
        layer.backward(x, Tensor::of<float>({4, 1}, {4, 0, 0, 0}), record, &gradX);
        const double expected[] = {(4 - 1 - 1) * 3, 0, (0 - 1 - 1) * 3, 0};
        for (std::int64_t i = 0; i < 4; ++i)
            QVERIFY(gradX.at(i) == expected[i]);
    }

    void evalUsesRunningStatistics() {
        BatchNorm1d layer({.numFeatures = 1, .eps = 0});
        layer.setTraining(false);
        layer.mutableState() = {{{2}}, {{1}}, {{5}}, {{4}}, 7};
        const Tensor x = Tensor::of<float>({2, 1}, {5, 9});
        Tensor y, gradX;
        const LayerState before = layer.state();
        const ForwardRecord record = layer.forward(x, &y);
        QVERIFY(y.at(0) == 1 && y.at(1) == 5);
        QVERIFY(!record.usedBatchStatistics && !record.counted && layer.state() == before);
        const BackwardRecord backward = layer.backward(x, Tensor::of<float>({2, 1}, {1, 3}), record, &gradX);
        QVERIFY(gradX.at(0) == 1 && gradX.at(1) == 3);  // dy·γ/σ
        QVERIFY(*backward.gradBias == ChannelVector{4} && *backward.gradWeight == ChannelVector{6});
    }

    void constantChannelGivesTheBias() {
        for (const DType dtype : {DType::Float32, DType::Float64})
            for (const double value : {3.0, 0.1, 10000.1, -1e-30, 1e30})
                for (const double eps : {0.0, 1e-12, 1e-5}) {
                    BatchNorm1d layer({.numFeatures = 2, .eps = eps, .dtype = dtype});
                    layer.mutableState().bias = {{0.3f, -7}};
                    Tensor y;
                    const Tensor x = makeBatch(dtype, {9, 2}, [&](auto...) { return value; });
                    const ForwardRecord record = layer.forward(x, &y);
                    QVERIFY(record.var[0] == 0 && (eps > 0 || record.invstd[0] == 0));
                    for (std::int64_t i = 0; i < y.size(); ++i)
                        QVERIFY(y.at(i) == (*layer.state().bias)[static_cast<std::size_t>(i % 2)]);
                }
    }

    /// Semantics 32: PyTorch computes Inf·x + (β − Inf).
    void evalWithZeroVarianceAndZeroEpsIsNaN() {
        for (const double eps : {0.0, 1e-50}) {  // 1e-50 is 0 in float32
            BatchNorm1d layer({.numFeatures = 1, .eps = eps});
            layer.setTraining(false);
            layer.mutableState().runningVar = {{0}};
            Tensor y;
            layer.forward(Tensor::of<float>({3, 1}, {-1, 0, 1}), &y);
            for (std::int64_t i = 0; i < 3; ++i)
                QVERIFY(std::isnan(y.at(i)));
        }
    }

    void evalNonFinite() {
        BatchNorm1d layer({.numFeatures = 4});
        layer.setTraining(false);
        layer.mutableState().runningVar = {{1, 1, inf, -1}};
        layer.mutableState().weight = {{1, 0, 1, 1}};
        layer.mutableState().bias = {{0, 0, 9, 0}};
        Tensor y, gradX;
        const Tensor x =
            Tensor::of<float>({2, 4}, {static_cast<float>(inf), static_cast<float>(inf), 5, 5, 1, 1, 5, 5});
        const ForwardRecord record = layer.forward(x, &y);
        QVERIFY(y.at(0) == inf && std::isnan(y.at(1)) && y.at(2) == 9 && std::isnan(y.at(3)));
        QVERIFY(std::isfinite(y.at(4)) && y.at(5) == 0);
        layer.backward(x, Tensor::of<float>({2, 4}, {1, 1, 1, 1, 1, 1, 1, 1}), record, &gradX);
        QVERIFY(std::isfinite(gradX.at(0)) && gradX.at(1) == 0 && gradX.at(2) == 0);
    }

    void transformsAreTheKernels_data() {
        QTest::addColumn<bool>("single");
        QTest::addColumn<bool>("training");
        QTest::addColumn<QList<int>>("shape");
        for (const bool single : {true, false})
            for (const bool training : {true, false})
                for (const QList<int>& shape : {QList<int>{37, 5}, {600, 300}, {3, 5, 41}})
                    QTest::addRow("%s %s %s", single ? "float32" : "float64", training ? "train" : "eval",
                                  shapeText(Dims(shape.begin(), shape.end())).c_str())
                        << single << training << shape;
    }

    /// What the window shows for one cell must be the very number the kernels computed.
    void transformsAreTheKernels() {
        QFETCH(bool, single);
        QFETCH(bool, training);
        QFETCH(QList<int>, shape);
        const DType dtype = single ? DType::Float32 : DType::Float64;
        const Dims dims(shape.begin(), shape.end());
        BatchNorm1d layer({.numFeatures = dims[1], .dtype = dtype});
        layer.setTraining(training);
        const Tensor x = noiseBatch(dtype, dims, 1), dy = noiseBatch(dtype, dims, 2);
        Tensor y, gradX;
        const ForwardRecord record = layer.forward(x, &y);
        const BackwardRecord backward = layer.backward(x, dy, record, &gradX);
        const std::vector<ChannelTransform> transforms = channelTransforms(record, layer.state(), &backward);
        const BatchShape s = BatchShape::of(dims);
        for (std::int64_t i = 0; i < x.size(); ++i) {
            const ChannelTransform& t = transforms[static_cast<std::size_t>(i / s.l % s.c)];
            QVERIFY(roundTo(dtype, t.y(x.at(i))) == y.at(i));
            QVERIFY(roundTo(dtype, t.gradInput(x.at(i), dy.at(i))) == gradX.at(i));
        }
    }

    void bytesDoNotDependOnThreads_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{3000, 300}, {20000, 1}, {7, 5, 3000}})
            QTest::addRow("%s", shapeText(Dims(shape.begin(), shape.end())).c_str()) << shape;
    }

    void bytesDoNotDependOnThreads() {
        QFETCH(QList<int>, shape);
        const Dims dims(shape.begin(), shape.end());
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            const Tensor x = noiseBatch(dtype, dims, 3), dy = noiseBatch(dtype, dims, 4);
            Tensor firstY, firstGrad;
            BatchNorm1d firstLayer;
            BackwardRecord firstBackward;
            for (const int threads : {1, 2, 3, 5, 16}) {
                BatchNorm1d layer({.numFeatures = dims[1], .dtype = dtype});
                Tensor y, grad;
                BackwardRecord backward;
                Arena(threads).run([&] {
                    const ForwardRecord record = layer.forward(x, &y);
                    backward = layer.backward(x, dy, record, &grad);
                });
                if (threads == 1) {
                    firstY = y;
                    firstGrad = grad;
                    firstLayer = layer;
                    firstBackward = backward;
                }
                QVERIFY(sameBytes(y, firstY) && sameBytes(grad, firstGrad));
                QVERIFY(sameBytes(*layer.state().runningMean, *firstLayer.state().runningMean));
                QVERIFY(sameBytes(*layer.state().runningVar, *firstLayer.state().runningVar));
                QVERIFY(sameBytes(backward.sumDy, firstBackward.sumDy));
                QVERIFY(sameBytes(backward.sumDyXhat, firstBackward.sumDyXhat));
            }
        }
    }

    void knownMomentsChangeNothing() {
        const Tensor x = noiseBatch(DType::Float64, {50, 3}, 9);
        BatchNorm1d one({.numFeatures = 3, .dtype = DType::Float64}), two = one;
        Tensor y1, y2;
        const Moments moments = computeMoments(x);
        QVERIFY(one.forward(x, &y1) == two.forward(x, &y2, &moments));
        QVERIFY(sameBytes(y1, y2) && one == two);
    }

    void outputIsOptional() {
        const Tensor x = noiseBatch(DType::Float32, {50, 3}, 9);
        BatchNorm1d one({.numFeatures = 3}), two = one;
        Tensor y;
        QVERIFY(one.forward(x) == two.forward(x, &y));
        QVERIFY(one == two);
    }

    // --- momentum

    void momentum_data() {
        QTest::addColumn<double>("momentum");
        QTest::addColumn<double>("mean");
        QTest::addColumn<double>("var");
        // before: mean 8, var 16; the batch: mean 2, unbiased variance 4/3
        const double s = 4.0 / 3;
        QTest::newRow("0") << 0.0 << 8.0 << 16.0;
        QTest::newRow("0.5") << 0.5 << 5.0 << 8 + s / 2;
        QTest::newRow("1") << 1.0 << 2.0 << s;
        QTest::newRow("1.5") << 1.5 << -1.0 << -8 + 1.5 * s;
        QTest::newRow("-0.5") << -0.5 << 11.0 << 24 - s / 2;
        QTest::newRow("NaN") << quietNaN << quietNaN << quietNaN;
        QTest::newRow("inf") << inf << quietNaN << quietNaN;
    }

    void momentum() {
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

    void cumulativeAverage() {
        BatchNorm1d layer({.numFeatures = 1, .momentum = std::nullopt, .dtype = DType::Float64});
        for (const double mean : {2.0, 4.0, 12.0})
            layer.forward(
                makeBatch(DType::Float64, {2, 1}, [&](auto n, auto, auto) { return mean + (n == 0 ? 1 : -1); }));
        // (2 + 4 + 12)/3 = 6; 1/3 is rounded, hence the last bits
        QVERIFY(std::fabs((*layer.state().runningMean)[0] - 6) <= 6 * 0x1p-52);
        QVERIFY(std::fabs((*layer.state().runningVar)[0] - 2) <= 2 * 0x1p-51);
        QVERIFY(layer.state().numBatchesTracked == 3);
    }

    void cumulativeWithoutTrackingHasFactorZero() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = std::nullopt});
        layer.mutableState().numBatchesTracked.reset();
        const ForwardRecord record = layer.forward(pairsBatch());
        QVERIFY(record.factor == 0 && record.updatedMean && !record.counted);
        QVERIFY(*layer.state().runningMean == three(0) && *layer.state().runningVar == three(1));
    }

    void counterEdges() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = std::nullopt});
        layer.mutableState().numBatchesTracked = -1;
        QCOMPARE(messageOf([&] { layer.forward(pairsBatch()); }), std::string("float division by zero"));
        QVERIFY(layer.state().numBatchesTracked == 0 && *layer.state().runningMean == three(0));
        layer.setMomentum(0.1);
        layer.mutableState().numBatchesTracked = std::numeric_limits<std::int64_t>::max();
        layer.forward(pairsBatch());
        QVERIFY(layer.state().numBatchesTracked == std::numeric_limits<std::int64_t>::min());
    }

    void poisonedStatisticsStayPoisoned() {
        for (const double momentum : {0.0, 1.0}) {
            BatchNorm1d layer({.numFeatures = 3, .momentum = momentum});
            layer.mutableState().runningMean = three(quietNaN);
            Tensor y;
            layer.forward(pairsBatch(), &y);
            QVERIFY(std::isnan((*layer.state().runningMean)[0]));
            QVERIFY(std::isfinite(y.at(0)));
        }
    }

    // --- modes (semantics 15)

    void truthTable_data() {
        QTest::addColumn<bool>("training");
        QTest::addColumn<bool>("track");
        QTest::addColumn<int>("buffers");  // bit 0: running_mean, bit 1: running_var
        for (const bool training : {true, false})
            for (const bool track : {true, false})
                for (int buffers = 0; buffers < 4; ++buffers)
                    QTest::addRow("%s track %d buffers %d", training ? "train" : "eval", track, buffers)
                        << training << track << buffers;
    }

    void truthTable() {
        QFETCH(bool, training);
        QFETCH(bool, track);
        QFETCH(int, buffers);
        const bool hasMean = buffers & 1, hasVar = buffers & 2;
        BatchNorm1d layer({.numFeatures = 3, .eps = 0, .momentum = 1});
        layer.setTraining(training);
        layer.setTrackRunningStats(track);
        layer.mutableState().runningMean = hasMean ? std::optional(three(8)) : std::nullopt;
        layer.mutableState().runningVar = hasVar ? std::optional(three(16)) : std::nullopt;
        Tensor y;
        ForwardRecord record;
        const std::string message = messageOf([&] { record = layer.forward(pairsBatch(), &y); });
        if (!training && hasMean != hasVar) {
            QCOMPARE(message,
                     std::string(hasMean ? "running_var" : "running_mean") + " must be defined in evaluation mode");
            QVERIFY(layer.state().numBatchesTracked == 0);
            return;
        }
        QCOMPARE(message, std::string());
        const bool batchStatistics = training || !hasMean;
        QCOMPARE(record.usedBatchStatistics, batchStatistics);
        QVERIFY(y.at(0) == (batchStatistics ? -1 : (1.0 - 8) / 4));
        const bool update = training && track;
        QCOMPARE(record.updatedMean, update && hasMean);
        QCOMPARE(record.updatedVar, update && hasVar);
        if (hasMean)
            QVERIFY(*layer.state().runningMean == three(update ? 2 : 8));
        if (hasVar)
            QVERIFY(*layer.state().runningVar == three(update ? roundTo(DType::Float32, 4.0 / 3) : 16));
        QVERIFY(layer.state().numBatchesTracked == (update ? 1 : 0));
    }

    /// Semantics 16: the affine flag is not consulted; either parameter may be absent alone.
    void parametersAlone() {
        BatchNorm1d layer({.numFeatures = 3, .eps = 0, .affine = false});
        Tensor y;
        layer.mutableState().bias = three(10);
        BackwardRecord backward = layer.backward(pairsBatch(), pairsBatch(), layer.forward(pairsBatch(), &y), nullptr);
        QVERIFY(y.at(0) == 9 && !backward.gradWeight && backward.gradBias);
        layer.mutableState().bias.reset();
        layer.mutableState().weight = three(4);
        backward = layer.backward(pairsBatch(), pairsBatch(), layer.forward(pairsBatch(), &y), nullptr);
        QVERIFY(y.at(0) == -4 && backward.gradWeight && !backward.gradBias);
    }

    // --- checks (semantics 7 to 12)

    void refusedBatches_data() {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<QString>("message");
        QTest::addColumn<bool>("counted");
        const auto row = [](const QList<int>& shape, const char* message, bool counted) {
            QTest::addRow("%s", shapeText(Dims(shape.begin(), shape.end())).c_str()) << shape << message << counted;
        };
        row({}, "expected 2D or 3D input (got 0D input)", false);
        row({3}, "expected 2D or 3D input (got 1D input)", false);
        row({1, 3, 1, 1}, "expected 2D or 3D input (got 4D input)", false);
        row({1, 3}, "Expected more than 1 value per channel when training, got input size torch.Size([1, 3])", true);
        row({1, 3, 1}, "Expected more than 1 value per channel when training, got input size torch.Size([1, 3, 1])",
            true);
        row({1, 0}, "Expected more than 1 value per channel when training, got input size torch.Size([1, 0])", true);
        row({4, 2}, "running_mean should contain 2 elements not 3", true);
        row({4, 5, 2}, "running_mean should contain 5 elements not 3", true);
    }

    void refusedBatches() {
        QFETCH(QList<int>, shape);
        QFETCH(QString, message);
        QFETCH(bool, counted);
        BatchNorm1d layer({.numFeatures = 3});
        LayerState expected = layer.state();
        Tensor y = Tensor::of<float>({1}, {42});
        const Tensor x(DType::Float32, Dims(shape.begin(), shape.end()));
        QCOMPARE(messageOf([&] { layer.forward(x, &y); }), message.toStdString());
        expected.numBatchesTracked = counted ? 1 : 0;
        QVERIFY(layer.state() == expected);
        QVERIFY(y.shape() == Dims{1} && y.at(0) == 42);
    }

    void lengthsAreCheckedInOrder() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState().runningMean = {{0, 0}};
        layer.mutableState().runningVar = {{1, 1}};
        layer.mutableState().weight = {{1, 1}};
        layer.mutableState().bias = {{0}};
        const auto message = [&] { return messageOf([&] { layer.forward(pairsBatch()); }); };
        QCOMPARE(message(), std::string("running_mean should contain 3 elements not 2"));
        layer.mutableState().runningMean = three(0);
        QCOMPARE(message(), std::string("running_var should contain 3 elements not 2"));
        layer.setTrackRunningStats(false);  // in training the buffers are not even passed on
        QCOMPARE(message(), std::string("weight should contain 3 elements not 2"));
        layer.mutableState().weight = three(1);
        QCOMPARE(message(), std::string("bias should contain 3 elements not 1"));
        layer.mutableState().bias.reset();
        QCOMPARE(message(), std::string());
    }

    void missingMeanIsReportedBeforeAWrongVariance() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.setTraining(false);
        layer.mutableState().runningMean.reset();
        layer.mutableState().runningVar = {{1}};
        QCOMPARE(messageOf([&] { layer.forward(pairsBatch()); }),
                 std::string("running_mean must be defined in evaluation mode"));
    }

    void dtypes_data() {
        QTest::addColumn<int>("layer");
        QTest::addColumn<int>("input");
        QTest::addColumn<QString>("message");
        const auto row = [](DType layer, DType input, const char* message) {
            QTest::addRow("%s into %s", std::string(name(input)).c_str(), std::string(name(layer)).c_str())
                << static_cast<int>(layer) << static_cast<int>(input) << message;
        };
        row(DType::Float32, DType::Float64, "mixed dtype (CPU): expect input to have scalar type of BFloat16");
        row(DType::Float64, DType::Float32, "mixed dtype (CPU): expect parameter to have scalar type of Float");
        for (const DType layer : {DType::Float32, DType::Float64}) {
            row(layer, DType::Int64, "\"batch_norm\" not implemented for 'Long'");
            row(layer, DType::Float16, "\"batch_norm\" not implemented for 'Half'");
            row(layer, DType::Bool, "\"batch_norm\" not implemented for 'Bool'");
            row(layer, DType::UInt8, "\"batch_norm\" not implemented for 'Byte'");
        }
    }

    void dtypes() {
        QFETCH(int, layer);
        QFETCH(int, input);
        QFETCH(QString, message);
        BatchNorm1d module({.numFeatures = 3, .dtype = static_cast<DType>(layer)});
        const Tensor x(static_cast<DType>(input), {4, 3});
        QCOMPARE(messageOf([&] { module.forward(x); }), message.toStdString());
        QVERIFY(module.state().numBatchesTracked == 1);
        // Lengths come first, and an empty batch is never looked at.
        QCOMPARE(messageOf([&] {
                     module.forward(Tensor(static_cast<DType>(input), {4, 2}));
                 }),
                 std::string("running_mean should contain 2 elements not 3"));
        QCOMPARE(messageOf([&] { module.forward(Tensor(static_cast<DType>(input), {0, 3})); }), std::string());
    }

    void bareLayerTakesBothDTypesAndAnyChannels() {
        BatchNorm1d layer({.numFeatures = 3, .affine = false, .trackRunningStats = false});
        Tensor y;
        layer.forward(pairsBatch(5, DType::Float64), &y);
        QVERIFY(y.dtype() == DType::Float64 && y.shape() == Dims({4, 5}));
        layer.forward(pairsBatch(2, DType::Float32), &y);
        QVERIFY(y.dtype() == DType::Float32 && y.shape() == Dims({4, 2}));
    }

    void emptyBatches_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{0, 3}, {2, 3, 0}, {0, 3, 4}, {0, 7}, {4, 0}, {0, 0, 0}})
            QTest::addRow("%s", shapeText(Dims(shape.begin(), shape.end())).c_str()) << shape;
    }

    void emptyBatches() {
        QFETCH(QList<int>, shape);
        const Dims dims(shape.begin(), shape.end());
        BatchNorm1d layer({.numFeatures = 3});
        LayerState expected = layer.state();
        expected.numBatchesTracked = 1;
        const Tensor x(DType::Float32, dims);
        Tensor y, gradX;
        const ForwardRecord record = layer.forward(x, &y);
        QVERIFY(y.shape() == dims && y.dtype() == DType::Float32 && layer.state() == expected);
        QVERIFY(!record.updatedMean && !record.updatedVar && record.counted);
        const BackwardRecord backward = layer.backward(x, x, record, &gradX);
        QVERIFY(gradX.shape() == dims && *backward.gradWeight == three(0) && *backward.gradBias == three(0));
    }

    void noFeatures() {
        BatchNorm1d layer({.numFeatures = 0});
        QCOMPARE(messageOf([&] {
                     layer.forward(Tensor(DType::Float32, {4, 0}));
                 }),
                 std::string("select(): index 0 out of range for tensor of size [0] at dimension 0"));
        QVERIFY(layer.state().numBatchesTracked == 1);
        BatchNorm1d bare({.numFeatures = 0, .affine = false});
        Tensor y;
        bare.forward(Tensor(DType::Float32, {4, 0}), &y);
        QVERIFY(y.shape() == Dims({4, 0}));
    }

    void backwardChecksItsArguments() {
        BatchNorm1d layer({.numFeatures = 3});
        const Tensor x = pairsBatch();
        const ForwardRecord record = layer.forward(x);
        QCOMPARE(messageOf([&] { layer.backward(x, pairsBatch(2), record, nullptr); }),
                 std::string("dy is float32 of shape (4, 2), but must be float32 of shape (4, 3) like the input"));
        QCOMPARE(messageOf([&] { layer.backward(x, pairsBatch(3, DType::Float64), record, nullptr); }),
                 std::string("dy is float64 of shape (4, 3), but must be float32 of shape (4, 3) like the input"));
        QVERIFY(!messageOf([&] { layer.backward(pairsBatch(2), pairsBatch(2), record, nullptr); }).empty());
        layer.mutableState().weight = {{1}};
        QCOMPARE(messageOf([&] { layer.backward(x, x, record, nullptr); }),
                 std::string("weight should contain 3 elements not 1"));
    }

    // --- reset (semantics 17)

    void reset() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState() = {three(5), three(5), three(5), three(5), 5};
        layer.resetRunningStats();
        QVERIFY(*layer.state().runningMean == three(0) && *layer.state().runningVar == three(1));
        QVERIFY(layer.state().numBatchesTracked == 0 && *layer.state().weight == three(5));
        layer.mutableState().runningMean = three(5);
        layer.resetParameters();
        QVERIFY(layer == BatchNorm1d({.numFeatures = 3}));
    }

    void resetFollowsTheFlags() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState() = {three(5), three(5), three(5), three(5), 5};
        const LayerState before = layer.state();
        layer.setTrackRunningStats(false);
        layer.resetRunningStats();
        QVERIFY(layer.state() == before);
        layer.mutableState() = {};
        layer.setTrackRunningStats(true);
        QCOMPARE(messageOf([&] { layer.resetRunningStats(); }),
                 std::string("'NoneType' object has no attribute 'zero_'"));
        layer.setTrackRunningStats(false);
        QCOMPARE(messageOf([&] { layer.resetParameters(); }),
                 std::string("'NoneType' object has no attribute 'fill_'"));
    }
};

QTEST_GUILESS_MAIN(BatchNormTest)
#include "batch_norm_test.moc"
