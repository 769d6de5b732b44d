// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/window/clock.h"

#include <QObject>

#include <functional>
#include <thread>
#include <vector>

namespace bnstudio::bench {

/// How long the GUI thread takes to get round to an event: another thread posts one every few milliseconds, whether or
/// not the last one has been handled, so that a long block counts for all who would have waited in it.
class LatencyProbe : public QObject {
public:
    using Handler = std::function<void(Clock::time_point posted)>;
    /// @p handler, if any, runs in the GUI thread for every event.
    explicit LatencyProbe(std::chrono::milliseconds interval, Handler handler = {});
    /// Posts no more and forgets what is on its way.
    void stop();
    /// Delays of the events handled so far, ms.
    const std::vector<double>& delays() const { return m_delays; }

protected:
    bool event(QEvent* event) override;

private:
    Handler m_handler;
    std::vector<double> m_delays;
    bool m_stopped = false;
    std::jthread m_thread;  ///< last: joined before the rest goes away
};

}  // namespace bnstudio::bench
