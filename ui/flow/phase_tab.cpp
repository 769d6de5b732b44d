// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/phase_tab.h"

#include "ui/models/core_text.h"
#include "ui/theme.h"

#include <QFontMetrics>
#include <QPainter>

namespace bnstudio {

namespace {

constexpr int padding = 7;

/// The parts of the backward pass stand beside each other; only the first one repeats its number and name.
QString fullText(Phase phase, const PhaseText& text) {
    const QString title = titleOf(text);
    if (text.part > 1)
        return title.section(QStringLiteral(": "), 1);
    return phase == Phase::Nothing ? title : QStringLiteral("%1 %2").arg(text.number).arg(title);
}

QString shortText(Phase phase, const PhaseText& text) {
    if (text.part > 1)
        return fullText(phase, text);
    QString word;
    switch (phase) {
    case Phase::Variance:
        word = PhaseTab::tr("var");
        break;
    case Phase::Normalise:
        word = PhaseTab::tr("norm");
        break;
    case Phase::RunningUpdate:
        word = PhaseTab::tr("running");
        break;
    case Phase::GradSums:
        word = PhaseTab::tr("back");
        break;
    case Phase::ParameterUpdate:
        word = PhaseTab::tr("update");
        break;
    default:
        return fullText(phase, text);
    }
    return QStringLiteral("%1 %2").arg(text.number).arg(word);
}

}  // namespace

PhaseTab::PhaseTab(Phase phase, const PhaseText& text, QWidget* parent) : QAbstractButton(parent), m_phase(phase) {
    m_words[0] = fullText(phase, text);
    m_words[1] = shortText(phase, text);
    m_words[2] = text.part > 1 || phase == Phase::Nothing ? m_words[0] : QString::number(text.number);
    setObjectName(QStringLiteral("phase%1").arg(static_cast<int>(phase)));
    setCheckable(true);
    setFocusPolicy(Qt::TabFocus);
    setAccessibleName(tr("Phase %1, %2").arg(text.number).arg(titleOf(text)));
    setAccessibleDescription(sentenceOf(text));
    setToolTip(titleOf(text) + QStringLiteral(": ") + sentenceOf(text));
}

QString PhaseTab::words(int shortness) const {
    return m_words[shortness == 2 && isChecked() ? 1 : shortness];
}

int PhaseTab::widthAt(int shortness) const {
    return QFontMetrics(Theme::instance().boldFont(-1)).horizontalAdvance(words(shortness)) + 2 * padding;
}

void PhaseTab::setShortness(int shortness) {
    m_shortness = shortness;
    update();
}

void PhaseTab::setHappened(bool happened) {
    m_happened = happened;
    update();
}

void PhaseTab::paintEvent(QPaintEvent*) {
    const Palette& p = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRect top = rect().adjusted(0, 0, 0, -3);
    if (isChecked() || underMouse()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(isChecked() ? p.accentSoft : p.field);
        painter.drawRoundedRect(top.adjusted(1, 1, -1, 4), 5, 5);
    }
    painter.fillRect(QRect(0, height() - 3, width(), 3), isChecked() ? p.text : m_happened ? p.accent : p.border);
    painter.setFont(isChecked() ? Theme::instance().boldFont(-1) : Theme::instance().textFont(-1));
    painter.setPen(m_happened || isChecked() ? p.text : p.mutedText);
    painter.drawText(top, Qt::AlignCenter, words(m_shortness));
    if (hasFocus()) {
        painter.setPen(QPen(p.text, 1.3));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(top).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4);
    }
}

void PhaseTab::enterEvent(QEnterEvent* event) {
    update();
    QAbstractButton::enterEvent(event);
}

void PhaseTab::leaveEvent(QEvent* event) {
    update();
    QAbstractButton::leaveEvent(event);
}

}  // namespace bnstudio
