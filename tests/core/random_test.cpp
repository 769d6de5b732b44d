// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/random.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

using namespace bnstudio;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// FNV-1a, 64 bit, over the bytes of the values in memory order (little-endian, as on every machine we build for).
std::uint64_t hashOf(std::span<const double> values) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const std::byte byte : std::as_bytes(values))
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
    return hash;
}

bool sameBits(std::span<const double> a, std::span<const double> b) {
    return std::ranges::equal(std::as_bytes(a), std::as_bytes(b));
}

/// |value − exact| in units of the last place of the exact result.
double ulpError(double value, long double exact) {
    int exponent = 0;
    std::frexp(exact, &exponent);
    const long double ulp = std::ldexp(1.0L, std::max(exponent - 53, -1074));
    return static_cast<double>(std::fabs(value - exact) / ulp);
}

using Fill = void (*)(std::uint64_t, std::uint32_t, std::uint64_t, std::uint64_t, std::span<double>);

void fillStudent(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first,
                 std::span<double> out) {
    studentValues(seed, stream, k, 5, first, out);
}

std::vector<double> draw(Fill fill, std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first,
                         std::size_t count) {
    std::vector<double> values(count);
    fill(seed, stream, k, first, values);
    return values;
}

/// Share of the values that are at most @p bound.
double shareUpTo(const std::vector<double>& values, double bound) {
    return static_cast<double>(std::count_if(values.begin(), values.end(), [=](double v) { return v <= bound; }))
           / static_cast<double>(values.size());
}

}  // namespace

class RandomTest : public QObject {
    Q_OBJECT

private slots:
    void philoxKnownAnswers_data() {
        QTest::addColumn<QVector<quint32>>("counter");
        QTest::addColumn<quint64>("key");
        QTest::addColumn<QVector<quint32>>("expected");
        // The vectors that Random123 publishes for philox4x32, 10 rounds.
        QTest::newRow("zeros") << QVector<quint32>{0, 0, 0, 0} << quint64{0}
                               << QVector<quint32>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
        QTest::newRow("ones") << QVector<quint32>{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}
                              << quint64{0xffffffffffffffff}
                              << QVector<quint32>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
        QTest::newRow("digits of pi") << QVector<quint32>{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}
                                      << quint64{0x299f31d0a4093822}
                                      << QVector<quint32>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
    }
    void philoxKnownAnswers() {
        QFETCH(QVector<quint32>, counter);
        QFETCH(quint64, key);
        QFETCH(QVector<quint32>, expected);
        const auto words = philox({counter[0], counter[1], counter[2], counter[3]}, key);
        QCOMPARE(QVector<quint32>(words.begin(), words.end()), expected);
    }

    /// The counter layout is part of the numbers: low block word, (high block half-word, stream), k low, k high.
    void uniformValuesAreTheWordsOfTheirCounter() {
        const std::uint64_t block = 0x1234567890ab, seed = 0x1122334455667788, k = 0x99aabbccddeeff00;
        const auto words = philox({0x567890ab, 0x12340003, 0xddeeff00, 0x99aabbcc}, seed);
        const auto values = draw(uniformValues, seed, 3, k, 2 * block, 2);
        for (std::size_t i = 0; i < 2; ++i) {
            const std::uint64_t word = words[2 * i] | std::uint64_t{words[2 * i + 1]} << 32;
            // (m + ½)·2⁻⁵² has 53 bits: exact.
            QVERIFY(values[i] == std::ldexp(static_cast<double>(word >> 12) + 0.5, -52));
        }
    }

    void functionsAreAccurate_data() {
        using Own = double (*)(double);
        using Exact = long double (*)(long double);
        QTest::addColumn<Own>("own");
        QTest::addColumn<Exact>("exact");
        QTest::addColumn<double>("low");
        QTest::addColumn<double>("high");
        QTest::addColumn<double>("bound");
        const Own log = portableLog, exp = portableExp, expMinusOne = portableExpMinusOne;
        const Exact exactLog = [](long double x) { return std::log(x); };
        const Exact exactExp = [](long double x) { return std::exp(x); };
        const Exact exactExpMinusOne = [](long double x) { return std::expm1(x); };
        // log: the last subtraction rounds by ½ ulp, s·(f − r) adds less than that.
        QTest::newRow("log near 1") << log << exactLog << 0.7 << 1.5 << 1.0;
        QTest::newRow("log in (0, 1)") << log << exactLog << 1e-15 << 1.0 << 1.0;
        QTest::newRow("log of large") << log << exactLog << 1.0 << 1e300 << 1.0;
        QTest::newRow("log of subnormal") << log << exactLog << 5e-324 << 2e-308 << 1.0;
        // exp: rounding of 1 + fraction ½ ulp, of the reduced argument and the fraction under ½ ulp together.
        QTest::newRow("exp near 0") << exp << exactExp << -1.0 << 1.0 << 1.0;
        QTest::newRow("exp") << exp << exactExp << -708.0 << 709.7 << 1.0;
        // A subnormal result is rounded twice, to 53 bits and again by the last scale: another ½ ulp.
        QTest::newRow("exp subnormal") << exp << exactExp << -745.0 << -708.0 << 1.5;
        // expMinusOne: where −ln 2/2 crosses to k = −1 three roundings of about the result's own size meet.
        QTest::newRow("exp-1 tiny") << expMinusOne << exactExpMinusOne << -1e-8 << 1e-8 << 1.5;
        QTest::newRow("exp-1 near 0") << expMinusOne << exactExpMinusOne << -2.0 << 2.0 << 2.5;
        QTest::newRow("exp-1") << expMinusOne << exactExpMinusOne << -40.0 << 709.7 << 1.5;
    }
    void functionsAreAccurate() {
        using Own = double (*)(double);
        using Exact = long double (*)(long double);
        QFETCH(Own, own);
        QFETCH(Exact, exact);
        QFETCH(double, low);
        QFETCH(double, high);
        QFETCH(double, bound);
        double worst = 0, worstAt = low;
        const auto points = draw(uniformValues, 7, 0, 0, 0, 20000);
        const bool geometric = low > 0 && high / low > 1e3;
        for (const double u : points) {
            const double x = geometric ? low * std::pow(high / low, u) : low + (high - low) * u;
            const double error = ulpError(own(x), exact(x));
            if (!(error <= worst))
                worst = error, worstAt = x;
        }
        QVERIFY2(worst <= bound, qPrintable(QString("%1 ulp at %2").arg(worst).arg(worstAt, 0, 'g', 17)));
    }

    void turnsAreAccurate() {
        const long double tau = 6.283185307179586476925286766559L;
        double worst = 0;
        for (const double u : draw(uniformValues, 8, 0, 0, 0, 20000)) {
            // The angle is rounded once (½ ulp and the constant's), the polynomial's last steps once each; where the
            // result is at least 1/√2 that is under 2 ulp. The smaller of the two is as accurate, because u is
            // reduced exactly. Near the zeros the long double reference itself has the error of its own angle, so
            // it is evaluated on the exactly reduced fraction of a quarter.
            const double quarter = std::nearbyint(4 * u), rest = u - 0.25 * quarter;
            const long double c = std::cos(tau * rest), s = std::sin(tau * rest);
            const int turn = static_cast<int>(quarter) & 3;
            const long double exactCos = turn == 0 ? c : turn == 1 ? -s : turn == 2 ? -c : s;
            const long double exactSin = turn == 0 ? s : turn == 1 ? c : turn == 2 ? -s : -c;
            worst = std::max({worst, ulpError(portableCos2Pi(u), exactCos), ulpError(portableSin2Pi(u), exactSin)});
        }
        QVERIFY2(worst <= 2, qPrintable(QString::number(worst)));
    }

    void specialValues() {
        QVERIFY(portableLog(1.0) == 0.0);
        QVERIFY(portableLog(0.0) == -infinity);
        QVERIFY(portableLog(infinity) == infinity);
        QVERIFY(std::isnan(portableLog(-1.0)));
        QVERIFY(std::isnan(portableLog(NAN)));
        QVERIFY(portableExp(0.0) == 1.0);
        QVERIFY(portableExp(710.0) == infinity);
        QVERIFY(portableExp(infinity) == infinity);
        QVERIFY(portableExp(-746.0) == 0.0);
        QVERIFY(portableExp(-infinity) == 0.0);
        QVERIFY(std::isnan(portableExp(NAN)));
        QVERIFY(portableExpMinusOne(0.0) == 0.0);
        QVERIFY(portableExpMinusOne(-infinity) == -1.0);
        QVERIFY(portableExpMinusOne(infinity) == infinity);
        QVERIFY(std::isnan(portableExpMinusOne(NAN)));
        for (const double turns : {-3.0, 0.0, 1.0, 1e15}) {
            QVERIFY(portableCos2Pi(turns) == 1.0);
            QVERIFY(portableSin2Pi(turns) == 0.0);
        }
        QVERIFY(portableCos2Pi(0.25) == 0.0);
        QVERIFY(portableSin2Pi(0.25) == 1.0);
        QVERIFY(portableCos2Pi(0.5) == -1.0);
        QVERIFY(portableSin2Pi(-0.25) == -1.0);
        QVERIFY(portableSin2Pi(-1e-30) == -portableSin2Pi(1e-30));
    }

    /// The loop over a span runs on vectors, the single value does not.
    void vectorsEqualScalars() {
        std::vector<double> values = draw(normalValues, 3, 0, 0, 0, 1003);
        for (double& value : values)
            value *= 300;  // up to ±1000: overflow and underflow are among them
        std::vector<double> expected;
        for (const double value : values)
            expected.push_back(portableExp(value));
        portableExp(values);
        QVERIFY(sameBits(values, expected));
    }

    /// Any change of a bit changes the numbers of every saved recipe; these hashes keep watch.
    void bitsArePinned_data() {
        QTest::addColumn<Fill>("fill");
        QTest::addColumn<quint64>("seed");
        QTest::addColumn<quint64>("k");
        QTest::addColumn<quint64>("expected");
        const Fill normal = normalValues, uniform = uniformValues, student = fillStudent;
        QTest::newRow("normal, seed 0") << normal << quint64{0} << quint64{0} << quint64{0x02c489c188c0d7b2};
        QTest::newRow("normal, seed 42, k 1000000")
            << normal << quint64{42} << quint64{1000000} << quint64{0x3ff76947ec4c2135};
        QTest::newRow("uniform, seed 42") << uniform << quint64{42} << quint64{0} << quint64{0x59bf152d7c861203};
        QTest::newRow("student, seed 42") << student << quint64{42} << quint64{0} << quint64{0x1b5d1d973cde35e1};
    }
    void bitsArePinned() {
        QFETCH(Fill, fill);
        QFETCH(quint64, seed);
        QFETCH(quint64, k);
        QFETCH(quint64, expected);
        const quint64 hash = hashOf(draw(fill, seed, stream::values, k, 0, 100001));
        QCOMPARE(QString::number(hash, 16), QString::number(expected, 16));
    }

    void valuesAreRandomAccess_data() {
        QTest::addColumn<Fill>("fill");
        QTest::newRow("normal") << Fill{normalValues};
        QTest::newRow("uniform") << Fill{uniformValues};
        QTest::newRow("student") << Fill{fillStudent};
    }
    void valuesAreRandomAccess() {
        QFETCH(Fill, fill);
        const auto all = draw(fill, 5, 1, 9, 0, 3000);
        // Odd and even starts and lengths, within, at and across the groups of 512 values that are made at once.
        for (const std::size_t first : {0u, 1u, 2u, 3u, 254u, 255u, 256u, 511u, 512u, 513u, 1023u})
            for (const std::size_t count : {0u, 1u, 2u, 3u, 255u, 256u, 257u, 511u, 512u, 513u, 1025u}) {
                const auto part = draw(fill, 5, 1, 9, first, count);
                QVERIFY2(sameBits(part, std::span(all).subspan(first, count)),
                         qPrintable(QString("%1 values from %2").arg(count).arg(first)));
            }
    }

    void streamsDiffer() {
        const auto base = draw(normalValues, 1, 0, 0, 0, 64);
        const auto differs = [&](const std::vector<double>& other) {
            return std::mismatch(base.begin(), base.end(), other.begin(), std::not_equal_to<>()).first == base.end();
        };
        QVERIFY(differs(draw(normalValues, 2, 0, 0, 0, 64)));
        QVERIFY(differs(draw(normalValues, std::uint64_t{1} << 32, 0, 0, 0, 64)));
        QVERIFY(differs(draw(normalValues, 1, 1, 0, 0, 64)));
        QVERIFY(differs(draw(normalValues, 1, 0, 1, 0, 64)));
        QVERIFY(differs(draw(normalValues, 1, 0, std::uint64_t{1} << 32, 0, 64)));
        QVERIFY(differs(draw(normalValues, 1, 0, 0, 64, 64)));
        QVERIFY(differs(draw(normalValues, 1, 0, 0, std::uint64_t{1} << 33, 64)));
    }

    /// Shares below fixed points against the exact distribution function. A share of a million values has standard
    /// deviation at most 0.0005; 4 of these is 0.002. The seeds are fixed: the test passes always or never.
    void distributionsAreRight_data() {
        QTest::addColumn<Fill>("fill");
        QTest::addColumn<double>("bound");
        QTest::addColumn<double>("share");
        const Fill normal = normalValues, uniform = uniformValues, student = fillStudent;
        QTest::newRow("normal -2") << normal << -2.0 << 0.0227501;
        QTest::newRow("normal -1") << normal << -1.0 << 0.1586553;
        QTest::newRow("normal 0") << normal << 0.0 << 0.5;
        QTest::newRow("normal 0.5") << normal << 0.5 << 0.6914625;
        QTest::newRow("normal 3") << normal << 3.0 << 0.9986501;
        QTest::newRow("uniform 0.1") << uniform << 0.1 << 0.1;
        QTest::newRow("uniform 0.75") << uniform << 0.75 << 0.75;
        // Quantiles of Student's t with 5 degrees of freedom, from the usual tables.
        QTest::newRow("t -2.015") << student << -2.0150484 << 0.05;
        QTest::newRow("t 0") << student << 0.0 << 0.5;
        QTest::newRow("t 1.476") << student << 1.4758840 << 0.90;
        QTest::newRow("t 3.365") << student << 3.3649300 << 0.99;
    }
    void distributionsAreRight() {
        QFETCH(Fill, fill);
        QFETCH(double, bound);
        QFETCH(double, share);
        const double measured = shareUpTo(draw(fill, 11, 0, 0, 0, 1'000'000), bound);
        QVERIFY2(std::abs(measured - share) < 0.002, qPrintable(QString::number(measured)));
    }

    /// Neighbours, partners of a Box–Muller pair among them, are uncorrelated: the product of two independent standard
    /// normal values has variance 1, its mean over 10⁶ pairs standard deviation 0.001; 4 of these.
    void neighboursAreUncorrelated() {
        const auto z = draw(normalValues, 12, 0, 0, 0, 1'000'002);
        for (const std::size_t lag : {1u, 2u}) {
            double sum = 0;
            for (std::size_t i = 0; i < 1'000'000; ++i)
                sum += z[i] * z[i + lag];
            QVERIFY(std::abs(sum / 1e6) < 0.004);
        }
    }

    /// With ever more degrees of freedom Student's t becomes the normal distribution made of the same numbers; the
    /// difference is of the order z³/(4·df), under 1e-11 here. Subtracting 1 from e^(small) would lose it all.
    void studentTendsToNormal() {
        std::vector<double> t(2000);
        studentValues(1, 0, 0, 1e14, 0, t);
        const auto z = draw(normalValues, 1, 0, 0, 0, 4000);
        for (std::size_t i = 0; i < t.size(); ++i)
            QVERIFY(std::abs(t[i] - z[2 * i]) < 1e-11);
    }

    void orderIsAPermutation_data() {
        QTest::addColumn<int>("count");
        for (const int count : {0, 1, 2, 3, 10, 1000, 65537})
            QTest::addRow("%d", count) << count;
    }
    void orderIsAPermutation() {
        QFETCH(int, count);
        std::vector<std::int64_t> order(static_cast<std::size_t>(count), -1), expected(order.size());
        std::iota(expected.begin(), expected.end(), std::int64_t{0});
        shuffledOrder(3, 1, order);
        if (count >= 10)
            QVERIFY(order != expected);
        std::sort(order.begin(), order.end());
        QVERIFY(order == expected);
    }

    void ordersDifferAndRepeat() {
        std::vector<std::int64_t> a(100), b(100);
        shuffledOrder(3, 0, a);
        shuffledOrder(3, 0, b);
        QVERIFY(a == b);
        shuffledOrder(3, 1, b);
        QVERIFY(a != b);
        shuffledOrder(4, 0, b);
        QVERIFY(a != b);
        std::vector<std::int64_t> first(10);
        shuffledOrder(42, 0, first);
        QCOMPARE(QList<qint64>(first.begin(), first.end()), (QList<qint64>{1, 5, 9, 3, 8, 4, 7, 0, 6, 2}));
    }

    /// All 24 orders of 4 are equally likely: a count of 24000 draws has mean 1000 and standard deviation under 31.
    void ordersAreEquallyLikely() {
        std::map<std::vector<std::int64_t>, int> counts;
        std::vector<std::int64_t> order(4);
        for (std::uint64_t epoch = 0; epoch < 24000; ++epoch) {
            shuffledOrder(1, epoch, order);
            ++counts[order];
        }
        QCOMPARE(counts.size(), std::size_t{24});
        for (const auto& [permutation, count] : counts)
            QVERIFY2(std::abs(count - 1000) < 4 * 31, qPrintable(QString::number(count)));
    }
};

QTEST_GUILESS_MAIN(RandomTest)
#include "random_test.moc"
