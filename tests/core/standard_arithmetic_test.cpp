// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/parallel.h"
#include "core/run/run.h"

#include <QTest>

#include <bit>
#include <cfenv>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

using namespace bnstudio;

namespace {

#if defined(__SSE2__)
constexpr unsigned flushes = 0x8040;  // denormal results and operands become zero
unsigned mode() {
    return _mm_getcsr() & 0xe040;
}
#endif

/// Bits of everything that three steps leave behind, of values among them that float32 holds as denormal numbers only.
std::vector<std::uint64_t> bitsOfARun(double std, int threads) {
    Recipe recipe;
    GeneratorSpec generator;
    generator.n = 600;
    generator.c = 40;
    generator.std = {std};
    recipe.data.sources = {generator};
    TrainingSpec& training = recipe.lanes[0].training;
    training.passes = {true, true};
    training.loss.kind = LossSpec::Kind::MseTarget;
    training.loss.target = {0.1};
    std::vector<std::uint64_t> bits;
    const auto keep = [&bits](const Tensor& tensor) {
        for (std::int64_t i = 0; i < tensor.size(); ++i)
            bits.push_back(std::bit_cast<std::uint64_t>(tensor.at(i)));
    };
    Arena arena(threads);
    arena.run([&] {
        Run run(recipe, {});
        for (int step = 0; step < 3; ++step)
            run.advanceVisiting([&](int, const Run::StepTensors& tensors) {
                keep(*tensors.x);
                keep(*tensors.y);
                keep(*tensors.gradInput);
            });
        const LayerState& state = run.snapshot(2)->lanes[0]->after->layer.state();
        for (const auto* values : {&state.runningMean, &state.runningVar, &state.weight, &state.bias})
            for (const double value : **values)
                bits.push_back(std::bit_cast<std::uint64_t>(value));
    });
    return bits;
}

}  // namespace

/// Other code of the process may round differently or drop denormal numbers: the bits stay, and so does its choice.
class StandardArithmeticTest : public QObject {
    Q_OBJECT

private slots:
    void roundingOfOthers_data();
    void roundingOfOthers();
    void denormalNumbers_data();
    void denormalNumbers();
};

void StandardArithmeticTest::roundingOfOthers_data() {
    QTest::addColumn<int>("rounding");
    QTest::newRow("up") << FE_UPWARD;
    QTest::newRow("down") << FE_DOWNWARD;
    QTest::newRow("towards zero") << FE_TOWARDZERO;
}

void StandardArithmeticTest::roundingOfOthers() {
    QFETCH(int, rounding);
    const auto expected = bitsOfARun(2.0, 2);
    std::fesetround(rounding);
    const auto bits = bitsOfARun(2.0, 2);
    const int after = std::fegetround();
    std::fesetround(FE_TONEAREST);
    QCOMPARE(after, rounding);
    QVERIFY(bits == expected);
}

void StandardArithmeticTest::denormalNumbers_data() {
    QTest::addColumn<int>("threads");
    QTest::newRow("one thread") << 1;
    QTest::newRow("two threads") << 2;
}

void StandardArithmeticTest::denormalNumbers() {
#if defined(__SSE2__)
    QFETCH(int, threads);
    constexpr double tiny = 1e-40;  // the smallest normal number of float32 is 1.2e-38
    const auto expected = bitsOfARun(tiny, threads);
    QVERIFY(std::count_if(expected.begin(), expected.end(),
                          [](std::uint64_t bits) {
                              const double value = std::abs(std::bit_cast<double>(bits));
                              return value > 0 && value < 1e-38;
                          })
            > 1000);
    _mm_setcsr(_mm_getcsr() | flushes);
    const auto bits = bitsOfARun(tiny, threads);
    const unsigned after = mode();
    _mm_setcsr(_mm_getcsr() & ~flushes);
    QCOMPARE(after, flushes);
    QVERIFY(bits == expected);
#else
    QSKIP("a mode of x86");
#endif
}

QTEST_GUILESS_MAIN(StandardArithmeticTest)
#include "standard_arithmetic_test.moc"
