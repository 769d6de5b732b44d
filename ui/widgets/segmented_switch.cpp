// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/segmented_switch.h"

#include "ui/theme.h"
#include "ui/widgets/introduce.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QPainter>
#include <QSignalBlocker>

namespace bnstudio {
namespace {

class Segment : public QAbstractButton {
public:
    Segment(const QString& text, QWidget* parent) : QAbstractButton(parent) {
        setText(text);
        setCheckable(true);
        setFocusPolicy(Qt::StrongFocus);
        setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    }
    QSize sizeHint() const override {
        const QFontMetrics metrics(Theme::instance().boldFont());
        return {metrics.horizontalAdvance(text()) + 9, metrics.height() + 8};
    }
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setOpacity(isEnabled() ? 1 : 0.45);
        painter.setPen(QPen(isChecked() ? colors().accent : colors().border, 1));
        painter.setBrush(isChecked() ? colors().accent : colors().field);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        painter.setPen(isChecked() ? colors().accentText : colors().text);
        painter.setFont(isChecked() ? Theme::instance().boldFont() : Theme::instance().textFont());
        painter.drawText(rect(), Qt::AlignCenter, text());
        if (!hasFocus())
            return;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(isChecked() ? colors().accentText : colors().text, 1, Qt::DotLine));
        painter.drawRoundedRect(QRectF(rect()).adjusted(2.5, 2.5, -2.5, -2.5), 3, 3);
    }
};

}  // namespace

SegmentedSwitch::SegmentedSwitch(QWidget* parent)
    : QWidget(parent), m_group(new QButtonGroup(this)), m_row(new QHBoxLayout(this)) {
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->setSpacing(0);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    connect(m_group, &QButtonGroup::idToggled, this, [this](int index, bool on) {
        if (!on)
            return;
        aimFocus();
        emit chosen(index);
    });
}

QAbstractButton* SegmentedSwitch::addSegment(const QString& text, const char* id, const QString& sentence) {
    auto* segment = new Segment(text, this);
    introduce(segment, id, text, sentence);
    m_group->addButton(segment, static_cast<int>(m_group->buttons().size()));
    m_row->addWidget(segment);
    aimFocus();
    return segment;
}

void SegmentedSwitch::setCurrent(int index) {
    const QSignalBlocker quiet(m_group);
    if (QAbstractButton* segment = m_group->button(index))
        segment->setChecked(true);
    aimFocus();
}

/// Whoever gives the switch the keys, as the mnemonic of its label does, means the segment that is on.
void SegmentedSwitch::aimFocus() {
    QAbstractButton* chosen = m_group->checkedButton();
    setFocusProxy(chosen ? chosen : m_group->buttons().front());
}

int SegmentedSwitch::current() const {
    return m_group->checkedId();
}

}  // namespace bnstudio
