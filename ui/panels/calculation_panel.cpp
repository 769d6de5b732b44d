// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/calculation_panel.h"

#include "core/error.h"
#include "core/explain/pytorch_script.h"
#include "ui/format.h"
#include "ui/models/core_text.h"
#include "ui/panels/calculation_view.h"
#include "ui/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/scroll_fade.h"
#include "ui/widgets/segmented_switch.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace bnstudio {

namespace {

const QString digitsKey = QStringLiteral("calculation/digits");
constexpr int sightMargin = 12;

/// The fields in which a setting is edited; the one on display is meant.
QStringList fieldsOf(Origin origin) {
    switch (origin) {
    case Origin::Eps:
        return {QStringLiteral("epsField")};
    case Origin::Momentum:
        return {QStringLiteral("momentumField")};
    case Origin::LearningRate:
        return {QStringLiteral("sgdLrField"), QStringLiteral("adamLrField")};
    case Origin::OptimizerMomentum:
        return {QStringLiteral("sgdMomentumField")};
    case Origin::WeightDecay:
        return {QStringLiteral("sgdWeightDecayField"), QStringLiteral("adamWeightDecayField")};
    case Origin::OptimizerEps:
        return {QStringLiteral("adamEpsField")};
    case Origin::TeacherWeight:
        return {QStringLiteral("teacherWeightField")};
    case Origin::TeacherBias:
        return {QStringLiteral("teacherBiasField")};
    case Origin::Target:
        return {QStringLiteral("targetField")};
    default:
        return {};
    }
}

/// What a number from before a step is at the end of the step before it.
std::optional<Link> inStepBefore(Link link) {
    switch (link.origin) {
    case Origin::RunningMean:
        link.origin = Origin::RunningMeanAfter;
        return link;
    case Origin::RunningVar:
        link.origin = Origin::RunningVarAfter;
        return link;
    case Origin::BatchesTracked:
        link.origin = Origin::BatchesTrackedAfter;
        return link;
    case Origin::MomentumBuffer:
        link.origin = Origin::MomentumBufferAfter;
        return link;
    case Origin::ExpAvg:
        link.origin = Origin::ExpAvgAfter;
        return link;
    case Origin::ExpAvgSq:
        link.origin = Origin::ExpAvgSqAfter;
        return link;
    case Origin::Weight:
    case Origin::Bias:
        link.parameter = link.origin == Origin::Weight ? Parameter::Weight : Parameter::Bias;
        link.origin = Origin::ParameterAfter;
        return link;
    default:
        return std::nullopt;
    }
}

}  // namespace

CalculationPanel::CalculationPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_title(new ElidedLabel),
      m_notice(makeNote()),
      m_view(new CalculationView),
      m_area(new QScrollArea),
      m_wantsFull(numberFormat().style == NumberStyle::Full) {
    m_title->setAlignment(Qt::AlignRight);
    m_title->setObjectName(QStringLiteral("calculationTitle"));
    muteLabel(m_title);
    m_notice->setWordWrap(true);
    m_notice->setObjectName(QStringLiteral("calculationNotice"));
    introduce(
        m_view, "calculationView", tr("Calculation"),
        tr("Every step of the calculation for the selected cell, with its numbers. A click on a number, or Enter, "
           "goes to where it comes from; arrow keys move from number to number."));
    m_view->setToolTip({});  // the number under the mouse says what it is
    m_area->setWidgetResizable(true);
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setFocusPolicy(Qt::NoFocus);
    m_area->setWidget(m_view);
    fadeEdges(*m_area);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(5);
    column->addWidget(m_title);
    column->addWidget(m_notice);
    column->addWidget(m_area, 1);
    column->addWidget(makeFooter());
    const int saved = QSettings().value(digitsKey, 0).toInt();
    m_digits = static_cast<Digits>(std::clamp(saved, 0, static_cast<int>(Digits::Bits)));
    m_switch->setCurrent(static_cast<int>(m_digits));
    connect(m_switch, &SegmentedSwitch::chosen, this, [this](int index) { setDigits(static_cast<Digits>(index)); });
    connect(m_copy, &QPushButton::clicked, this, &CalculationPanel::copyAsPyTorch);
    connect(m_view, &CalculationView::pointed, this, &CalculationPanel::pointed);
    connect(m_view, &CalculationView::followed, this, &CalculationPanel::follow);
    connect(m_view, &CalculationView::sightWanted, this, &CalculationPanel::keepInSight);
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Shown | Change::Selection | Change::Phase | Change::Peek | Change::Data))
            refreshLater();
    });
    connect(&Theme::instance(), &Theme::changed, this, &CalculationPanel::followNumberFormat);
    refresh();
}

CalculationPanel::~CalculationPanel() = default;

QWidget* CalculationPanel::makeFooter() {
    auto* footer = new QWidget;
    auto* row = new QHBoxLayout(footer);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    row->addWidget(makeNote(tr("Digits")));
    m_switch = new SegmentedSwitch;
    introduce(m_switch, "digitsSwitch", tr("Digits"), tr("How numbers of the calculation are written."));
    m_switch->addSegment(tr("short"), "digitsShort", tr("Numbers to five significant digits."));
    m_switch->addSegment(tr("full"), "digitsFull",
                         tr("All digits: with these numbers a calculator finds the same results."));
    m_switch->addSegment(tr("bits"), "digitsBits", tr("The bits of each number as IEEE 754 stores them."));
    row->addWidget(m_switch);
    row->addStretch(1);
    m_copy = new QPushButton(tr("Copy as PyTorch"));
    introduce(
        m_copy, "copyAsPyTorch", tr("Copy as PyTorch"),
        tr("Copies a Python program that repeats this step with torch.nn.BatchNorm1d and compares every number."));
    row->addWidget(m_copy);
    return footer;
}

QWidget* CalculationPanel::header() const {
    return m_title;
}

void CalculationPanel::setDigits(Digits digits) {
    m_digits = digits;
    m_switch->setCurrent(static_cast<int>(digits));
    QSettings().setValue(digitsKey, static_cast<int>(digits));
    refresh();
}

/// All digits everywhere are all digits here too, and back; bits are the choice of this panel alone.
void CalculationPanel::followNumberFormat() {
    const bool wasFull = std::exchange(m_wantsFull, numberFormat().style == NumberStyle::Full);
    if (m_wantsFull && !wasFull && m_digits == Digits::Short)
        setDigits(Digits::Full);
    else if (!m_wantsFull && wasFull && m_digits == Digits::Full)
        setDigits(Digits::Short);
    refreshLater();
}

void CalculationPanel::nextDigits() {
    setDigits(static_cast<Digits>((static_cast<int>(m_digits) + 1) % 3));
}

// --- contents ------------------------------------------------------------------------------------------------------

void CalculationPanel::refreshLater() {
    m_isDue = true;
    if (m_isQueued || !isVisible())
        return;
    m_isQueued = true;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_isQueued = false;
            if (m_isDue && isVisible())
                refresh();
        },
        Qt::QueuedConnection);
}

void CalculationPanel::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (m_isDue)
        refresh();
}

void CalculationPanel::refresh() {
    m_isDue = false;
    const auto frame = m_session.displayedFrame();
    m_copy->setEnabled(frame != nullptr);
    if (!frame || !frame->snapshot)
        return showNothing(tr("Before step 0 nothing is computed. Step forward to see the first calculation."));
    const Phase phase = m_session.phase();
    try {
        const Calculation calculation = calculate(*frame, m_session.selectedCell());
        m_title->setFullText(QString::fromStdString(calculation.title));
        m_notice->setText(coreText(calculation.notice));
        m_notice->setVisible(!calculation.notice.empty());
        m_view->show(calculationRows(calculation, *frame->snapshot, phase, m_digits));
    } catch (const Error& error) {
        return showNothing(QString::fromUtf8(error.what()));
    }
    if (m_awaited && m_session.isCurrent()) {
        const Link link = *std::exchange(m_awaited, std::nullopt);
        m_session.setPhase(phaseOf(link.origin, *frame->snapshot).value_or(phase));
        m_view->moveTo(link);
    }
    // A phase that was gone to is brought into sight; from step to step the eye may rest where it is.
    const PhasePosition before = std::exchange(m_position, {m_session.shown().step, phase});
    if (before.step == m_position.step && before.phase != phase)
        keepInSight(m_view->currentCard());
}

void CalculationPanel::showNothing(const QString& why) {
    m_title->setFullText({});
    m_notice->setText(why);
    m_notice->show();
    m_view->show({});
}

void CalculationPanel::keepInSight(const QRectF& rect) {
    if (rect.isEmpty())
        return;
    m_view->resize(m_view->width(), std::max(m_view->height(), m_view->minimumHeight()));
    const int reach = std::min(static_cast<int>(rect.height() / 2), m_area->viewport()->height() / 2 - sightMargin);
    m_area->ensureVisible(0, static_cast<int>(rect.center().y()), 0, std::max(reach, 0) + sightMargin);
}

// --- links ---------------------------------------------------------------------------------------------------------

void CalculationPanel::follow(const Link& link) {
    const auto frame = m_session.displayedFrame();
    if (!frame)
        return;
    if (link.n >= 0)
        m_session.selectCell({link.n, link.c, link.l});
    if (inStepBefore(link))
        return followToStepBefore(link);
    if (!fieldsOf(link.origin).isEmpty() && link.n < 0)
        return focusSetting(link);
    if (const auto phase = phaseOf(link.origin, *frame->snapshot))
        m_session.setPhase(*phase);
    refresh();
    m_view->moveTo(link);
    emit reported(placeText(link));
}

/// The state before a step is what the step before left.
void CalculationPanel::followToStepBefore(const Link& link) {
    const std::int64_t step = m_session.shown().step;
    m_session.pause();
    m_awaited = step > 0 ? inStepBefore(link) : std::nullopt;
    m_session.goTo(step - 1);
    emit reported(step > 0 ? tr("%1: step %2 left it").arg(placeText(link)).arg(step - 1)
                           : tr("%1: the start value").arg(placeText(link)));
}

void CalculationPanel::focusSetting(const Link& link) {
    for (const QString& name : fieldsOf(link.origin)) {
        auto* field = window()->findChild<QWidget*>(name);
        if (!field || !field->isVisible() || !field->isEnabled())
            continue;
        field->setFocus(Qt::OtherFocusReason);
        break;
    }
    emit reported(placeText(link));
}

// --- copying -------------------------------------------------------------------------------------------------------

void CalculationPanel::copyAsPyTorch() {
    const auto frame = m_session.displayedFrame();
    if (!frame)
        return m_session.showMessage(tr("Before step 0 there is nothing to copy."));
    try {
        QApplication::clipboard()->setText(QString::fromStdString(pytorchScript(*frame)));
        emit reported(tr("Step %1 is on the clipboard as a PyTorch program.").arg(m_session.shown().step));
    } catch (const Error& error) {
        m_session.showMessage(QString::fromUtf8(error.what()));
    }
}

}  // namespace bnstudio
