// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/norm/moments.h"
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
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

Dims dimsOf(const QList<int>& shape) {
    return Dims(shape.begin(), shape.end());
}

template <class T>
bool sameBytes(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// Around every size that the kernels treat differently: one value, lanes (32, 256), the longest L whose channels share
/// a row (128), chunks (512 rows, 2048 values).
const QList<QList<int>> edgeShapes{
    {1, 1},       {2, 1},       {1, 7},       {2, 3},      {3, 255},    {3, 256},    {3, 257},
    {511, 2},     {512, 2},     {513, 2},     {1025, 3},   {5000, 1},   {2, 600},    {1, 1, 1},
    {1, 1, 5},    {4, 3, 1},    {3, 2, 2},    {1, 3, 31},  {1, 3, 32},  {1, 3, 33},  {5, 4, 7},
    {3, 5, 127},  {3, 5, 128},  {3, 5, 129},  {2, 300, 2}, {3, 87, 3},  {514, 3, 2}, {1, 2, 2047},
    {1, 2, 2048}, {1, 2, 2049}, {3, 2, 1500}, {700, 2, 3}, {2, 70, 65},
};

void countPlainly(HealthCounts& counts, double value) {
    if (std::isnan(value))
        ++counts.nan;
    else if (value == 0)
        ++counts.zero;
    else if (value > 0)
        ++(std::isinf(value) ? counts.posInf : counts.positive);
    else
        ++(std::isinf(value) ? counts.negInf : counts.negative);
}

}  // namespace

class MomentsTest : public QObject {
    Q_OBJECT

private slots:
    void edgeShapesAgainstReference_data() {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<bool>("single");
        for (const bool single : {true, false})
            for (const QList<int>& shape : edgeShapes)
                QTest::addRow("%s %s", single ? "float32" : "float64", shapeText(dimsOf(shape)).c_str())
                    << shape << single;
    }

    /// A wrong index, a value left out or counted twice changes mean or variance by far more than this.
    void edgeShapesAgainstReference() {
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        TestNoise noise(static_cast<std::uint64_t>(shape.size() * 100 + shape[0] + shape[1]));
        const Tensor batch =
            makeBatch(single ? DType::Float32 : DType::Float64, dimsOf(shape), [&](auto, auto c, auto) {
                return noise.normal() * static_cast<double>(1 + c) + 3.0 * static_cast<double>(c);
            });
        const Moments moments = computeMoments(batch);
        const std::vector<ReferenceChannel> expected = referenceMoments(batch);
        QCOMPARE(moments.mean.size(), expected.size());
        for (std::size_t c = 0; c < expected.size(); ++c) {
            // Float64 sums are compensated, float32 ones plain doubles over chunks of up to 2048 values.
            const double relative = single ? 0x1p-42 : 0x1p-51;
            const double var = static_cast<double>(expected[c].var);
            const double sumSquares = static_cast<double>(expected[c].sumSquares);
            const double mean = static_cast<double>(expected[c].mean());
            QVERIFY(std::fabs(moments.var[c] - var) <= var * relative);
            QVERIFY(std::fabs(moments.sumSquares[c] - sumSquares) <= sumSquares * relative);
            QVERIFY(std::fabs(moments.mean[c] - mean) <= (std::fabs(mean) + std::sqrt(var)) * relative);
        }
    }

    void exactAnswers_data() {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<bool>("single");
        for (const bool single : {true, false})
            for (const QList<int>& shape : edgeShapes)
                if (BatchShape::of(dimsOf(shape)).valuesPerChannel() % 2 == 0)  // pairs
                    QTest::addRow("%s %s", single ? "float32" : "float64", shapeText(dimsOf(shape)).c_str())
                        << shape << single;
    }

    /// Pairs at equal distance from a power of two: every sum is a small integer, so mean and variance are exact.
    void exactAnswers() {
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        const BatchShape s = BatchShape::of(dimsOf(shape));
        const std::int64_t n = s.valuesPerChannel();
        const auto center = [](std::int64_t c) { return std::ldexp(1.0, static_cast<int>(c % 12)); };
        const Tensor batch = makeBatch(single ? DType::Float32 : DType::Float64, dimsOf(shape),
                                       [&](std::int64_t i, std::int64_t c, std::int64_t l) {
                                           return center(c) + ((i * s.l + l) % 2 == 0 ? 3 : -3);
                                       });
        const Moments moments = computeMoments(batch);
        QCOMPARE(moments.valuesPerChannel, n);
        for (std::size_t c = 0; c < moments.mean.size(); ++c) {
            QVERIFY(moments.mean[c] == center(static_cast<std::int64_t>(c)));
            QVERIFY(moments.meanLow[c] == 0);
            QVERIFY(moments.var[c] == 9);
            QVERIFY(moments.sumSquares[c] == 9.0 * static_cast<double>(n));
        }
    }

    void constantChannels_data() {
        QTest::addColumn<double>("value");
        for (const double value : {0.0, 1.0, 0.1, -3.7, 10000.1, 1e-30, 1e-40, 3e38, 1e300})
            QTest::addRow("%g", value) << value;
    }

    void constantChannels() {
        QFETCH(double, value);
        for (const DType dtype : {DType::Float32, DType::Float64})
            for (const Dims& shape : {Dims{777, 3}, Dims{3, 3, 100}}) {
                if (std::isinf(roundTo(dtype, value)))
                    continue;
                const Moments moments = computeMoments(makeBatch(dtype, shape, [&](auto...) { return value; }));
                for (std::size_t c = 0; c < 3; ++c) {
                    QVERIFY(moments.mean[c] == roundTo(dtype, value));
                    QVERIFY(moments.meanLow[c] == 0);
                    QVERIFY(moments.var[c] == 0);
                }
            }
    }

    /// The first value is the pivot of the first pass; here it is 1e6 standard deviations away from the others.
    void badFirstValueIsRepaired() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            const Tensor batch = makeBatch(dtype, {4097, 2}, [](std::int64_t n, auto, auto) {
                return n == 0 ? 3.0e7 : (n % 2 == 0 ? 1.0 : -1.0);
            });
            const Moments moments = computeMoments(batch);
            const ReferenceChannel expected = referenceMoments(batch)[0];
            // Without the second pass the variance would be off by (3e7)² · 4097 · 2^-53, a relative 2e-12.
            QVERIFY(std::fabs(moments.mean[0] - static_cast<double>(expected.mean())) <= 3.0e7 * 0x1p-52);
            QVERIFY(std::fabs(moments.var[0] / static_cast<double>(expected.var) - 1) <= 1e-14);
        }
    }

    /// At |mean|/std = 1e12 a double holds the values to 1e-4 standard deviations; the moments must not lose more.
    void hugeMeanTinyVariance() {
        TestNoise noise(5);
        const Tensor batch = makeBatch(DType::Float64, {10000, 2}, [&](auto...) { return 1e12 + noise.normal(); });
        const Moments moments = computeMoments(batch);
        const std::vector<ReferenceChannel> expected = referenceMoments(batch);
        for (std::size_t c = 0; c < 2; ++c) {
            // Relative to the first value: the mean itself has no room for the difference.
            const Quad offset = (moments.mean[c] - expected[c].first) + moments.meanLow[c];
            QVERIFY(std::fabs(static_cast<double>(offset - expected[c].offset)) <= 1e-17);
            QVERIFY(moments.meanLow[c] != 0);
            QVERIFY(std::fabs(moments.var[c] / static_cast<double>(expected[c].var) - 1) <= 1e-15);
        }
    }

    /// Squares of float32 values overflow float32 but not the sums.
    void float32NearOverflow() {
        const Moments moments = computeMoments(
            makeBatch(DType::Float32, {4, 1}, [](std::int64_t n, auto, auto) { return n < 2 ? 0x1p127 : -0x1p127; }));
        QVERIFY(moments.mean[0] == 0 && moments.var[0] == 0x1p254);
    }

    void denormals() {
        const Moments moments = computeMoments(makeBatch(
            DType::Float32, {4, 1}, [](std::int64_t n, auto, auto) { return n % 2 == 0 ? 0x1p-140 : 0x1p-139; }));
        QVERIFY(moments.mean[0] == 0x1.8p-140 && moments.var[0] == 0x1p-282);
    }

    void nonFiniteValues_data() {
        QTest::addColumn<double>("bad");
        QTest::addColumn<int>("position");
        QTest::addColumn<double>("mean");
        for (const int position : {0, 3, 1023})
            for (const double bad : {notANumber, inf, -inf})
                QTest::addRow("%g at %d", bad, position) << bad << position << bad;
    }

    /// Semantics 31: the channel's mean is NaN or ±Inf and its variance NaN; the neighbours do not notice.
    void nonFiniteValues() {
        QFETCH(double, bad);
        QFETCH(int, position);
        QFETCH(double, mean);
        for (const DType dtype : {DType::Float32, DType::Float64})
            for (const Dims& shape : {Dims{1024, 3}, Dims{1, 3, 1024}}) {
                const Moments moments = computeMoments(makeBatch(dtype, shape, [&](auto n, auto c, auto l) {
                    return c == 1 && n + l == position ? bad : ((n + l) % 2 == 0 ? 1.0 : 3.0);
                }));
                QVERIFY(std::isnan(mean) ? std::isnan(moments.mean[1]) : moments.mean[1] == mean);
                QVERIFY(std::isnan(moments.var[1]));
                for (const std::size_t c : {0u, 2u})
                    QVERIFY(moments.mean[c] == 2 && moments.var[c] == 1);
            }
    }

    void oppositeInfinitiesGiveNaN() {
        const Moments moments = computeMoments(makeBatch(DType::Float32, {4, 1}, [](std::int64_t n, auto, auto) {
            return n == 1 ? inf : n == 2 ? -inf : 0;
        }));
        QVERIFY(std::isnan(moments.mean[0]));
    }

    void emptyBatches_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{0, 3}, {2, 3, 0}, {0, 3, 4}, {4, 0}, {0, 1}, {0, 0}})
            QTest::addRow("%s", shapeText(dimsOf(shape)).c_str()) << shape;
    }

    void emptyBatches() {
        QFETCH(QList<int>, shape);
        const Tensor batch(DType::Float32, dimsOf(shape));
        const Moments moments = computeMoments(batch);
        const std::size_t channels = static_cast<std::size_t>(shape[1]);
        QCOMPARE(moments.mean.size(), channels);
        for (std::size_t c = 0; c < channels; ++c)
            QVERIFY(std::isnan(moments.mean[c]) && std::isnan(moments.var[c]));
        QVERIFY(countHealth(batch) == std::vector<HealthCounts>(channels));
        QCOMPARE(channelRanges(batch).size(), channels);
    }

    void otherTensorsAreRefused() {
        QVERIFY_EXCEPTION_THROWN(computeMoments(Tensor(DType::Float32, {3})), Error);
        QVERIFY_EXCEPTION_THROWN(computeMoments(Tensor(DType::Int64, {3, 2})), Error);
    }

    void bytesDoNotDependOnThreads_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{3000, 300}, {20000, 1}, {7, 5, 3000}, {900, 3, 5}})
            QTest::addRow("%s", shapeText(dimsOf(shape)).c_str()) << shape;
    }

    void bytesDoNotDependOnThreads() {
        QFETCH(QList<int>, shape);
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            TestNoise noise(11);
            const Tensor batch = makeBatch(dtype, dimsOf(shape), [&](auto...) { return noise.normal() * 1e3 + 7; });
            Moments first;
            for (const int threads : {1, 2, 3, 5, 16}) {
                Moments moments;
                Arena(threads).run([&] { moments = computeMoments(batch); });
                if (threads == 1)
                    first = moments;
                QVERIFY(sameBytes(moments.mean, first.mean) && sameBytes(moments.meanLow, first.meanLow));
                QVERIFY(sameBytes(moments.var, first.var) && sameBytes(moments.sumSquares, first.sumSquares));
            }
        }
    }

    /// Semantics 27: a channel has the same bits alone as among others, whatever its neighbours need.
    void channelsAreIndependent() {
        TestNoise noise(3);
        const Tensor batch = makeBatch(DType::Float32, {1000, 5}, [&](std::int64_t n, std::int64_t c, auto) {
            return n == 0 && c == 2 ? 1e9 : noise.normal();
        });
        Tensor narrow(DType::Float32, {1000, 2});
        for (std::int64_t n = 0; n < 1000; ++n)
            for (std::int64_t c = 0; c < 2; ++c)
                narrow.set(n * 2 + c, batch.at(n * 5 + c));
        const Moments wide = computeMoments(batch), alone = computeMoments(narrow);
        for (std::size_t c = 0; c < 2; ++c)
            QVERIFY(wide.mean[c] == alone.mean[c] && wide.var[c] == alone.var[c]);
    }

    void healthCounts() {
        const std::vector<double> cycle{-inf, -1, 0, -0.0, 2, inf, notANumber, 1e-40};
        for (const Dims& shape : {Dims{8 * 300, 2}, Dims{4, 2, 8 * 75}}) {
            const Tensor batch = makeBatch(DType::Float32, shape, [&](std::int64_t n, std::int64_t c, std::int64_t l) {
                return c == 1 ? 1.0 : cycle[static_cast<std::size_t>((n * BatchShape::of(shape).l + l) % 8)];
            });
            const std::vector<HealthCounts> counts = countHealth(batch);
            QVERIFY((counts[0] == HealthCounts{300, 300, 600, 600, 300, 300}));
            QCOMPARE(counts[0].nonFinite(), 900u);
            QVERIFY((counts[1] == HealthCounts{0, 0, 0, 2400, 0, 0}));
        }
    }

    void healthOfEdgeShapesAgainstPlainLoop_data() { edgeShapesAgainstReference_data(); }

    /// Kinds come in no order, as branches and lanes see them in data; one channel in three is free of special values.
    void healthOfEdgeShapesAgainstPlainLoop() {
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        const double denormal = single ? 1e-40 : 1e-310;
        const double largest = single ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
        const std::vector<double> specials{inf,      -inf,      notANumber, -notANumber, 0.0, -0.0,
                                           denormal, -denormal, largest,    -largest,    1,   -1};
        TestNoise noise(static_cast<std::uint64_t>(shape.size() * 100 + shape[0] + shape[1]));
        const Tensor batch = makeBatch(single ? DType::Float32 : DType::Float64, dimsOf(shape),
                                       [&](std::int64_t, std::int64_t c, std::int64_t) {
                                           const double draw = noise.normal();
                                           const auto kind = static_cast<std::size_t>(std::abs(draw) * 1e6);
                                           return c % 3 == 2 ? draw : specials[kind % specials.size()];
                                       });
        const BatchShape s = BatchShape::of(batch.shape());
        std::vector<HealthCounts> expected(static_cast<std::size_t>(s.c));
        for (std::int64_t i = 0; i < batch.size(); ++i)
            countPlainly(expected[static_cast<std::size_t>(i / s.l % s.c)], batch.at(i));
        QVERIFY(countHealth(batch) == expected);
    }

    void ranges() {
        const Tensor batch =
            Tensor::of<double>({4, 3}, {1, notANumber, inf, -7, 2, -inf, 5, notANumber, notANumber, 0, 2, inf});
        const std::vector<Range> ranges = channelRanges(batch);
        QVERIFY(ranges[0].low == -7 && ranges[0].high == 5);
        QVERIFY(ranges[1].low == 2 && ranges[1].high == 2);
        QVERIFY(ranges[2].low == 0 && ranges[2].high == 0);  // nothing finite
    }
};

QTEST_GUILESS_MAIN(MomentsTest)
#include "moments_test.moc"
