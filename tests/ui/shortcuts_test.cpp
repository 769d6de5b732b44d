// SPDX-License-Identifier: GPL-3.0-or-later
// The table of keys: what it says of the window, of the views that take keys for themselves, and of the menus.
#include "tests/ui/window_fixture.h"
#include "ui/flow/flow_panel.h"
#include "ui/key_table.h"
#include "ui/panels/calculation_view.h"
#include "ui/panels/cheat_sheet.h"
#include "ui/panels/timeline.h"
#include "ui/plots/channels_heat_view.h"
#include "ui/plots/profile_view.h"
#include "ui/plots/running_stat_view.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QScrollBar>
#include <QTextBrowser>

#include <set>

using namespace bnstudio;

namespace {

const QList<KeyPlace> places{KeyPlace::Window, KeyPlace::Plot,     KeyPlace::Profile,     KeyPlace::HeatMap,
                             KeyPlace::Flow,   KeyPlace::Timeline, KeyPlace::Calculation, KeyPlace::Findings,
                             KeyPlace::Table,  KeyPlace::Field,    KeyPlace::Dialog,      KeyPlace::Palette};

/// The view in the window whose keys a place lists; null for places that are no single view.
QWidget* viewOf(KeyPlace place, MainWindow& window) {
    switch (place) {
    case KeyPlace::Plot:
        return window.findChild<RunningStatView*>();
    case KeyPlace::Profile:
        return window.findChild<ProfileView*>();
    case KeyPlace::HeatMap:
        return window.findChild<ChannelsHeatView*>();
    case KeyPlace::Flow:
        return window.findChild<FlowPanel*>();
    case KeyPlace::Timeline:
        return window.findChild<Timeline*>();
    case KeyPlace::Calculation:
        return window.findChild<CalculationView*>();
    case KeyPlace::Table:
        return window.findChild<QWidget*>(QStringLiteral("channelTable"));
    default:
        return nullptr;
    }
}

/// Whether a widget claims a key before the window's shortcuts see it.
bool claims(QWidget& widget, const QKeySequence& key) {
    const QKeyCombination press = key[0];
    QKeyEvent event(QEvent::ShortcutOverride, press.key(), press.keyboardModifiers());
    event.ignore();
    QApplication::sendEvent(&widget, &event);
    return event.isAccepted();
}

/// Whether somebody between a widget and the window does something with a key.
bool takes(QWidget& widget, const QKeySequence& key) {
    const QKeyCombination press = key[0];
    QKeyEvent event(QEvent::KeyPress, press.key(), press.keyboardModifiers());
    QApplication::sendEvent(&widget, &event);
    return event.isAccepted();
}

QString mnemonicOf(const QString& text) {
    const QString key = QKeySequence::mnemonic(text).toString();
    return key.isEmpty() ? QString() : key.right(1);
}

void forEachMenu(QMenu* menu, const std::function<void(QMenu*)>& visit) {
    emit menu->aboutToShow();
    visit(menu);
    for (QAction* action : menu->actions())
        if (action->menu())
            forEachMenu(action->menu(), visit);
}

void forEachMenu(const MainWindow& window, const std::function<void(QMenu*)>& visit) {
    for (QAction* action : window.menuBar()->actions())
        forEachMenu(action->menu(), visit);
}

}  // namespace

class ShortcutsTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void noTwoClashInOnePlace() {
        for (const KeyPlace place : places) {
            std::set<QString> seen;
            for (const QKeySequence& key : keysOf(place)) {
                QCOMPARE(key.count(), 1);  // sequences of several presses would hide others
                QVERIFY2(seen.insert(key.toString()).second, qPrintable(key.toString()));
            }
        }
    }

    void everyPlaceHasKeys() {
        for (const KeyPlace place : places)
            QVERIFY2(!keysOf(place).isEmpty(), qPrintable(QString::number(static_cast<int>(place))));
    }

    void viewsClaimTheWindowsKeysThatTheTableGivesThem_data() {
        QTest::addColumn<KeyPlace>("place");
        for (const KeyPlace place : places)
            QTest::newRow(qPrintable(QString::number(static_cast<int>(place)))) << place;
    }
    void viewsClaimTheWindowsKeysThatTheTableGivesThem() {
        QFETCH(KeyPlace, place);
        WindowFixture f;
        QVERIFY(f.ok);
        QWidget* view = viewOf(place, f.window);
        if (!view)
            QSKIP("not a single view");
        view->setFocus();
        const QList<QKeySequence> own = keysOf(place);
        for (const QKeySequence& key : keysOf(KeyPlace::Window))
            QVERIFY2(claims(*view, key) == own.contains(key), qPrintable(key.toString()));
    }

    void viewsUseTheKeysThatTheTableGivesThem_data() {
        QTest::addColumn<KeyPlace>("place");
        for (const KeyPlace place :
             {KeyPlace::Profile, KeyPlace::HeatMap, KeyPlace::Flow, KeyPlace::Timeline, KeyPlace::Calculation})
            QTest::newRow(qPrintable(QString::number(static_cast<int>(place)))) << place;
    }
    void viewsUseTheKeysThatTheTableGivesThem() {
        QFETCH(KeyPlace, place);
        WindowFixture f;
        QVERIFY(f.ok);
        QWidget* view = viewOf(place, f.window);
        for (const QKeySequence& key : keysOf(place)) {
            if (key == QKeySequence(Qt::Key_Menu) || key == QKeySequence(Qt::SHIFT | Qt::Key_F10))
                continue;  // a menu would wait for an answer; see accessibility_test
            view->setFocus();
            QVERIFY2(takes(*view, key), qPrintable(key.toString()));
        }
    }

    void everyActionOfAMenuExplainsItselfAndHasAKey() {
        WindowFixture f;
        QVERIFY(f.ok);
        std::map<QString, QString> keys;
        forEachMenu(f.window, [&](QMenu* menu) {
            for (const QAction* action : menu->actions()) {
                if (action->isSeparator() || action->menu())
                    continue;
                const QByteArray text = action->text().toUtf8();
                QVERIFY2(!action->toolTip().isEmpty() && action->toolTip() != plainText(action->text()), text);
                QVERIFY2(!action->statusTip().isEmpty(), text);
                for (const QKeySequence& key : action->shortcuts()) {
                    const auto [place, isNew] = keys.emplace(key.toString(), action->text());
                    QVERIFY2(isNew || place->second == action->text(), text);
                }
            }
        });
    }

    void mnemonicsAreThereAndDoNotClash() {
        WindowFixture f;
        QVERIFY(f.ok);
        const auto check = [](const QList<QAction*>& actions, bool required) {
            std::set<QString> seen;
            for (const QAction* action : actions) {
                if (action->isSeparator())
                    continue;
                const QString letter = mnemonicOf(action->text());
                const bool hasKey = !letter.isEmpty() || !action->shortcut().isEmpty();
                QVERIFY2(!required || hasKey, qPrintable(action->text()));
                QVERIFY2(letter.isEmpty() || seen.insert(letter).second, qPrintable(action->text()));
            }
        };
        check(f.window.menuBar()->actions(), true);
        // Menus in menus are lists of files and panels, in which one walks or types the beginning of a name.
        forEachMenu(f.window, [&](QMenu* menu) { check(menu->actions(), menu->parent() == f.window.menuBar()); });
    }

    // --- the cheat sheet -------------------------------------------------------------------------------------------

    void showsEveryKey() {
        WindowFixture f;
        QVERIFY(f.ok);
        QTest::keyClick(&f.window, '?');
        auto* sheet = f.awaitDialog<CheatSheet>();
        QVERIFY(sheet);
        const QString text = sheet->findChild<QTextBrowser*>()->toPlainText();
        for (const KeyGroup& group : allKeys())
            for (const KeyRow& row : group.rows)
                QVERIFY2(text.contains(row.keys) && text.contains(row.text), qPrintable(row.text));
        for (const LocalKey& row : localKeys())
            QVERIFY2(text.contains(QString::fromUtf8(row.text)), row.text);
    }

    void narrowsTheKeysDown() {
        WindowFixture f;
        QVERIFY(f.ok);
        CheatSheet sheet(f.window);
        auto* text = sheet.findChild<QTextBrowser*>();
        QTest::keyClicks(sheet.findChild<QLineEdit*>(), QStringLiteral("ctrl undo"));
        QVERIFY(text->toPlainText().contains(QStringLiteral("Ctrl+Z")));
        QVERIFY(!text->toPlainText().contains(QStringLiteral("Play")));
        QTest::keyClicks(sheet.findChild<QLineEdit*>(), QStringLiteral(" elephant"));
        QCOMPARE(text->toPlainText(), QStringLiteral("No key has these words."));
    }

    void cutsNothingOff_data() {
        QTest::addColumn<QSize>("size");
        QTest::newRow("smallest") << QSize(1280, 720);
        QTest::newRow("usual") << QSize(1600, 1000);
        QTest::newRow("narrow") << QSize(700, 500);
    }
    void cutsNothingOff() {
        QFETCH(QSize, size);
        WindowFixture f;
        QVERIFY(f.ok);
        f.window.resize(size);
        CheatSheet sheet(f.window);
        sheet.show();
        QVERIFY(QTest::qWaitForWindowExposed(&sheet));
        auto* text = sheet.findChild<QTextBrowser*>();
        QCOMPARE(text->horizontalScrollBar()->maximum(), 0);
        QVERIFY(sheet.width() <= f.window.width() && sheet.height() <= f.window.height());
        QVERIFY(text->document()->idealWidth() <= text->viewport()->width());
    }
};

int main(int argc, char** argv) {
    return runWindowTest<ShortcutsTest>(argc, argv);
}

#include "shortcuts_test.moc"
