// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/findings/lane_detector.h"

#include <algorithm>
#include <map>

namespace bnstudio {

namespace {

constexpr std::size_t copiesBytes = std::size_t{8} << 20;
constexpr std::size_t mostCopies = 64;

using Detectors = std::vector<LaneDetector>;

std::size_t byteSize(const Detectors& detectors) {
    std::size_t bytes = sizeof detectors;
    for (const LaneDetector& each : detectors)
        bytes += each.byteSize();
    return bytes;
}

}  // namespace

/// The detectors after the steps seen, and copies of them as they were before certain earlier steps: every `spacing`
/// steps, and when there are too many of them every other one goes.
struct FindingsTracker::Impl {
    Detectors detectors;
    std::int64_t next = 0;
    std::int64_t spacing = 16;
    std::map<std::int64_t, Detectors> copies;

    void keepCopy() {
        if (next == 0 || next % spacing != 0)
            return;
        copies[next] = detectors;
        const std::size_t most = std::min(mostCopies, copiesBytes / byteSize(detectors));
        if (most == 0)
            copies.clear();
        while (copies.size() > most) {
            spacing *= 2;
            std::erase_if(copies, [this](const auto& copy) { return copy.first % spacing != 0; });
        }
    }
};

FindingsTracker::FindingsTracker() : m_impl(std::make_unique<Impl>()) {}
FindingsTracker::~FindingsTracker() = default;
FindingsTracker::FindingsTracker(FindingsTracker&&) noexcept = default;
FindingsTracker& FindingsTracker::operator=(FindingsTracker&&) noexcept = default;

std::int64_t FindingsTracker::nextStep() const {
    return m_impl->next;
}

void FindingsTracker::add(const Snapshot& snapshot, const FrameOf& frameOf) {
    if (snapshot.step != m_impl->next)
        throw Error(ErrorCode::Usage, "findings take step " + std::to_string(m_impl->next) + " next, but got step "
                                          + std::to_string(snapshot.step));
    m_impl->keepCopy();
    m_impl->detectors.resize(snapshot.lanes.size());
    for (std::size_t i = 0; i < snapshot.lanes.size(); ++i) {
        LaneDetector::FrameOf frame;
        if (frameOf)
            frame = [&frameOf, i] { return frameOf(static_cast<int>(i)); };
        if (snapshot.lanes[i])
            m_impl->detectors[i].add(snapshot.step, *snapshot.lanes[i], frame);
    }
    ++m_impl->next;
}

void FindingsTracker::truncate(std::int64_t step) {
    if (step >= m_impl->next)
        return;
    auto& copies = m_impl->copies;
    copies.erase(copies.upper_bound(step), copies.end());
    m_impl->next = copies.empty() ? 0 : copies.rbegin()->first;
    m_impl->detectors = copies.empty() ? Detectors() : copies.rbegin()->second;
}

std::vector<Finding> FindingsTracker::findings() const {
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < m_impl->detectors.size(); ++i)
        m_impl->detectors[i].collect(static_cast<int>(i), findings);
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        if (a.lane != b.lane)
            return a.lane < b.lane;
        return a.severity != b.severity ? a.severity > b.severity : a.step < b.step;
    });
    return findings;
}

}  // namespace bnstudio
