// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include "ui/card_dock.h"
#include "ui/dialogs.h"
#include "ui/export/exports.h"
#include "ui/export/table_windows.h"
#include "ui/files.h"
#include "ui/format.h"
#include "ui/panel_round.h"
#include "ui/panel_texts.h"
#include "ui/panels/batch_menu.h"
#include "ui/panels/calculation_panel.h"
#include "ui/panels/channel_panel.h"
#include "ui/panels/command_palette.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/event_dialog.h"
#include "ui/panels/findings_badge.h"
#include "ui/panels/findings_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/timeline.h"
#include "ui/panels/training_panel.h"
#include "ui/panels/transport_bar.h"
#include "ui/presentation.h"
#include "ui/recorder_script.h"
#include "ui/session/command_line_text.h"
#include "ui/session/recorded_training.h"
#include "ui/session/trace_export.h"
#include "ui/typed_commands.h"
#include "ui/what_is_this.h"
#include "ui/widgets/mnemonics.h"
#include "ui/widgets/spoken.h"
#include "ui/widgets/standard_buttons.h"
#include "ui/window_commands.h"
#include "ui/window_looks.h"

#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QFileInfo>
#include <QLabel>
#include <QLayout>
#include <QMenuBar>
#include <QSettings>
#include <QStatusBar>
#include <QToolBar>
#include <QWhatsThis>

#include <algorithm>

namespace bnstudio {

namespace {

/// Notes name files by their whole paths, beside which nothing else would find room.
QString withFileNames(QString notes, const Recipe& recipe) {
    const auto shorten = [&notes](const SourceSpec& source) {
        const auto* file = std::get_if<FileSpec>(&source);
        if (!file || file->path.empty())
            return;
        const QString path = QString::fromStdString(file->path);
        notes.replace(path, QFileInfo(path).fileName());
    };
    std::for_each(recipe.data.sources.begin(), recipe.data.sources.end(), shorten);
    std::for_each(recipe.data.gradients.begin(), recipe.data.gradients.end(), shorten);
    return notes;
}

}  // namespace

MainWindow::MainWindow(Session& session, QWidget* parent)
    : QMainWindow(parent), m_session(session), m_document(session), m_actions(this), m_docks(*this, session) {
    installSpoken();
    explainStandardButtons();
    installMnemonics();
    setObjectName(QStringLiteral("mainWindow"));
    setDockNestingEnabled(true);
    setDockOptions(AllowNestedDocks | AllowTabbedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    makeBars();
    m_files = new Files(*this, m_session, m_document, *m_messages);
    m_exports = new Exports(*this, m_session);
    new TableWindows(*this, m_session);
    connect(m_exports, &Exports::saved, this, [this](const QString& text) { statusBar()->showMessage(text, 4000); });
    makeMenus();
    explainPanels(*this);
    connectPanels();
    connectActions();
    m_looks = new WindowLooks(*this, m_session, m_docks, *m_transport, m_actions);
    resize(1600, 1000);
    m_docks.arrange();
    connect(&m_document, &Document::changed, this, &MainWindow::refreshTitle);
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Shown | Change::Data | Change::Recipe))
            refreshStatus();
    });
    refreshTitle();
    refreshStatus();
}

MainWindow::~MainWindow() {
    m_session.disconnect(this);
    m_document.disconnect(this);
    hide();  // actions and docks that are told of it are still there
}

// --- building ------------------------------------------------------------------------------------------------------

void MainWindow::makeBars() {
    const auto addBar = [this](const QString& name, QWidget* content) {
        auto* bar = new QToolBar;
        bar->setObjectName(name);
        bar->setMovable(false);
        bar->setContextMenuPolicy(Qt::PreventContextMenu);
        content->setSizePolicy(QSizePolicy::Expanding, content->sizePolicy().verticalPolicy());
        bar->addWidget(content);
        bar->layout()->setContentsMargins(10, 2, 10, 2);
        addToolBar(Qt::TopToolBarArea, bar);
        addToolBarBreak(Qt::TopToolBarArea);
        return bar;
    };
    m_transport = new TransportBar(m_session, m_actions);
    addBar(QStringLiteral("transportBar"), m_transport);
    addBar(QStringLiteral("timelineBar"), new Timeline(m_session));
    m_messages = new MessageBar(m_session);
    QToolBar* messages = addBar(QStringLiteral("messagesBar"), m_messages);
    messages->setContentsMargins(0, 0, 0, 0);
    messages->hide();
    connect(m_messages, &MessageBar::visibilityWanted, messages, &QWidget::setVisible);
    m_sentence = new QLabel;
    m_status = new QLabel;
    m_status->setObjectName(QStringLiteral("statusNotes"));
    statusBar()->addWidget(m_sentence, 1);
    statusBar()->addPermanentWidget(m_status);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->setContentsMargins(12, 0, 12, 0);
}

void MainWindow::makeMenus() {
    const auto addMenu = [this](const QString& title, const char* key) {
        QMenu* menu = menuBar()->addMenu(title);
        menu->setToolTipsVisible(true);
        m_actions.fill(menu, key);
        return menu;
    };
    QMenu* file = addMenu(tr("&File"), "File");
    file->insertMenu(m_actions[ActionId::SaveRecipe], m_files->makeRecentMenu(file));
    if (QMenu* samples = m_files->makeSampleMenu(file))
        file->insertMenu(m_actions[ActionId::SaveRecipe], samples);
    addMenu(tr("&Edit"), "Edit");
    QMenu* dataMenu = addMenu(tr("&Data"), "Data");
    dataMenu->addMenu(panel<DataPanel>()->batchMenu());
    addMenu(tr("&Layer"), "Layer");
    addMenu(tr("&Run"), "Run");
    QMenu* view = addMenu(tr("&View"), "View");
    m_docks.fillMenu(view->addMenu(tr("&Panels")));
    addMenu(tr("&Help"), "Help");
}

void MainWindow::connectPanels() {
    connect(panel<DataPanel>(), &DataPanel::openFileRequested, m_files, &Files::chooseAndOpen);
    connect(panel<TrainingPanel>(), &TrainingPanel::openGradientFileRequested, m_files, &Files::chooseGradients);
    connect(panel<CalculationPanel>(), &CalculationPanel::reported, this,
            [this](const QString& sentence) { statusBar()->showMessage(sentence, 4000); });
    connect(panel<FindingsBadge>(), &FindingsBadge::clicked, m_actions[ActionId::ShowFindings], &QAction::trigger);
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        const RecordedTraining& recorded = m_session.recorded();
        if (changes.testFlag(Change::Recording) && recorded.isBusy() && recorded.progress() == 0) {
            m_docks["recording"]->show();
            m_docks["recording"]->raise();  // a recording was opened: its verdict is what one waits for
        }
    });
}

void MainWindow::connectActions() {
    const auto on = [this](ActionId id, const std::function<void()>& slot) { m_actions.connectTo(id, slot); };
    on(ActionId::NewRecipe, [this] {
        if (m_files->mayDiscard())
            m_document.openDefault();
    });
    on(ActionId::OpenFile, [this] { m_files->chooseAndOpen(); });
    on(ActionId::SaveRecipe, [this] { m_files->save(); });
    on(ActionId::SaveRecipeAs, [this] { m_files->saveAs(); });
    on(ActionId::SaveState, [this] { m_files->chooseAndSaveState(); });
    on(ActionId::ReestimateStats, [this] { m_files->reestimate(); });
    on(ActionId::SaveTrace, [this] { saveTrace(*this, m_session); });
    on(ActionId::SaveRecorderScript, [this] { saveRecorderScript(*this, m_session); });
    on(ActionId::SavePicture, [this] { m_exports->choosePicture(); });
    on(ActionId::SaveTable, [this] { m_exports->chooseTable(); });
    on(ActionId::CopyCommandLine, [this] {
        QApplication::clipboard()->setText(commandLine(m_session, m_document));
        statusBar()->showMessage(tr("The command line is on the clipboard."), 4000);
    });
    on(ActionId::Quit, [this] { close(); });
    on(ActionId::Undo, [this] { m_session.undoStack().undo(); });
    on(ActionId::Redo, [this] { m_session.undoStack().redo(); });
    on(ActionId::CopyTable, [this] { panel<ChannelPanel>()->copyAll(); });
    on(ActionId::CopyAsPyTorch, [this] { panel<CalculationPanel>()->copyAsPyTorch(); });
    on(ActionId::PasteValues, [this] { panel<DataPanel>()->openPasteDialog(); });
    on(ActionId::ResetRunningStats, [this] { m_session.apply(ResetRunningStats{}); });
    on(ActionId::ResetParameters, [this] { m_session.apply(ResetParameters{}); });
    on(ActionId::ToggleMode, [this] { setModeFromHere(m_session, !m_session.settings().trainMode); });
    on(ActionId::PlayPause, [this] { m_session.isPlaying() ? m_session.pause() : m_session.play(); });
    const auto travel = [this, on](ActionId id, auto move) {
        on(id, [this, move] {
            m_session.pause();
            move();
        });
    };
    travel(ActionId::StepForward, [this] { m_session.stepForward(); });
    travel(ActionId::StepBack, [this] { m_session.stepBack(); });
    travel(ActionId::TenForward, [this] { m_session.stepForward(10); });
    travel(ActionId::TenBack, [this] { m_session.stepBack(10); });
    travel(ActionId::PhaseForward, [this] { m_session.stepPhase(1); });
    travel(ActionId::PhaseBack, [this] { m_session.stepPhase(-1); });
    QAction* byPhases = m_actions[ActionId::PlayPhases];
    byPhases->setCheckable(true);
    connect(byPhases, &QAction::toggled, &m_session, &Session::setPlaysPhases);
    travel(ActionId::First, [this] { m_session.goToFirst(); });
    travel(ActionId::Last, [this] { m_session.goToLast(); });
    travel(ActionId::NextEvent, [this] { goToEvent(true); });
    travel(ActionId::PreviousEvent, [this] { goToEvent(false); });
    travel(ActionId::NextMark, [this] { goToMark(nextMark(m_session.recipe(), m_session.playhead())); });
    travel(ActionId::PreviousMark, [this] { goToMark(previousMark(m_session.recipe(), m_session.playhead())); });
    on(ActionId::NameStep, [this] { openNameDialog(m_session, m_session.playhead(), this); });
    on(ActionId::JumpToStep, [this] { m_transport->focusStepField(); });
    on(ActionId::NextDigits, [this] { panel<CalculationPanel>()->nextDigits(); });
    on(ActionId::ShowFindings, [this] {
        m_docks["findings"]->show();
        m_docks["findings"]->raise();
        panel<FindingsPanel>()->focusFirst();
    });
    on(ActionId::FindCommand, [this] {
        const auto typed = [this](const QString& query) { return typedCommands(query, m_session); };
        (new CommandPalette(windowCommands(*this, m_session), typed, *this))->open();
    });
    on(ActionId::NextPanel, [this] { enterNextPanel(*this, true); });
    on(ActionId::PreviousPanel, [this] { enterNextPanel(*this, false); });
    on(ActionId::WhatIsThis, [] { explainFocus(); });
    on(ActionId::WhatsThisMode, [] { QWhatsThis::enterWhatsThisMode(); });
    on(ActionId::Keys, [this] { showKeys(*this); });
    on(ActionId::About, [this] { showAbout(*this); });
    QUndoStack& stack = m_session.undoStack();
    const auto follow = [&](ActionId id, void (QUndoStack::*canChange)(bool)) {
        QAction* action = m_actions[id];
        action->setEnabled(false);
        connect(&stack, canChange, action, &QAction::setEnabled);
    };
    follow(ActionId::Undo, &QUndoStack::canUndoChanged);
    follow(ActionId::Redo, &QUndoStack::canRedoChanged);
}

// --- the window ----------------------------------------------------------------------------------------------------

// Before it is shown the first time a window has all its docks beside each other, and grows where they do not fit. Behind
// tabs they do.
void MainWindow::setVisible(bool visible) {
    const bool isFirst = visible && m_wantsFirstSizes;
    const QSize wanted = size();
    QMainWindow::setVisible(visible);
    if (isFirst && size() != wanted && !isMaximized() && !isFullScreen()) {
        layout()->activate();
        resize(wanted);
        m_docks.resizeToWindow();
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (std::exchange(m_wantsFirstSizes, false))
        m_docks.resizeToWindow();
    if (std::exchange(m_isFirstStart, false))
        m_looks->showFirstPanels();
    if (m_session.recorded().state() != RecordedTraining::State::None)
        m_docks["recording"]->raise();
    if (!focusWidget())
        m_transport->focusPlayButton();
}

void MainWindow::restoreLayout() {
    const QSettings settings;
    if (settings.contains(QStringLiteral("geometry")))
        restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
    m_wantsFirstSizes = !m_docks.restore();
    m_isFirstStart = !settings.contains(QStringLiteral("layoutDocks"));
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_files->mayDiscard())
        return event->ignore();
    m_looks->presentation().leave();
    QSettings().setValue(QStringLiteral("geometry"), saveGeometry());
    m_docks.save();
    m_session.pause();
    event->accept();
}

// --- the run -------------------------------------------------------------------------------------------------------

void MainWindow::goToEvent(bool next) {
    const std::int64_t here = m_session.playhead();
    const auto steps = eventSteps(m_session.recipe());
    if (next) {
        for (const std::int64_t step : steps)
            if (step > here)
                return m_session.goTo(step);
    } else {
        for (auto step = steps.rbegin(); step != steps.rend(); ++step)
            if (*step < here)
                return m_session.goTo(*step);
        m_session.goToFirst();
    }
}

void MainWindow::goToMark(const StepMark* mark) {
    if (mark)
        m_session.goTo(mark->step);
    else
        statusBar()->showMessage(tr("No step in this direction has a name. N names the displayed one."), 4000);
}

void MainWindow::refreshTitle() {
    setWindowTitle(tr("%1[*] — BatchNorm1d Studio").arg(m_document.title()));
    setWindowModified(m_document.isModified());
}

void MainWindow::refreshStatus() {
    const auto& lane = m_session.shown().lane;
    if (!lane)
        m_sentence->setText(tr("start: the state before step 0"));
    else if (lane->refused())
        m_sentence->setText(
            tr("step %1 was refused: %2").arg(m_session.shown().step).arg(QString::fromStdString(lane->error)));
    else
        m_sentence->setText(tr("%1 values per channel").arg(formatCount(lane->batch.valuesPerChannel)));
    const QString notes = withFileNames(m_session.facts().notes.join(QStringLiteral(" · ")), m_session.recipe());
    m_status->setText(notes.isEmpty() ? tr("? all keys") : notes.left(120));
    m_status->setToolTip(m_session.facts().notes.join(u'\n'));
}

}  // namespace bnstudio
