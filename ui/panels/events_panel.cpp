// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/events_panel.h"

#include "ui/models/events_model.h"
#include "ui/panels/apply_setting.h"
#include "ui/panels/event_dialog.h"
#include "ui/theme.h"
#include "ui/widgets/introduce.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

namespace bnstudio {

EventsPanel::EventsPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_model(new EventsModel(session, this)),
      m_table(new QTableView),
      m_delete(new QPushButton(tr("Delete"))),
      m_go(new QPushButton(tr("Go to"))),
      m_edit(new QPushButton(tr("Edit…"))),
      m_earlier(new QPushButton(QStringLiteral("◀"))),
      m_later(new QPushButton(QStringLiteral("▶"))) {
    introduce(
        m_table, "eventsTable", tr("Events"),
        tr("What happens between steps, in order, and the steps that have a name. Enter or a double click edits an "
           "entry, Delete takes it out, Alt+Left and Alt+Right move it by a step."));
    introduce(m_delete, "deleteEventButton", tr("Delete"), tr("Takes the selected entries out of the recipe."));
    introduce(m_go, "goToEventButton", tr("Go to"), tr("Shows the step before which the selected event acts."));
    introduce(m_edit, "editEventButton", tr("Edit"),
              tr("Changes the value or the step of the selected event; later steps are computed again."));
    introduce(m_earlier, "earlierEventButton", tr("One step earlier"), tr("Moves the entry one step back (Alt+Left)."));
    introduce(m_later, "laterEventButton", tr("One step later"), tr("Moves the entry one step on (Alt+Right)."));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    fitToText(m_table, [this] { m_table->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(24)); });
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    addTableAction(tr("Edit…"), {}, [this] { editSelected(); });
    addTableAction(tr("Go to its step"), {}, [this] { goToSelected(); });
    addTableAction(tr("One step earlier"), QKeySequence(Qt::ALT | Qt::Key_Left), [this] { moveSelected(-1); });
    addTableAction(tr("One step later"), QKeySequence(Qt::ALT | Qt::Key_Right), [this] { moveSelected(1); });
    addTableAction(tr("Delete"), QKeySequence::Delete, [this] { deleteSelected(); });
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto* buttons = new QHBoxLayout;
    for (QPushButton* button : {m_edit, m_go, m_earlier, m_later, m_delete})
        buttons->addWidget(button);
    for (QPushButton* button : {m_earlier, m_later})
        fitToText(button, [button] { button->setFixedWidth(Theme::instance().scaled(34)); });
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_table, 1);
    column->addLayout(buttons);
    connect(m_delete, &QPushButton::clicked, this, &EventsPanel::deleteSelected);
    connect(m_go, &QPushButton::clicked, this, &EventsPanel::goToSelected);
    connect(m_edit, &QPushButton::clicked, this, &EventsPanel::editSelected);
    connect(m_earlier, &QPushButton::clicked, this, [this] { moveSelected(-1); });
    connect(m_later, &QPushButton::clicked, this, [this] { moveSelected(1); });
    connect(m_table, &QTableView::activated, this, &EventsPanel::editSelected);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &EventsPanel::enableButtons);
    connect(m_model, &QAbstractItemModel::modelReset, this, &EventsPanel::enableButtons);
    enableButtons();
}

QAction* EventsPanel::addTableAction(const QString& text, const QKeySequence& key, const std::function<void()>& slot) {
    auto* action = new QAction(text, m_table);
    action->setShortcut(key);
    action->setShortcutContext(Qt::WidgetShortcut);
    connect(action, &QAction::triggered, this, [slot] { slot(); });
    m_table->addAction(action);
    return action;
}

void EventsPanel::enableButtons() {
    const bool any = m_table->selectionModel()->hasSelection();
    for (QPushButton* button : {m_delete, m_go, m_edit, m_earlier, m_later})
        button->setEnabled(any);
}

void EventsPanel::deleteSelected() {
    std::vector<int> rows;
    for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
        rows.push_back(index.row());
    m_model->remove(rows);
}

void EventsPanel::goToSelected() {
    const QModelIndex current = m_table->currentIndex();
    if (current.isValid())
        m_session.goTo(m_model->stepAt(current.row()));
}

void EventsPanel::editSelected() {
    const QModelIndex current = m_table->currentIndex();
    if (!current.isValid())
        return;
    const TimelineItem item = m_model->itemAt(current.row());
    if (item.kind == TimelineItem::Kind::Event)
        (new EventDialog(m_session, item.index, window()))->open();
    else
        openNameDialog(m_session, m_model->stepAt(current.row()), window());
}

void EventsPanel::moveSelected(int steps) {
    const QModelIndex current = m_table->currentIndex();
    if (!current.isValid())
        return;
    const int row = current.row();
    const TimelineItem now =
        moveItem(m_session, m_model->itemAt(row), m_model->stepAt(row) + steps, merge::timelineItem);
    // Not selectRow(), which looks at the keys that are held.
    m_table->selectionModel()->setCurrentIndex(m_model->index(m_model->rowOf(now), 0),
                                               QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

}  // namespace bnstudio
