// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/paint_watch.h"

#include <QApplication>
#include <QEvent>

namespace bnstudio::bench {

PaintWatch::PaintWatch(Session& session, QWidget& window) : m_session(session) {
    for (QWidget* widget : window.findChildren<QWidget*>())
        if (widget->inherits("QCustomPlot"))
            m_plotSteps[widget];
    qApp->installEventFilter(this);
}

void PaintWatch::restart() {
    m_timelineSteps.clear();
    for (auto& [plot, steps] : m_plotSteps)
        steps.clear();
}

std::size_t PaintWatch::visiblePlots() const {
    std::size_t count = 0;
    for (const auto& [plot, steps] : m_plotSteps)
        count += plot->visibleRegion().isEmpty() ? 0 : 1;
    return count;
}

std::size_t PaintWatch::stepsOnSlowestPlot() const {
    std::size_t fewest = m_timelineSteps.size();
    for (const auto& [plot, steps] : m_plotSteps)
        if (!plot->visibleRegion().isEmpty())  // a tab behind another one is visible, but outside of the window
            fewest = std::min(fewest, steps.size());
    return fewest;
}

bool PaintWatch::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::Paint || !watched->isWidgetType())
        return false;
    m_lastPaint = Clock::now();
    const std::int64_t step = m_session.shown().step;
    if (const auto plot = m_plotSteps.find(static_cast<QWidget*>(watched)); plot != m_plotSteps.end()) {
        plot->second.insert(step);
    } else if (watched->inherits("bnstudio::Timeline")) {
        m_timelineSteps.insert(step);
        if (onTimelinePaint)
            onTimelinePaint();
    }
    return false;
}

}  // namespace bnstudio::bench
