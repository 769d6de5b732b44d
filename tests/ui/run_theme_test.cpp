// SPDX-License-Identifier: GPL-3.0-or-later
// The theme that the command line asks for holds for one run.
#include "ui/panels/preferences_dialog.h"
#include "window_fixture.h"

#include <QDialogButtonBox>
#include <QPushButton>

using namespace bnstudio;

namespace {

/// As after `bnstudio --theme dark` of a user whose saved theme is the light one.
void startDark() {
    Preferences saved;
    saved.theme = Theme::Mode::Light;
    savePreferences(saved);
    Preferences run = savedPreferences();
    run.themeOfRun = Theme::Mode::Dark;
    setPreferences(run);
}

QAction* action(const MainWindow& window, const char* text) {
    for (QAction* each : window.actions())
        if (each->text().remove(u'&') == QString::fromUtf8(text))
            return each;
    qFatal("no action %s", text);
}

}  // namespace

class RunThemeTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QSettings().clear(); }
    void cleanup() { setPreferences(Preferences()); }

    void holdsForThisRun() {
        startDark();
        QVERIFY(colors().dark);
        QVERIFY(savedPreferences().theme == Theme::Mode::Light);
    }

    void isNotSavedWithAnotherPreference() {
        startDark();
        WindowFixture f;
        QVERIFY(f.ok);
        action(f.window, "Larger text")->trigger();
        QCOMPARE(savedPreferences().textPercent, 110);
        QVERIFY(savedPreferences().theme == Theme::Mode::Light);
        QVERIFY(colors().dark);
    }

    void isNotSavedByTheDialog() {
        startDark();
        WindowFixture f;
        QVERIFY(f.ok);
        action(f.window, "Preferences…")->trigger();
        auto* dialog = f.awaitDialog<PreferencesDialog>();
        QVERIFY(dialog);
        QVERIFY(f.find<QAbstractButton>("themeDark")->isChecked());
        f.click("numbersFull");
        QTest::keyClick(dialog, Qt::Key_Return);
        QVERIFY(savedPreferences().numbers.style == NumberStyle::Full);
        QVERIFY(savedPreferences().theme == Theme::Mode::Light);
        QVERIFY(colors().dark);
    }

    void aCancelledDialogBringsItBack() {
        startDark();
        WindowFixture f;
        QVERIFY(f.ok);
        action(f.window, "Preferences…")->trigger();
        auto* dialog = f.awaitDialog<PreferencesDialog>();
        QVERIFY(dialog);
        f.click("themeLight");
        QVERIFY(!colors().dark);
        QTest::keyClick(dialog, Qt::Key_Escape);
        QVERIFY(colors().dark);
        action(f.window, "Larger text")->trigger();
        QVERIFY(savedPreferences().theme == Theme::Mode::Light);
    }

    void theMenusChoiceIsTheUsers() {
        startDark();
        WindowFixture f;
        QVERIFY(f.ok);
        action(f.window, "Dark")->trigger();
        QVERIFY(savedPreferences().theme == Theme::Mode::Dark);
    }

    void defaultsAreNotThoseOfTheRun() {
        startDark();
        WindowFixture f;
        QVERIFY(f.ok);
        action(f.window, "Preferences…")->trigger();
        auto* dialog = f.awaitDialog<PreferencesDialog>();
        QVERIFY(dialog);
        dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::RestoreDefaults)->click();
        QTest::keyClick(dialog, Qt::Key_Return);
        QVERIFY(savedPreferences() == Preferences());
    }
};

int main(int argc, char** argv) {
    return runWindowTest<RunThemeTest>(argc, argv);
}
#include "run_theme_test.moc"
