// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/exports.h"

#include "core/error.h"
#include "ui/export/csv_file.h"
#include "ui/plots/plot_view.h"
#include "ui/session/background_task.h"
#include "ui/theme.h"
#include "ui/widgets/introduce.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QInputDialog>
#include <QMainWindow>
#include <QScopeGuard>
#include <QTableView>

#include <algorithm>

namespace bnstudio {

namespace {

std::size_t placeOf(const std::vector<ExportItem>& items, const QWidget* owner) {
    const auto found =
        std::find_if(items.begin(), items.end(), [owner](const ExportItem& item) { return item.owner == owner; });
    return found == items.end() ? 0 : static_cast<std::size_t>(found - items.begin());
}

/// The views paint the theme that was just set once the events on their way are handled.
void settle() {
    constexpr int rounds = 20;
    for (int round = 0; round < rounds; ++round)
        QCoreApplication::processEvents(QEventLoop::ExcludeUserInputEvents);
}

QString withEnding(QString path, const QString& ending) {
    return QFileInfo(path).suffix().isEmpty() ? path + u'.' + ending : path;
}

QString besideAs(const QString& path, const QString& ending) {
    const QFileInfo file(path);
    return file.path() + u'/' + file.completeBaseName() + u'.' + ending;
}

}  // namespace

Exports::Exports(QMainWindow& window, Session& session) : QObject(&window), m_window(window), m_session(session) {
    setObjectName(QStringLiteral("exports"));
    for (PlotView* view : window.findChildren<PlotView*>()) {
        connect(view, &PlotView::exportRequested, this, [this, view] { choosePicture(view); });
        connect(view, &PlotView::tableRequested, this, [this, view] { chooseTable(view); });
    }
    for (QTableView* view : window.findChildren<QTableView*>())
        offerSaving(*view);
    qApp->installEventFilter(this);
}

void Exports::choosePicture(const QWidget* preferred) {
    const std::vector<ExportItem> items = exportItems(m_window, m_session);
    ExportDialog dialog(items, placeOf(items, preferred ? preferred : &m_window), &m_window);
    if (dialog.exec() != QDialog::Accepted)
        return;
    const ExportChoice choice = dialog.choice();
    const ExportItem& item = items[choice.item];
    const QString path =
        QFileDialog::getSaveFileName(&m_window, tr("Save a picture"), item.fileName() + u'.' + choice.ending,
                                     tr("%1 files (*.%2)").arg(choice.ending.toUpper(), choice.ending));
    if (path.isEmpty())
        return;
    try {
        savePicture(item, choice, withEnding(path, choice.ending));
    } catch (const Error& error) {
        m_session.showMessage(QString::fromUtf8(error.what()));
    }
}

void Exports::savePicture(const ExportItem& item, const ExportChoice& choice, const QString& path) {
    Theme& theme = Theme::instance();
    const Theme::Mode before = theme.mode();
    const bool dark = choice.colours == ExportColours::AsShown ? colors().dark : choice.colours == ExportColours::Dark;
    const bool changes = !item.takesColours && dark != colors().dark;
    const auto restore = qScopeGuard([&] {
        if (changes)
            theme.apply(*qApp, before);
    });
    if (changes) {
        theme.apply(*qApp, dark ? Theme::Mode::Dark : Theme::Mode::Light);
        settle();
    }
    PictureFile file = pictureOf(choice);
    file.path = path;
    file.title = item.name;
    file.origin = {m_session.recipe(), m_session.shown().step, m_session.head(), m_session.currentChannel()};
    if (!writePicture(file, item.drawing(Theme::paletteOf(dark))))
        m_session.showMessage(tr("%1 was saved without its recipe, which is longer than 16 MiB.").arg(path));
    if (choice.withTable && item.table)
        saveTable(item.table(), besideAs(path, QStringLiteral("csv")));
    emit saved(tr("%1 is saved.").arg(QFileInfo(path).fileName()));
}

void Exports::chooseTable(const QWidget* preferred) {
    std::vector<ExportItem> items = exportItems(m_window, m_session);
    std::erase_if(items, [](const ExportItem& item) { return !item.table; });
    if (preferred) {
        const ExportItem& item = items[placeOf(items, preferred)];
        return askForTable(item.table(), item.fileName());
    }
    QStringList names;
    for (const ExportItem& item : items)
        names << item.name;
    auto* dialog = new QInputDialog(&m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("tableChoice"));
    dialog->setWindowTitle(tr("Save a table"));
    dialog->setLabelText(tr("Table"));
    dialog->setComboBoxItems(names);
    introduce(dialog->findChild<QComboBox*>(), "tableName", tr("Table"),
              tr("A table of the window, or the numbers behind one of its plots."));
    connect(dialog, &QInputDialog::textValueSelected, this, [this, items, names](const QString& name) {
        const ExportItem& item = items[static_cast<std::size_t>(names.indexOf(name))];
        askForTable(item.table(), item.fileName());
    });
    dialog->open();
}

void Exports::askForTable(const DataTable& table, const QString& name) {
    const QString path = QFileDialog::getSaveFileName(QApplication::activeWindow(), tr("Save a table"),
                                                      name + QStringLiteral(".csv"), tr("CSV files (*.csv)"));
    if (!path.isEmpty())
        saveTable(table, withEnding(path, QStringLiteral("csv")));
}

void Exports::saveTable(const DataTable& table, const QString& path) {
    auto* task = new BackgroundTask(
        [table, path](const BackgroundTask::Report&, const std::stop_token& stop) { saveCsv(table, path, stop); },
        this);
    connect(task, &BackgroundTask::finished, this, [this, path](const QString& error) {
        if (error.isEmpty())
            emit saved(tr("%1 is saved.").arg(QFileInfo(path).fileName()));
        else
            m_session.showMessage(error);
    });
}

// --- tables --------------------------------------------------------------------------------------------------------

/// Dialogs make their tables when they open.
bool Exports::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Polish)
        if (auto* view = qobject_cast<QTableView*>(watched))
            offerSaving(*view);
    return false;
}

void Exports::offerSaving(QTableView& view) {
    const QString id = QStringLiteral("saveTable");
    if (view.findChild<QAction*>(id, Qt::FindDirectChildrenOnly))
        return;
    auto* action = new QAction(tr("Save table…"), &view);
    action->setObjectName(id);
    connect(action, &QAction::triggered, this, [this, &view] {
        const bool namesRows = !view.verticalHeader()->isHidden();
        ExportItem item;
        item.name = view.accessibleName();
        askForTable(tableOf(*view.model(), namesRows), item.fileName());
    });
    view.addAction(action);
    if (view.contextMenuPolicy() == Qt::DefaultContextMenu)
        view.setContextMenuPolicy(Qt::ActionsContextMenu);
}

}  // namespace bnstudio
