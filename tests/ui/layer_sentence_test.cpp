// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/layer_sentence.h"

#include "core/error.h"
#include "core/norm/moments.h"

#include <QtTest>

using namespace bnstudio;

namespace {

enum class Buffers { Set, None, MeanNone, VarNone };

/// What one forward pass on a (4, 1) batch does, as a step would record it.
Shown stepOf(BatchNorm1d layer, bool train, const Tensor& batch) {
    layer.setTraining(train);
    auto before = std::make_shared<LaneState>();
    before->layer = layer;
    before->trainMode = train;
    auto lane = std::make_shared<LaneSnapshot>();
    lane->before = before;
    lane->inputShape = batch.shape();
    auto after = std::make_shared<LaneState>(*before);
    try {
        lane->forward = after->layer.forward(batch);
    } catch (const Error& error) {
        lane->error = error.what();
    }
    lane->after = after;
    Shown shown;
    shown.step = 0;
    shown.lane = lane;
    shown.state = after;
    return shown;
}

BatchNorm1d layerWith(bool track, Buffers buffers, std::optional<double> momentum = 0.1) {
    LayerOptions options;
    options.numFeatures = 1;
    options.momentum = momentum;
    options.trackRunningStats = buffers != Buffers::None || track;
    BatchNorm1d layer(options);
    layer.setTrackRunningStats(track);
    LayerState& state = layer.mutableState();
    if (buffers == Buffers::None || buffers == Buffers::MeanNone)
        state.runningMean.reset();
    if (buffers == Buffers::None || buffers == Buffers::VarNone)
        state.runningVar.reset();
    if (buffers == Buffers::None)
        state.numBatchesTracked.reset();
    return layer;
}

Tensor fourValues() {
    return Tensor::of<float>({4, 1}, {1, 2, 3, 6});
}

EffectiveSettings settingsOf(const Shown& shown) {
    return {shown.lane->before->layer.options(), shown.lane->before->trainMode, {}};
}

}  // namespace

Q_DECLARE_METATYPE(Buffers)

class LayerSentenceTest : public QObject {
    Q_OBJECT

private slots:
    void semanticsTable_data();
    void semanticsTable();
    void momentumIsWrittenAsWeights_data();
    void momentumIsWrittenAsWeights();
    void cumulativeMomentumCountsTheBatches();
    void refusedBatchSaysPyTorchsWords();
    void refusedBatchInEvalChangesNothing();
    void emptyBatch();
    void skippedBatch();
    void counterWithoutBuffersStillCounts();
    void groupsAreSaid();
    void startSaysWhatStepZeroWillDo();
    void startForeseesARefusal();
    void richTextMarksTheStatistics();
};

void LayerSentenceTest::semanticsTable_data() {
    QTest::addColumn<bool>("train");
    QTest::addColumn<bool>("track");
    QTest::addColumn<Buffers>("buffers");
    QTest::addColumn<QString>("sentence");
    const QString leaves = " track_running_stats is off: the running statistics stay as they are.";
    const QString batch = "Normalises with this batch (÷4).";
    const QString eval = "Normalises with the running statistics. Nothing is updated.";
    const QString evalBatch =
        "Normalises with this batch (÷4) although it is in eval: there are no running statistics. "
        "Nothing is updated.";
    QTest::newRow("train, track, buffers")
        << true << true << Buffers::Set << batch + " Then running ← 0.9 · running + 0.1 · batch (÷3).";
    QTest::newRow("train, flag off, buffers") << true << false << Buffers::Set << batch + leaves;
    QTest::newRow("train, flag on, no buffers")
        << true << true << Buffers::None << batch + " There are no running statistics to update.";
    QTest::newRow("train, flag off, no buffers")
        << true << false << Buffers::None << batch + " There are no running statistics to update.";
    QTest::newRow("eval, track, buffers") << false << true << Buffers::Set << eval;
    QTest::newRow("eval, flag off, buffers") << false << false << Buffers::Set << eval;
    QTest::newRow("eval, flag on, no buffers") << false << true << Buffers::None << evalBatch;
    QTest::newRow("eval, flag off, no buffers") << false << false << Buffers::None << evalBatch;
    QTest::newRow("eval, no running_mean")
        << false << true << Buffers::MeanNone
        << "Refused: running_mean must be defined in evaluation mode. Nothing changed.";
    QTest::newRow("eval, no running_var")
        << false << true << Buffers::VarNone
        << "Refused: running_var must be defined in evaluation mode. Nothing changed.";
    QTest::newRow("train, no running_mean")
        << true << true << Buffers::MeanNone
        << batch + " Then running_var ← 0.9 · running_var + 0.1 · batch var (÷3). There is no running_mean.";
    QTest::newRow("train, no running_var")
        << true << true << Buffers::VarNone
        << batch + " Then running_mean ← 0.9 · running_mean + 0.1 · batch mean. There is no running_var.";
    QTest::newRow("train, flag off, no running_var") << true << false << Buffers::VarNone << batch + leaves;
}

void LayerSentenceTest::semanticsTable() {
    QFETCH(bool, train);
    QFETCH(bool, track);
    QFETCH(Buffers, buffers);
    QFETCH(QString, sentence);
    const Shown shown = stepOf(layerWith(track, buffers), train, fourValues());
    QCOMPARE(describeLayer(shown, settingsOf(shown)), sentence);
    // The sentence and the layer agree on whether the statistics moved.
    const LayerState& before = shown.lane->before->layer.state();
    const LayerState& after = shown.lane->after->layer.state();
    const bool moved = before.runningMean != after.runningMean || before.runningVar != after.runningVar;
    QCOMPARE(sentence.contains("←"), moved);
}

void LayerSentenceTest::momentumIsWrittenAsWeights_data() {
    QTest::addColumn<double>("momentum");
    QTest::addColumn<QString>("update");
    QTest::newRow("0.3") << 0.3 << "Then running ← 0.7 · running + 0.3 · batch (÷3).";
    QTest::newRow("1") << 1.0 << "Then running ← 0 · running + 1 · batch (÷3).";
    QTest::newRow("0") << 0.0 << "Then running ← 1 · running + 0 · batch (÷3): with momentum 0 they stay.";
    QTest::newRow("1.5") << 1.5 << "Then running ← -0.5 · running + 1.5 · batch (÷3).";
}

void LayerSentenceTest::momentumIsWrittenAsWeights() {
    QFETCH(double, momentum);
    QFETCH(QString, update);
    const Shown shown = stepOf(layerWith(true, Buffers::Set, momentum), true, fourValues());
    QCOMPARE(describeLayer(shown, settingsOf(shown)), "Normalises with this batch (÷4). " + update);
}

void LayerSentenceTest::cumulativeMomentumCountsTheBatches() {
    BatchNorm1d layer = layerWith(true, Buffers::Set, std::nullopt);
    layer.mutableState().numBatchesTracked = 16;
    const Shown shown = stepOf(layer, true, fourValues());
    QCOMPARE(
        describeLayer(shown, settingsOf(shown)),
        QString("Normalises with this batch (÷4). Then running ← 16/17 · running + 1/17 · batch (÷3), the average of "
                "all batches so far."));
}

void LayerSentenceTest::refusedBatchSaysPyTorchsWords() {
    const Shown shown = stepOf(layerWith(true, Buffers::Set), true, Tensor::of<float>({1, 1}, {5}));
    QCOMPARE(
        describeLayer(shown, settingsOf(shown)),
        QString("Refused: Expected more than 1 value per channel when training, got input size torch.Size([1, 1]). "
                "Only num_batches_tracked went up, as in PyTorch."));
}

void LayerSentenceTest::refusedBatchInEvalChangesNothing() {
    const Shown shown = stepOf(layerWith(true, Buffers::Set), false, Tensor::of<float>({2, 2}, {1, 2, 3, 4}));
    QCOMPARE(describeLayer(shown, settingsOf(shown)),
             QString("Refused: running_mean should contain 2 elements not 1. Nothing changed."));
}

void LayerSentenceTest::emptyBatch() {
    const Shown train = stepOf(layerWith(true, Buffers::Set), true, Tensor(DType::Float32, {0, 1}));
    QCOMPARE(describeLayer(train, settingsOf(train)),
             QString("The batch is empty, and so is the output. Only num_batches_tracked went up, as in PyTorch."));
    const Shown eval = stepOf(layerWith(true, Buffers::Set), false, Tensor(DType::Float32, {0, 1}));
    QCOMPARE(describeLayer(eval, settingsOf(eval)),
             QString("The batch is empty, and so is the output. Nothing is updated."));
}

void LayerSentenceTest::skippedBatch() {
    Shown shown = stepOf(layerWith(true, Buffers::Set), true, fourValues());
    auto lane = std::make_shared<LaneSnapshot>(*shown.lane);
    lane->skipped = true;
    shown.lane = lane;
    QCOMPARE(describeLayer(shown, settingsOf(shown)),
             QString("This batch is skipped: the layer does not see it, and nothing changes."));
}

void LayerSentenceTest::counterWithoutBuffersStillCounts() {
    BatchNorm1d layer = layerWith(true, Buffers::Set);
    layer.mutableState().runningMean.reset();
    layer.mutableState().runningVar.reset();
    const Shown shown = stepOf(layer, true, fourValues());
    QCOMPARE(shown.lane->after->layer.state().numBatchesTracked, std::optional<std::int64_t>(1));
    QCOMPARE(describeLayer(shown, settingsOf(shown)),
             QString("Normalises with this batch (÷4). There are no running statistics to update; num_batches_tracked "
                     "still counts."));
}

void LayerSentenceTest::groupsAreSaid() {
    Shown shown = stepOf(layerWith(true, Buffers::Set), false, fourValues());
    auto lane = std::make_shared<LaneSnapshot>(*shown.lane);
    lane->groups = 4;
    shown.lane = lane;
    QCOMPARE(describeLayer(shown, settingsOf(shown)),
             QString("4 forward passes in this step, one a group; each does this: Normalises with the running "
                     "statistics. Nothing is updated."));
}

void LayerSentenceTest::startSaysWhatStepZeroWillDo() {
    EffectiveSettings settings;
    QCOMPARE(
        describeLayer({}, settings),
        QString("Before step 0, which will do this: Normalises with this batch (÷n). Then running ← 0.9 · running + "
                "0.1 · batch (÷(n−1))."));
    settings.layer.momentum.reset();
    auto state = std::make_shared<LaneState>();
    state->layer = layerWith(true, Buffers::Set, std::nullopt);
    Shown shown;
    shown.state = state;
    QCOMPARE(
        describeLayer(shown, settings),
        QString("Before step 0, which will do this: Normalises with this batch (÷n). Then running ← 0/1 · running + "
                "1/1 · batch (÷(n−1)), the average of all batches so far."));
}

void LayerSentenceTest::startForeseesARefusal() {
    EffectiveSettings settings;
    settings.trainMode = false;
    auto state = std::make_shared<LaneState>();
    state->layer = layerWith(true, Buffers::VarNone);
    Shown shown;
    shown.state = state;
    QCOMPARE(describeLayer(shown, settings), QString("Before step 0, which will do this: Refused: running_var must be "
                                                     "defined in evaluation mode."));
}

void LayerSentenceTest::richTextMarksTheStatistics() {
    const Shown train = stepOf(layerWith(true, Buffers::Set), true, fourValues());
    const QString rich = describeLayerRich(train, settingsOf(train));
    QVERIFY(rich.startsWith("Normalises with <b style=\"color:#"));
    QVERIFY(rich.contains("\">this batch</b> (÷4)."));
    const Shown eval = stepOf(layerWith(true, Buffers::Set), false, fourValues());
    QVERIFY(describeLayerRich(eval, settingsOf(eval)).contains("\">running statistics</b>. Nothing is updated."));
}

QTEST_GUILESS_MAIN(LayerSentenceTest)
#include "layer_sentence_test.moc"
