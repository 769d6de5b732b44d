// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/scroll_fade.h"

#include "ui/theme.h"

#include <QAbstractItemView>
#include <QAbstractScrollArea>
#include <QEvent>
#include <QPainter>
#include <QScrollBar>

namespace bnstudio {

namespace {

constexpr int fadeHeight = 22;

/// Over the upper or lower edge of the viewport, and beside it in the tree: a child of the viewport would scroll along.
class EdgeFade : public QWidget {
public:
    EdgeFade(QAbstractScrollArea& area, bool isLower) : QWidget(&area), m_area(area), m_isLower(isLower) {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
        area.viewport()->installEventFilter(this);
        const QScrollBar* bar = area.verticalScrollBar();
        connect(bar, &QScrollBar::valueChanged, this, &EdgeFade::place);
        connect(bar, &QScrollBar::rangeChanged, this, &EdgeFade::place);
        place();
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::Resize || event->type() == QEvent::Move)
            place();
        return QWidget::eventFilter(watched, event);
    }
    void paintEvent(QPaintEvent*) override {
        QColor ground = colors().panel, clear = ground;
        clear.setAlpha(0);
        QLinearGradient gradient(0, m_isLower ? 0 : height(), 0, m_isLower ? height() : 0);
        gradient.setColorAt(0, clear);
        gradient.setColorAt(1, ground);
        QPainter(this).fillRect(rect(), gradient);
    }

private:
    void place() {
        const QScrollBar* bar = m_area.verticalScrollBar();
        const QRect seen = m_area.viewport()->geometry();
        const int height = std::min(fadeHeight, seen.height() / 3);
        setGeometry(seen.left(), m_isLower ? seen.bottom() + 1 - height : seen.top(), seen.width(), height);
        setVisible(m_isLower ? bar->value() < bar->maximum() : bar->value() > bar->minimum());
        raise();
    }

    QAbstractScrollArea& m_area;
    bool m_isLower;
};

}  // namespace

void fadeEdges(QAbstractScrollArea& area) {
    const auto* items = qobject_cast<QAbstractItemView*>(&area);
    const bool beginsWithAWholeRow = items && items->verticalScrollMode() == QAbstractItemView::ScrollPerItem;
    if (!beginsWithAWholeRow)
        new EdgeFade(area, false);
    new EdgeFade(area, true);
}

}  // namespace bnstudio
