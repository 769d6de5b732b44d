// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/events_panel.h"

#include "ui/models/events_model.h"
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
      m_go(new QPushButton(tr("Go to"))) {
    introduce(m_table, "eventsTable", tr("Events"),
              tr("What happens between steps, in order; double-click goes there, Delete takes an event out."));
    introduce(m_delete, "deleteEventButton", tr("Delete"), tr("Takes the selected events out of the recipe."));
    introduce(m_go, "goToEventButton", tr("Go to"), tr("Shows the step before which the selected event acts."));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    fitToText(m_table, [this] { m_table->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(24)); });
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setHighlightSections(false);
    auto* deletion = new QAction(tr("Delete"), m_table);
    deletion->setShortcut(QKeySequence::Delete);
    deletion->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(deletion);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_go);
    buttons->addWidget(m_delete);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_table, 1);
    column->addLayout(buttons);
    connect(deletion, &QAction::triggered, this, &EventsPanel::deleteSelected);
    connect(m_delete, &QPushButton::clicked, this, &EventsPanel::deleteSelected);
    connect(m_go, &QPushButton::clicked, this, &EventsPanel::goToSelected);
    connect(m_table, &QTableView::activated, this, &EventsPanel::goToSelected);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &EventsPanel::enableButtons);
    connect(m_model, &QAbstractItemModel::modelReset, this, &EventsPanel::enableButtons);
    enableButtons();
}

void EventsPanel::enableButtons() {
    const bool any = m_table->selectionModel()->hasSelection();
    m_delete->setEnabled(any);
    m_go->setEnabled(any);
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

}  // namespace bnstudio
