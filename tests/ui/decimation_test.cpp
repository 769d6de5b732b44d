// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/axis_scale.h"
#include "ui/plots/decimation.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace bnstudio;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// "0:1 2:5 gap 4:3", so that whole lines compare in one go.
QString text(const std::vector<QPointF>& points) {
    QStringList words;
    for (const QPointF& point : points)
        words << (std::isnan(point.y()) ? QStringLiteral("gap")
                                        : QStringLiteral("%1:%2").arg(point.x()).arg(point.y()));
    return words.join(u' ');
}

}  // namespace

class DecimationTest : public QObject {
    Q_OBJECT
private slots:
    void lines_data();
    void lines();
    void bucketsArePowersOfTwoThatFit();
    void extremesSurvive();
    void growingKeepsFinishedBuckets();
    void isolated();
    void stepAxisGrowsRarely();
    void axisKeepsWhatFits();
    void logAxis();
};

void DecimationTest::lines_data() {
    QTest::addColumn<QList<double>>("values");
    QTest::addColumn<qint64>("first");
    QTest::addColumn<qint64>("bucket");
    QTest::addColumn<QString>("expected");
    QTest::newRow("nothing") << QList<double>{} << qint64(0) << qint64(1) << "";
    QTest::newRow("as they are") << QList<double>{1, 5, 3} << qint64(7) << qint64(1) << "7:1 8:5 9:3";
    QTest::newRow("gap") << QList<double>{1, missing, 3} << qint64(0) << qint64(1) << "0:1 gap 2:3";
    QTest::newRow("gaps merge") << QList<double>{1, missing, infinity, -infinity, 3} << qint64(0) << qint64(1)
                                << "0:1 gap 4:3";
    QTest::newRow("gaps at the ends vanish") << QList<double>{missing, 1, missing} << qint64(0) << qint64(1) << "1:1";
    QTest::newRow("all gaps") << QList<double>{missing, missing} << qint64(0) << qint64(1) << "";
    QTest::newRow("min before max") << QList<double>{2, 1, 4, 3} << qint64(0) << qint64(4) << "1:1 2:4";
    QTest::newRow("max before min") << QList<double>{3, 4, 1, 2} << qint64(0) << qint64(4) << "1:4 2:1";
    QTest::newRow("constant bucket") << QList<double>{2, 2, 2, 2} << qint64(0) << qint64(4) << "0:2";
    QTest::newRow("buckets start at multiples") << QList<double>{9, 1, 2, 3} << qint64(3) << qint64(4) << "3:9 4:1 6:3";
    QTest::newRow("a gap within a bucket") << QList<double>{1, missing, 3, 2} << qint64(0) << qint64(4) << "0:1 2:3";
    QTest::newRow("a bucket of gaps") << QList<double>{1, 2, missing, missing, 3, 4} << qint64(0) << qint64(2)
                                      << "0:1 1:2 gap 4:3 5:4";
}

void DecimationTest::lines() {
    QFETCH(QList<double>, values);
    QFETCH(qint64, first);
    QFETCH(qint64, bucket);
    const std::vector<double> input(values.begin(), values.end());
    QTEST(text(decimate(input, first, bucket)), "expected");
}

void DecimationTest::bucketsArePowersOfTwoThatFit() {
    QCOMPARE(bucketSize(0, 100), 1);
    QCOMPARE(bucketSize(200, 100), 1);
    QCOMPARE(bucketSize(201, 100), 4);
    QCOMPARE(bucketSize(10'000, 500), 32);
    QCOMPARE(bucketSize(5, 0), 8);
    for (std::int64_t count = 1; count < 5000; count += 37)
        QVERIFY(bucketSize(count, 300) == 1 || (count + bucketSize(count, 300) - 1) / bucketSize(count, 300) <= 300);
}

void DecimationTest::extremesSurvive() {
    std::vector<double> values(10'000, 0.5);
    values[4321] = 100;
    values[4322] = -100;
    const auto points = decimate(values, 0, bucketSize(10'000, 400));
    QVERIFY(points.size() <= 800);
    QVERIFY(std::find(points.begin(), points.end(), QPointF(4321, 100)) != points.end());
    QVERIFY(std::find(points.begin(), points.end(), QPointF(4322, -100)) != points.end());
}

void DecimationTest::growingKeepsFinishedBuckets() {
    std::vector<double> values;
    for (int i = 0; i < 64; ++i)
        values.push_back((i * 37) % 64);
    const auto before = decimate(values, 0, 8);
    values.push_back(1000);
    const auto after = decimate(values, 0, 8);
    QVERIFY(after.size() == before.size() + 1);
    QVERIFY(std::equal(before.begin(), before.end(), after.begin()));
}

void DecimationTest::isolated() {
    QCOMPARE(text(isolatedPoints(decimate(std::vector<double>{1, missing, 2, 3, missing, 4}, 0, 1))),
             QStringLiteral("0:1 5:4"));
    QCOMPARE(text(isolatedPoints({{0, 1}})), QStringLiteral("0:1"));
    QVERIFY(isolatedPoints({}).empty());
}

void DecimationTest::stepAxisGrowsRarely() {
    QCOMPARE(stepAxisEnd(0), 10.0);
    QCOMPARE(stepAxisEnd(11), 10.0);
    QCOMPARE(stepAxisEnd(12), 15.0);
    QCOMPARE(stepAxisEnd(201), 200.0);
    QCOMPARE(stepAxisEnd(202), 300.0);
    int changes = 0;
    for (std::int64_t count = 1; count < 10'000; ++count)
        changes += stepAxisEnd(count) != stepAxisEnd(count + 1);
    // Eight ends a decade, three decades.
    QVERIFY(changes <= 24);
}

void DecimationTest::axisKeepsWhatFits() {
    const AxisRange first = followLinear(0, 10, {}, false);
    QVERIFY(first.low <= 0 && first.high >= 10);
    QCOMPARE(followLinear(1, 9, first, true), first);
    QVERIFY(followLinear(0, 20, first, true).high >= 20);
    // Data that fill a hundredth of the axis get one of their own.
    QVERIFY(followLinear(5, 5.1, first, true).size() < 1);
    // Nothing below zero for data that have nothing there.
    QCOMPARE(followLinear(0.01, 1, {}, false).low, 0.0);
    QVERIFY(followLinear(-0.01, 1, {}, false).low < 0);
    const AxisRange constant = followLinear(4, 4, {}, false);
    QVERIFY(constant.low < 4 && constant.high > 4);
    const AxisRange zero = followLinear(0, 0, {}, false);
    QVERIFY(zero.low < 0 && zero.high > 0);
}

void DecimationTest::logAxis() {
    const AxisRange range = followLog(0.3, 30, {}, false);
    QVERIFY(range.low > 0 && range.low <= 0.3 && range.high >= 30);
    QCOMPARE(followLog(0.31, 29, range, true), range);
    const AxisRange single = followLog(4, 4, {}, false);
    QVERIFY(single.low < 4 && single.high > 4);
    // The range of an axis that was linear until now (it may hold negative values) is not kept.
    QVERIFY(followLog(1, 10, {-5, 20}, true).low > 0);
    // A decade below the decade of the value; 1e-9 for the rounding of pow.
    QVERIFY(std::abs(logFloorBelow(0.25) - 0.01) < 1e-9);
    QVERIFY(std::abs(logFloorBelow(1) - 0.1) < 1e-9);
}

QTEST_GUILESS_MAIN(DecimationTest)
#include "decimation_test.moc"
