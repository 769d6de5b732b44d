// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/findings/channel_course.h"

#include "core/findings/findings.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

double square(double x) {
    return x * x;
}
double scatter(const MovingAverage& values, const MovingAverage& squares) {
    return std::sqrt(std::max(0.0, squares.value() - square(values.value())));
}

}  // namespace

void ChannelCourse::addBatch(double mean, double var) {
    using thresholds::smoothing;
    m_mean.add(mean, smoothing);
    m_meanSquares.add(square(mean), smoothing);
    m_var.add(var, smoothing);
    m_varSquares.add(square(var), smoothing);
    m_parity[m_batches % 2].add(mean, smoothing);
    if (m_batches > 0)
        m_oneStep.add(square(mean - m_last), smoothing);
    if (m_batches > 1)
        m_twoSteps.add(square(mean - m_beforeLast), smoothing);
    m_beforeLast = m_last;
    m_last = mean;
    ++m_batches;
}

void ChannelCourse::addDistance(double distance, double n) {
    if (var() > 0)
        m_z.add(distance / std::sqrt(var() / n), thresholds::staleSmoothing);
}

double ChannelCourse::meanScatter(double n) const {
    return std::max(std::sqrt(var() / n), scatter(m_mean, m_meanSquares));
}

double ChannelCourse::varScatter(double n) const {
    return std::max(var() * std::sqrt(2 / (n - 1)), scatter(m_var, m_varSquares));
}

double ChannelCourse::zNoise() const {
    return m_z.isEmpty() ? 1 : std::sqrt(m_z.noise());
}

// Independent batch means differ by 2σ²/n in square, whatever lies between them. Two populations in turn differ much
// more from one batch to the next, and come back after two; a drift goes further over two steps than over one.
bool ChannelCourse::alternates(double n) const {
    if (m_batches < thresholds::leastBatches)
        return false;
    const double one = m_oneStep.value(), two = m_twoSteps.value();
    return one > 0 && one >= thresholds::populationsZ2 * 2 * var() / n && one >= thresholds::populationsRatio * two;
}

}  // namespace bnstudio
