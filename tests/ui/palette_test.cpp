// SPDX-License-Identifier: GPL-3.0-or-later
// Finding commands: the ranking as a function, and the palette in the window.
#include "tests/ui/window_fixture.h"
#include "ui/card_dock.h"
#include "ui/models/command_list.h"
#include "ui/panels/command_palette.h"
#include "ui/plots/plot_table.h"
#include "ui/typed_commands.h"

#include <QAccessible>
#include <QDockWidget>
#include <QLineEdit>
#include <QListView>
#include <QMenuBar>
#include <QTableView>

using namespace bnstudio;

namespace {

Command named(const QString& text, const QString& place = {}, const QString& tip = {}, const QString& keys = {}) {
    Command command;
    command.id = command.text = text;
    command.place = place;
    command.tip = tip;
    command.keys = keys;
    return command;
}

QStringList textsOf(const std::vector<FoundCommand>& found, const std::vector<Command>& commands) {
    QStringList texts;
    for (const FoundCommand& one : found)
        texts << commands[one.index].text;
    return texts;
}

/// The window with the palette open by its key.
struct OpenPalette : WindowFixture {
    OpenPalette() {
        QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
        palette = awaitDialog<CommandPalette>();
        if (palette)
            field = palette->findChild<QLineEdit*>();
    }
    void type(const QString& text) { QTest::keyClicks(field, text); }
    void press(Qt::Key key) { QTest::keyClick(field, key); }
    CommandPalette* palette = nullptr;
    QLineEdit* field = nullptr;
};

}  // namespace

class PaletteTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void fitsBetterTheNearerTheBeginning() {
        const QString text = QStringLiteral("Step forward");
        const auto score = [&](const char* word) { return fuzzyMatch(QLatin1String(word), text)->score; };
        QVERIFY(score("step forward") > score("step"));
        QVERIFY(score("step") > score("forw"));
        QVERIFY(score("forw") > score("ward"));
        QVERIFY(score("ward") > score("sfw"));
        QVERIFY(score("ste") > score("st"));
        QVERIFY(!fuzzyMatch(QStringLiteral("xyz"), text));
        QVERIFY(!fuzzyMatch(QString(), text));
    }

    void marksTheLettersThatFit() {
        QCOMPARE(fuzzyMatch(QStringLiteral("FOR"), QStringLiteral("Step forward"))->marks, (std::vector<int>{5, 6, 7}));
        QCOMPARE(fuzzyMatch(QStringLiteral("sf"), QStringLiteral("Step forward"))->marks, (std::vector<int>{0, 5}));
        // The f of "of" would come first, but a letter that begins a word says more.
        QCOMPARE(fuzzyMatch(QStringLiteral("of"), QStringLiteral("Row of fields, of all"))->marks,
                 (std::vector<int>{4, 5}));
    }

    void lettersFarApartDoNotFit() {
        QVERIFY(!fuzzyMatch(QStringLiteral("sta"), QStringLiteral("Step forward")));
        QVERIFY(!fuzzyMatch(QStringLiteral("ezq"), QStringLiteral("Write the frozen state as the sequel")));
    }

    void ranksTextBeforeMenuBeforeTip() {
        const std::vector<Command> commands{
            named(QStringLiteral("Open"), QStringLiteral("File"), QStringLiteral("Shows a run that was saved.")),
            named(QStringLiteral("Play or pause"), QStringLiteral("Run")), named(QStringLiteral("Runway")),
            named(QStringLiteral("Undo"))};
        QCOMPARE(textsOf(findCommands(QStringLiteral("run"), commands, {}), commands),
                 (QStringList{QStringLiteral("Runway"), QStringLiteral("Play or pause"), QStringLiteral("Open")}));
    }

    void everyWordMustFitSomewhere() {
        const std::vector<Command> commands{named(QStringLiteral("Step back"), QStringLiteral("Run")),
                                            named(QStringLiteral("Step forward"), QStringLiteral("Run")),
                                            named(QStringLiteral("Save"), QStringLiteral("File"))};
        QCOMPARE(textsOf(findCommands(QStringLiteral("run  step"), commands, {}), commands),
                 (QStringList{QStringLiteral("Step back"), QStringLiteral("Step forward")}));
        QCOMPARE(textsOf(findCommands(QStringLiteral("forward run"), commands, {}), commands),
                 QStringList{QStringLiteral("Step forward")});
        QVERIFY(findCommands(QStringLiteral("step elephant"), commands, {}).empty());
    }

    void findsByKeys() {
        const std::vector<Command> commands{named(QStringLiteral("Jump to a step"), {}, {}, QStringLiteral("Ctrl+J")),
                                            named(QStringLiteral("Undo"), {}, {}, QStringLiteral("Ctrl+Z"))};
        QCOMPARE(textsOf(findCommands(QStringLiteral("ctrl+z"), commands, {}), commands),
                 QStringList{QStringLiteral("Undo")});
    }

    void recentOnesComeFirstAmongEqualsOnly() {
        const std::vector<Command> commands{named(QStringLiteral("Step back")), named(QStringLiteral("Step forward")),
                                            named(QStringLiteral("Footsteps"))};
        const QStringList recent{QStringLiteral("Footsteps"), QStringLiteral("Step forward")};
        QCOMPARE(
            textsOf(findCommands({}, commands, recent), commands),
            (QStringList{QStringLiteral("Footsteps"), QStringLiteral("Step forward"), QStringLiteral("Step back")}));
        QCOMPARE(
            textsOf(findCommands(QStringLiteral("step"), commands, recent), commands),
            (QStringList{QStringLiteral("Step forward"), QStringLiteral("Step back"), QStringLiteral("Footsteps")}));
    }

    void keepsTheOrderOfEquals() {
        const std::vector<Command> commands{named(QStringLiteral("Save b")), named(QStringLiteral("Save a"))};
        QCOMPARE(textsOf(findCommands(QStringLiteral("save"), commands, {}), commands),
                 (QStringList{QStringLiteral("Save b"), QStringLiteral("Save a")}));
    }

    // --- typed values ----------------------------------------------------------------------------------------------

    void understandsValues_data() {
        QTest::addColumn<QString>("query");
        QTest::addColumn<QStringList>("texts");
        const QStringList both{QStringLiteral("Go to step 3"), QStringLiteral("Select channel 3")};
        QTest::newRow("number") << "3" << both;
        QTest::newRow("step") << "step 120" << QStringList{"Go to step 120"};
        QTest::newRow("go") << "Go to 7" << QStringList{"Go to step 7"};
        QTest::newRow("channel") << "channel 5" << QStringList{"Select channel 5"};
        QTest::newRow("no such channel") << "channel 50" << QStringList{"Select channel 50"};
        QTest::newRow("beyond the channels") << "50" << QStringList{"Go to step 50"};
        QTest::newRow("momentum") << "momentum 0.3" << QStringList{"Set momentum to 0.3"};
        QTest::newRow("None") << "momentum none" << QStringList{"Set momentum to None"};
        QTest::newRow("eps") << "eps 1e-3" << QStringList{"Set eps to 0.001"};
        QTest::newRow("negative eps") << "eps -1" << QStringList();
        QTest::newRow("no number") << "momentum abc" << QStringList();
        QTest::newRow("negative step") << "-3" << QStringList();
    }
    void understandsValues() {
        QFETCH(QString, query);
        QFETCH(QStringList, texts);
        const WindowFixture f;
        QVERIFY(f.ok);
        QStringList found;
        for (const Command& command : typedCommands(query, const_cast<Session&>(f.session)))
            found << command.text;
        QCOMPARE(found, texts);
    }

    // --- in the window ---------------------------------------------------------------------------------------------

    void offersEveryActionOfTheMenus() {
        OpenPalette p;
        QVERIFY(p.palette);
        const QStringList rows = p.palette->rows();
        for (const QAction* title : p.window.menuBar()->actions())
            for (const QAction* action : title->menu()->actions())
                if (!action->isSeparator() && !action->menu())
                    QVERIFY2(rows.contains(plainText(action->text())), qPrintable(action->text()));
        for (const auto* dock : p.window.findChildren<CardDock*>())
            QVERIFY2(rows.contains(QStringLiteral("Show panel: ") + dock->title()), qPrintable(dock->title()));
    }

    void runsWhatEnterChooses() {
        OpenPalette p;
        QVERIFY(p.palette);
        p.type(QStringLiteral("to the start"));
        p.press(Qt::Key_Return);
        QVERIFY(p.await([&] { return p.session.shown().step == -1; }));
        QVERIFY(p.await([&] { return p.window.findChild<CommandPalette*>() == nullptr; }));
        QCOMPARE(CommandPalette::recentlyUsed().size(), 1);
    }

    void goesToATypedStepAndRemembersIt() {
        OpenPalette p;
        QVERIFY(p.palette);
        p.type(QStringLiteral("7"));
        QCOMPARE(p.palette->rows().front(), QStringLiteral("Go to step 7"));
        p.press(Qt::Key_Return);
        QVERIFY(p.await([&] { return p.session.shown().step == 7; }));
        QCOMPARE(CommandPalette::recentlyUsed(), QStringList{QStringLiteral("step")});
    }

    void walksTheListWithTheArrowKeys() {
        OpenPalette p;
        QVERIFY(p.palette);
        auto* list = p.palette->findChild<QListView*>();
        QCOMPARE(list->currentIndex().row(), 0);
        p.press(Qt::Key_Down);
        QCOMPARE(list->currentIndex().row(), 1);
        p.press(Qt::Key_Up);
        p.press(Qt::Key_Up);
        QCOMPARE(list->currentIndex().row(), list->model()->rowCount() - 1);
        p.press(Qt::Key_PageUp);
        QVERIFY(list->currentIndex().row() < list->model()->rowCount() - 2);
        p.type(QStringLiteral("un"));
        QCOMPARE(list->currentIndex().row(), 0);
    }

    void setsMomentumThroughTheHint() {
        OpenPalette p;
        QVERIFY(p.palette);
        p.type(QStringLiteral("set mom"));
        QCOMPARE(p.palette->rows().front(), QStringLiteral("Set momentum to …"));
        p.press(Qt::Key_Return);
        QVERIFY(p.palette->isVisible());
        QCOMPARE(p.field->text(), QStringLiteral("momentum "));
        p.type(QStringLiteral("0.25"));
        p.press(Qt::Key_Return);
        QCOMPARE(p.session.recipe().lanes.front().layer.momentum, std::optional(0.25));
    }

    void saysWhyACommandIsDisabled() {
        OpenPalette p;
        QVERIFY(p.palette);
        p.type(QStringLiteral("undo"));
        auto* list = p.palette->findChild<QListView*>();
        QVERIFY(list->currentIndex()
                    .data(Qt::AccessibleTextRole)
                    .toString()
                    .contains(QStringLiteral("There is no edit to take back.")));
        p.press(Qt::Key_Return);
        QVERIFY(p.palette->isVisible());
    }

    void givesTheFocusBack() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* field = f.find<QLineEdit>("epsField");
        field->setFocus();
        QTest::keyClick(field, Qt::Key_K, Qt::ControlModifier);
        auto* palette = f.awaitDialog<CommandPalette>();
        QVERIFY(palette);
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Escape);
        QVERIFY(f.await([&] { return QApplication::focusWidget() == field; }));
    }

    void showsAndEntersAPanel() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* dock = f.find<QDockWidget>("events");
        dock->close();
        QTest::keyClick(&f.window, Qt::Key_K, Qt::ControlModifier);
        auto* palette = f.awaitDialog<CommandPalette>();
        QVERIFY(palette);
        auto* field = palette->findChild<QLineEdit*>();
        QTest::keyClicks(field, QStringLiteral("show panel events"));
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(f.await([&] { return dock->isVisible() && dock->isAncestorOf(QApplication::focusWidget()); }));
    }

    void showsTablesAndSorts_data() {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("title");
        QTest::newRow("plot") << QStringLiteral("as table running_mean") << QStringLiteral("Numbers of “running_mean”");
        QTest::newRow("timeline") << QStringLiteral("as table timeline")
                                  << QStringLiteral("Numbers of “Timeline of the run”");
        QTest::newRow("flow") << QStringLiteral("as table flow") << QStringLiteral("Numbers of “The flow”");
        QTest::newRow("findings") << QStringLiteral("as table findings") << QStringLiteral("Numbers of “Findings”");
    }
    void showsTablesAndSorts() {
        QFETCH(QString, typed);
        QFETCH(QString, title);
        WindowFixture f;
        QVERIFY(f.ok);
        const auto run = [&](const QString& words) {
            QTest::keyClick(&f.window, Qt::Key_K, Qt::ControlModifier);
            auto* field = f.awaitDialog<CommandPalette>()->findChild<QLineEdit*>();
            QTest::keyClicks(field, words);
            QTest::keyClick(field, Qt::Key_Return);
        };
        run(QStringLiteral("sort channels running var"));
        QVERIFY(f.find<QTableView>("channelTable")->accessibleDescription().contains(QStringLiteral("running var")));
        QTRY_VERIFY(!f.window.findChild<CommandPalette*>());
        run(typed);
        auto* table = f.awaitDialog<PlotTable>();
        QVERIFY(table);
        QCOMPARE(table->windowTitle(), title);
    }

    void hasTheRolesOfAComboBox() {
        QAccessible::setActive(true);
        OpenPalette p;
        QVERIFY(p.palette);
        QAccessibleInterface* combo = QAccessible::queryAccessibleInterface(p.field->parentWidget());
        QCOMPARE(combo->role(), QAccessible::ComboBox);
        QAccessibleInterface* list = QAccessible::queryAccessibleInterface(p.palette->findChild<QListView*>());
        QCOMPARE(list->role(), QAccessible::List);
        p.type(QStringLiteral("undo"));
        QVERIFY(p.field->accessibleDescription().startsWith(QStringLiteral("Undo")));
    }

    void saysWhenNothingFits() {
        OpenPalette p;
        QVERIFY(p.palette);
        p.type(QStringLiteral("elephant"));
        QVERIFY(p.palette->rows().isEmpty());
        QVERIFY(!p.palette->findChild<QListView*>()->isVisible());
        p.press(Qt::Key_Return);
        QVERIFY(p.palette->isVisible());
    }
};

int main(int argc, char** argv) {
    return runWindowTest<PaletteTest>(argc, argv);
}

#include "palette_test.moc"
