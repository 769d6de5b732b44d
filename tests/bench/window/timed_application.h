// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/window/clock.h"

#include <QApplication>

#include <map>
#include <utility>

namespace bnstudio::bench {

/// An application that keeps account of what the GUI thread does: processor time for each kind of receiver and event,
/// without the events handled inside. Processor time, because the worker computes beside it and may take its core.
class TimedApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;

    void restart();
    /// Processor time spent on events since restart(), ms.
    double busyTime() const { return milliseconds(m_busy); }
    /// The longest event handled outside of any other, ms by the clock on the wall.
    double longestEvent() const { return m_longest; }
    /// The costliest pairs of receiver and event, at most @p rows, in all and for each of @p frames.
    void printProfile(int rows, std::size_t frames) const;

private:
    struct Cost {
        Clock::duration own{};
        Clock::duration worst{};  ///< without the events inside
        long count = 0;
    };
    // By the receiver's name, which outlives it, and the type of the event.
    std::map<std::pair<std::string, int>, Cost> m_costs;
    Clock::duration m_busy{}, m_inside{};
    double m_longest = 0;
    int m_depth = 0;
};

}  // namespace bnstudio::bench
