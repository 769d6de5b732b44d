// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/series.h"
#include "core/run/snapshot.h"
#include "core/run/trace.h"

#include <memory>
#include <stop_token>

namespace bnstudio {

/// Limits of a run's memory.
struct RunLimits {
    std::size_t historyBytes = std::size_t{256} << 20;  ///< snapshots and keyframes
    std::size_t seriesBytes = std::size_t{64} << 20;    ///< per lane, beyond it the cache folder
    std::int64_t batchBytes = BatchStream::defaultByteLimit;
    bool keepsSeries = true;  ///< false: series() stays empty, for a run of which nothing is drawn
};

/// Computes a recipe step by step and remembers it. One owner, one thread; what it returns is immutable and may be
/// shared with any thread. Every long call polls its stop token and throws Error(Cancelled), leaving the run valid.
class Run {
public:
    explicit Run(Recipe recipe, RunLimits limits = {}, const Progress& progress = {}, std::stop_token stop = {});
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    const Recipe& recipe() const;
    const BatchStream& stream() const;
    /// The recorded training that a lane replays, null where there is none.
    std::shared_ptr<const Trace> recording(int lane = 0) const;
    /// Steps until the first recording ends; nothing when no lane replays one.
    std::optional<std::int64_t> recordedSteps() const;
    /// Replaces the recipe. With @p readAgain data files are opened anew even if nothing changed in the recipe. Steps before the first difference stay; returns that step (or head() when nothing
    /// changed): steps from there on are forgotten and head() is at most it. When the new recipe cannot be opened the
    /// Error leaves the run as it was.
    std::int64_t setRecipe(Recipe recipe, const Progress& progress = {}, std::stop_token stop = {},
                           bool readAgain = false);

    /// Number of computed steps: the next one to compute.
    std::int64_t head() const;
    /// Computes step head().
    std::shared_ptr<const Snapshot> advance(std::stop_token stop = {});
    /// Step k < head(), replayed from the nearest keyframe when it was thinned out.
    std::shared_ptr<const Snapshot> snapshot(std::int64_t k, std::stop_token stop = {});
    /// Whether snapshot(k) answers without computing.
    bool isKept(std::int64_t k) const;
    /// The tensors of step k < head().
    std::shared_ptr<const Frame> frame(std::int64_t k, int lane = 0, std::stop_token stop = {});
    /// The same batch in the other mode (peek): nothing is recorded. Start state: the state before step k,
    /// which may be head().
    std::shared_ptr<const Frame> peek(std::int64_t k, int lane, bool trainMode, std::stop_token stop = {});
    /// The state before step 0.
    const State& initialState() const;
    SeriesView series(int lane = 0) const;
    /// Bytes held by snapshots and keyframes.
    std::size_t historyBytes() const;

    /// What `step` hands out while computing, for the headless run: the tensors of the step just advanced.
    struct StepTensors {
        const Tensor* x = nullptr;
        const Tensor* y = nullptr;
        const Tensor* gradOutput = nullptr;  ///< null without a backward pass
        const Tensor* gradInput = nullptr;   ///< computed only when asked for
    };
    /// advance() that also hands every lane's tensors to @p visit, grad_input included, before they are reused.
    std::shared_ptr<const Snapshot> advanceVisiting(const std::function<void(int lane, const StepTensors&)>& visit,
                                                    std::stop_token stop = {});

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace bnstudio
