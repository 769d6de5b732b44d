// SPDX-License-Identifier: GPL-3.0-or-later
// Every dialog without a mouse and without seeing it: names, explanations, tab stops, Esc, Enter and mnemonics.
#include "core/io/npz_writer.h"
#include "tests/ui/control_faults.h"
#include "tests/ui/window_fixture.h"
#include "ui/dialogs.h"
#include "ui/export/exports.h"
#include "ui/panels/batch_menu.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/event_dialog.h"
#include "ui/panels/import_report_dialog.h"
#include "ui/panels/layer_audit_dialog.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/tensor_browser.h"
#include "ui/plots/running_stat_view.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QTimer>

#include <set>

using namespace bnstudio;

namespace {

Tensor counting(Dims shape, double first) {
    Tensor tensor(DType::Float32, std::move(shape));
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        tensor.set(i, first + static_cast<double>(i));
    return tensor;
}

void addLayer(NpzWriter& writer, const std::string& prefix, double variance) {
    writer.add(prefix + "weight", counting({3}, 1));
    writer.add(prefix + "bias", counting({3}, 0));
    writer.add(prefix + "running_mean", counting({3}, 0));
    writer.add(prefix + "running_var", counting({3}, variance));
}

/// Two layers without counters, of which one has a negative variance; and batches where they are asked for.
QString writeFile(const QTemporaryDir& folder, bool withBatches) {
    const QString path = folder.filePath(QStringLiteral("file.npz"));
    NpzWriter writer(path.toStdString());
    if (withBatches)
        writer.add("x", counting({4, 3}, 0));
    addLayer(writer, "good.", 1);
    addLayer(writer, "bad.", -1);
    writer.commit();
    return path;
}

struct Desk : WindowFixture {
    void trigger(const char* text) {
        for (QAction* action : window.findChildren<QAction*>())
            if (action->text() == QString::fromUtf8(text))
                return action->trigger();
        qFatal("no action %s", text);
    }
    void batchAction(const char* id) {
        find<BatchMenu>("batchMenu")->findChild<QAction*>(QLatin1String(id))->trigger();
    }
    void openAudit() {
        open(writeFile(folder, false));
        (void)awaitDialog<LayerAuditDialog>();
    }
    void openReport() {
        openAudit();
        QTest::keyClick(window.findChild<QWidget*>(QStringLiteral("auditTable")), Qt::Key_Return);
        auto* bar = window.findChild<MessageBar*>();
        QPushButton* details = nullptr;
        (void)await([&] {
            for (auto* button : bar->findChildren<QPushButton*>())
                if (button->text() == QStringLiteral("Details…"))
                    details = button;
            return details && session.isCurrent();
        });
        details->click();
    }
    void addEvent() {
        session.setEditScope(Session::EditScope::FromHere);
        session.apply(SetMomentum{0.5});
        (void)await([this] { return session.isCurrent() && isShown(); });
    }
    const QTemporaryDir folder;
};

struct Opening {
    const char* dialog;  ///< its object name
    std::function<void(Desk&)> open;
};

const std::vector<Opening>& openings() {
    static const std::vector<Opening> all{
        {"tensorBrowser", [](Desk& d) { d.open(writeFile(d.folder, true)); }},
        {"layerAudit", [](Desk& d) { d.openAudit(); }},
        {"importReport", [](Desk& d) { d.openReport(); }},
        {"preferencesDialog", [](Desk& d) { d.trigger("Pre&ferences…"); }},
        {"eventDialog",
         [](Desk& d) {
             d.addEvent();
             (new EventDialog(d.session, 0, &d.window))->open();
         }},
        {"nameStepDialog", [](Desk& d) { openNameDialog(d.session, 2, &d.window); }},
        {"exportDialog",
         [](Desk& d) {
             auto* dialog = new ExportDialog(exportItems(d.window, d.session), 0, &d.window);
             dialog->setAttribute(Qt::WA_DeleteOnClose);
             dialog->open();
         }},
        {"tableChoice", [](Desk& d) { d.trigger("Save a ta&ble…"); }},
        {"reestimateDialog", [](Desk& d) { d.window.files().reestimate(); }},
        {"pasteDialog",
         [](Desk& d) {
             d.window.findChild<DataPanel*>()->openPasteDialog();
             d.find<QPlainTextEdit>("pasteEditor")->setPlainText(QStringLiteral("1, 2\n3, 4"));
         }},
        {"scaleDialog", [](Desk& d) { d.batchAction("batchScale"); }},
        {"padDialog", [](Desk& d) { d.batchAction("batchPad"); }},
        {"cellDialog", [](Desk& d) { d.batchAction("batchEditCell"); }},
        {"parametersDialog", [](Desk& d) { d.click("editParameters"); }},
        {"perChannelDialog", [](Desk& d) { d.find<QAbstractButton>("perChannelButton")->click(); }},
        {"lossTableDialog", [](Desk& d) { d.find<QAbstractButton>("targetTableButton")->click(); }},
        {"aboutDialog", [](Desk& d) { d.trigger("&About BatchNorm1d Studio"); }},
        {"keysDialog", [](Desk& d) { d.trigger("&Keys"); }},
        {"commandPalette", [](Desk& d) { d.trigger("&Find a command…"); }},
        {"plotTable", [](Desk& d) { d.window.findChild<RunningStatView*>()->showTable(); }},
    };
    return all;
}

/// A dialog that is open on a window of its own.
struct OpenDialog {
    explicit OpenDialog(const Opening& opening) {
        opening.open(desk);
        (void)desk.await([&] {
            dialog = desk.window.findChild<QDialog*>(QLatin1String(opening.dialog));
            return dialog && dialog->isVisible();
        });
        if (!dialog)
            return;
        dialog->activateWindow();
        ok = QTest::qWaitForWindowActive(dialog)
             && QTest::qWaitFor([this] { return dialog->isAncestorOf(QApplication::focusWidget()); });
    }
    QWidget* focus() const {
        QWidget* widget = QApplication::focusWidget();
        return widget && dialog->isAncestorOf(widget) ? widget : dialog.data();
    }
    Desk desk;
    QPointer<QDialog> dialog;
    bool ok = false;
};

QString mnemonicOf(const QString& text) {
    return QKeySequence::mnemonic(text).toString();
}

/// OK, Cancel and the like have Enter and Esc.
bool hasEnterOrEscape(const QAbstractButton* button) {
    const auto* box = qobject_cast<const QDialogButtonBox*>(button->parentWidget());
    const auto* push = qobject_cast<const QPushButton*>(button);
    return (push && push->isDefault())
           || (box && box->buttonRole(const_cast<QAbstractButton*>(button)) == QDialogButtonBox::RejectRole);
}

/// Greek letters of formulas are on few keyboards.
bool hasTypableLetter(const QString& text) {
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.script() == QChar::Script_Latin; });
}

}  // namespace

class DialogsAccessTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void controlsNameAndExplainThemselves_data() { dialogs(); }
    void controlsNameAndExplainThemselves() {
        QFETCH(int, index);
        OpenDialog open(openings()[static_cast<std::size_t>(index)]);
        QVERIFY(open.ok);
        QVERIFY(!open.dialog->windowTitle().isEmpty());
        QStringList found = faults(open.dialog);
        for (const auto* widget : open.dialog->findChildren<QWidget*>())
            if (isInteractive(widget) && widget->whatsThis().size() < 12)
                found << describeWidget(widget) + QStringLiteral(": no What's This");
        QVERIFY2(found.isEmpty(), qPrintable(u'\n' + found.join(u'\n')));
    }

    void tabReachesEveryControl_data() { dialogs(); }
    void tabReachesEveryControl() {
        QFETCH(int, index);
        OpenDialog open(openings()[static_cast<std::size_t>(index)]);
        QVERIFY(open.ok);
        std::set<const QWidget*> reached;
        while (reached.insert(open.focus()).second)
            QTest::keyClick(open.focus(), Qt::Key_Tab);
        QStringList missed;
        for (const auto* widget : open.dialog->findChildren<QWidget*>())
            if (isInteractive(widget) && widget->isVisible() && widget->isEnabled() && !isPassedOver(widget)
                && !hasAnotherWayByKeys(widget) && !reached.contains(widget))
                missed << describeWidget(widget);
        QVERIFY2(missed.isEmpty(), qPrintable(u'\n' + missed.join(u'\n')));
    }

    void escapeCloses_data() { dialogs(); }
    void escapeCloses() {
        QFETCH(int, index);
        OpenDialog open(openings()[static_cast<std::size_t>(index)]);
        QVERIFY(open.ok);
        const Recipe before = open.desk.session.recipe();
        QTest::keyClick(open.focus(), Qt::Key_Escape);
        QVERIFY(!open.dialog || !open.dialog->isVisible());
        QVERIFY(open.desk.session.recipe() == before);
    }

    void enterPressesTheDefaultButton_data() { dialogs(); }
    void enterPressesTheDefaultButton() {
        QFETCH(int, index);
        OpenDialog open(openings()[static_cast<std::size_t>(index)]);
        QVERIFY(open.ok);
        if (open.dialog->objectName() == QStringLiteral("commandPalette"))
            QSKIP("has no buttons; Enter runs the command, see palette_test");
        QPushButton* button = nullptr;
        for (auto* each : open.dialog->findChildren<QPushButton*>())
            if (each->isDefault()) {
                QVERIFY2(!button, "two default buttons");
                button = each;
            }
        QVERIFY(button);
        QVERIFY(button->isVisible());
        QTRY_VERIFY(button->isEnabled());
        // In a text of several lines Enter begins a line.
        if (qobject_cast<QPlainTextEdit*>(open.focus()))
            QTest::keyClick(open.focus(), Qt::Key_Tab);
        QSignalSpy pressed(button, &QPushButton::pressed), accepted(open.dialog, &QDialog::accepted);
        button->disconnect(SIGNAL(clicked(bool)));  // some would ask for a file now
        QTest::keyClick(open.focus(), Qt::Key_Return);
        QVERIFY(pressed.count() + accepted.count() > 0);
    }

    void mnemonicsLeadToTheFields_data() { dialogs(); }
    void mnemonicsLeadToTheFields() {
        QFETCH(int, index);
        OpenDialog open(openings()[static_cast<std::size_t>(index)]);
        QVERIFY(open.ok);
        QStringList found;
        std::set<QString> seen;
        const auto check = [&](const QWidget* widget, const QString& text) {
            const QString key = mnemonicOf(text);
            if (key.isEmpty())
                found << text + QStringLiteral(": no mnemonic");
            else if (widget->isVisible() && !seen.insert(key).second)
                found << text + QStringLiteral(": its mnemonic is taken");
        };
        std::set<const QWidget*> labelled;
        for (const auto* label : open.dialog->findChildren<QLabel*>())
            if (const QWidget* buddy = label->buddy()) {
                if (buddy->focusPolicy() == Qt::NoFocus)
                    found << label->text() + QStringLiteral(": its field takes no keys");
                labelled.insert(buddy);
                if (hasTypableLetter(label->text()))
                    check(label, label->text());
            }
        for (const auto* button : open.dialog->findChildren<QAbstractButton*>())
            if (isOneOf<QPushButton, QCheckBox>(button) && !hasEnterOrEscape(button) && isInteractive(button))
                check(button, button->text());
        QVERIFY2(found.isEmpty(), qPrintable(u'\n' + found.join(u'\n')));
    }

    void theQuestionAboutUnsavedChanges() {
        WindowFixture f;
        QVERIFY(f.ok);
        f.session.apply(SetMomentum{0.5});
        QStringList found;
        QTimer answering;
        connect(&answering, &QTimer::timeout, this, [&] {
            auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
            if (!box || !box->isActiveWindow())
                return;
            found = faults(box);
            for (const QAbstractButton* button : box->buttons())
                if (button->whatsThis().isEmpty() || mnemonicOf(button->text()).isEmpty())
                    found << button->text();
            QTest::keyClick(box, Qt::Key_Escape);
        });
        answering.start(5);
        QVERIFY(!f.window.close());
        answering.stop();
        QVERIFY2(found.isEmpty(), qPrintable(u'\n' + found.join(u'\n')));
    }

private:
    static void dialogs() {
        QTest::addColumn<int>("index");
        int index = 0;
        for (const Opening& opening : openings())
            QTest::newRow(opening.dialog) << index++;
    }
};

int main(int argc, char** argv) {
    return runWindowTest<DialogsAccessTest>(argc, argv);
}

#include "dialogs_access_test.moc"
