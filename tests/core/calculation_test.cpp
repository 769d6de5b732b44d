// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/calculation.h"

#include "core/error.h"
#include "support/formula_text.h"
#include "support/recipes.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <random>
#include <set>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

std::string formulaText(const Line& line) {
    std::string text;
    for (const Token& token : line.tokens)
        text += tokenText(token, Digits::Full);
    return text;
}

void collect(const Expression& e, std::vector<Number>& numbers) {
    if (e.op == Expression::Op::Number)
        numbers.push_back(e.number);
    for (const Expression& operand : e.operands)
        collect(operand, numbers);
}

const Line& lineNamed(const Calculation& calculation, const std::string& symbol) {
    for (const Line& line : calculation.lines) {
        if (line.symbol == symbol)
            return line;
    }
    static const Line none;
    QTest::qFail(qPrintable("no line " + QString::fromStdString(symbol)), __FILE__, __LINE__);
    return none;
}

bool hasLine(const Calculation& calculation, const std::string& symbol) {
    return std::any_of(calculation.lines.begin(), calculation.lines.end(),
                       [&](const Line& line) { return line.symbol == symbol; });
}

QString shown(const Calculation& calculation, const std::string& symbol, Digits digits = Digits::Full) {
    return QString::fromStdString(lineText(lineNamed(calculation, symbol), digits));
}

/// What the lines were checked against, over a whole test.
struct Tally {
    std::int64_t lines = 0, sameBits = 0;
    std::set<Origin> results, leaves;
};

/// The tensors that the core made of the step on display.
struct StepOutputs {
    Tensor y, gradInput;
};

double expectedAt(const Link& link, const Frame& frame, double value) {
    const LayerState& before = frame.snapshot->before->layer.state();
    const auto c = static_cast<std::size_t>(std::max<std::int64_t>(0, link.c));
    const BatchShape shape = BatchShape::of(frame.x.shape());
    const std::int64_t flat = (link.n * shape.c + link.c) * shape.l + link.l;
    switch (link.origin) {
    case Origin::X:
        return frame.x.at(flat);
    case Origin::Dy:
        return frame.gradOutput.at(flat);
    case Origin::Weight:
        return (*before.weight)[c];
    case Origin::Bias:
        return (*before.bias)[c];
    case Origin::RunningMean:
        return (*before.runningMean)[c];
    case Origin::RunningVar:
        return (*before.runningVar)[c];
    case Origin::Mean:
        return frame.snapshot->batch.mean[c];
    case Origin::Var:
        return frame.snapshot->batch.var[c];
    case Origin::InvStd:
        return frame.snapshot->forward.invstd[c];
    default:
        return value;
    }
}

void checkLine(const Line& line, const Frame& frame, Tally& tally) {
    const std::string text = lineText(line, Digits::Full);
    QVERIFY2(reproduces(line), text.c_str());
    // The result as shown is the result.
    QVERIFY2(same(calculateText(text.substr(text.rfind('=') + 1)), line.result.value), text.c_str());
    if (!line.formula)
        return;
    const double found = evaluate(line);
    // A calculator with the text alone finds the same bits.
    QVERIFY2(same(roundTo(line.result.precision, calculateText(formulaText(line))), found), text.c_str());
    std::vector<Number> numbers;
    collect(*line.formula, numbers);
    for (const Number& number : numbers) {
        QVERIFY2(same(expectedAt(number.link, frame, number.value), number.value), text.c_str());
        tally.leaves.insert(number.link.origin);
    }
    tally.results.insert(line.result.link.origin);
    ++tally.lines;
    tally.sameBits += same(found, line.result.value) ? 1 : 0;
}

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
    void linesOfAStepAsText();
    void longSumsShowARest();
    void evalLooksUpAndTellsTheOtherMode();
    void momentumNoneShowsTheCounter();
    void lowPartIsShownWhereItMatters();
    void withoutAffine();
    void refusedSkippedAndEmpty();
    void severalGroups();
    void optimizers();
    void digits();
    void bracketsAreThoseNeeded();
    void wrongLinesAreFound();
    void linksLeadToLines();
    void cellsOutsideAreRefused();
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

// Two values 1 and 3: mean 2, Σ(x−mean)² = 2, var 1 and 2 for ÷(n−1). eps 3 makes invstd 1/√4.
void CalculationTest::linesOfAStepAsText() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 3}));
    recipe.lanes[0].layer.eps = 3;
    recipe.lanes[0].layer.momentum = 0.5;
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.loss = {LossSpec::Kind::MseTarget, {0.5}, {1}, {0}};
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.5};
    Run run(recipe);
    runTo(run, 1);
    const Calculation calculation = calculate(*run.frame(0), {1, 0, 0});
    QCOMPARE(QString::fromStdString(calculation.title), QString("x[1, 0]"));
    QVERIFY(calculation.notice.empty());
    QStringList lines;
    for (const Line& line : calculation.lines)
        lines << QString::fromStdString(lineText(line, Digits::Short));
    const QStringList expected{
        "Σx = 1 + 3 = 4",
        "mean = 4 / 2 = 2",
        "Σ(x-mean)² = (1 - 2)² + (3 - 2)² = 2",
        "var = 2 / 2 = 1",
        "invstd = 1 / √(1 + 3) = 0.5",
        "x̂ = (3 - 2) · 0.5 = 0.5",
        "y = 0.5 · 1 + 0 = 0.5",
        "num_batches_tracked = 0 + 1 = 1",
        "running_mean = (1 - 0.5) · 0 + 0.5 · 2 = 1",
        "running_var = (1 - 0.5) · 1 + 0.5 · 1 · 2 / 1 = 1.5",
        "Σ(y-target)² = (0.5 - 0.5)² + … 1 more: 1 = 1",
        "loss = 1 / 2 = 0.5",
        "dy = 2 · (0.5 - 0.5) / 2 = 0",
    };
    QCOMPARE(lines.mid(0, expected.size()), expected);
    QCOMPARE(lines.mid(expected.size()),
             (QStringList{"Σdy = -1 + 0 = -1", "Σdy·x̂ = -1 · (-0.5) + 0 · 0.5 = 0.5", "grad β = -1", "grad γ = 0.5",
                          "grad x̂ = 0 · 1 = 0", "grad x, direct = 0 · 0.5 · 1 = 0",
                          "grad x, through mean = -(-1 / 2) · 0.5 · 1 = 0.25",
                          "grad x, through var = -(0.5 · (0.5 / 2)) · 0.5 · 1 = -0.0625",
                          "grad x = 0 + 0.25 + (-0.0625) = 0.1875", "γ = 1 - 0.5 · 0.5 = 0.75",
                          "β = 0 - 0.5 · (-1) = 0.5"}));
}

void CalculationTest::longSumsShowARest() {
    std::vector<double> values;
    for (int i = 1; i <= 32; ++i)
        values.push_back(i);
    Run run(recipeOn(pasted({32, 1}, values)));
    runTo(run, 1);
    const Calculation calculation = calculate(*run.frame(0), {5, 0, 0});
    QCOMPARE(shown(calculation, "Σx"), QString("Σx = 1 + 2 + 3 + … 29 more: 522 = 528"));
    QCOMPARE(shown(calculation, "mean"), QString("mean = 528 / 32 = 16.5"));
    QVERIFY(lineNamed(calculation, "Σx").detail && !lineNamed(calculation, "mean").detail);
    // Σ(i − 16.5)² = 32·(32² − 1)/12 = 2728, less 15.5² + 14.5² + 13.5² = 632.75
    QCOMPARE(shown(calculation, "Σ(x-mean)²"),
             QString("Σ(x-mean)² = (1 - 16.5)² + (2 - 16.5)² + (3 - 16.5)² + … 29 more: 2095.25 = 2728"));
    QVERIFY(shown(calculation, "running_var").contains("0.1 · 85.25 · 32 / 31"));
}

void CalculationTest::evalLooksUpAndTellsTheOtherMode() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 3}));
    recipe.lanes[0].trainMode = false;
    recipe.lanes[0].layer.eps = 3;
    recipe.lanes[0].training.passes = {true, false};
    recipe.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Ones;
    Run run(recipe);
    runTo(run, 1);
    const Calculation calculation = calculate(*run.frame(0), {1, 0, 0});
    QCOMPARE(shown(calculation, "running_mean"), QString("running_mean = 0"));
    QCOMPARE(shown(calculation, "x̂"), QString("x̂ = (3 - 0) · 0.5 = 1.5"));
    QCOMPARE(shown(calculation, "grad x"), QString("grad x = 1 · 0.5 · 1 = 0.5"));
    QCOMPARE(shown(calculation, "x̂ in training"), QString("x̂ in training = (3 - 2) · (1 / √(1 + 3)) = 0.5"));
    QVERIFY(lineNamed(calculation, "x̂ in training").aside && lineNamed(calculation, "mean").aside);
    QVERIFY(!lineNamed(calculation, "x̂").aside);
    QVERIFY(!hasLine(calculation, "num_batches_tracked") && !hasLine(calculation, "grad x, direct"));
}

void CalculationTest::momentumNoneShowsTheCounter() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 3}));
    recipe.lanes[0].layer.momentum.reset();
    Run run(recipe);
    runTo(run, 4);
    const Calculation calculation = calculate(*run.frame(3), {0, 0, 0});
    QCOMPARE(shown(calculation, "running_mean"), QString("running_mean = (1 - 1 / 4) · 2 + 1 / 4 · 2 = 2"));
    QVERIFY(lineNamed(calculation, "running_mean").note.find("None") != std::string::npos);
}

// The mean of 1e12 ± … needs more bits than a double has; without them x̂ would be off in its fourth digit.
void CalculationTest::lowPartIsShownWhereItMatters() {
    GeneratorSpec far = normal(33, 1, 1e12, 1);
    far.seed = 1;  // one whose mean is no double
    Recipe recipe = recipeOn(far);
    recipe.lanes[0].layer.dtype = DType::Float64;
    Run run(recipe);
    runTo(run, 1);
    const auto frame = run.frame(0);
    const Calculation calculation = calculate(*frame, {4, 0, 0});
    const Line& line = lineNamed(calculation, "x̂");
    std::vector<Number> numbers;
    collect(*line.formula, numbers);
    QCOMPARE(numbers.size(), 4U);
    QVERIFY(numbers[2].link.origin == Origin::MeanLow && numbers[2].value != 0);
    QCOMPARE(evaluate(line), frame->transforms[0].xhat(frame->x.at(4)));
    Recipe near = recipe;
    near.data.sources = {normal(33, 1, 0, 1)};
    Run second(near);
    runTo(second, 1);
    numbers.clear();
    collect(*lineNamed(calculate(*second.frame(0), {4, 0, 0}), "x̂").formula, numbers);
    QCOMPARE(numbers.size(), 3U);
}

void CalculationTest::withoutAffine() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 3}));
    recipe.lanes[0].layer.affine = false;
    recipe.lanes[0].layer.trackRunningStats = false;
    recipe.lanes[0].layer.eps = 3;
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Ones;
    recipe.lanes[0].training.optimizer.kind = OptimizerSpec::Kind::Sgd;
    Run run(recipe);
    runTo(run, 1);
    const Calculation calculation = calculate(*run.frame(0), {1, 0, 0});
    QCOMPARE(shown(calculation, "y"), QString("y = 0.5"));
    QVERIFY(lineNamed(calculation, "y").phase == Phase::Normalise);
    QVERIFY(hasLine(calculation, "Σdy") && !hasLine(calculation, "grad β") && !hasLine(calculation, "γ"));
    QVERIFY(!hasLine(calculation, "running_mean") && !hasLine(calculation, "num_batches_tracked"));
    QCOMPARE(shown(calculation, "grad x, direct"), QString("grad x, direct = 1 · 0.5 = 0.5"));
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

// Gradients of exactly −1 for β; the second step has buffers to show.
void CalculationTest::optimizers() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 3}));
    recipe.data.gradients = {pasted({2, 1}, {-0.5, -0.5})};
    recipe.lanes[0].layer.dtype = DType::Float64;
    recipe.lanes[0].training.passes = {true, true};
    recipe.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Source;
    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, 0.5, 0.5, 0, true};
    Run sgd(recipe);
    runTo(sgd, 2);
    const Calculation first = calculate(*sgd.frame(0), {0, 0, 0});
    QCOMPARE(shown(first, "buffer of β"), QString("buffer of β = -1"));
    QVERIFY(!lineNamed(first, "buffer of β").note.empty());
    QCOMPARE(shown(first, "step of β"), QString("step of β = -1 + 0.5 · (-1) = -1.5"));
    QCOMPARE(shown(first, "β"), QString("β = 0 - 0.5 · (-1.5) = 0.75"));
    const Calculation second = calculate(*sgd.frame(1), {0, 0, 0});
    QCOMPARE(shown(second, "buffer of β"), QString("buffer of β = 0.5 · (-1) + (-1) = -1.5"));

    recipe.lanes[0].training.optimizer = {OptimizerSpec::Kind::Adam, 0.5, 0, 0, false, 0.5, 0.75, 0};
    Run adam(recipe);
    runTo(adam, 1);
    const Calculation step = calculate(*adam.frame(0), {0, 0, 0});
    QCOMPARE(shown(step, "exp_avg of β"), QString("exp_avg of β = 0.5 · 0 + (1 - 0.5) · (-1) = -0.5"));
    QCOMPARE(shown(step, "exp_avg_sq of β"), QString("exp_avg_sq of β = 0.75 · 0 + (1 - 0.75) · (-1)² = 0.25"));
    QCOMPARE(shown(step, "bias correction 1"), QString("bias correction 1 = 1 - 0.5^1 = 0.5"));
    // 0.5/0.5·(−0.5)/(√0.25/√0.25) = −0.5
    QCOMPARE(shown(step, "β"), QString("β = 0 - 0.5 / 0.5 · (-0.5) / (√(0.25) / √(0.25) + 0) = 0.5"));
}

void CalculationTest::digits() {
    const auto text = [](double value, Precision precision, Digits digits) {
        return QString::fromStdString(numberText({value, precision, {Origin::X}, 0}, digits));
    };
    const double tenth = static_cast<double>(0.1F);
    QCOMPARE(text(tenth, Precision::Float32, Digits::Short), QString("0.1"));
    QCOMPARE(text(tenth, Precision::Float32, Digits::Full), QString("0.10000000149011612"));
    QCOMPARE(text(tenth, Precision::Float32, Digits::Bits), QString("0x3dcccccd"));
    QCOMPARE(text(0.1, Precision::Float64, Digits::Bits), QString("0x3fb999999999999a"));
    QCOMPARE(text(0.0, Precision::Float32, Digits::Bits), QString("0x00000000"));
    QCOMPARE(text(32, Precision::Integer, Digits::Bits), QString("32"));
    QCOMPARE(text(9.2345678e-5, Precision::Float64, Digits::Short), QString("9.2346e-5"));
    QCOMPARE(text(1e-5, Precision::Float64, Digits::Short), QString("1e-5"));
    QCOMPARE(text(123456.789, Precision::Float64, Digits::Short), QString("123457"));
    QCOMPARE(text(1234567.5, Precision::Float64, Digits::Short), QString("1.2346e6"));
    QCOMPARE(text(-5.53312, Precision::Float64, Digits::Short), QString("-5.5331"));
    QCOMPARE(text(0.012345678, Precision::Float64, Digits::Short), QString("0.012346"));
    QCOMPARE(text(-notANumber, Precision::Float64, Digits::Full), QString("nan"));
    QCOMPARE(text(-infinite, Precision::Float64, Digits::Short), QString("-inf"));
}

void CalculationTest::bracketsAreThoseNeeded() {
    const auto text = [](const Expression& e) {
        std::string result;
        for (const Token& token : layOut(e))
            result += tokenText(token, Digits::Full);
        return QString::fromStdString(result);
    };
    const Expression a(2.0), b(3.0), c(-4.0);
    QCOMPARE(text(a - (b - c)), QString("2 - (3 - (-4))"));
    QCOMPARE(text(a + b + c), QString("2 + 3 + (-4)"));
    QCOMPARE(text(a + (b + c)), QString("2 + (3 + (-4))"));
    QCOMPARE(text((a + b) * c), QString("(2 + 3) · (-4)"));
    QCOMPARE(text(a / (b * c)), QString("2 / (3 · (-4))"));
    QCOMPARE(text(c * a), QString("-4 · 2"));
    QCOMPARE(text(square(c)), QString("(-4)²"));
    QCOMPARE(text(square(a - b)), QString("(2 - 3)²"));
    QCOMPARE(text(squareRoot(c - a)), QString("√(-4 - 2)"));
    QCOMPARE(text(a * -(b / a)), QString("2 · (-(3 / 2))"));
    QCOMPARE(text(power(a, b) - a), QString("2^3 - 2"));
    for (const Expression& e : {a - (b - c), a / (b * c), c * a, square(c), a * -(b / a), power(a, b) - a})
        QCOMPARE(calculateText(text(e).toStdString()), evaluate(e).value);
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

void CalculationTest::linksLeadToLines() {
    Run run(recipeOn(normal(8, 2)));
    runTo(run, 1);
    const Calculation calculation = calculate(*run.frame(0), {3, 1, 0});
    std::vector<Number> numbers;
    collect(*lineNamed(calculation, "x̂").formula, numbers);
    QVERIFY(numbers[0].link == (Link{Origin::X, Parameter::None, 3, 1, 0}));
    QVERIFY(calculation.find(numbers[0].link) == nullptr);
    QCOMPARE(QString::fromStdString(calculation.find(numbers[1].link)->symbol), QString("mean"));
    QCOMPARE(QString::fromStdString(calculation.find(numbers[2].link)->symbol), QString("invstd"));
}

void CalculationTest::cellsOutsideAreRefused() {
    Run run(recipeOn(normal(8, 2)));
    runTo(run, 1);
    for (const Cell cell : {Cell{8, 0, 0}, Cell{0, 2, 0}, Cell{0, 0, 1}, Cell{-1, 0, 0}})
        QVERIFY_EXCEPTION_THROWN(calculate(*run.frame(0), cell), Error);
}

QTEST_GUILESS_MAIN(CalculationTest)
#include "calculation_test.moc"
