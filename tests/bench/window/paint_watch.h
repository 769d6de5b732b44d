// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/window/clock.h"
#include "ui/session/session.h"

#include <QWidget>

#include <map>
#include <set>

namespace bnstudio::bench {

/// Which steps were painted where: listens to the paint events of the timeline and of every plot.
class PaintWatch : public QObject {
public:
    PaintWatch(Session& session, QWidget& window);

    void restart();
    /// Distinct steps the timeline painted since restart().
    std::size_t stepsOnTimeline() const { return m_timelineSteps.size(); }
    /// The same for the plot that painted fewest.
    std::size_t stepsOnSlowestPlot() const;
    std::size_t visiblePlots() const;
    /// When anything was painted last.
    Clock::time_point lastPaint() const { return m_lastPaint; }
    /// Called at every paint event of the timeline.
    std::function<void()> onTimelinePaint;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    Session& m_session;
    std::set<std::int64_t> m_timelineSteps;
    std::map<QWidget*, std::set<std::int64_t>> m_plotSteps;
    Clock::time_point m_lastPaint;
};

}  // namespace bnstudio::bench
