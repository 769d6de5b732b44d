// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/timeline_scale.h"

#include <algorithm>

namespace bnstudio {

void TimelineScale::setPixels(double left, double width) {
    m_left = left;
    m_width = std::max(width, 1.0);
}

void TimelineScale::setExtent(std::int64_t steps) {
    const bool wasZoomed = isZoomed();
    m_extent = std::max<std::int64_t>(steps, 1);
    if (wasZoomed)
        clamp();
    else
        showWhole();
}

void TimelineScale::clamp() {
    const auto whole = static_cast<double>(m_extent);
    m_span = std::clamp(m_span, std::min(fewestSteps, whole), whole);
    m_first = std::clamp(m_first, 0.0, whole - m_span);
}

void TimelineScale::zoom(double factor, double around) {
    const double kept = (around - m_first) / m_span;
    m_span *= factor;
    clamp();
    m_first = around - kept * m_span;
    clamp();
}

void TimelineScale::pan(double steps) {
    m_first += steps;
    clamp();
}

void TimelineScale::showWhole() {
    m_first = 0;
    m_span = static_cast<double>(m_extent);
}

void TimelineScale::reveal(double step) {
    constexpr double lead = 0.1;
    if (step < m_first)
        m_first = step - (1 - lead) * m_span;
    else if (step > last())
        m_first = step - lead * m_span;
    clamp();
}

}  // namespace bnstudio
