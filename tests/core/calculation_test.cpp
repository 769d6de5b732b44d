// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of a calculation give the numbers of the step, whatever the recipe.
#include "support/calculation_check.h"

#include <QtTest>

#include <cmath>
#include <random>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

/// The tensors that the core made of the step on display.
struct StepOutputs {
    Tensor y, gradInput;
};

void checkStep(const Frame& frame, const StepOutputs& outputs, Tally& tally) {
    const BatchShape shape = BatchShape::of(frame.x.shape());
    for (std::int64_t i = 0; i < frame.x.size(); i += std::max<std::int64_t>(1, frame.x.size() / 7)) {
        const Cell cell{i / (shape.c * shape.l), i / shape.l % shape.c, i % shape.l};
        const Calculation calculation = calculate(frame, cell);
        for (const Line& line : calculation.lines)
            checkLine(line, frame, tally);
        QVERIFY(same(lineNamed(calculation, "y").result.value, outputs.y.at(i)));
        if (outputs.gradInput.size() > 0)
            QVERIFY(same(lineNamed(calculation, "grad x").result.value, outputs.gradInput.at(i)));
    }
}

Recipe randomRecipe(std::mt19937& random, DType dtype, bool train) {
    const auto pick = [&](int choices) { return std::uniform_int_distribution<>(0, choices - 1)(random); };
    const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(random); };
    static const std::vector<Dims> shapes{{2, 2, 0}, {4, 3, 0}, {5, 3, 0}, {32, 4, 0}, {3, 2, 5}, {1, 3, 4}, {4, 2, 1}};
    const Dims& shape = shapes[static_cast<std::size_t>(pick(static_cast<int>(shapes.size())))];
    GeneratorSpec source = normal(shape[0], shape[1], pick(2) ? 0 : uniform(-1000, 1000), std::exp(uniform(-7, 7)));
    source.l = shape[2];
    source.seed = random();
    Recipe recipe = recipeOn(source);
    LaneSpec& lane = recipe.lanes[0];
    lane.layer.dtype = dtype;
    lane.layer.affine = pick(4) > 0;
    lane.layer.trackRunningStats = pick(5) > 0;
    static const std::vector<std::optional<double>> momenta{0.1, 0.01, 1.0, 0.0, 1.5, std::nullopt};
    lane.layer.momentum = momenta[static_cast<std::size_t>(pick(6))];
    lane.layer.eps = pick(3) ? 1e-5 : uniform(0, 1);
    lane.trainMode = train;
    lane.training.passes = {true, true};
    switch (pick(4)) {
    case 0:
        lane.training.upstream = {UpstreamSpec::Kind::Random, random()};
        break;
    case 1:
        lane.training.loss = {LossSpec::Kind::MseTarget, {uniform(-1, 1)}, {1}, {0}};
        break;
    case 2:
        lane.training.loss = {LossSpec::Kind::MseTeacher, {0}, {uniform(0, 2)}, {uniform(-1, 1)}};
        break;
    default:
        lane.training.loss.kind = LossSpec::Kind::Sum;
    }
    OptimizerSpec& optimizer = lane.training.optimizer;
    optimizer.kind = pick(2) ? OptimizerSpec::Kind::Adam : OptimizerSpec::Kind::Sgd;
    optimizer.lr = uniform(0.001, 0.3);
    optimizer.momentum = pick(2) ? 0.9 : 0;
    optimizer.nesterov = optimizer.momentum != 0 && pick(2);
    optimizer.weightDecay = pick(2) ? 0.01 : 0;
    return recipe;
}

}  // namespace

class CalculationTest : public QObject {
    Q_OBJECT

private slots:
    void everyLineReproduces_data();
    void everyLineReproduces();
    void nonFiniteValues();
    void refusedSkippedAndEmpty();
    void severalGroups();
    void wrongLinesAreFound();
};

void CalculationTest::everyLineReproduces_data() {
    QTest::addColumn<DType>("dtype");
    QTest::addColumn<bool>("train");
    QTest::newRow("float32 train") << DType::Float32 << true;
    QTest::newRow("float32 eval") << DType::Float32 << false;
    QTest::newRow("float64 train") << DType::Float64 << true;
    QTest::newRow("float64 eval") << DType::Float64 << false;
}

void CalculationTest::everyLineReproduces() {
    QFETCH(DType, dtype);
    QFETCH(bool, train);
    std::mt19937 random(7);
    Tally tally;
    for (int round = 0; round < 60; ++round) {
        // The first two steps train even the eval runs, so that there are running statistics worth using.
        Recipe recipe = randomRecipe(random, dtype, true);
        if (!train)
            insertEvent(recipe, {2, -1, SetMode{false}});
        Run run(recipe);
        for (std::int64_t k = 0; k < 4; ++k) {
            StepOutputs outputs;
            run.advanceVisiting([&](int, const Run::StepTensors& tensors) {
                outputs.y = *tensors.y;
                if (tensors.gradInput)
                    outputs.gradInput = *tensors.gradInput;
            });
            checkStep(*run.frame(k), outputs, tally);
            if (QTest::currentTestFailed())
                return;
        }
    }
    QVERIFY(tally.lines > 20000);
    // What float32 layers store hides the last bits of doubles nearly always; float64 shows each of them.
    QVERIFY2(static_cast<double>(tally.sameBits)
                 > (dtype == DType::Float32 ? 0.75 : 0.5) * static_cast<double>(tally.lines),
             qPrintable(QString("%1 of %2").arg(tally.sameBits).arg(tally.lines)));
    for (const Origin origin : {Origin::Mean,
                                Origin::Var,
                                Origin::InvStd,
                                Origin::Xhat,
                                Origin::Y,
                                Origin::SumX,
                                Origin::SumSquares,
                                Origin::RunningMeanAfter,
                                Origin::RunningVarAfter,
                                Origin::BatchesTrackedAfter,
                                Origin::Loss,
                                Origin::Target,
                                Origin::Dy,
                                Origin::SumDy,
                                Origin::SumDyXhat,
                                Origin::GradWeight,
                                Origin::GradBias,
                                Origin::GradX,
                                Origin::GradDirect,
                                Origin::MomentumBufferAfter,
                                Origin::ExpAvgSqAfter,
                                Origin::NesterovGrad,
                                Origin::DecayedGrad,
                                Origin::ParameterAfter})
        QVERIFY2(tally.results.contains(origin), qPrintable(QString::number(static_cast<int>(origin))));
}

// NaN and infinities of a channel go through its lines as they go through the layer.
void CalculationTest::nonFiniteValues() {
    for (const double bad : {notANumber, infinite, -infinite}) {
        for (const std::int64_t row : {0, 5}) {
            Recipe recipe = recipeOn(normal(6, 2));
            insertEvent(recipe, {1, -1, EditCell{row, 0, 0, bad}});
            insertEvent(recipe, {3, -1, SetMode{false}});
            insertEvent(recipe, {3, -1, EditCell{row, 1, 0, bad}});
            recipe.lanes[0].training.passes = {true, true};
            recipe.lanes[0].training.loss.kind = LossSpec::Kind::MseTarget;
            recipe.lanes[0].training.optimizer.kind = OptimizerSpec::Kind::Sgd;
            Run run(recipe);
            runTo(run, 4);
            Tally tally;
            for (std::int64_t k = 1; k < 4; ++k) {
                const auto frame = run.frame(k);
                for (std::int64_t i = 0; i < 12; ++i) {
                    for (const Line& line : calculate(*frame, {i / 2, i % 2, 0}).lines)
                        checkLine(line, *frame, tally);
                }
            }
            QVERIFY(tally.lines > 100);
            QVERIFY(std::isnan(lineNamed(calculate(*run.frame(1), {1, 0, 0}), "y").result.value));
            QVERIFY(std::isfinite(lineNamed(calculate(*run.frame(1), {1, 1, 0}), "var").result.value));
        }
    }
}

void CalculationTest::refusedSkippedAndEmpty() {
    Recipe recipe = recipeOn(pasted({1, 2}, {1, 3}));
    insertEvent(recipe, {1, -1, SkipBatch{}});
    Run run(recipe);
    runTo(run, 2);
    const Calculation refused = calculate(*run.frame(0), {0, 1, 0});
    QCOMPARE(
        QString::fromStdString(refused.notice),
        QString("The layer refused the batch: Expected more than 1 value per channel when training, got input size "
                "torch.Size([1, 2])"));
    QCOMPARE(refused.lines.size(), 1U);
    QCOMPARE(shown(refused, "num_batches_tracked"), QString("num_batches_tracked = 0 + 1 = 1"));
    const Calculation skipped = calculate(*run.frame(1), {0, 1, 0});
    QVERIFY(skipped.notice.find("skipped") != std::string::npos && skipped.lines.empty());

    Recipe empty = recipeOn(pasted({0, 2}, {}));
    empty.lanes[0].training.passes = {true, true};
    empty.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Ones;
    empty.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.5, 0, 0.5};
    Run second(empty);
    runTo(second, 1);
    const Calculation nothing = calculate(*second.frame(0), {0, 1, 0});
    QVERIFY(nothing.notice.find("empty") != std::string::npos);
    QCOMPARE(shown(nothing, "grad γ"), QString("grad γ = 0"));
    QCOMPARE(shown(nothing, "grad γ with decay"), QString("grad γ with decay = 0 + 0.5 · 1 = 0.5"));
    QCOMPARE(shown(nothing, "γ"), QString("γ = 1 - 0.5 · 0.5 = 0.75"));
    QCOMPARE(shown(nothing, "num_batches_tracked"), QString("num_batches_tracked = 0 + 1 = 1"));
    Tally tally;
    for (const Line& line : nothing.lines)
        QVERIFY(reproduces(line));
}

void CalculationTest::severalGroups() {
    Recipe recipe = recipeOn(normal(8, 2));
    recipe.lanes[0].feed = {Feed::Kind::Groups, 0, 0, 4, "NCL", 0};
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.loss = {LossSpec::Kind::MseTarget, {0.5}, {1}, {0}};
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.1, 0.9};
    Run run(recipe);
    runTo(run, 2);
    const auto frame = run.frame(1);
    const Calculation calculation = calculate(*frame, {3, 1, 0});
    QVERIFY(calculation.notice.find("2 groups") != std::string::npos);
    Tally tally;
    for (const Line& line : calculation.lines)
        checkLine(line, *frame, tally);
    for (const char* symbol : {"running_mean", "running_var", "loss", "dy", "grad γ", "grad β"}) {
        const Line& line = lineNamed(calculation, symbol);
        QVERIFY2(!line.formula && !line.note.empty(), symbol);
    }
    QCOMPARE(shown(calculation, "num_batches_tracked"), QString("num_batches_tracked = 2 + 2 = 4"));
    for (const char* symbol : {"y", "grad x", "γ", "buffer of γ"})
        QVERIFY2(lineNamed(calculation, symbol).formula, symbol);
}

// The check must be able to fail: a result that is off in the last digits that a display shows is not reproduced.
void CalculationTest::wrongLinesAreFound() {
    Run run(recipeOn(normal(32, 2, 5, 2)));
    runTo(run, 1);
    for (Line line : calculate(*run.frame(0), {3, 1, 0}).lines) {
        QVERIFY(reproduces(line));
        const double right = line.result.value;
        for (const double factor : {1 + 1e-6, 1 - 1e-6}) {
            line.result.value = right * factor;
            QVERIFY2(right == 0 || !reproduces(line), lineText(line, Digits::Full).c_str());
        }
        line.result.value = notANumber;
        QVERIFY(!reproduces(line));
    }
}

QTEST_GUILESS_MAIN(CalculationTest)
#include "calculation_test.moc"
