// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_switch.h"

#include "ui/theme.h"

#include <QPainter>

namespace bnstudio {

FlowSwitch::FlowSwitch(QWidget* parent) : QAbstractButton(parent) {
    setObjectName(QStringLiteral("flowSwitch"));
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::PointingHandCursor);
    setTrains(true);
}

void FlowSwitch::setTrains(bool trains) {
    const QString name = trains ? tr("Mode: train") : tr("Mode: eval");
    if (name == accessibleName())
        return;
    setAccessibleName(name);
    const QString sentence = trains
                                 ? tr("In train mode x̂ takes mean and variance of the batch. Switch to eval from here.")
                                 : tr("In eval mode x̂ takes the running statistics. Switch to train from here.");
    setAccessibleDescription(sentence);
    setToolTip(sentence);
    setWhatsThis(sentence);
}

void FlowSwitch::place(const QRect& train, const QRect& eval) {
    setGeometry(train.united(eval).adjusted(-2, -2, 2, 2));
    m_train = train.translated(-pos());
    m_eval = eval.translated(-pos());
    setMask(QRegion(m_train.adjusted(-2, -2, 2, 2)) + m_eval.adjusted(-2, -2, 2, 2));
}

bool FlowSwitch::hitButton(const QPoint& position) const {
    return m_train.contains(position) || m_eval.contains(position);
}

void FlowSwitch::paintEvent(QPaintEvent*) {
    if (!hasFocus())
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colors().text, 1.3));
    for (const QRect& word : {m_train, m_eval})
        painter.drawRoundedRect(QRectF(word).adjusted(-1, -1, 1, 1), 6, 6);
}

}  // namespace bnstudio
