// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/npz_writer.h"
#include "core/run/run.h"
#include "core/run/trace_meta.h"

#include <filesystem>
#include <string>
#include <vector>

namespace bnstudio {

/// The lanes' names for output: never empty, never twice.
std::vector<std::string> uniqueLaneNames(const Recipe& recipe);
/// What stands before the keys of each lane in a .npz: nothing for the first lane, "NAME/" for the others.
std::vector<std::string> lanePrefixes(const Recipe& recipe);

/// Writes the tensors of a run as a trace, step by step, so that memory does not grow with the run: init.*, then for
/// every step k: x.k y.k; mean.k var.k that the step normalised with; weight.k bias.k that it used; running_mean.k
/// running_var.k num_batches_tracked.k after it; with a backward pass grad_output.k grad_input.k grad_weight.k
/// grad_bias.k; with a loss loss.k; training.k, 0 or 1; momentum.k (for None the factor that was used, so that a replay
/// needs no counter). A step that does not start from the state which the recorded step before it ended with (after a
/// refused step, a reset) has running_mean_before.k running_var_before.k num_batches_tracked_before.k too.
///
/// What the layer does not have is absent, and a step that was refused or skipped leaves nothing. eps.k is there where
/// an event changed eps. A text "meta" holds eps and momentum of the start and the numbers of the steps (trace_meta.h).
/// The first lane has the plain names, the others "NAME/" before them.
///
/// `Trace` reads such a file, and its replay has the same bits. Not replayed are events that change
/// track_running_stats or remove a buffer, and lanes that see a batch in groups.
class TraceWriter {
public:
    /// Throws Error(WriteFailed).
    TraceWriter(std::filesystem::path target, const Run& run);
    /// The step just computed; call it from Run::advanceVisiting for every lane, then step() with the snapshot.
    void tensors(std::int64_t step, int lane, const Run::StepTensors& tensors);
    void step(const Snapshot& snapshot);
    /// Renames the file into place.
    void commit();

private:
    void laneStep(std::size_t lane, std::int64_t step, const LaneSnapshot& snapshot);

    NpzWriter m_file;
    std::vector<std::string> m_prefixes;   ///< per lane
    std::vector<LayerState> m_recorded;    ///< per lane: the state after the last recorded step
    std::vector<WrittenTraceMeta> m_meta;  ///< per lane
};

}  // namespace bnstudio
