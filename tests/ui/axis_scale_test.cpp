// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/axis_scale.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;

class AxisScaleTest : public QObject {
    Q_OBJECT

private slots:
    void showsTwoTicksAtLeast_data();
    void showsTwoTicksAtLeast();
    void keepsTheStepThatIsAskedForWhereItIsEnough();
    void answersForRangesWithoutSize();
};

void AxisScaleTest::showsTwoTicksAtLeast_data() {
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::newRow("around one number") << -1.4 << -0.6;
    QTest::newRow("between two numbers") << 0.55 << 0.95;
    QTest::newRow("far from zero") << 1000.2 << 1000.9;
    QTest::newRow("from zero") << 0.0 << 0.9;
    QTest::newRow("tiny") << -3.1e-30 << 2.9e-30;
    QTest::newRow("huge") << 1.1e30 << 1.9e30;
}

void AxisScaleTest::showsTwoTicksAtLeast() {
    QFETCH(double, low);
    QFETCH(double, high);
    for (int ticks = 1; ticks <= 8; ++ticks) {
        const double step = niceTickStep(AxisRange{low, high}, ticks);
        int inside = 0;
        for (double k = std::ceil(low / step); k <= std::floor(high / step); ++k)
            ++inside;
        QVERIFY2(inside >= 2, qPrintable(QString::number(ticks)));
        QVERIFY(step <= niceTickStep(high - low, ticks));
    }
}

void AxisScaleTest::keepsTheStepThatIsAskedForWhereItIsEnough() {
    QCOMPARE(niceTickStep(AxisRange{0, 10}, 5), 2.0);
    QCOMPARE(niceTickStep(AxisRange{-1, 1}, 2), 1.0);
}

void AxisScaleTest::answersForRangesWithoutSize() {
    QCOMPARE(niceTickStep(AxisRange{3, 3}, 4), 1.0);
    QCOMPARE(niceTickStep(AxisRange{0, INFINITY}, 4), 1.0);
}

QTEST_GUILESS_MAIN(AxisScaleTest)
#include "axis_scale_test.moc"
