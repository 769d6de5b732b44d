// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/batch_menu.h"

#include "ui/widgets/number_dialog.h"

#include <algorithm>

namespace bnstudio {

BatchMenu::BatchMenu(Session& session, QWidget* parent) : QMenu(tr("This &batch"), parent), m_session(session) {
    setObjectName(QStringLiteral("batchMenu"));
    setToolTipsVisible(true);
    m_skip = add("batchSkip", tr("Skip it"), tr("The layer does not see this batch: nothing happens in this step."));
    m_skip->setCheckable(true);
    QAction* scale = add("batchScale", tr("Scale…"), tr("Multiplies every value of this batch."));
    QAction* pad = add("batchPad", tr("Pad with rows…"),
                       tr("Appends samples that hold one value everywhere: zeros pull mean and variance along."));
    m_cell = add("batchEditCell", tr("Edit a value…"), tr("Changes one value of this batch, to NaN if you like."));
    connect(m_skip, &QAction::triggered, this, &BatchMenu::skip);
    connect(scale, &QAction::triggered, this, &BatchMenu::openScaleDialog);
    connect(pad, &QAction::triggered, this, &BatchMenu::openPadDialog);
    connect(m_cell, &QAction::triggered, this, &BatchMenu::openCellDialog);
    connect(this, &QMenu::aboutToShow, this, &BatchMenu::refresh);
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Recipe | Change::Shown))
            refresh();
    });
    refresh();
}

QAction* BatchMenu::add(const char* id, const QString& text, const QString& sentence) {
    QAction* action = addAction(text);
    action->setObjectName(QLatin1String(id));
    action->setToolTip(sentence);
    action->setWhatsThis(sentence);
    action->setStatusTip(sentence);
    return action;
}

bool BatchMenu::isSkipped() const {
    const std::vector<Event>& events = m_session.recipe().events;
    return std::any_of(events.begin(), events.end(), [this](const Event& event) {
        return event.step == m_session.editStep() && std::holds_alternative<SkipBatch>(event.action);
    });
}

void BatchMenu::refresh() {
    m_skip->setChecked(isSkipped());
    m_cell->setEnabled(m_session.shown().frame != nullptr);
}

void BatchMenu::skip(bool on) {
    if (on) {
        m_session.apply(SkipBatch{});
        return;
    }
    Recipe next = m_session.recipe();
    std::erase_if(next.events, [this](const Event& event) {
        return event.step == m_session.editStep() && std::holds_alternative<SkipBatch>(event.action);
    });
    m_session.edit(tr("Do not skip batch %1").arg(m_session.editStep()), std::move(next));
}

void BatchMenu::openScaleDialog() {
    auto* dialog =
        new NumberDialog(tr("Scale the batch of step %1").arg(m_session.editStep()),
                         tr("Every value of this batch is multiplied before the layer sees it."), parentWidget());
    dialog->setObjectName(QStringLiteral("scaleDialog"));
    dialog->addNumber("scaleFactor", tr("Factor"), 2);
    connect(dialog, &QDialog::accepted, this, [this, dialog] { m_session.apply(ScaleBatch{dialog->number(0)}); });
    dialog->open();
}

void BatchMenu::openPadDialog() {
    auto* dialog =
        new NumberDialog(tr("Pad the batch of step %1").arg(m_session.editStep()),
                         tr("Samples are appended that hold one value everywhere, as padding does."), parentWidget());
    dialog->setObjectName(QStringLiteral("padDialog"));
    dialog->addCount("padRows", tr("Rows"), 5, 1, 1000000);
    dialog->addNumber("padValue", tr("Value"), 0);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        m_session.apply(PadBatch{dialog->count(0), dialog->number(1)});
    });
    dialog->open();
}

void BatchMenu::openCellDialog() {
    const auto frame = m_session.shown().frame;
    if (!frame || frame->x.size() == 0)
        return;
    const BatchShape shape = BatchShape::of(frame->x.shape());
    const std::int64_t channel = std::clamp<std::int64_t>(m_session.currentChannel(), 0, shape.c - 1);
    auto* dialog =
        new NumberDialog(tr("Edit a value of the batch of step %1").arg(m_session.editStep()),
                         tr("One value of this batch is replaced before the layer sees it."), parentWidget());
    dialog->setObjectName(QStringLiteral("cellDialog"));
    dialog->addCount("cellN", tr("Sample n"), 0, 0, shape.n - 1);
    dialog->addCount("cellC", tr("Channel c"), channel, 0, shape.c - 1);
    dialog->addCount("cellL", tr("Position l"), 0, 0, shape.l - 1);
    dialog->addNumber("cellValue", tr("Value"), frame->x.at(channel * shape.l));
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        m_session.apply(EditCell{dialog->count(0), dialog->count(1), dialog->count(2), dialog->number(3)});
    });
    dialog->open();
}

}  // namespace bnstudio
