// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace bnstudio {

/// Where steps stand on the timeline: the whole extent, or a part of it that was zoomed to. Step k fills [k, k + 1).
class TimelineScale {
public:
    /// The pixels that the visible part fills.
    void setPixels(double left, double width);
    /// Steps of the whole timeline, at least 1. A part that was zoomed to stays where it is as far as it fits.
    void setExtent(std::int64_t steps);
    std::int64_t extent() const { return m_extent; }

    bool isZoomed() const { return m_first > 0 || m_span < static_cast<double>(m_extent); }
    double first() const { return m_first; }
    double span() const { return m_span; }  ///< visible steps
    double last() const { return m_first + m_span; }
    double pixelsPerStep() const { return m_width / m_span; }
    double xOf(double step) const { return m_left + (step - m_first) * pixelsPerStep(); }
    double stepAt(double x) const { return m_first + (x - m_left) / pixelsPerStep(); }

    /// @p factor < 1 shows fewer steps; the step at @p around stays where it is.
    void zoom(double factor, double around);
    void pan(double steps);
    void showWhole();
    /// Moves on when a step is out of sight, so far that what comes next in its direction is in sight too.
    void reveal(double step);

    static constexpr double fewestSteps = 10;

private:
    void clamp();

    double m_left = 0, m_width = 1;
    std::int64_t m_extent = 1;
    double m_first = 0, m_span = 1;
};

}  // namespace bnstudio
