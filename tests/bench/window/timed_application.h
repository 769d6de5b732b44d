// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/window/clock.h"

#include <QApplication>

#include <map>
#include <utility>

namespace bnstudio::bench {

/// An application that keeps account of the time each kind of receiver spends on each kind of event, without the events
/// handled inside it.
class TimedApplication : public QApplication {
public:
    using QApplication::QApplication;
    bool notify(QObject* receiver, QEvent* event) override;

    void restart();
    /// Share of the time since restart() that went into handling events, 0 … 1.
    double busyShare() const;
    /// The longest event handled outside of any other, ms.
    double longestEvent() const { return m_longest; }
    /// The costliest pairs of receiver and event, at most @p rows.
    void printProfile(int rows) const;

private:
    struct Cost {
        Clock::duration own{};
        Clock::duration worst{};
        long count = 0;
    };
    // By the receiver's name, which outlives it, and the type of the event.
    std::map<std::pair<std::string, int>, Cost> m_costs;
    Clock::time_point m_start = Clock::now();
    Clock::duration m_busy{}, m_inside{};
    double m_longest = 0;
    int m_depth = 0;
};

}  // namespace bnstudio::bench
