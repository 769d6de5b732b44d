// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/event_dialog.h"

#include "core/error.h"
#include "ui/models/event_text.h"
#include "ui/models/timeline_item.h"
#include "ui/panels/action_fields.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

/// By their words: == would find NaN different from itself.
bool isSameEvent(const Event& a, const Event& b) {
    return a.step == b.step && a.lane == b.lane && describe(a.action) == describe(b.action);
}

}  // namespace

EventDialog::EventDialog(Session& session, std::size_t index, QWidget* parent)
    : QDialog(parent),
      m_session(session),
      m_event(session.recipe().events.at(index)),
      m_index(index),
      m_step(new QLineEdit(QString::number(m_event.step))),
      m_rows(new FormRows),
      m_note(makeNote()),
      m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("eventDialog"));
    setWindowTitle(tr("Event: %1").arg(eventText(session.recipe(), index)));
    m_fields = std::make_unique<ActionFields>(*m_rows, m_event.action, session.channels(), [this] { check(); });
    introduce(m_step, "eventStep", tr("before step"), tr("The event acts before this step: a whole number from 0 on."));
    m_rows->addRow(tr("before step"), m_step);
    if (session.recipe().lanes.size() > 1) {
        m_lane = new QComboBox;
        introduce(m_lane, "eventLane", tr("lane"), tr("The lane that the event acts on."));
        m_lane->addItem(tr("all"));
        for (const LaneSpec& lane : session.recipe().lanes)
            m_lane->addItem(QString::fromStdString(lane.name));
        m_lane->setCurrentIndex(m_event.lane + 1);
        m_rows->addRow(tr("lane"), m_lane);
        connect(m_lane, &QComboBox::currentIndexChanged, this, &EventDialog::check);
    }
    auto* column = new QVBoxLayout(this);
    if (m_fields->isEmpty())
        column->addWidget(makeNote(tr("This event has no value; it can be moved to another step.")));
    column->addWidget(m_rows);
    column->addWidget(m_note);
    column->addWidget(m_buttons);
    setMinimumWidth(340);
    connect(m_step, &QLineEdit::textChanged, this, &EventDialog::check);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &EventDialog::commit);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    if (auto* first = m_rows->findChild<QLineEdit*>()) {
        first->setFocus();
        first->selectAll();
    }
    check();
}

EventDialog::~EventDialog() = default;

Event EventDialog::read() const {
    Event event = m_event;
    bool ok = false;
    event.step = m_step->text().trimmed().toLongLong(&ok);
    if (!ok || event.step < 0)
        throw FieldProblem{m_step->toolTip()};
    if (m_lane)
        event.lane = m_lane->currentIndex() - 1;
    event.action = m_fields->read();
    return event;
}

void EventDialog::check() {
    QString problem;
    try {
        Recipe next = m_session.recipe();
        next.events = {read()};
        validate(next);
    } catch (const FieldProblem& wrong) {
        problem = wrong.sentence;
    } catch (const Error& error) {
        problem = QString::fromUtf8(error.what());
    }
    m_note->setText(problem);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(problem.isEmpty());
}

void EventDialog::commit() {
    const std::vector<Event>& events = m_session.recipe().events;
    // The list may have changed behind the dialog; an event that is gone is not brought back.
    if (m_index < events.size() && isSameEvent(events[m_index], m_event))
        replaceEvent(m_session, m_index, read());
    accept();
}

void openNameDialog(Session& session, std::int64_t step, QWidget* parent) {
    const StepMark* mark = markAt(session.recipe(), step);
    auto* dialog = new QInputDialog(parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(QStringLiteral("nameStepDialog"));
    dialog->setWindowTitle(step < 0 ? EventDialog::tr("Name the start") : EventDialog::tr("Name step %1").arg(step));
    dialog->setLabelText(EventDialog::tr("The name stands on the timeline; without one the step loses its mark."));
    dialog->setTextValue(mark ? QString::fromStdString(mark->name) : QString());
    introduce(dialog->findChild<QLineEdit*>(), "stepName", EventDialog::tr("Name of the step"), dialog->labelText());
    QObject::connect(dialog, &QInputDialog::textValueSelected, &session,
                     [&session, step](const QString& name) { nameStep(session, step, name); });
    dialog->open();
}

}  // namespace bnstudio
