// SPDX-License-Identifier: GPL-3.0-or-later
// What a calculation looks like.
#include "core/error.h"
#include "support/calculation_check.h"

#include <QtTest>

using namespace bnstudio;
using namespace bnstudio::test;

class CalculationTextTest : public QObject {
    Q_OBJECT

private slots:
    void linesOfAStepAsText();
    void longSumsShowARest();
    void evalLooksUpAndTellsTheOtherMode();
    void momentumNoneShowsTheCounter();
    void lowPartIsShownWhereItMatters();
    void withoutAffine();
    void optimizers();
    void digits();
    void bracketsAreThoseNeeded();
    void linksLeadToLines();
    void cellsOutsideAreRefused();
};

// Two values 1 and 3: mean 2, Σ(x−mean)² = 2, var 1 and 2 for ÷(n−1). eps 3 makes invstd 1/√4.
void CalculationTextTest::linesOfAStepAsText() {
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

void CalculationTextTest::longSumsShowARest() {
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

void CalculationTextTest::evalLooksUpAndTellsTheOtherMode() {
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

void CalculationTextTest::momentumNoneShowsTheCounter() {
    Recipe recipe = recipeOn(pasted({2, 1}, {1, 3}));
    recipe.lanes[0].layer.momentum.reset();
    Run run(recipe);
    runTo(run, 4);
    const Calculation calculation = calculate(*run.frame(3), {0, 0, 0});
    QCOMPARE(shown(calculation, "running_mean"), QString("running_mean = (1 - 1 / 4) · 2 + 1 / 4 · 2 = 2"));
    QVERIFY(lineNamed(calculation, "running_mean").note.find("None") != std::string::npos);
}

// The mean of 1e12 ± … needs more bits than a double has; without them x̂ would be off in its fourth digit.
void CalculationTextTest::lowPartIsShownWhereItMatters() {
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

void CalculationTextTest::withoutAffine() {
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

// Gradients of exactly −1 for β; the second step has buffers to show.
void CalculationTextTest::optimizers() {
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

void CalculationTextTest::digits() {
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

void CalculationTextTest::bracketsAreThoseNeeded() {
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

void CalculationTextTest::linksLeadToLines() {
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

void CalculationTextTest::cellsOutsideAreRefused() {
    Run run(recipeOn(normal(8, 2)));
    runTo(run, 1);
    for (const Cell cell : {Cell{8, 0, 0}, Cell{0, 2, 0}, Cell{0, 0, 1}, Cell{-1, 0, 0}})
        QVERIFY_EXCEPTION_THROWN(calculate(*run.frame(0), cell), Error);
}

QTEST_GUILESS_MAIN(CalculationTextTest)
#include "calculation_text_test.moc"
