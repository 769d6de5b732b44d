// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/timed_application.h"

#include <QMetaEnum>
#include <QThread>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <string>
#include <vector>

namespace bnstudio::bench {

namespace {

// QCustomPlot says little; the view it lies in says which plot it is.
std::string nameOf(const QObject* object) {
    std::string name = object->metaObject()->className();
    for (const QObject* parent = object->parent(); parent && name == "QCustomPlot"; parent = parent->parent())
        if (std::string(parent->metaObject()->className()).starts_with("bnstudio::"))
            name += std::string(" of ") + parent->metaObject()->className();
    if (!object->objectName().isEmpty())
        name += " " + object->objectName().toStdString();
    return name;
}

// Processor time of this thread so far.
Clock::duration threadTime() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

bool TimedApplication::notify(QObject* receiver, QEvent* event) {
    if (QThread::currentThread() != thread())
        return QApplication::notify(receiver, event);
    const auto key = std::pair(nameOf(receiver), static_cast<int>(event->type()));
    const Clock::duration before = std::exchange(m_inside, {});
    ++m_depth;
    const auto start = Clock::now();
    const auto startTime = threadTime();
    const bool handled = QApplication::notify(receiver, event);
    const auto total = threadTime() - startTime;
    --m_depth;
    Cost& cost = m_costs[key];
    cost.own += total - m_inside;
    cost.worst = std::max(cost.worst, total - m_inside);
    ++cost.count;
    m_inside = before + total;
    if (m_depth == 0) {
        m_busy += total;
        m_longest = std::max(m_longest, milliseconds(Clock::now() - start));
    }
    return handled;
}

void TimedApplication::restart() {
    m_costs.clear();
    m_busy = {};
    m_longest = 0;
}

void TimedApplication::printProfile(int rows, std::size_t frames) const {
    using Row = std::pair<std::pair<std::string, int>, Cost>;
    std::vector<Row> sorted(m_costs.begin(), m_costs.end());
    std::sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) { return a.second.own > b.second.own; });
    const auto types = QMetaEnum::fromType<QEvent::Type>();
    const double perFrame = 1 / static_cast<double>(std::max<std::size_t>(frames, 1));
    std::printf("    %9s %9s %7s %8s %8s  %s\n", "ms/frame", "total ms", "count", "mean ms", "worst ms",
                "receiver and event, processor time");
    for (int row = 0; row < std::min(rows, static_cast<int>(sorted.size())); ++row) {
        const auto& [key, cost] = sorted[static_cast<std::size_t>(row)];
        const char* type = types.valueToKey(key.second);
        std::printf("    %9.3f %9.1f %7ld %8.2f %8.2f  %s: %s\n", milliseconds(cost.own) * perFrame,
                    milliseconds(cost.own), cost.count, milliseconds(cost.own) / static_cast<double>(cost.count),
                    milliseconds(cost.worst), key.first.c_str(), type ? type : "event of the probe");
    }
    std::fflush(stdout);
}

}  // namespace bnstudio::bench
