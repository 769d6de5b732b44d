// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/history.h"

#include "core/run/snapshot_bytes.h"

#include <algorithm>
#include <cassert>

namespace bnstudio {

namespace {

// Nodes of the containers beside the values in them.
constexpr std::size_t bookkeepingBytes = 160;

std::size_t keyframeBytes(const State& state) {
    std::size_t bytes = bookkeepingBytes;
    for (const auto& lane : state)
        bytes += byteSize(*lane);
    return bytes;
}

State stateAfter(const Snapshot& snapshot) {
    State state;
    for (const auto& lane : snapshot.lanes)
        state.push_back(lane->after);
    return state;
}

/// The power of two of steps that fits into the time of a seek.
std::int64_t spacingFor(std::chrono::nanoseconds cost) {
    std::int64_t spacing = History::widestSpacing;
    while (spacing > 1 && spacing * cost > History::seekTime)
        spacing /= 2;
    return spacing;
}

}  // namespace

History::History(State initial, std::size_t byteBudget) : m_budget(byteBudget) {
    addKeyframe(0, initial);
}

void History::append(const State& before, std::shared_ptr<const Snapshot> snapshot, std::chrono::nanoseconds cost) {
    assert(snapshot->step == m_head);
    // A step that was slow once (files, other programs) may narrow the spacing; it widens again with the next ones.
    m_spacing = std::min(m_spacing * 2, spacingFor(cost));
    if (m_head > 0 && m_head % std::max(m_spacing, m_affordableSpacing) == 0)
        addKeyframe(m_head, before);
    ++m_head;
    keep(std::move(snapshot));
    stayWithinBudget();
}

void History::restore(std::shared_ptr<const Snapshot> snapshot) {
    if (m_snapshots.contains(snapshot->step))
        return;
    keep(std::move(snapshot));
    stayWithinBudget();
}

std::shared_ptr<const Snapshot> History::find(std::int64_t step) {
    const auto found = m_snapshots.find(step);
    if (found == m_snapshots.end())
        return nullptr;
    m_uses.splice(m_uses.end(), m_uses, found->second.use);
    return found->second.snapshot;
}

History::Start History::nearestStart(std::int64_t step) const {
    const auto keyframe = std::prev(m_keyframes.upper_bound(step));
    const auto kept = m_snapshots.lower_bound(step);
    if (kept != m_snapshots.begin() && std::prev(kept)->first >= keyframe->first)
        return {std::prev(kept)->first + 1, stateAfter(*std::prev(kept)->second.snapshot)};
    return {keyframe->first, keyframe->second};
}

void History::truncate(std::int64_t head) {
    m_head = std::min(m_head, head);
    while (!m_snapshots.empty() && std::prev(m_snapshots.end())->first >= m_head)
        drop(std::prev(m_snapshots.end()));
    // The keyframe before the new head is still true.
    while (std::prev(m_keyframes.end())->first > m_head)
        dropKeyframe(std::prev(m_keyframes.end()));
}

void History::keep(std::shared_ptr<const Snapshot> snapshot) {
    m_bytes += byteSizeWithoutStates(*snapshot) + bookkeepingBytes;
    for (const auto& lane : snapshot->lanes) {
        hold(lane->before);
        hold(lane->after);
    }
    const std::int64_t step = snapshot->step;
    m_snapshots[step] = {std::move(snapshot), m_uses.insert(m_uses.end(), step)};
}

void History::drop(std::map<std::int64_t, Kept>::iterator kept) {
    const Snapshot& snapshot = *kept->second.snapshot;
    m_bytes -= byteSizeWithoutStates(snapshot) + bookkeepingBytes;
    for (const auto& lane : snapshot.lanes) {
        release(lane->before);
        release(lane->after);
    }
    m_uses.erase(kept->second.use);
    m_snapshots.erase(kept);
}

void History::addKeyframe(std::int64_t step, const State& state) {
    const auto [place, isNew] = m_keyframes.emplace(step, state);
    if (!isNew)
        return;
    m_bytes += bookkeepingBytes;
    m_keyframeBytes += keyframeBytes(state);
    for (const auto& lane : state)
        hold(lane);
}

void History::dropKeyframe(std::map<std::int64_t, State>::iterator keyframe) {
    m_bytes -= bookkeepingBytes;
    m_keyframeBytes -= keyframeBytes(keyframe->second);
    for (const auto& lane : keyframe->second)
        release(lane);
    m_keyframes.erase(keyframe);
}

void History::hold(const std::shared_ptr<const LaneState>& lane) {
    if (++m_holders[lane.get()] == 1)
        m_bytes += bnstudio::byteSize(*lane);
}

void History::release(const std::shared_ptr<const LaneState>& lane) {
    const auto holder = m_holders.find(lane.get());
    assert(holder != m_holders.end());
    if (--holder->second > 0)
        return;
    m_bytes -= bnstudio::byteSize(*lane);
    m_holders.erase(holder);
}

void History::stayWithinBudget() {
    while (m_keyframeBytes > m_budget / 2 && m_keyframes.size() > 1)
        widenSpacing();
    // The last snapshot stays: it is on display.
    while (m_bytes > m_budget && m_uses.size() > 1)
        drop(m_snapshots.find(m_uses.front()));
}

/// Halves the number of keyframes; the one at step 0 stays.
void History::widenSpacing() {
    m_affordableSpacing *= 2;
    for (auto keyframe = std::next(m_keyframes.begin()); keyframe != m_keyframes.end();) {
        const auto current = keyframe++;
        if (current->first % m_affordableSpacing != 0)
            dropKeyframe(current);
    }
}

}  // namespace bnstudio
