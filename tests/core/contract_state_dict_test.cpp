// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/norm/state_dict.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace bnstudio;

namespace {

constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();

BatchNorm1d trainedLayer(DType dtype = DType::Float32) {
    BatchNorm1d layer({.numFeatures = 2, .dtype = dtype});
    layer.mutableState() = {{{1.5, -2}}, {{0.25, 3}}, {{-1, 7}}, {{0.5, 8}}, 9};
    return layer;
}

Tensor& entry(StateDict& dict, const std::string& key) {
    return std::find_if(dict.entries.begin(), dict.entries.end(), [&](const auto& e) { return e.first == key; })
        ->second;
}

void removeEntry(StateDict& dict, const std::string& key) {
    std::erase_if(dict.entries, [&](const auto& e) { return e.first == key; });
}

std::string prefix(const char* line) {
    return std::string("Error(s) in loading state_dict for BatchNorm1d:\n\t") + line;
}

std::string refusal(BatchNorm1d& layer, const StateDict& dict, bool strict = true) {
    try {
        loadStateDict(layer, dict, strict);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

/// Statements 40 to 44: what a state dict holds and how one is loaded.
class ContractStateDictTest : public QObject {
    Q_OBJECT

private slots:
    void s40_keysInOrder() {
        const StateDict dict = stateDict(trainedLayer(DType::Float64));
        std::vector<std::string> keys;
        for (const auto& [key, tensor] : dict.entries)
            keys.push_back(key);
        QCOMPARE(keys,
                 (std::vector<std::string>{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}));
        QVERIFY(dict.version == 2);
        QVERIFY(dict.find("weight")->dtype() == DType::Float64 && dict.find("weight")->at(1) == -2);
        QVERIFY(dict.find("num_batches_tracked")->dtype() == DType::Int64);
        QVERIFY(dict.find("num_batches_tracked")->shape().empty() && dict.find("num_batches_tracked")->at(0) == 9);
        QVERIFY(!dict.find("nothing"));
    }

    void s40_absentTensorsAreSkipped() {
        BatchNorm1d layer = trainedLayer();
        layer.mutableState().bias.reset();
        layer.mutableState().runningMean.reset();
        const StateDict dict = stateDict(layer);
        QCOMPARE(dict.entries.size(), std::size_t{3});
        QVERIFY(!dict.find("bias") && !dict.find("running_mean") && dict.find("running_var"));
    }

    void s40_roundTrip() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 2, .dtype = dtype});
            const LoadReport report = loadStateDict(layer, stateDict(trainedLayer(dtype)));
            QVERIFY(layer.state() == trainedLayer(dtype).state());
            QVERIFY(report.missing.empty() && report.unexpected.empty() && report.notes.empty());
        }
    }

    /// Semantics 42: what can be loaded is loaded although the call then fails.
    void s42_loadableEntriesAreCopiedBeforeTheError() {
        StateDict dict = stateDict(trainedLayer());
        removeEntry(dict, "bias");
        entry(dict, "running_var") = Tensor(DType::Float32, {5});
        BatchNorm1d layer({.numFeatures = 2});
        QCOMPARE(
            refusal(layer, dict),
            std::string("Error(s) in loading state_dict for BatchNorm1d:\n\tMissing key(s) in state_dict: \"bias\". "
                        "\n\tsize mismatch for running_var: copying a param with shape torch.Size([5]) from "
                        "checkpoint, the shape in current model is torch.Size([2])."));
        QVERIFY(*layer.state().weight == *trainedLayer().state().weight && layer.state().numBatchesTracked == 9);
        QVERIFY(*layer.state().bias == ChannelVector({0, 0}) && *layer.state().runningVar == ChannelVector({1, 1}));
    }

    void s42_unexpectedKeysByTheirFirstPart() {
        StateDict dict = stateDict(trainedLayer());
        dict.entries.emplace_back("bar.baz", Tensor(DType::Float32, {1}));
        dict.entries.emplace_back("weight.x", Tensor(DType::Float32, {1}));  // PyTorch lets this pass
        BatchNorm1d layer({.numFeatures = 2});
        QCOMPARE(loadStateDict(layer, dict, false).unexpected, std::vector<std::string>{"bar.baz"});
        QCOMPARE(refusal(layer, dict),
                 std::string("Error(s) in loading state_dict for BatchNorm1d:\n\tUnexpected key(s) "
                             "in state_dict: \"bar.baz\". "));
    }

    void s41_missingCounter_data() {
        QTest::addColumn<int>("version");  // 0: no metadata
        QTest::addColumn<bool>("missing");
        QTest::newRow("no metadata") << 0 << false;
        QTest::newRow("version 1") << 1 << false;
        QTest::newRow("version 2") << 2 << true;
    }

    /// As torch from 2.2 on: an old dict leaves the counter alone, and the report says so.
    void s41_missingCounter() {
        QFETCH(int, version);
        QFETCH(bool, missing);
        StateDict dict = stateDict(trainedLayer());
        dict.version = version == 0 ? std::nullopt : std::optional(version);
        removeEntry(dict, "num_batches_tracked");
        BatchNorm1d layer({.numFeatures = 2});
        layer.mutableState().numBatchesTracked = 41;
        const LoadReport report = loadStateDict(layer, dict, false);
        QVERIFY(layer.state().numBatchesTracked == 41);
        QCOMPARE(report.missing.size(), std::size_t{missing});
        QCOMPARE(report.notes.size(), std::size_t{!missing});
        if (!missing)
            QCOMPARE(report.notes[0],
                     std::string("num_batches_tracked is missing, as in files older than version 2; it "
                                 "stays 41."));
        QCOMPARE(refusal(layer, dict).empty(), !missing);
    }

    /// PyTorch adds the missing counter to an old dict before it looks whether the layer has a place for it.
    void s41_oldDictForALayerThatLostItsCounter() {
        StateDict dict = stateDict(trainedLayer());
        dict.version.reset();
        removeEntry(dict, "num_batches_tracked");
        BatchNorm1d layer({.numFeatures = 2});
        layer.mutableState().numBatchesTracked.reset();
        QCOMPARE(refusal(layer, dict), prefix("Unexpected key(s) in state_dict: \"num_batches_tracked\". "));
        layer.setTrackRunningStats(false);
        QVERIFY(refusal(layer, dict).empty());
    }

    void s41_oldDictForALayerThatDoesNotTrack() {
        StateDict dict = stateDict(trainedLayer());
        dict.version = 1;
        removeEntry(dict, "num_batches_tracked");
        BatchNorm1d layer({.numFeatures = 2});
        layer.setTrackRunningStats(false);  // it still has the counter
        QCOMPARE(refusal(layer, dict), prefix("Missing key(s) in state_dict: \"num_batches_tracked\". "));
        QVERIFY(refusal(layer, dict, false).empty());
    }

    void s41_theDictItselfStays() {
        StateDict dict = stateDict(trainedLayer());
        dict.version.reset();
        removeEntry(dict, "num_batches_tracked");
        BatchNorm1d layer({.numFeatures = 2});
        loadStateDict(layer, dict);
        QCOMPARE(dict.entries.size(), std::size_t{4});
        QVERIFY(!dict.find("num_batches_tracked") && !dict.version);
    }

    /// Missing keys, then unexpected ones, then shapes, each on a line of its own with PyTorch's trailing blanks.
    void s42_allErrorsInOneMessage() {
        StateDict dict = stateDict(trainedLayer());
        removeEntry(dict, "weight");
        removeEntry(dict, "running_mean");
        entry(dict, "bias") = Tensor(DType::Float32, {3});
        entry(dict, "running_var") = Tensor(DType::Float32, {2, 1});
        dict.entries.emplace_back("foo", Tensor(DType::Float32, {1}));
        dict.entries.emplace_back("bar.baz", Tensor(DType::Float32, {1}));
        BatchNorm1d layer({.numFeatures = 2});
        const std::string shapes =
            "size mismatch for bias: copying a param with shape torch.Size([3]) from checkpoint, the "
            "shape in current model is torch.Size([2]).\n\tsize mismatch for running_var: copying a "
            "param with shape torch.Size([2, 1]) from checkpoint, the shape in current model is "
            "torch.Size([2]).";
        QCOMPARE(refusal(layer, dict),
                 prefix("Missing key(s) in state_dict: \"weight\", \"running_mean\". \n\tUnexpected key(s) in "
                        "state_dict: \"foo\", \"bar.baz\". \n\t")
                     + shapes);
        QCOMPARE(refusal(layer, dict, false), prefix("") + shapes);
    }

    void s42_allKeysMissing() {
        BatchNorm1d layer({.numFeatures = 2});
        QCOMPARE(refusal(layer, StateDict{{}, 2}),
                 prefix("Missing key(s) in state_dict: \"weight\", \"bias\", \"running_mean\", \"running_var\", "
                        "\"num_batches_tracked\". "));
        BatchNorm1d bare({.numFeatures = 2, .affine = false, .trackRunningStats = false});
        QVERIFY(refusal(bare, StateDict{{}, 2}).empty());
        QCOMPARE(refusal(bare, stateDict(trainedLayer())),
                 prefix("Unexpected key(s) in state_dict: \"weight\", \"bias\", \"running_mean\", \"running_var\", "
                        "\"num_batches_tracked\". "));
    }

    void s43_notStrict() {
        StateDict dict = stateDict(trainedLayer());
        removeEntry(dict, "bias");
        removeEntry(dict, "num_batches_tracked");
        dict.entries.emplace_back("foo", Tensor(DType::Float32, {1}));
        BatchNorm1d layer({.numFeatures = 2});
        const LoadReport report = loadStateDict(layer, dict, false);
        QCOMPARE(report.missing, (std::vector<std::string>{"bias", "num_batches_tracked"}));
        QCOMPARE(report.unexpected, std::vector<std::string>{"foo"});
        QVERIFY(*layer.state().weight == *trainedLayer().state().weight && layer.state().numBatchesTracked == 0);
    }

    void s44_counters_data() {
        QTest::addColumn<double>("given");
        QTest::addColumn<qint64>("expected");
        QTest::newRow("truncated") << 7.9 << qint64{7};
        QTest::newRow("towards zero") << -7.9 << qint64{-7};
        QTest::newRow("NaN") << std::nan("") << qint64{lowest};
        QTest::newRow("too large") << 1e300 << qint64{lowest};
        QTest::newRow("2^63") << 0x1p63 << qint64{lowest};
    }

    void s44_counters() {
        QFETCH(double, given);
        QFETCH(qint64, expected);
        StateDict dict = stateDict(trainedLayer());
        entry(dict, "num_batches_tracked") = Tensor::of<double>({}, {given});
        BatchNorm1d layer({.numFeatures = 2});
        QVERIFY(!loadStateDict(layer, dict).notes.empty());
        QVERIFY(layer.state().numBatchesTracked == expected);
    }

    void s44_counterShapes() {
        BatchNorm1d layer({.numFeatures = 2});
        StateDict dict = stateDict(trainedLayer());
        entry(dict, "num_batches_tracked") = Tensor::of<std::int64_t>({2}, {5, 6});
        QCOMPARE(loadStateDict(layer, dict).notes,
                 std::vector<std::string>{"num_batches_tracked has 2 values; the first was taken."});
        QVERIFY(layer.state().numBatchesTracked == 5);
        entry(dict, "num_batches_tracked") = Tensor::of<std::int64_t>({1, 1}, {8});
        QVERIFY(refusal(layer, dict)
                    .ends_with("size mismatch for num_batches_tracked: copying a param with shape "
                               "torch.Size([1, 1]) from checkpoint, the shape in current model is "
                               "torch.Size([])."));
        entry(dict, "num_batches_tracked") = Tensor(DType::Int64, {0});
        QVERIFY(!refusal(layer, dict).empty());
        QVERIFY(layer.state().numBatchesTracked == 5);
    }

    void s44_boolCounter() {
        StateDict dict = stateDict(trainedLayer());
        entry(dict, "num_batches_tracked") = Tensor(DType::Bool, {});
        BatchNorm1d layer = trainedLayer();
        loadStateDict(layer, dict);
        QVERIFY(layer.state().numBatchesTracked == 0);
    }

    void s44_extraDimensionIsRefused() {
        StateDict dict = stateDict(trainedLayer());
        entry(dict, "weight") = Tensor(DType::Float32, {2, 1});
        BatchNorm1d layer({.numFeatures = 2});
        QCOMPARE(refusal(layer, dict, false),
                 prefix("size mismatch for weight: copying a param with shape torch.Size([2, 1]) from checkpoint, the "
                        "shape in current model is torch.Size([2])."));
    }

    void s44_largeCounterIsExact() {
        StateDict dict = stateDict(trainedLayer());
        const std::int64_t large = (std::int64_t{1} << 53) + 1;
        entry(dict, "num_batches_tracked") = Tensor::of<std::int64_t>({}, {large});
        BatchNorm1d layer({.numFeatures = 2});
        loadStateDict(layer, dict);
        QVERIFY(layer.state().numBatchesTracked == large);
    }

    void s44_valuesAreCastAndNoted() {
        StateDict dict = stateDict(trainedLayer());
        entry(dict, "weight") = Tensor::of<double>({2}, {0.1, 1e300});
        entry(dict, "bias") = Tensor::of<std::int64_t>({2}, {3, (1 << 24) + 1});
        BatchNorm1d layer({.numFeatures = 2});
        const LoadReport report = loadStateDict(layer, dict);
        QVERIFY((*layer.state().weight)[0] == static_cast<double>(0.1f) && std::isinf((*layer.state().weight)[1]));
        QVERIFY(*layer.state().bias == ChannelVector({3, 0x1p24}));
        QCOMPARE(report.notes, (std::vector<std::string>{"weight was converted from float64 to float32.",
                                                         "weight holds NaN or infinity in 1 of 2 channels.",
                                                         "bias was converted from int64 to float32."}));
    }

    /// Semantics 44: values are not validated, only remarked on.
    void s44_suspiciousValuesLoad() {
        StateDict dict = stateDict(trainedLayer());
        entry(dict, "running_var") = Tensor::of<float>({2}, {-1, 2});
        entry(dict, "num_batches_tracked") = Tensor::of<std::int64_t>({}, {-3});
        BatchNorm1d layer({.numFeatures = 2});
        QCOMPARE(loadStateDict(layer, dict).notes,
                 (std::vector<std::string>{"running_var is negative in 1 of 2 channels.",
                                           "num_batches_tracked is negative: -3."}));
        QVERIFY((*layer.state().runningVar)[0] == -1 && layer.state().numBatchesTracked == -3);
    }

    void s44_scalarIntoOneChannelIsRefused() {
        BatchNorm1d layer({.numFeatures = 1});
        StateDict dict = stateDict(layer);
        entry(dict, "weight") = Tensor::of<float>({}, {2});
        QVERIFY(
            refusal(layer, dict, false)
                .ends_with("size mismatch for weight: copying a param with shape torch.Size([]) from checkpoint, the "
                           "shape in current model is torch.Size([1])."));
    }
};

QTEST_GUILESS_MAIN(ContractStateDictTest)
#include "contract_state_dict_test.moc"
