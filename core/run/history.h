// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/snapshot.h"

#include <chrono>
#include <list>
#include <map>
#include <unordered_map>

namespace bnstudio {

/// The computed steps of a run under a byte budget. Snapshots beyond it are dropped, the longest unused first; states
/// at regular steps (keyframes) stay, so that every dropped step can be replayed. Keyframes stand so close that a
/// replay takes about seekTime, unless they alone need more than half the budget: then every other one goes.
///
/// Neighbouring snapshots share states; each state is counted once however many hold it.
class History {
public:
    static constexpr std::chrono::milliseconds seekTime{200};
    static constexpr std::int64_t widestSpacing = 16;  ///< as long as the budget allows

    History(State initial, std::size_t byteBudget);

    const State& initialState() const { return m_keyframes.at(0); }
    std::int64_t head() const { return m_head; }
    std::size_t byteSize() const { return m_bytes; }
    bool isKept(std::int64_t step) const { return m_snapshots.contains(step); }

    /// Adds step head(), whose computation took @p cost.
    void append(const State& before, std::shared_ptr<const Snapshot> snapshot, std::chrono::nanoseconds cost);
    /// Takes back a step that was replayed.
    void restore(std::shared_ptr<const Snapshot> snapshot);
    /// The snapshot, which then counts as just used; null when it was dropped.
    std::shared_ptr<const Snapshot> find(std::int64_t step);

    /// The latest step ≤ @p step whose preceding state is known, with that state.
    struct Start {
        std::int64_t step = 0;
        State state;
    };
    Start nearestStart(std::int64_t step) const;

    /// Forgets steps from @p head on.
    void truncate(std::int64_t head);

private:
    using Uses = std::list<std::int64_t>;
    struct Kept {
        std::shared_ptr<const Snapshot> snapshot;
        Uses::iterator use;
    };
    void keep(std::shared_ptr<const Snapshot> snapshot);
    void drop(std::map<std::int64_t, Kept>::iterator kept);
    void addKeyframe(std::int64_t step, const State& state);
    void dropKeyframe(std::map<std::int64_t, State>::iterator keyframe);
    void hold(const std::shared_ptr<const LaneState>& lane);
    void release(const std::shared_ptr<const LaneState>& lane);
    void stayWithinBudget();
    void widenSpacing();

    std::size_t m_budget;
    std::size_t m_bytes = 0;
    std::size_t m_keyframeBytes = 0;
    std::int64_t m_head = 0;
    std::int64_t m_spacing = widestSpacing;  ///< of new keyframes, from the time a step takes
    std::int64_t m_affordableSpacing = 1;    ///< least spacing the budget allows
    std::map<std::int64_t, Kept> m_snapshots;
    Uses m_uses;                                ///< steps of kept snapshots, the longest unused first
    std::map<std::int64_t, State> m_keyframes;  ///< by the step they stand before
    std::unordered_map<const LaneState*, std::size_t> m_holders;
};

}  // namespace bnstudio
