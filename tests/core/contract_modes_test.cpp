// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/contract.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

/// float32 value of 4/3, the unbiased variance of pairsBatch().
const double unbiased = roundTo(DType::Float32, 4.0 / 3);

std::optional<ChannelVector> threeIf(bool present, double value) {
    return present ? std::optional(three(value)) : std::nullopt;
}

}  // namespace

/// Statements 15 to 20: which statistics normalise, what is updated, and what the flags mean.
class ContractModesTest : public QObject {
    Q_OBJECT

private slots:
    void s15_truthTable_data() {
        QTest::addColumn<bool>("training");
        QTest::addColumn<bool>("builtTracking");
        QTest::addColumn<bool>("flag");
        QTest::addColumn<bool>("hasMean");
        QTest::addColumn<bool>("hasVar");
        QTest::addColumn<bool>("hasCounter");
        for (int bits = 0; bits < 64; ++bits) {
            const auto bit = [&](int at) { return (bits >> at & 1) != 0; };
            QTest::addRow("%s built %s, now %s, buffers %s%s%s", bit(0) ? "train" : "eval", bit(1) ? "on" : "off",
                          bit(2) ? "on" : "off", bit(3) ? "m" : "-", bit(4) ? "v" : "-", bit(5) ? "c" : "-")
                << bit(0) << bit(1) << bit(2) << bit(3) << bit(4) << bit(5);
        }
    }

    /// All 64 combinations of mode, flag at construction, flag now, and each buffer set or None.
    void s15_truthTable() {
        QFETCH(bool, training);
        QFETCH(bool, builtTracking);
        QFETCH(bool, flag);
        QFETCH(bool, hasMean);
        QFETCH(bool, hasVar);
        QFETCH(bool, hasCounter);
        BatchNorm1d layer({.numFeatures = 3, .eps = 0, .momentum = 1, .trackRunningStats = builtTracking});
        layer.setTraining(training);
        layer.setTrackRunningStats(flag);
        layer.mutableState().runningMean = threeIf(hasMean, 8);
        layer.mutableState().runningVar = threeIf(hasVar, 16);
        layer.mutableState().numBatchesTracked = hasCounter ? std::optional<std::int64_t>(0) : std::nullopt;
        const LayerState before = layer.state();
        Tensor y;
        ForwardRecord record;
        const std::string message = messageOf([&] { record = layer.forward(pairsBatch(), &y); });
        if (!training && hasMean != hasVar) {
            QCOMPARE(message,
                     std::string(hasMean ? "running_var" : "running_mean") + " must be defined in evaluation mode");
            QVERIFY(layer.state() == before);
            return;
        }
        QCOMPARE(message, std::string());
        const bool batchStatistics = training || !hasMean;
        QCOMPARE(record.usedBatchStatistics, batchStatistics);
        QVERIFY(y.at(0) == (batchStatistics ? -1 : (1.0 - 8) / 4));
        const bool update = training && flag;
        QCOMPARE(record.updatedMean, update && hasMean);
        QCOMPARE(record.updatedVar, update && hasVar);
        QCOMPARE(record.counted, update && hasCounter);
        LayerState expected = before;
        if (update) {
            expected.runningMean = threeIf(hasMean, 2);
            expected.runningVar = threeIf(hasVar, unbiased);
            expected.numBatchesTracked = hasCounter ? std::optional<std::int64_t>(1) : std::nullopt;
        }
        QVERIFY(layer.state() == expected);
    }

    void s15_toggledOffAndOnAgain() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = 1});
        layer.setTrackRunningStats(false);
        layer.forward(pairsBatch());
        QVERIFY(*layer.state().runningMean == three(0) && layer.state().numBatchesTracked == 0);
        layer.setTrackRunningStats(true);
        layer.forward(pairsBatch());
        QVERIFY(*layer.state().runningMean == three(2) && layer.state().numBatchesTracked == 1);
    }

    void s15_toggledOnWithoutBuffersStaysWithout() {
        BatchNorm1d layer({.numFeatures = 3, .trackRunningStats = false});
        layer.setTrackRunningStats(true);
        QVERIFY(layer.forward(pairsBatch()).usedBatchStatistics);
        QVERIFY(!layer.state().runningMean && !layer.state().runningVar && !layer.state().numBatchesTracked);
    }

    /// The affine flag is not consulted; either parameter may be absent alone.
    void s16_parametersAlone() {
        for (const bool flag : {true, false}) {
            BatchNorm1d layer({.numFeatures = 3, .eps = 0, .affine = flag});
            layer.mutableState().weight.reset();
            layer.mutableState().bias = three(10);
            Tensor y;
            BackwardRecord backward =
                layer.backward(pairsBatch(), pairsBatch(), layer.forward(pairsBatch(), &y), nullptr);
            QVERIFY(y.at(0) == 9 && !backward.gradWeight && *backward.gradBias == three(8));
            layer.mutableState().bias.reset();
            layer.mutableState().weight = three(4);
            backward = layer.backward(pairsBatch(), pairsBatch(), layer.forward(pairsBatch(), &y), nullptr);
            QVERIFY(y.at(0) == -4 && *backward.gradWeight == three(4) && !backward.gradBias);
            layer.mutableState().weight.reset();
            layer.forward(pairsBatch(), &y);
            QVERIFY(y.at(0) == -1);
        }
    }

    void s16_resetOfMissingParameters() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState().bias.reset();
        const auto message = [&] { return messageOf([&] { layer.resetParameters(); }); };
        QCOMPARE(message(), std::string("'NoneType' object has no attribute 'zero_'"));
        layer.mutableState().weight.reset();
        QCOMPARE(message(), std::string("'NoneType' object has no attribute 'fill_'"));
        layer.mutableState().runningMean.reset();  // the statistics come first
        QCOMPARE(message(), std::string("'NoneType' object has no attribute 'zero_'"));
        layer.setTrackRunningStats(false);
        QCOMPARE(message(), std::string("'NoneType' object has no attribute 'fill_'"));
    }

    void s17_resetRunningStats() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState() = {three(5), three(5), three(5), three(5), 5};
        layer.resetRunningStats();
        QVERIFY((layer.state() == LayerState{three(5), three(5), three(0), three(1), 0}));
        layer.mutableState() = {three(5), three(5), three(quietNaN), three(inf), -5};
        layer.resetRunningStats();
        QVERIFY((layer.state() == LayerState{three(5), three(5), three(0), three(1), 0}));
    }

    void s17_resetParameters() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState() = {three(5), three(5), three(5), three(5), 5};
        layer.resetParameters();
        QVERIFY(layer == BatchNorm1d({.numFeatures = 3}));
        BatchNorm1d plain({.numFeatures = 3, .affine = false});
        plain.mutableState().weight = three(5);  // set by hand; the flag says there is none
        plain.mutableState().runningMean = three(5);
        plain.resetParameters();
        QVERIFY(*plain.state().weight == three(5) && *plain.state().runningMean == three(0));
    }

    void s17_resetFollowsTheFlag() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState() = {three(5), three(5), three(5), three(5), 5};
        const LayerState before = layer.state();
        layer.setTrackRunningStats(false);
        layer.resetRunningStats();
        QVERIFY(layer.state() == before);
    }

    /// PyTorch gets as far as the first missing buffer; here nothing changes.
    void s17_resetOfMissingBuffers() {
        const std::pair<int, const char*> rows[] = {{0, "zero_"}, {1, "fill_"}, {2, "zero_"}};
        for (const auto& [missing, method] : rows) {
            BatchNorm1d layer({.numFeatures = 3});
            layer.mutableState() = {three(5), three(5), three(5), three(5), 5};
            if (missing == 0)
                layer.mutableState().runningMean.reset();
            if (missing == 1)
                layer.mutableState().runningVar.reset();
            if (missing == 2)
                layer.mutableState().numBatchesTracked.reset();
            const LayerState before = layer.state();
            QCOMPARE(messageOf([&] { layer.resetRunningStats(); }),
                     "'NoneType' object has no attribute '" + std::string(method) + "'");
            QVERIFY(layer.state() == before);
        }
    }

    void s18_trainAndEval() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = 1});
        const LayerState before = layer.state();
        layer.setTraining(false);
        QVERIFY(!layer.training() && layer.state() == before);
        layer.forward(pairsBatch());
        QVERIFY(layer.state() == before);
        layer.setTraining(true);
        layer.forward(pairsBatch());
        QVERIFY(layer.training() && *layer.state().runningMean == three(2));
    }

    /// Normalised with ÷n, remembered with ÷(n − 1): 1 and 4/3.
    void s19_biasedOutputUnbiasedBuffer() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 3, .eps = 0, .momentum = 0.5, .dtype = dtype});
            layer.mutableState().weight = three(2);
            layer.mutableState().bias = three(0.5);
            Tensor y;
            const ForwardRecord record = layer.forward(pairsBatch(3, dtype), &y);
            for (std::int64_t i = 0; i < y.size(); ++i)
                QVERIFY(y.at(i) == (i / 3 % 2 == 0 ? -1.5 : 2.5));
            QVERIFY(record.mean == three(2) && record.var == three(1) && record.invstd == three(1));
            QCOMPARE(record.valuesPerChannel, 4);
            QVERIFY(*layer.state().runningMean == three(1));
            QVERIFY(*layer.state().runningVar == three(roundTo(dtype, 0.5 + 2.0 / 3)));
        }
    }

    void s19_twoValues() {
        BatchNorm1d layer({.numFeatures = 1, .eps = 0, .momentum = 1});
        layer.forward(Tensor::of<float>({1, 1, 2}, {-1, 3}));
        QVERIFY(*layer.state().runningMean == ChannelVector{1} && *layer.state().runningVar == ChannelVector{8});
    }
};

QTEST_GUILESS_MAIN(ContractModesTest)
#include "contract_modes_test.moc"
