// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/phrase.h"
#include "core/run/snapshot.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bnstudio {

/// What can be wrong with a run; docs/findings.md describes each with its threshold.
enum class FindingKind : std::uint8_t {
    // Events: once they happened they stay.
    OneValuePerChannel,  ///< a batch was refused because it has one value per channel
    Refused,             ///< a batch was refused for another reason
    FewValues,           ///< batch statistics of fewer than fewValues values
    NonFiniteInput,      ///< NaN or an infinity came in with the data
    CounterReset,        ///< num_batches_tracked went back
    // Conditions: they hold at the latest step, and go when it no longer does.
    NonFiniteState,   ///< γ, β or running statistics are NaN or infinite
    EpsComparable,    ///< eps is a visible part of the variance
    ConstantChannel,  ///< all values of a channel are equal
    StaleStatistics,  ///< running_mean trails the data by more than chance explains
    NeverUpdated,     ///< eval normalises with statistics that no batch has touched
    TwoPopulations,   ///< batches alternate between two populations
    OutputGap,        ///< eval output lies visibly off the train output
    MomentumOutside,  ///< momentum is not in (0, 1]
    EpsZero,          ///< eps is 0
    WeightNearZero,   ///< γ hides a channel
};
inline constexpr int findingKindCount = 15;
/// "eps-comparable": for settings and scripts; never changes.
std::string_view findingId(FindingKind kind);

enum class Severity : std::uint8_t { Note, Warning, Error };

struct Evidence {
    std::string name;  ///< as the tables of the program call it: "batch var ÷n"
    double value = 0;
};

struct Finding {
    FindingKind kind{};
    Severity severity = Severity::Note;
    int lane = 0;
    std::int64_t step = 0;               ///< where it begins, for the channel that began first
    std::int64_t lastStep = 0;           ///< where it was last seen
    std::vector<std::int64_t> channels;  ///< in ascending order; empty when it is about the whole layer
    std::int64_t worstChannel = -1;      ///< the one that the evidence is about
    /// NonFiniteInput: the first such cell {n, c, l} of that step, when tensors were at hand.
    std::optional<std::array<std::int64_t, 3>> cell;
    std::string sentence;  ///< "Channel 6: eps is 11 % of the variance."
    Phrase phrase;         ///< the sentence for those who speak another language; remedy and evidence are fixed texts
    std::vector<Evidence> evidence;
    std::string remedy;  ///< what would help and what it costs, one sentence
};

// Thresholds. Each is explained in docs/findings.md.
namespace thresholds {
inline constexpr std::int64_t fewValues = 8;     ///< n below it: noisy batch statistics
inline constexpr double epsShare = 0.02;         ///< eps / smoothed var
inline constexpr double weightNearZero = 1e-3;   ///< |γ|
inline constexpr double smoothing = 0.05;        ///< weight of a new batch in the moving averages of the data
inline constexpr double staleSmoothing = 0.02;   ///< the same for z, which needs more patience
inline constexpr double staleZ = 0.5;            ///< smoothed z of the batch means
inline constexpr double staleNoise = 5;          ///< and so many standard deviations of what chance gives
inline constexpr double forgottenStart = 0.01;   ///< share of its start value in running_mean before z counts
inline constexpr double gapMean = 0.25;          ///< in standard deviations of the output
inline constexpr double gapScale = 1.25;         ///< ratio of the output's standard deviations
inline constexpr double gapNoise = 4;            ///< standard errors on top
inline constexpr double populationsZ2 = 9;       ///< mean z² of consecutive batch means; chance gives 1
inline constexpr double populationsRatio = 4;    ///< squared steps over one batch against those over two
inline constexpr std::int64_t leastBatches = 8;  ///< before anything is said about two populations
}  // namespace thresholds

/// Finds as the steps are computed, at a cost of O(C) a step; the same steps give the same findings.
///
/// Going back in time needs the state of then: the tracker keeps copies of itself now and then, within a budget, so
/// after truncate() it may want steps again that it has seen. A caller therefore always does
///     while (tracker.nextStep() < run.head()) tracker.add(*run.snapshot(tracker.nextStep()), …);
class FindingsTracker {
public:
    FindingsTracker();
    ~FindingsTracker();
    FindingsTracker(FindingsTracker&&) noexcept;
    FindingsTracker& operator=(FindingsTracker&&) noexcept;

    /// Frame of the step being added; asked for only when a NaN or infinity comes in for the first time, to name the
    /// cell.
    using FrameOf = std::function<std::shared_ptr<const Frame>(int lane)>;

    /// The step that add() takes.
    std::int64_t nextStep() const;
    /// Takes the snapshot of step nextStep(). Throws Error(Usage) for another one.
    void add(const Snapshot& snapshot, const FrameOf& frameOf = {});
    /// Forgets steps from @p step on, and maybe some before.
    void truncate(std::int64_t step);

    /// What holds after the steps seen, by lane, the most severe first, then by first step and kind.
    std::vector<Finding> findings() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// "step 0: lane B: Channel 6: eps is …": one line for a terminal; @p laneName empty for a single lane.
std::string findingLine(const Finding& finding, const std::string& laneName);

}  // namespace bnstudio
