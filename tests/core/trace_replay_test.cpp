// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/run/trace_recipe.h"
#include "core/run/trace_writer.h"
#include "support/recipes.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

const std::string sample = BNSTUDIO_SOURCE_DIR "/resources/samples/digits_mlp_trace.npz";

using Members = std::vector<std::pair<std::string, Tensor>>;

/// Runs a recipe and writes its trace.
void record(const Recipe& recipe, std::int64_t steps, const std::string& path) {
    Run run(recipe);
    TraceWriter writer(path, run);
    for (std::int64_t k = 0; k < steps; ++k) {
        const auto snapshot =
            run.advanceVisiting([&](int lane, const Run::StepTensors& tensors) { writer.tensors(k, lane, tensors); });
        writer.step(*snapshot);
    }
    writer.commit();
}

/// Name of the first tensor whose bits differ or that is on one side only; empty when there is none.
std::string firstDifferentTensor(const std::string& a, const std::string& b) {
    const TensorFile left = openTensorFile(a), right = openTensorFile(b);
    if (left.tensors.size() != right.tensors.size())
        return "another number of tensors";
    for (const auto& tensor : left.tensors) {
        const auto other = right.find(tensor->name());
        if (!other || other->shape() != tensor->shape() || other->dtype() != tensor->dtype())
            return tensor->name();
        const Tensor x = tensor->read(), y = other->read();
        if (std::memcmp(x.bytes(), y.bytes(), x.byteSize()) != 0)
            return tensor->name();
    }
    return {};
}

/// Three channels, two of them with a large mean; loss, optimiser, both modes, another momentum and eps on the way.
Recipe eventfulRecipe() {
    Recipe recipe = recipeOn(normal(6, 3, 2, 1.5));
    LaneSpec& lane = recipe.lanes.front();
    lane.training.loss.kind = LossSpec::Kind::MseTarget;
    lane.training.optimizer.kind = OptimizerSpec::Kind::Sgd;
    lane.training.passes = {.backward = true, .update = true};
    insertEvent(recipe, {.step = 2, .lane = 0, .action = SetMode{false}});
    insertEvent(recipe, {.step = 3, .lane = 0, .action = SetMode{true}});
    insertEvent(recipe, {.step = 4, .lane = 0, .action = SetMomentum{0.3}});
    insertEvent(recipe, {.step = 5, .lane = 0, .action = SetEps{1e-3}});
    insertEvent(recipe, {.step = 6, .lane = 0, .action = ResetRunningStats{}});
    insertEvent(recipe, {.step = 7, .lane = 0, .action = SetWeight{1, 3.0}});
    return recipe;
}

}  // namespace

class TraceReplayTest : public QObject {
    Q_OBJECT

private slots:
    void sampleOfPyTorch();
    void recipeOfTheSample();
    void sameBitsOnceMore_data();
    void sameBitsOnceMore();
    void stepsThatAreNotConsecutive();
    void gradientsOfSomeSteps();
    void endOfTheRecording();
    void eventsTakeOver();
    void savedRecipe();
    void differences();
    void refusals_data();
    void refusals();

private:
    std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }
    QTemporaryDir m_folder;
};

/// 80 steps of a training run recorded in PyTorch, float32, batches of 64: PyTorch's own rounding is what remains.
void TraceReplayTest::sampleOfPyTorch() {
    const auto trace = Trace::open(sample);
    QCOMPARE(trace->length(), 80);
    QCOMPARE(trace->channels(), 24);
    Run run(traceRecipe(*trace).recipe);
    QCOMPARE(run.recordedSteps(), 80);
    for (std::int64_t k = 0; k < 80; ++k) {
        const LayerState state = run.advance()->lanes[0]->after->layer.state();
        QCOMPARE(state.weight, trace->vector(TraceKey::Weight, k));
        QCOMPARE(state.numBatchesTracked, trace->count(TraceKey::BatchesTracked, k));
        const ChannelVector mean = *trace->vector(TraceKey::RunningMean, k);
        const ChannelVector var = *trace->vector(TraceKey::RunningVar, k);
        for (std::size_t c = 0; c < 24; ++c) {
            // Ten steps' worth (1/momentum) of roundings of sums of 64 terms.
            QVERIFY(std::abs((*state.runningMean)[c] - mean[c]) <= 1e-6 * (1 + std::abs(mean[c])));
            QVERIFY(std::abs((*state.runningVar)[c] - var[c]) <= 2e-6 * var[c]);
        }
    }
}

void TraceReplayTest::recipeOfTheSample() {
    const Recipe recipe = traceRecipe(sample).recipe;
    QCOMPARE(std::get<FileSpec>(recipe.data.sources.at(0)).tensor, std::string("x"));
    QCOMPARE(std::get<FileSpec>(recipe.data.gradients.at(0)).tensor, std::string("grad_output"));
    QVERIFY(recipe.lanes.front().recording.has_value());
    QVERIFY(recipe.events.empty());
    // The values of 80 steps stay in the file.
    QVERIFY(toJson(recipe).size() < 6000);
}

void TraceReplayTest::sameBitsOnceMore_data() {
    QTest::addColumn<int>("kind");
    QTest::newRow("events") << 0;
    QTest::newRow("momentum None") << 1;
    QTest::newRow("float64, (N, C, L)") << 2;
    QTest::newRow("no affine, nothing tracked") << 3;
    QTest::newRow("momentum None in the middle") << 4;
}

void TraceReplayTest::sameBitsOnceMore() {
    QFETCH(int, kind);
    Recipe recipe = eventfulRecipe();
    LayerOptions& layer = recipe.lanes.front().layer;
    if (kind == 1) {
        recipe.events.clear();
        layer.momentum.reset();
        insertEvent(recipe, {.step = 3, .lane = 0, .action = SetMode{false}});
    } else if (kind == 2) {
        layer.dtype = DType::Float64;
        std::get<GeneratorSpec>(recipe.data.sources.front()).l = 5;
    } else if (kind == 3) {
        recipe.events.clear();
        layer.affine = layer.trackRunningStats = false;
    } else if (kind == 4) {
        insertEvent(recipe, {.step = 8, .lane = 0, .action = SetMomentum{std::nullopt}});
    }
    record(recipe, 10, path("first.npz"));
    const Recipe replay = traceRecipe(path("first.npz")).recipe;
    record(replay, 10, path("second.npz"));
    // The loss is not part of a replay: its gradient is.
    TensorFile first = openTensorFile(path("first.npz"));
    std::string different;
    const TensorFile second = openTensorFile(path("second.npz"));
    for (const auto& tensor : first.tensors) {
        if (tensor->name().starts_with("loss."))
            continue;
        const auto other = second.find(tensor->name());
        QVERIFY2(other, tensor->name().c_str());
        const Tensor x = tensor->read(), y = other->read();
        QVERIFY2(x.byteSize() == y.byteSize() && std::memcmp(x.bytes(), y.bytes(), x.byteSize()) == 0,
                 tensor->name().c_str());
    }
    record(traceRecipe(path("second.npz")).recipe, 10, path("third.npz"));
    QCOMPARE(firstDifferentTensor(path("second.npz"), path("third.npz")), std::string());
}

/// Steps 0, 1 and 7, 8 of a run: step 7 says from what it started.
void TraceReplayTest::stepsThatAreNotConsecutive() {
    Recipe recipe = recipeOn(normal(4, 2));
    record(recipe, 9, path("whole.npz"));
    const TensorFile whole = openTensorFile(path("whole.npz"));
    Members members;
    for (const auto& tensor : whole.tensors) {
        const std::string& name = tensor->name();
        if (name.starts_with("init.") || name.ends_with(".0") || name.ends_with(".1") || name.ends_with(".7")
            || name.ends_with(".8"))
            members.emplace_back(name, tensor->read());
    }
    for (const char* name : {"running_mean", "running_var", "num_batches_tracked"})
        members.emplace_back(std::string(name) + "_before.7", whole.find(std::string(name) + ".6")->read());
    NpzWriter writer(path("part.npz"));
    for (const auto& [name, tensor] : members)
        writer.add(name, tensor);
    writer.commit();

    const auto trace = Trace::open(path("part.npz"));
    QCOMPARE(trace->length(), 4);
    QCOMPARE(trace->numberOf(2), 7);
    Run run(traceRecipe(*trace).recipe);
    for (std::int64_t index = 0; index < 4; ++index) {
        const LayerState state = run.advance()->lanes[0]->after->layer.state();
        QCOMPARE(state.runningVar, trace->vector(TraceKey::RunningVar, index));
        QCOMPARE(state.numBatchesTracked, trace->count(TraceKey::BatchesTracked, index));
    }
    // Going back and forth gives the same as going on.
    QCOMPARE(run.snapshot(2)->lanes[0]->after->layer.state().runningMean, trace->vector(TraceKey::RunningMean, 2));
}

void TraceReplayTest::gradientsOfSomeSteps() {
    NpzWriter writer(path("gaps.npz"));
    for (int k = 0; k < 3; ++k) {
        const auto number = "." + std::to_string(k);
        writer.add("x" + number, Tensor::of<float>({2, 1}, {1.0f, 3.0f}));
        writer.add("training" + number, Tensor::of<std::int64_t>({}, {k == 1 ? 0 : 1}));
        if (k != 1)
            writer.add("grad_output" + number, Tensor::of<float>({2, 1}, {1.0f, static_cast<float>(k)}));
        writer.add("weight" + number, Tensor::of<float>({1}, {1.0f}));
    }
    writer.commit();
    const Recipe recipe = traceRecipe(path("gaps.npz")).recipe;
    QVERIFY(recipe.data.gradients.empty());
    QCOMPARE(recipe.events.size(), 2);
    Run run(recipe);
    QCOMPARE(run.advance()->lanes[0]->backward->sumDy, std::vector<double>{1.0});
    QVERIFY(!run.advance()->lanes[0]->backward);
    QCOMPARE(run.advance()->lanes[0]->backward->sumDy, std::vector<double>{3.0});
}

void TraceReplayTest::endOfTheRecording() {
    record(recipeOn(normal(4, 2)), 3, path("short.npz"));
    Run run(traceRecipe(path("short.npz")).recipe);
    const auto last = runTo(run, 4);
    QVERIFY(last->refused());
    QCOMPARE(last->error, std::string("the recording short.npz ends with step 2"));
    QCOMPARE(last->after->layer.state(), run.snapshot(2)->lanes[0]->after->layer.state());
}

void TraceReplayTest::eventsTakeOver() {
    Recipe recipe = traceRecipe(sample).recipe;
    insertEvent(recipe, {.step = 5, .lane = 0, .action = SetWeight{3, 0.5}});
    insertEvent(recipe, {.step = 5, .lane = 0, .action = SetMomentum{0.5}});
    Run run(recipe);
    runTo(run, 7);
    const auto trace = run.recording();
    const auto weightAt = [&](std::int64_t k) { return *stateOf(run.snapshot(k)->lanes[0]->before).weight; };
    QCOMPARE(weightAt(4), *trace->vector(TraceKey::Weight, 4));
    QCOMPARE(weightAt(5)[3], 0.5);
    QCOMPARE(weightAt(6), weightAt(5));
    QCOMPARE(run.snapshot(6)->lanes[0]->forward.factor, 0.5);
}

/// The path is written relative to the recipe's folder and found again.
void TraceReplayTest::savedRecipe() {
    QDir(m_folder.path()).mkdir("data");
    record(eventfulRecipe(), 8, path("data/run.npz"));
    const Recipe recipe = traceRecipe(path("data/run.npz")).recipe;
    QCOMPARE(recipeFromJson(toJson(recipe)), recipe);
    saveRecipe(recipe, path("run.json"));
    const Recipe loaded = loadRecipe(path("run.json"));
    QVERIFY(!loaded.lanes[0].recording->hash.empty());
    QVERIFY(!firstDifference(recipe, loaded));
    QCOMPARE(Run(loaded).recordedSteps(), 8);
}

void TraceReplayTest::differences() {
    const Recipe recipe = traceRecipe(sample).recipe;
    Recipe other = recipe;
    other.lanes[0].recording->hash = "1";
    other.lanes[0].recording->size = 5;
    QVERIFY(!firstDifference(recipe, other));
    other.lanes[0].recording.reset();
    QCOMPARE(firstDifference(recipe, other), 0);
    Run run(recipe);
    runTo(run, 2);
    QCOMPARE(run.setRecipe(other), 0);
    QVERIFY(!run.recording());
    other.lanes[0].recording = FileSpec{};
    QVERIFY_THROWS_EXCEPTION(Error, run.setRecipe(other));
}

void TraceReplayTest::refusals_data() {
    QTest::addColumn<QStringList>("members");  // name:shape
    QTest::addColumn<QString>("message");
    QTest::newRow("no steps") << QStringList{"a:2x2"} << "is no recorded training: there is neither x.k nor mean.k";
    QTest::newRow("channels") << QStringList{"x.0:2x3", "x.1:2x4"} << "x.1 has shape (2, 4), expected 3 channels";
    QTest::newRow("vector") << QStringList{"x.0:2x3", "running_var.0:2"}
                            << "running_var.0 has shape (2,), expected (3,), one value a channel";
    QTest::newRow("output") << QStringList{"x.0:2x3", "y.0:3x3"} << "y.0 has shape (3, 3), expected (2, 3)";
    QTest::newRow("scalar") << QStringList{"x.0:2x3", "training.0:3"}
                            << "training.0 has shape (3,), expected one number";
    QTest::newRow("initial") << QStringList{"x.0:2x3", "init.bias:2"} << "init.bias has shape (2,), expected (3,)";
    QTest::newRow("rank") << QStringList{"x.0:3"} << "x.0 has shape (3,), expected (N, C) or (N, C, L)";
    QTest::newRow("twice") << QStringList{"x.0:2x3", "x.00:2x3"} << "x.0 and x.00 are the same step";
    QTest::newRow("statistics") << QStringList{"mean.0:3", "var.0:3"} << "has neither x nor all of mean, var and n";
    QTest::newRow("empty") << QStringList{"x.0:0x200000000"} << "x.0 has shape (0, 200000000) and no values";
    QTest::newRow("later empty") << QStringList{"x.0:2x3", "x.1:0x3x200000000"} << "x.1 has shape (0, 3, 200000000)";
    QTest::newRow("no batches") << QStringList{"mean.0:3", "var.0:3", "n.0:1"} << "without batches x.k";
}

void TraceReplayTest::refusals() {
    QFETCH(QStringList, members);
    QFETCH(QString, message);
    NpzWriter writer(path("bad.npz"));
    for (const QString& member : members) {
        const QStringList parts = member.split(':');
        Dims shape;
        for (const QString& extent : parts[1].split('x'))
            shape.push_back(extent.toInt());
        writer.add(parts[0].toStdString(), Tensor(DType::Float32, shape));
    }
    writer.commit();
    try {
        traceRecipe(path("bad.npz"));
        QFAIL("not refused");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::BadInput);
        QVERIFY2(QString(error.what()).contains(message), error.what());
        QVERIFY2(QString(error.what()).startsWith(QString::fromStdString(path("bad.npz"))), error.what());
    }
}

QTEST_GUILESS_MAIN(TraceReplayTest)
#include "trace_replay_test.moc"
