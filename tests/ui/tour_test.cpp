// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_dock.h"
#include "ui/panels/tour.h"
#include "ui/preferences.h"
#include "ui/presentation.h"
#include "ui/window_looks.h"
#include "window_fixture.h"

#include <QPointer>
#include <QPushButton>
#include <QStatusBar>
#include <QToolButton>

using namespace bnstudio;

namespace {

struct TourFixture : WindowFixture {
    QPointer<Tour> start() {
        window.looks().showTour();
        return window.findChild<Tour*>();
    }
    void key(Qt::Key key) { QTest::keyClick(window.focusWidget(), key); }
    int openPanels() {
        int open = 0;
        for (const CardDock* dock : window.docks().all())
            open += !dock->isHidden();
        return open;
    }
    QRect outline() { return find<QWidget>("tourOutline")->geometry(); }
};

bool isSeen() {
    return QSettings().value(QStringLiteral("tour/seen")).toBool();
}

}  // namespace

class TourTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        QSettings().clear();
        Preferences still;
        still.theme = Theme::Mode::Light;
        still.motion = Motion::Reduced;
        setPreferences(still);
    }

    void windowsHaveAllPanelsAndNoTourByThemselves() {
        TourFixture f;
        QVERIFY(f.ok);
        QCOMPARE(f.openPanels(), f.window.docks().all().size());
        QVERIFY(!f.window.findChild<Tour*>());
    }

    void pointsAtWidgetsOfTheWindow_data() {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("percent");
        for (const int percent : {100, 150})
            for (const QSize size : {QSize(1280, 720), QSize(1600, 1000)})
                QTest::addRow("%d x %d, %d %%", size.width(), size.height(), percent) << size << percent;
    }

    void pointsAtWidgetsOfTheWindow() {
        QFETCH(QSize, size);
        QFETCH(int, percent);
        Preferences wanted = preferences();
        wanted.textPercent = percent;
        setPreferences(wanted);
        TourFixture f;
        QVERIFY(f.ok);
        f.window.resize(size);
        f.window.looks().showFirstPanels();
        QTest::qWait(0);
        const auto tour = f.start();
        QVERIFY(tour);
        int stops = 0;
        while (tour && tour->isVisible()) {
            ++stops;
            QTest::qWait(0);
            QVERIFY(tour->target() && tour->target()->isVisible());
            QVERIFY(f.outline().contains(tour->targetRect()));
            QVERIFY(f.window.rect().contains(tour->geometry()));
            QVERIFY(!tour->geometry().adjusted(8, 8, -8, -8).intersects(tour->targetRect()));
            for (const QPushButton* button : tour->findChildren<QPushButton*>())
                QVERIFY(button->width() >= button->minimumSizeHint().width());
            f.click("tourNext");
        }
        QVERIFY2(stops >= 3 && stops <= 5, qPrintable(QString::number(stops)));
        QVERIFY(isSeen());
    }

    void keysGoThroughIt() {
        TourFixture f;
        QVERIFY(f.ok);
        const auto tour = f.start();
        QCOMPARE(f.window.focusWidget(), f.find<QPushButton>("tourNext"));
        const int first = tour->current();
        f.key(Qt::Key_Space);
        QVERIFY(tour->current() > first);
        QTest::keyClick(f.window.focusWidget(), Qt::Key_Tab, Qt::ShiftModifier);
        QCOMPARE(f.window.focusWidget(), f.find<QPushButton>("tourBack"));
        f.key(Qt::Key_Space);
        QCOMPARE(tour->current(), first);
        f.window.setFocus();  // Esc ends it from anywhere
        QTest::keyClick(&f.window, Qt::Key_Escape);
        QVERIFY(f.await([&] { return tour.isNull(); }));
        QVERIFY(!isSeen());
        QVERIFY(!f.window.findChild<QWidget*>(QStringLiteral("tourOutline")));
    }

    void isOfferedUntilItWasSeen() {
        TourFixture f;
        QVERIFY(f.ok);
        f.window.looks().offerTour();
        QPointer<Tour> tour = f.window.findChild<Tour*>();
        QVERIFY(tour);
        tour->end(false);
        QVERIFY(f.await([&] { return tour.isNull(); }));
        f.window.looks().offerTour();
        tour = f.window.findChild<Tour*>();
        QVERIFY(tour);
        f.click("tourNever");
        QVERIFY(f.await([&] { return tour.isNull(); }));
        QVERIFY(isSeen());
        f.window.looks().offerTour();
        QVERIFY(!f.window.findChild<Tour*>());
        for (QAction* action : f.window.actions())
            if (action->text() == QStringLiteral("&Tour"))
                action->trigger();
        QVERIFY(f.window.findChild<Tour*>());
    }

    void blocksNothing() {
        TourFixture f;
        QVERIFY(f.ok);
        const auto tour = f.start();
        const std::int64_t step = f.session.playhead();
        f.click("backButton");
        QCOMPARE(f.session.playhead(), step - 1);
        QTest::keyClick(&f.window, Qt::Key_Left);
        QCOMPARE(f.session.playhead(), step - 2);
        QVERIFY(!QApplication::activeModalWidget());
        QVERIFY(f.find<QWidget>("tourOutline")->testAttribute(Qt::WA_TransparentForMouseEvents));
        QVERIFY(tour);
        f.window.looks().presentation().enter();
        QVERIFY(f.await([&] { return tour.isNull(); }));
    }

    void followsItsWidgetAndPassesOverClosedOnes() {
        TourFixture f;
        QVERIFY(f.ok);
        f.window.docks()["runningMean"]->close();
        const auto tour = f.start();
        f.window.resize(f.window.width() - 120, f.window.height() - 60);
        QVERIFY(f.await([&] { return f.outline().contains(tour->targetRect()); }));
        for (; tour && tour->isVisible(); f.click("tourNext"))
            QVERIFY(tour->target() != f.window.docks()["runningMean"]);
    }

    void firstStartShowsFewPanelsAndOneClickAll() {
        {
            Session session(defaultRecipe(), 2);
            MainWindow window(session);
            window.restoreLayout();
            window.show();
            QVERIFY(QTest::qWaitForWindowExposed(&window));
            const QStringList few = window.docks().firstNames();
            for (const CardDock* dock : window.docks().all())
                QCOMPARE(dock->isVisible(), few.contains(dock->objectName()));
            QVERIFY(window.findChild<QWidget*>(QStringLiteral("playButton"))->isVisible());
            auto* all = window.findChild<QToolButton*>(QStringLiteral("allPanelsButton"));
            QVERIFY(all->isVisible());
            all->click();
            for (const CardDock* dock : window.docks().all())
                QVERIFY(!dock->isHidden());
            QTRY_VERIFY(!all->isVisible());
            window.docks()["data"]->close();
            window.close();
        }
        Session session(defaultRecipe(), 2);
        MainWindow second(session);
        second.restoreLayout();
        second.show();
        QVERIFY(QTest::qWaitForWindowExposed(&second));
        for (const CardDock* dock : second.docks().all())
            QCOMPARE(dock->isHidden(), dock->objectName() == QStringLiteral("data"));
    }
};

int main(int argc, char** argv) {
    return runWindowTest<TourTest>(argc, argv);
}
#include "tour_test.moc"
