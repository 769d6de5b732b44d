// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/file_opening.h"

#include "core/run/trace_recipe.h"
#include "ui/export/figure_file.h"
#include "ui/panels/import_report_dialog.h"
#include "ui/panels/layer_audit_dialog.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/tensor_browser.h"
#include "ui/session/document.h"
#include "ui/session/recorded_training.h"
#include "ui/session/session.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace bnstudio {

namespace {

/// Archives and checkpoints can hold several tensors. Everything else is one tensor, a recipe or a mistake, about which
/// the session says more when it opens it.
bool mayHoldSeveral(const QString& path) {
    if (!QFileInfo(path).isFile())
        return false;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray start = file.read(9);
    const bool isZip = start.startsWith("PK");
    const bool isPickle = start.startsWith('\x80');
    const bool isSafetensors = start.size() == 9 && start[8] == '{' && !start.startsWith('{');
    return isZip || isPickle || isSafetensors;
}

}  // namespace

FileOpening::FileOpening(QWidget& window, Session& session, Document& document, MessageBar& messages,
                         std::function<bool()> mayDiscard, QObject* parent)
    : QObject(parent),
      m_window(window),
      m_session(session),
      m_document(document),
      m_messages(messages),
      m_mayDiscard(std::move(mayDiscard)),
      m_task(messages) {
    connect(&m_session, &Session::recipeRefused, this, [this] {
        m_report.reset();
        m_showView = nullptr;
    });
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (!changes.testFlag(Change::Data) || m_session.isOpening())
            return;
        if (m_report)
            offerReport();
        if (const auto show = std::exchange(m_showView, nullptr))
            show();
    });
}

void FileOpening::open(const QString& path) {
    m_task.cancel();
    m_session.cancelOpening();
    m_showView = nullptr;
    if (isPicture(path))
        return openFigure(path);
    if (!mayHoldSeveral(path))
        return openDirectly(path);
    auto contents = std::make_shared<FileContents>();
    const std::string file = QFileInfo(path).absoluteFilePath().toStdString();
    m_task.start(
        tr("Reading %1…").arg(QFileInfo(path).fileName()),
        [file, contents](const BackgroundTask::Report& report, const std::stop_token& stop) {
            *contents = contentsOf(openTensorFile(file, report, stop));
        },
        [this, contents] { show(contents); }, [this](const QString& error) { refuse(error); });
}

void FileOpening::openDirectly(const QString& path) {
    if (m_mayDiscard())
        m_document.open(path);
}

/// The run that a figure came from, at its step.
void FileOpening::openFigure(const QString& path) {
    auto figure = std::make_shared<FigureRecipe>();
    const QString file = QFileInfo(path).absoluteFilePath();
    m_task.start(
        tr("Reading the recipe in %1…").arg(QFileInfo(path).fileName()),
        [file, figure](const BackgroundTask::Report&, const std::stop_token& stop) {
            *figure = readFigure(file, stop);
        },
        [this, file, figure] {
            if (!m_mayDiscard())
                return;
            m_session.clearMessage();
            m_showView = [this, step = figure->step, channel = figure->channel] {
                m_session.goTo(step);
                if (channel < m_session.channels())
                    m_session.selectChannel(channel);
            };
            m_session.open(std::move(figure->recipe), figure->steps, file);
        },
        [this](const QString& error) { refuse(error); });
}

void FileOpening::show(const Contents& contents) {
    m_session.clearMessage();
    if (holdsRecording(contents->file))
        replay(contents);
    else if (contents->isSingleTensor())
        openDirectly(QString::fromStdString(contents->file.path.string()));
    else if (contents->isStateDict())
        audit(contents);
    else
        browse(contents);
}

void FileOpening::browse(const Contents& contents) {
    auto* browser = new TensorBrowser(contents, m_session.channels(), &m_window);
    connect(browser, &TensorBrowser::chosen, this, [this, contents](const FileUse& choice) { use(choice, contents); });
    connect(browser, &TensorBrowser::auditRequested, this, [this, contents] { audit(contents); });
    browser->open();
}

void FileOpening::audit(const Contents& contents) {
    auto layers = std::make_shared<std::vector<LayerAudit>>();
    m_task.start(
        tr("Looking at %1 layers…").arg(contents->layers.size()),
        [contents, layers](const BackgroundTask::Report& report, const std::stop_token& stop) {
            *layers = auditLayers(contents->file, report, stop);
        },
        [this, contents, layers] {
            auto* dialog = new LayerAuditDialog(contents, std::move(*layers), m_session.channels(), &m_window);
            connect(dialog, &LayerAuditDialog::chosen, this,
                    [this, contents](const FileUse& choice) { use(choice, contents); });
            connect(dialog, &LayerAuditDialog::browserRequested, this, [this, contents] { browse(contents); });
            dialog->open();
        },
        [this](const QString& error) { refuse(error); });
}

/// Statistics alone cannot be replayed: they are compared beside the present run.
void FileOpening::replay(const Contents& contents) {
    const QString path = QString::fromStdString(contents->file.path.string());
    auto recipe = std::make_shared<TraceRecipe>();
    auto trace = std::make_shared<std::shared_ptr<const Trace>>();
    m_task.start(
        tr("Reading the recording %1…").arg(QFileInfo(path).fileName()),
        [contents, trace, recipe](const BackgroundTask::Report&, const std::stop_token&) {
            *trace = Trace::of(contents->file);
            if ((*trace)->hasBatches())
                *recipe = traceRecipe(**trace);
        },
        [this, path, trace, recipe] {
            if (!(*trace)->hasBatches()) {
                m_session.recorded().checkOnly(path);
                m_document.remember(path);
            } else if (m_mayDiscard()) {
                constexpr std::int64_t mostSteps = 1000;  // of a long training the rest comes when it is asked for
                m_session.open(std::move(recipe->recipe), std::min((*trace)->length(), mostSteps), path);
            }
        },
        [this](const QString& error) { refuse(error); });
}

void FileOpening::use(const FileUse& use, const Contents& contents) {
    if (use.replacesRun() && !m_mayDiscard())
        return;
    const QString path = QString::fromStdString(contents->file.path.string());
    if (!use.layer)
        return useWith(std::nullopt, use, path);
    auto state = std::make_shared<LoadedState>();
    // A run that goes on keeps its settings; a new one takes what the file tells of the layer.
    std::optional<DType> dtype;
    if (!use.replacesRun())
        dtype = m_session.recipe().lanes.front().layer.dtype;
    m_task.start(
        tr("Reading the state of %1…").arg(layerName(*use.layer)),
        [contents, layer = *use.layer, dtype, state](const BackgroundTask::Report&, const std::stop_token&) {
            const StateFile file(contents->file, layer.prefix);
            LayerOptions options = file.layerOptions();
            options.dtype = dtype.value_or(options.dtype);
            *state = file.loadFor(options, false);
        },
        [this, state, use, path, contents] {
            m_statePrefix = modulePrefix(contents->file, use.layer->prefix);
            useWith(*state, use, path);
        },
        [this](const QString& error) { refuse(error); });
}

void FileOpening::useWith(const std::optional<LoadedState>& state, const FileUse& use, const QString& path) {
    Recipe recipe = recipeFor(use, path, state, m_session.recipe(), m_session.channels());
    m_report.reset();
    if (state) {
        m_report = state->report;
        m_reportTitle = tr("%1 of %2").arg(layerName(*use.layer), QFileInfo(path).fileName());
    }
    if (use.replacesRun())
        return m_session.open(std::move(recipe), Document::firstSteps, path);
    m_document.remember(path);
    m_session.openEdited(std::move(recipe), use.layer ? tr("start state from a file") : tr("another source"));
}

void FileOpening::offerReport() {
    const ImportReport report = *std::exchange(m_report, std::nullopt);
    if (report == ImportReport{})
        return;
    m_messages.offer(
        importSentence(m_reportTitle, report),
        {{tr("Details…"),
          [this, report, title = m_reportTitle] { (new ImportReportDialog(title, report, &m_window))->open(); }},
         {tr("OK"), [] {}}});
}

void FileOpening::refuse(const QString& sentence) {
    m_session.showMessage(sentence);
}

}  // namespace bnstudio
