// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/toggle_switch.h"

#include "ui/theme.h"

#include <QPainter>

namespace bnstudio {

ToggleSwitch::ToggleSwitch(QWidget* parent) : QAbstractButton(parent) {
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, &QWidget::updateGeometry);
}

namespace {
constexpr QSizeF usualSize(34, 20);
}

// The switch grows with the text beside it.
QSize ToggleSwitch::sizeHint() const {
    const Theme& theme = Theme::instance();
    return {theme.scaled(usualSize.width()), theme.scaled(usualSize.height())};
}

void ToggleSwitch::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setOpacity(isEnabled() ? 1 : 0.45);
    const double scale = height() / usualSize.height();
    painter.scale(scale, scale);
    const QRectF track(2.5, 2.5, 29, 15);
    painter.setPen(Qt::NoPen);
    painter.setBrush(isChecked() ? colors().accent : colors().faintText);
    painter.drawRoundedRect(track, 7.5, 7.5);
    painter.setBrush(colors().panel);
    const double x = isChecked() ? track.right() - 7.5 : track.left() + 7.5;
    painter.drawEllipse(QPointF(x, track.center().y()), 5.5, 5.5);
    if (!hasFocus())
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colors().text, 1.5));
    painter.drawRoundedRect(track.adjusted(-1.75, -1.75, 1.75, 1.75), 9, 9);
}

}  // namespace bnstudio
