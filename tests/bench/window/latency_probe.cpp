// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/latency_probe.h"

#include <QCoreApplication>
#include <QEvent>

namespace bnstudio::bench {

namespace {

class Posted : public QEvent {
public:
    static QEvent::Type eventType() {
        static const int type = QEvent::registerEventType();
        return static_cast<QEvent::Type>(type);
    }
    Posted() : QEvent(eventType()), time(Clock::now()) {}
    Clock::time_point time;
};

}  // namespace

LatencyProbe::LatencyProbe(std::chrono::milliseconds interval, Handler handler)
    : m_handler(std::move(handler)), m_thread([this, interval](std::stop_token stop) {
          for (auto next = Clock::now() + interval; !stop.stop_requested(); next += interval) {
              std::this_thread::sleep_until(next);
              QCoreApplication::postEvent(this, new Posted);
          }
      }) {}

void LatencyProbe::stop() {
    m_stopped = true;
    m_thread = {};
}

bool LatencyProbe::event(QEvent* event) {
    if (event->type() != Posted::eventType())
        return QObject::event(event);
    if (m_stopped)
        return true;
    const auto posted = static_cast<Posted*>(event)->time;
    m_delays.push_back(milliseconds(Clock::now() - posted));
    if (m_handler)
        m_handler(posted);
    return true;
}

}  // namespace bnstudio::bench
