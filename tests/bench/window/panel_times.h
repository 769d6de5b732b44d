// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/window/clock.h"

#include <QObject>
#include <QString>

#include <map>
#include <vector>

namespace bnstudio::bench {

/// When each panel of a window had painted what an input asked for. A panel is a card or a bar, by its object name;
/// what a panel does not repaint does not count.
class PanelTimes : public QObject {
public:
    PanelTimes();
    /// An input happens now.
    void start();
    /// Nothing more will be painted for it: keeps the times of this input.
    void finish();
    /// When something was painted last, or the input happened.
    Clock::time_point lastPaint() const { return m_lastPaint; }
    /// From the input to the end of the last paint event of a panel, ms, an entry an input; "" is the whole window.
    const std::map<QString, std::vector<double>>& times() const { return m_times; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    static QString panelOf(const QObject* object);

    Clock::time_point m_start, m_lastPaint;
    std::map<QString, Clock::time_point> m_painted;  ///< of the present input
    std::map<QString, std::vector<double>> m_times;
};

}  // namespace bnstudio::bench
