// SPDX-License-Identifier: GPL-3.0-or-later
// What lies behind a tab or below the edge of a panel.
#include "ui/plots/loss_view.h"
#include "window_driver.h"

#include <QComboBox>
#include <QScrollArea>
#include <QScrollBar>
#include <QStyle>
#include <QStyleOptionComboBox>
#include <QTabBar>

using namespace bnstudio;

class OutOfSightTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void plotsBehindTabsWaitUntilTheyAreSeen();
    void cutRowsFade();
    void tabsHaveRoomForTheirNames();
    void choicesOfTheHeatMapAreReadable_data();
    void choicesOfTheHeatMapAreReadable();
};

void OutOfSightTest::plotsBehindTabsWaitUntilTheyAreSeen() {
    WindowDriver f(6);
    QVERIFY(f.ok);
    auto& loss = f.panel<LossView>();
    QVERIFY(loss.visibleRegion().isEmpty());
    f.dock("loss").raise();
    QVERIFY(f.await([&] { return loss.plottedLine(PlotRole::Loss, 0).size() == 6; }));
    f.dock("distributions").raise();
    QVERIFY(f.await([&] { return loss.visibleRegion().isEmpty(); }));
    int refreshed = 0;
    QObject::connect(&loss, &PlotView::refreshed, &f.window, [&refreshed] { ++refreshed; });
    f.session.goTo(40);
    QVERIFY(f.awaitStep(40));
    f.session.goTo(20);
    QVERIFY(f.awaitStep(20));
    QCOMPARE(refreshed, 0);
    QCOMPARE(loss.plottedLine(PlotRole::Loss, 0).size(), 6U);
    f.dock("loss").raise();
    QVERIFY(f.await([&] { return loss.plottedLine(PlotRole::Loss, 0).size() == 41; }));
    QVERIFY(refreshed > 0);
}

void OutOfSightTest::cutRowsFade() {
    WindowDriver f(6);
    QVERIFY(f.ok);
    auto* area = f.dock("data").findChild<QScrollArea*>();
    QScrollBar* bar = area->verticalScrollBar();
    QVERIFY(bar->maximum() > 0);
    const auto isFaded = [area](bool isLower) {
        for (const QWidget* child : area->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly))
            if (child->testAttribute(Qt::WA_TransparentForMouseEvents) && child->isVisible()
                && (child->y() > area->height() / 2) == isLower)
                return true;
        return false;
    };
    QVERIFY(isFaded(true) && !isFaded(false));
    bar->setValue(bar->maximum());
    QVERIFY(!isFaded(true) && isFaded(false));
    bar->setValue(bar->maximum() / 2);
    QVERIFY(isFaded(true) && isFaded(false));
}

void OutOfSightTest::tabsHaveRoomForTheirNames() {
    WindowDriver f(6);
    QVERIFY(f.ok);
    f.window.resize(1280, 720);
    f.window.docks().arrange();
    f.window.docks().resizeToWindow();
    QTest::qWait(0);
    int bars = 0;
    for (const auto* bar : f.window.findChildren<QTabBar*>()) {
        if (!bar->isVisible())
            continue;
        ++bars;
        QVERIFY(!bar->drawBase());
        for (int i = 0; i < bar->count(); ++i) {
            const int wanted = bar->fontMetrics().horizontalAdvance(bar->tabText(i));
            QVERIFY2(bar->tabRect(i).width() >= wanted, qPrintable(bar->tabText(i)));
        }
        QVERIFY(bar->tabRect(bar->count() - 1).right() <= bar->width());
    }
    QVERIFY(bars > 2);
}

void OutOfSightTest::choicesOfTheHeatMapAreReadable_data() {
    QTest::addColumn<QSize>("size");
    QTest::addColumn<QString>("quantity");
    for (const QSize size : {QSize(1600, 1000), QSize(1400, 900), QSize(1280, 720)})
        for (const char* quantity : {"surprise", "gradWeight"})
            QTest::addRow("%d x %d, %s", size.width(), size.height(), quantity) << size << quantity;
}

void OutOfSightTest::choicesOfTheHeatMapAreReadable() {
    QFETCH(QSize, size);
    QFETCH(QString, quantity);
    WindowDriver f(6);
    QVERIFY(f.ok);
    f.window.resize(size);
    f.window.docks().arrange();
    f.window.docks().resizeToWindow();
    f.dock("heat").raise();
    auto* chosen = f.find<QComboBox>("heatQuantity");
    chosen->setCurrentIndex(chosen->findData(quantity));
    QVERIFY(chosen->currentIndex() >= 0);
    QTest::qWait(0);
    for (auto* combo : {chosen, f.find<QComboBox>("heatOrder")}) {
        QStyleOptionComboBox option;
        option.initFrom(combo);
        const int room =
            combo->style()->subControlRect(QStyle::CC_ComboBox, &option, QStyle::SC_ComboBoxEditField, combo).width();
        const int wanted = combo->fontMetrics().horizontalAdvance(combo->currentText());
        QVERIFY2(room >= wanted,
                 qPrintable(QStringLiteral("%1: %2 of %3").arg(combo->currentText()).arg(room).arg(wanted)));
    }
}

int main(int argc, char** argv) {
    return runWindowTest<OutOfSightTest>(argc, argv);
}

#include "out_of_sight_test.moc"
