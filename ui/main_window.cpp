// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main_window.h"

#include "ui/card_dock.h"
#include "ui/dialogs.h"
#include "ui/format.h"
#include "ui/panels/batch_menu.h"
#include "ui/panels/channel_panel.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/events_panel.h"
#include "ui/panels/layer_panel.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/timeline.h"
#include "ui/panels/training_panel.h"
#include "ui/panels/transport_bar.h"
#include "ui/plots/channels_heat_view.h"
#include "ui/plots/distribution_view.h"
#include "ui/plots/loss_view.h"
#include "ui/plots/parameter_view.h"
#include "ui/plots/profile_view.h"
#include "ui/plots/running_stat_view.h"
#include "ui/session/command_line_text.h"
#include "ui/session/sample_files.h"
#include "ui/session/trace_export.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QLayout>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QStatusBar>
#include <QToolBar>

namespace bnstudio {

namespace {

constexpr int lowWindow = 860;

}  // namespace

MainWindow::MainWindow(Session& session, QWidget* parent)
    : QMainWindow(parent), m_session(session), m_document(session), m_actions(this) {
    setObjectName(QStringLiteral("mainWindow"));
    setAcceptDrops(true);
    setDockNestingEnabled(true);
    setDockOptions(AllowNestedDocks | AllowTabbedDocks);
    setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
    makePanels();
    makeBars();
    makeMenus();
    connectActions();
    resize(1600, 1000);
    arrange();
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
}

// --- building ------------------------------------------------------------------------------------------------------

CardDock* MainWindow::addCard(const QString& title, const QString& name, QWidget* content, bool scrolls) {
    auto* dock = new CardDock(title, name, content, scrolls, this);
    m_docks[name] = dock;
    return dock;
}

CardDock* MainWindow::addPlot(PlotView* view, const QString& name) {
    CardDock* dock = addCard(view->title(), name, view, false);
    dock->takeHeader(view->header());
    connect(view, &PlotView::titleChanged, dock, [dock, view] { dock->setTitle(view->title()); });
    return dock;
}

void MainWindow::makePanels() {
    m_data = new DataPanel(m_session);
    connect(m_data, &DataPanel::openFileRequested, this, &MainWindow::openFile);
    auto* training = new TrainingPanel(m_session);
    connect(training, &TrainingPanel::openGradientFileRequested, this, &MainWindow::openGradients);
    m_channels = new ChannelPanel(m_session);
    auto* layer = new LayerPanel(m_session);
    addCard(tr("Data"), QStringLiteral("data"), m_data, true)->takeHeader(m_data->header());
    addCard(tr("Layer"), QStringLiteral("layer"), layer, true)->takeHeader(layer->header());
    addCard(tr("Training"), QStringLiteral("training"), training, true)->takeHeader(training->header());
    addPlot(new RunningStatView(m_session, Quantity::RunningMean), QStringLiteral("runningMean"));
    addPlot(new RunningStatView(m_session, Quantity::RunningVar), QStringLiteral("runningVar"));
    addPlot(new ProfileView(m_session), QStringLiteral("profile"));
    addPlot(new DistributionView(m_session), QStringLiteral("distributions"));
    addPlot(new ParameterView(m_session), QStringLiteral("parameters"));
    addPlot(new ChannelsHeatView(m_session), QStringLiteral("heat"));
    addPlot(new LossView(m_session), QStringLiteral("loss"));
    addCard(tr("Channels"), QStringLiteral("channels"), m_channels, false)->takeHeader(m_channels->header());
    addCard(tr("Events"), QStringLiteral("events"), new EventsPanel(m_session), false);
}

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
    QMenu* recent = new QMenu(tr("Open &recent"), file);
    connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecentMenu(recent); });
    file->insertMenu(m_actions[ActionId::SaveRecipe], recent);
    if (const QStringList samples = sampleFiles(); !samples.isEmpty()) {
        QMenu* sampleMenu = new QMenu(tr("Open a sa&mple"), file);
        for (const QString& path : samples)
            connect(sampleMenu->addAction(QFileInfo(path).fileName()), &QAction::triggered, this,
                    [this, path] { openPath(path); });
        file->insertMenu(m_actions[ActionId::SaveRecipe], sampleMenu);
    }
    addMenu(tr("&Edit"), "Edit");
    QMenu* dataMenu = addMenu(tr("&Data"), "Data");
    dataMenu->addMenu(m_data->batchMenu());
    addMenu(tr("&Layer"), "Layer");
    addMenu(tr("&Run"), "Run");
    QMenu* view = addMenu(tr("&View"), "View");
    QMenu* panels = view->addMenu(tr("&Panels"));
    for (CardDock* dock : std::as_const(m_docks))
        panels->addAction(dock->toggleViewAction());
    addMenu(tr("&Help"), "Help");
}

void MainWindow::connectActions() {
    const auto on = [this](ActionId id, const std::function<void()>& slot) { m_actions.connectTo(id, slot); };
    on(ActionId::NewRecipe, [this] {
        if (mayDiscard())
            m_document.openDefault();
    });
    on(ActionId::OpenFile, [this] { openFile(); });
    on(ActionId::SaveRecipe, [this] { save(); });
    on(ActionId::SaveRecipeAs, [this] { saveAs(); });
    on(ActionId::SaveTrace, [this] { saveTrace(*this, m_session); });
    on(ActionId::SaveWindowPicture, [this] { saveWindowPicture(*this, m_session); });
    on(ActionId::CopyCommandLine, [this] {
        QApplication::clipboard()->setText(commandLine(m_session, m_document));
        statusBar()->showMessage(tr("The command line is on the clipboard."), 4000);
    });
    on(ActionId::Quit, [this] { close(); });
    on(ActionId::Undo, [this] { m_session.undoStack().undo(); });
    on(ActionId::Redo, [this] { m_session.undoStack().redo(); });
    on(ActionId::CopyTable, [this] { m_channels->copyAll(); });
    on(ActionId::PasteValues, [this] { m_data->openPasteDialog(); });
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
    travel(ActionId::First, [this] { m_session.goToFirst(); });
    travel(ActionId::Last, [this] { m_session.goToLast(); });
    travel(ActionId::NextEvent, [this] { goToEvent(true); });
    travel(ActionId::PreviousEvent, [this] { goToEvent(false); });
    on(ActionId::JumpToStep, [this] { m_transport->focusStepField(); });
    const std::pair<ActionId, Theme::Mode> themes[] = {{ActionId::ThemeLight, Theme::Mode::Light},
                                                       {ActionId::ThemeDark, Theme::Mode::Dark},
                                                       {ActionId::ThemeSystem, Theme::Mode::System}};
    for (const auto& [id, mode] : themes)
        on(id, [mode = mode] {
            Theme::instance().apply(*qApp, mode);
            QSettings().setValue(QStringLiteral("theme"), static_cast<int>(mode));
        });
    on(ActionId::RestoreLayout, [this] { resetLayout(); });
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

// Left what the run is made of, in the middle what it does, right the numbers.
void MainWindow::arrange() {
    const auto dock = [this](const char* name) { return m_docks[QLatin1String(name)]; };
    for (CardDock* each : std::as_const(m_docks)) {
        each->setFloating(false);
        addDockWidget(Qt::LeftDockWidgetArea, each);
    }
    const auto split = [&](const char* from, const char* to, Qt::Orientation way) {
        splitDockWidget(dock(from), dock(to), way);
    };
    split("data", "runningMean", Qt::Horizontal);
    split("runningMean", "channels", Qt::Horizontal);
    split("data", "layer", Qt::Vertical);
    split("runningMean", "profile", Qt::Vertical);
    split("profile", "parameters", Qt::Vertical);
    split("runningMean", "runningVar", Qt::Horizontal);
    split("profile", "distributions", Qt::Horizontal);
    split("parameters", "heat", Qt::Horizontal);
    split("channels", "training", Qt::Vertical);
    split("training", "loss", Qt::Vertical);
    tabifyDockWidget(dock("loss"), dock("events"));
    for (CardDock* each : std::as_const(m_docks))
        each->show();
    dock("loss")->raise();
    if (isVisible())
        sizeDocks();
}

void MainWindow::sizeDocks() {
    const auto dock = [this](const char* name) { return m_docks[QLatin1String(name)]; };
    layout()->activate();
    const int left = 276;
    const int right = std::clamp(width() * 28 / 100, 412, 450);
    const int middle = (width() - left - right) / 2;
    resizeDocks({dock("data"), dock("runningMean"), dock("runningVar"), dock("channels")},
                {left, middle, middle, right}, Qt::Horizontal);
    resizeDocks({dock("profile"), dock("distributions")}, {middle, middle}, Qt::Horizontal);
    resizeDocks({dock("parameters"), dock("heat")}, {middle, middle}, Qt::Horizontal);
    resizeDocks({dock("data"), dock("layer")}, {410, 430}, Qt::Vertical);
    resizeDocks({dock("runningMean"), dock("profile"), dock("parameters")}, {300, 300, 290}, Qt::Vertical);
    if (height() < lowWindow) {  // three cards above each other would show nothing of any
        tabifyDockWidget(dock("training"), dock("loss"));
        tabifyDockWidget(dock("training"), dock("events"));
        dock("loss")->raise();
        resizeDocks({dock("channels"), dock("loss")}, {280, 220}, Qt::Vertical);
    } else {
        resizeDocks({dock("channels"), dock("training"), dock("loss")}, {320, 330, 190}, Qt::Vertical);
    }
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (std::exchange(m_wantsFirstSizes, false))
        sizeDocks();
    if (!focusWidget())
        m_transport->focusPlayButton();
}

void MainWindow::resetLayout() {
    arrange();
}

void MainWindow::restoreLayout() {
    const QSettings settings;
    if (settings.contains(QStringLiteral("geometry")))
        restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
    if (settings.contains(QStringLiteral("layout")))
        m_wantsFirstSizes = !restoreState(settings.value(QStringLiteral("layout")).toByteArray());
}

// --- files ---------------------------------------------------------------------------------------------------------

void MainWindow::openFile() {
    QStringList patterns;
    for (const FormatName& format : knownFormats())
        patterns << QString::fromStdString(format.pattern);
    patterns << QStringLiteral("*.json");
    const QString path = QFileDialog::getOpenFileName(
        this, tr("Open data or a recipe"), {}, tr("Data and recipes (%1);;All files (*)").arg(patterns.join(u' ')));
    if (!path.isEmpty())
        openPath(path);
}

void MainWindow::openPath(const QString& path) {
    if (mayDiscard())
        m_document.open(path);
}

void MainWindow::openGradients() {
    const QString path = QFileDialog::getOpenFileName(this, tr("Open upstream gradients"));
    if (!path.isEmpty())
        useGradients(path);
}

void MainWindow::useGradients(const QString& path) {
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

bool MainWindow::save() {
    return m_document.path().isEmpty() ? saveAs() : m_document.save(m_document.path());
}

bool MainWindow::saveAs() {
    QString path = QFileDialog::getSaveFileName(this, tr("Save recipe"), m_document.path(), tr("Recipes (*.json)"));
    if (path.isEmpty())
        return false;
    if (!path.endsWith(QStringLiteral(".json")))
        path += QStringLiteral(".json");
    return m_document.save(path);
}

bool MainWindow::mayDiscard() {
    if (!m_document.isModified())
        return true;
    const auto answer =
        QMessageBox::question(this, tr("Unsaved changes"), tr("Save the changes to %1?").arg(m_document.title()),
                              QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Save);
    return answer == QMessageBox::Save ? save() : answer == QMessageBox::Discard;
}

void MainWindow::offerRecovery() {
    const QString file = m_document.recoverableFile();
    if (file.isEmpty())
        return;
    m_messages->offer(tr("The program ended unexpectedly; its last recipe was kept."),
                      {{tr("Recover"), [this, file] { m_document.recover(file); }},
                       {tr("Discard"), [this, file] { m_document.discard(file); }}});
}

void MainWindow::fillRecentMenu(QMenu* menu) {
    menu->clear();
    for (const QString& path : m_document.recentFiles())
        connect(menu->addAction(path), &QAction::triggered, this, [this, path] { openPath(path); });
    if (menu->isEmpty())
        menu->addAction(tr("no recent files"))->setEnabled(false);
    else
        connect((menu->addSeparator(), menu->addAction(tr("Forget these"))), &QAction::triggered, &m_document,
                &Document::forgetRecentFiles);
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!mayDiscard())
        return event->ignore();
    QSettings settings;
    settings.setValue(QStringLiteral("geometry"), saveGeometry());
    settings.setValue(QStringLiteral("layout"), saveState());
    m_session.pause();
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty())
        return;
    event->acceptProposedAction();
    if (urls.size() > 1)
        m_session.showMessage(tr("Only the first of %1 files is opened.").arg(urls.size()));
    openPath(urls.front().toLocalFile());
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
    const QString notes = m_session.facts().notes.join(QStringLiteral(" · "));
    m_status->setText(notes.isEmpty() ? tr("? all keys") : notes.left(120));
    m_status->setToolTip(m_session.facts().notes.join(u'\n'));
}

}  // namespace bnstudio
