// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/findings/lane_detector.h"

namespace bnstudio {

void Holding::note(std::int64_t step, std::int64_t channel, double score, const Numbers& numbers) {
    const auto index = static_cast<std::size_t>(channel + 1);
    if (index >= m_since.size())
        m_since.resize(index + 1, -1);
    if (m_since[index] < 0) {
        m_since[index] = step;
        ++m_count;
    }
    count(step);
    if (score > m_score) {
        m_score = score;
        m_worst = channel;
        m_numbers = numbers;
    }
}

void Holding::clear(std::int64_t channel) {
    const auto index = static_cast<std::size_t>(channel + 1);
    if (index >= m_since.size() || m_since[index] < 0)
        return;
    m_since[index] = -1;
    --m_count;
}

void Holding::count(std::int64_t step) {
    m_steps += step == m_lastStep ? 0 : 1;
    m_lastStep = step;
}

std::int64_t Holding::firstStep() const {
    std::int64_t first = -1;
    for (const std::int64_t step : m_since) {
        if (step >= 0 && (first < 0 || step < first))
            first = step;
    }
    return first;
}

std::vector<std::int64_t> Holding::channels() const {
    std::vector<std::int64_t> channels;
    for (std::size_t i = 1; i < m_since.size(); ++i) {
        if (m_since[i] >= 0)
            channels.push_back(static_cast<std::int64_t>(i) - 1);
    }
    return channels;
}

}  // namespace bnstudio
