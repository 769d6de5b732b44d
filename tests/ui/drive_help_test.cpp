// SPDX-License-Identifier: GPL-3.0-or-later
// Finding commands and explanations, by keys alone and by the mouse alone.
#include "ui/panels/cheat_sheet.h"
#include "ui/panels/command_palette.h"
#include "ui/what_is_this.h"
#include "window_driver.h"

#include <QLineEdit>
#include <QListView>
#include <QWhatsThis>

#include <cstring>

using namespace bnstudio;

namespace {

struct HelpDriver : WindowDriver {
    using WindowDriver::WindowDriver;
    template <class Dialog>
    Dialog* awaitFront() {
        (void)await([this] {
            const auto* dialog = window.findChild<Dialog*>();
            return dialog && dialog->isVisible() && QGuiApplication::focusWindow() == dialog->windowHandle();
        });
        return window.findChild<Dialog*>();
    }
    /// The bubble of "What is this?".
    static QWidget* bubble() {
        for (QWidget* widget : QApplication::topLevelWidgets())
            if (widget->isVisible() && widget->inherits("QWhatsThat"))
                return widget;
        return nullptr;
    }
};

}  // namespace

class DriveHelpTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void paletteByKeys();
    void paletteByMouse();
    void paletteKnowsValues();
    void cheatSheetByKeys();
    void cheatSheetByMouse();
    void whatIsThisByKeys();
    void whatIsThisByMouse();
    void everyMenuEntrySaysWhatItDoes();
    void everyActionCanBeReachedByKeys();
};

void DriveHelpTest::paletteByKeys() {
    HelpDriver f;
    QVERIFY(f.ok && f.enter("channels"));
    QWidget* before = QApplication::focusWidget();
    f.key(Qt::Key_K, Qt::ControlModifier);
    QVERIFY(f.awaitFront<CommandPalette>());
    f.type(QStringLiteral("dark"));
    f.key(Qt::Key_Return);
    QVERIFY(f.await([] { return Theme::instance().mode() == Theme::Mode::Dark; }));
    QVERIFY(f.front());
    QCOMPARE(QApplication::focusWidget(), before);
    f.key(Qt::Key_K, Qt::ControlModifier);
    QVERIFY(f.awaitFront<CommandPalette>());
    f.type(QStringLiteral("light"));
    f.key(Qt::Key_Escape);
    QVERIFY(f.await([&] { return !f.window.findChild<CommandPalette*>(); }));
    QCOMPARE(Theme::instance().mode(), Theme::Mode::Dark);
    Theme::instance().apply(*qApp, Theme::Mode::Light);
}

void DriveHelpTest::paletteByMouse() {
    HelpDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.chooseInMenu({QStringLiteral("Help"), QStringLiteral("Find a command")}));
    auto* palette = f.awaitFront<CommandPalette>();
    QVERIFY(palette);
    f.type(QStringLiteral("to the start"));
    auto* list = palette->findChild<QListView*>();
    QVERIFY(f.click(*list->viewport(), list->visualRect(list->model()->index(0, 0)).center()));
    QVERIFY(f.awaitStep(-1));
}

void DriveHelpTest::paletteKnowsValues() {
    HelpDriver f;
    QVERIFY(f.ok);
    for (const auto& [typed, isDone] : std::initializer_list<std::pair<QString, std::function<bool()>>>{
             {QStringLiteral("step 5"), [&] { return f.session.playhead() == 5; }},
             {QStringLiteral("channel 6"), [&] { return f.session.currentChannel() == 6; }},
             {QStringLiteral("momentum 0.25"),
              [&] { return f.session.recipe().lanes.front().layer.momentum == 0.25; }}}) {
        f.key(Qt::Key_K, Qt::ControlModifier);
        QVERIFY(f.awaitFront<CommandPalette>());
        f.type(typed);
        f.key(Qt::Key_Return);
        QVERIFY2(f.await(isDone), qPrintable(typed));
        QVERIFY(f.await([&] { return !f.window.findChild<CommandPalette*>(); }));
    }
}

void DriveHelpTest::cheatSheetByKeys() {
    HelpDriver f;
    QVERIFY(f.ok);
    f.key(Qt::Key_Question);
    auto* sheet = f.awaitDialog<QDialog>();
    QVERIFY(sheet);
    QCOMPARE(sheet->objectName(), QStringLiteral("keysDialog"));
    f.key(Qt::Key_Escape);
    QVERIFY(f.await([&] { return !f.window.findChild<QDialog*>(QStringLiteral("keysDialog")); }));
}

void DriveHelpTest::cheatSheetByMouse() {
    HelpDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.chooseInMenu({QStringLiteral("Help"), QStringLiteral("Keys")}));
    auto* sheet = f.awaitDialog<QDialog>();
    QVERIFY(sheet && sheet->objectName() == QStringLiteral("keysDialog"));
    QList<QAbstractButton*> buttons = sheet->findChildren<QAbstractButton*>();
    buttons.removeIf([](const QAbstractButton* button) { return !button->isVisible() || button->text().isEmpty(); });
    QVERIFY(!buttons.isEmpty());
    QVERIFY(f.click(*buttons.last()));
    QVERIFY(f.await([&] { return !f.window.findChild<QDialog*>(QStringLiteral("keysDialog")); }));
}

void DriveHelpTest::whatIsThisByKeys() {
    HelpDriver f;
    QVERIFY(f.ok && f.enter("layer"));
    QVERIFY(f.tabTo(*f.find<QWidget>("epsField")));
    f.key(Qt::Key_F1);
    QVERIFY(f.await([] { return HelpDriver::bubble(); }));
    f.key(Qt::Key_Escape);
    QVERIFY(f.await([] { return !HelpDriver::bubble(); }));
}

void DriveHelpTest::whatIsThisByMouse() {
    HelpDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.chooseInMenu({QStringLiteral("Help"), QStringLiteral("Point at what to explain")}));
    QVERIFY(QWhatsThis::inWhatsThisMode());
    const bool trained = f.session.settings().trainMode;
    QVERIFY(f.clickOn("evalButton"));
    QVERIFY(f.await([] { return HelpDriver::bubble(); }));
    QCOMPARE(f.session.settings().trainMode, trained);  // explained, not pressed
    QWhatsThis::hideText();
    QWhatsThis::leaveWhatsThisMode();
}

void DriveHelpTest::everyMenuEntrySaysWhatItDoes() {
    HelpDriver f;
    QVERIFY(f.ok);
    for (const ActionSpec& spec : actionTable())
        QVERIFY2(*spec.tip, spec.text);
    QStringList silent;
    for (QWidget* control : f.window.findChildren<QWidget*>())
        if (control->isVisible() && (control->focusPolicy() & Qt::TabFocus) && explanationOf(control).isEmpty())
            silent << control->objectName() + u' ' + QString::fromLatin1(control->metaObject()->className());
    QVERIFY2(silent.isEmpty(), qPrintable(silent.join(QStringLiteral(", "))));
}

// What has no key of its own is a row of the palette.
void DriveHelpTest::everyActionCanBeReachedByKeys() {
    HelpDriver f;
    QVERIFY(f.ok);
    f.key(Qt::Key_K, Qt::ControlModifier);
    auto* palette = f.awaitFront<CommandPalette>();
    QVERIFY(palette);
    for (const ActionSpec& spec : actionTable()) {
        if (spec.id == ActionId::FindCommand || !std::strcmp(spec.menu, "Presentation"))
            continue;
        auto* field = palette->findChild<QLineEdit*>();
        const QString text = plainText(QString::fromUtf8(spec.text));
        field->setText(text);
        QVERIFY2(palette->rows().contains(text), qPrintable(text));
    }
    f.key(Qt::Key_Escape);
}

int main(int argc, char** argv) {
    return runWindowTest<DriveHelpTest>(argc, argv);
}

#include "drive_help_test.moc"
