// SPDX-License-Identifier: GPL-3.0-or-later
// Panels, looks and the presentation, used by keys alone and by the mouse alone.
#include "ui/blank_screen.h"
#include "ui/preferences.h"
#include "ui/presentation.h"
#include "ui/window_looks.h"
#include "window_driver.h"

#include <QTabBar>

using namespace bnstudio;

namespace {

struct LayoutDriver : WindowDriver {
    explicit LayoutDriver(std::int64_t steps = 12) : WindowDriver(steps) {}
    Presentation& presentation() { return window.looks().presentation(); }
    bool command(const QString& text) {
        key(Qt::Key_K, Qt::ControlModifier);
        (void)await([this] { return front() && front() != window.windowHandle(); });
        type(text);
        key(Qt::Key_Return);
        return await([] { return !QApplication::activeModalWidget(); }) && front();
    }
    /// Clicks the tab behind which a panel stands.
    bool clickTab(const QString& title) {
        for (auto* bar : window.findChildren<QTabBar*>())
            for (int i = 0; bar->isVisible() && i < bar->count(); ++i)
                if (bar->tabText(i) == title)
                    return click(*bar, bar->tabRect(i).center());
        return false;
    }
    bool isInFront(const char* name) { return dock(name).isVisible() && !dock(name).visibleRegion().isEmpty(); }
    int openPanels() {
        int count = 0;
        for (const CardDock* each : window.docks().all())
            count += each->isHidden() ? 0 : 1;
        return count;
    }
};

Recipe withNames() {
    Recipe recipe = defaultRecipe();
    setMark(recipe, 3, "first");
    setMark(recipe, 8, "second");
    return recipe;
}

}  // namespace

class DriveLayoutTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        startWithUsualPreferences();
    }

    void panelsByKeys();
    void panelsByMouse();
    void panelsFloatAndComeBackByMouse();
    void looksByKeys();
    void looksByMouse();
    void preferencesByKeys();
    void layoutIsKept();
    void presentsByKeys();
    void presentsByMouse();
};

void DriveLayoutTest::panelsByKeys() {
    LayoutDriver f;
    QVERIFY(f.ok && f.isInFront("distributions") && !f.isInFront("loss"));
    QVERIFY(f.enter("loss"));
    QVERIFY(f.isInFront("loss"));
    const int all = f.openPanels();
    f.dock("heat").close();
    QCOMPARE(f.openPanels(), all - 1);
    QVERIFY(f.command(QStringLiteral("all panels")));
    QVERIFY(f.await([&] { return f.openPanels() == all; }));
    QVERIFY(f.enter("heat"));
}

void DriveLayoutTest::panelsByMouse() {
    LayoutDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.clickTab(QStringLiteral("Loss")));
    QVERIFY(f.isInFront("loss") && !f.isInFront("distributions"));
    const int all = f.openPanels();
    for (auto* button : f.dock("heat").titleBarWidget()->findChildren<QAbstractButton*>())
        if (button->accessibleName().startsWith(QStringLiteral("Close")))
            QVERIFY(f.click(*button));
    QCOMPARE(f.openPanels(), all - 1);
    QVERIFY(
        f.chooseInMenu({QStringLiteral("View"), QStringLiteral("Panels"), f.dock("heat").toggleViewAction()->text()}));
    QCOMPARE(f.openPanels(), all);
    QVERIFY(f.isInFront("heat"));
    f.dock("data").close();
    f.dock("channels").close();
    QVERIFY(f.chooseInMenu({QStringLiteral("View"), QStringLiteral("Restore layout")}));
    QCOMPARE(f.openPanels(), all);
    QVERIFY(f.isInFront("data") && f.isInFront("channels"));
}

void DriveLayoutTest::panelsFloatAndComeBackByMouse() {
    LayoutDriver f;
    QVERIFY(f.ok);
    CardDock& dock = f.dock("runningVar");
    QWidget& title = *dock.titleBarWidget();
    const QPoint grip(30, title.height() / 2);
    f.doubleClick(title, grip);
    QVERIFY(dock.isFloating());
    QVERIFY(f.await([&] { return dock.isVisible() && dock.windowHandle()->isExposed(); }));
    f.doubleClick(title, grip);
    QVERIFY(!dock.isFloating());
    QVERIFY(f.isInFront("runningVar"));
}

void DriveLayoutTest::looksByKeys() {
    LayoutDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.command(QStringLiteral("dark")));
    QVERIFY(colors().dark);
    QVERIFY(f.command(QStringLiteral("as the system")));
    QCOMPARE(Theme::instance().mode(), Theme::Mode::System);
    QVERIFY(f.command(QStringLiteral("light")));
    QVERIFY(!colors().dark);
    const double before = Theme::instance().textFont(0).pointSizeF() + Theme::instance().textFont(0).pixelSize();
    f.key(Qt::Key_Plus, Qt::ControlModifier);
    const double larger = Theme::instance().textFont(0).pointSizeF() + Theme::instance().textFont(0).pixelSize();
    QVERIFY(larger > before);
    f.key(Qt::Key_0, Qt::ControlModifier);
    QCOMPARE(Theme::instance().textFont(0).pointSizeF() + Theme::instance().textFont(0).pixelSize(), before);
}

void DriveLayoutTest::looksByMouse() {
    LayoutDriver f;
    QVERIFY(f.ok);
    f.session.play();  // at once, in the midst of everything
    QVERIFY(f.chooseInMenu({QStringLiteral("View"), QStringLiteral("Dark")}));
    QVERIFY(colors().dark);
    QVERIFY(f.session.isPlaying());
    QVERIFY(f.chooseInMenu({QStringLiteral("View"), QStringLiteral("Light")}));
    QVERIFY(!colors().dark);
    f.session.pause();
    QVERIFY(f.chooseInMenu({QStringLiteral("View"), QStringLiteral("Larger text")}));
    QCOMPARE(preferences().textPercent, 110);
}

void DriveLayoutTest::preferencesByKeys() {
    LayoutDriver f;
    QVERIFY(f.ok);
    f.key(Qt::Key_Comma, Qt::ControlModifier);
    auto* dialog = f.awaitDialog<QDialog>();
    QVERIFY(dialog && dialog->objectName() == QStringLiteral("preferencesDialog"));
    dialog->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(dialog));
    auto* grouped = dialog->findChild<QAbstractButton*>(QStringLiteral("groupDigits"));
    QVERIFY(grouped && f.tabTo(*grouped));
    f.key(Qt::Key_Space);
    f.key(Qt::Key_Return);
    QVERIFY(f.await([] { return !QApplication::activeModalWidget(); }));
    QVERIFY(numberFormat().grouped);
}

void DriveLayoutTest::layoutIsKept() {
    {
        LayoutDriver f;
        QVERIFY(f.ok);
        f.dock("heat").close();
        QVERIFY(f.clickTab(QStringLiteral("Loss")));
        f.window.close();
    }
    LayoutDriver again;
    again.window.restoreLayout();
    QVERIFY(again.dock("heat").isHidden());
    QVERIFY(again.isInFront("loss"));
}

void DriveLayoutTest::presentsByKeys() {
    LayoutDriver f;
    QVERIFY(f.ok && f.openRun(withNames(), 12));
    f.window.resize(1280, 720);
    f.key(Qt::Key_F5);
    QVERIFY(f.presentation().isActive());
    QVERIFY(f.openPanels() <= 3);
    f.key(Qt::Key_PageUp);
    QVERIFY(f.awaitStep(8));
    f.key(Qt::Key_PageUp);
    QVERIFY(f.awaitStep(3));
    f.key(Qt::Key_PageDown);
    QVERIFY(f.awaitStep(8));
    f.key(Qt::Key_B);
    QVERIFY(f.window.findChild<BlankScreen*>());
    f.key(Qt::Key_B);
    QVERIFY(f.await([&] { return !f.window.findChild<BlankScreen*>(); }));
    f.key(Qt::Key_Escape);
    QVERIFY(!f.presentation().isActive());
    QVERIFY(f.openPanels() > 3);
}

void DriveLayoutTest::presentsByMouse() {
    LayoutDriver f;
    QVERIFY(f.ok && f.openRun(withNames(), 12));
    QVERIFY(f.chooseInMenu({QStringLiteral("View"), QStringLiteral("Presentation")}));
    QVERIFY(f.presentation().isActive());
    QVERIFY(f.clickOn("backButton"));
    QVERIFY(f.awaitStep(10));
}

int main(int argc, char** argv) {
    return runWindowTest<DriveLayoutTest>(argc, argv);
}

#include "drive_layout_test.moc"
