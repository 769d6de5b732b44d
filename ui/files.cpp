// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/files.h"

#include "core/error.h"
#include "core/io/tensor_file.h"
#include "ui/file_opening.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/reestimate_dialog.h"
#include "ui/session/document.h"
#include "ui/session/sample_files.h"
#include "ui/session/session.h"
#include "ui/session/state_saving.h"

#include <QDropEvent>
#include <QFileDialog>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>

namespace bnstudio {

namespace {

QAction* addExplained(QMenu& menu, const QString& text, const QString& sentence) {
    QAction* action = menu.addAction(text);
    action->setToolTip(sentence);
    action->setStatusTip(sentence);
    return action;
}

}  // namespace

Files::Files(QWidget& window, Session& session, Document& document, MessageBar& messages)
    : QObject(&window),
      m_window(window),
      m_session(session),
      m_document(document),
      m_messages(messages),
      m_opening(new FileOpening(
          window, session, document, messages, [this] { return mayDiscard(); }, this)) {
    window.setAcceptDrops(true);
    window.installEventFilter(this);
}

// --- opening -------------------------------------------------------------------------------------------------------

void Files::chooseAndOpen() {
    QStringList patterns;
    for (const FormatName& format : knownFormats())
        patterns << QString::fromStdString(format.pattern);
    patterns << QStringLiteral("*.json *.png *.svg *.pdf");
    const QString path =
        QFileDialog::getOpenFileName(&m_window, tr("Open data or a recipe"), {},
                                     tr("Data and recipes (%1);;All files (*)").arg(patterns.join(u' ')));
    if (!path.isEmpty())
        open(path);
}

void Files::open(const QString& path) {
    m_opening->open(path);
}

bool Files::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &m_window && event->type() == QEvent::DragEnter) {
        auto* enter = static_cast<QDragEnterEvent*>(event);
        if (enter->mimeData()->hasUrls())
            enter->acceptProposedAction();
        return true;
    }
    if (watched == &m_window && event->type() == QEvent::Drop) {
        auto* dropped = static_cast<QDropEvent*>(event);
        if (dropped->mimeData()->hasUrls()) {
            dropped->acceptProposedAction();
            drop(dropped->mimeData()->urls());
        }
        return true;
    }
    return QObject::eventFilter(watched, event);
}

void Files::drop(const QList<QUrl>& urls) {
    if (urls.size() > 1)
        m_session.showMessage(tr("Only the first of %1 files is opened.").arg(urls.size()));
    open(urls.front().toLocalFile());
}

void Files::chooseGradients() {
    const QString path = QFileDialog::getOpenFileName(&m_window, tr("Open upstream gradients"));
    if (!path.isEmpty())
        useGradients(path);
}

void Files::useGradients(const QString& path) {
    Recipe next = m_session.recipe();
    FileSpec file;
    file.path = path.toStdString();
    next.data.gradients = {file};
    for (LaneSpec& lane : next.lanes) {
        lane.training.loss.kind = LossSpec::Kind::None;  // a loss would make gradients of its own
        lane.training.upstream.kind = UpstreamSpec::Kind::Source;
        lane.training.passes.backward = true;
    }
    m_session.openEdited(std::move(next), tr("gradients from a file"));
}

// --- saving --------------------------------------------------------------------------------------------------------

bool Files::save() {
    return m_document.path().isEmpty() ? saveAs() : m_document.save(m_document.path());
}

bool Files::saveAs() {
    QString path =
        QFileDialog::getSaveFileName(&m_window, tr("Save recipe"), m_document.path(), tr("Recipes (*.json)"));
    if (path.isEmpty())
        return false;
    if (!path.endsWith(QStringLiteral(".json")))
        path += QStringLiteral(".json");
    return m_document.save(path);
}

void Files::chooseAndSaveState() {
    const QString path = QFileDialog::getSaveFileName(&m_window, tr("Save the state of the layer"),
                                                      QStringLiteral("bn.safetensors"), stateFileFilter());
    if (!path.isEmpty())
        saveState(path);
}

void Files::saveState(const QString& path) {
    const auto& state = m_session.shown().state;
    if (!state)
        return m_session.showMessage(tr("There is no state to save yet."));
    try {
        saveStateDict(stateDict(state->layer), {}, path);
    } catch (const Error& error) {
        m_session.showMessage(QString::fromUtf8(error.what()));
    }
}

void Files::reestimate() {
    (new ReestimateDialog(m_session, QString::fromStdString(m_opening->statePrefix()), &m_window))->open();
}

bool Files::mayDiscard() {
    if (!m_document.isModified())
        return true;
    const auto answer =
        QMessageBox::question(&m_window, tr("Unsaved changes"), tr("Save the changes to %1?").arg(m_document.title()),
                              QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Save);
    return answer == QMessageBox::Save ? save() : answer == QMessageBox::Discard;
}

void Files::offerRecovery() {
    const QString file = m_document.recoverableFile();
    if (file.isEmpty())
        return;
    m_messages.offer(tr("The program ended unexpectedly; its last recipe was kept."),
                     {{tr("Recover"), [this, file] { m_document.recover(file); }},
                      {tr("Discard"), [this, file] { m_document.discard(file); }}});
}

// --- menus ---------------------------------------------------------------------------------------------------------

QMenu* Files::makeRecentMenu(QWidget* parent) {
    auto* menu = new QMenu(tr("Open &recent"), parent);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillRecentMenu(menu); });
    return menu;
}

void Files::fillRecentMenu(QMenu* menu) {
    menu->clear();
    for (const QString& path : m_document.recentFiles())
        connect(addExplained(*menu, path, tr("Open this file again.")), &QAction::triggered, this,
                [this, path] { open(path); });
    if (menu->isEmpty()) {
        addExplained(*menu, tr("no recent files"), tr("Files that were opened or saved appear here."))
            ->setEnabled(false);
        return;
    }
    menu->addSeparator();
    connect(addExplained(*menu, tr("Forget these"), tr("Empty this list; the files stay.")), &QAction::triggered,
            &m_document, &Document::forgetRecentFiles);
}

QMenu* Files::makeSampleMenu(QWidget* parent) {
    const QStringList samples = sampleFiles();
    if (samples.isEmpty())
        return nullptr;
    auto* menu = new QMenu(tr("Open a sa&mple"), parent);
    for (const QString& path : samples)
        connect(addExplained(*menu, QFileInfo(path).fileName(), tr("Open this sample, which comes with the program.")),
                &QAction::triggered, this, [this, path] { open(path); });
    return menu;
}

}  // namespace bnstudio
