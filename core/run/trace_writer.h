// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/npz_writer.h"
#include "core/run/run.h"

#include <filesystem>
#include <string>

namespace bnstudio {

/// Writes the tensors of a run as a trace: init.*, then for every step k: x.k y.k; mean.k var.k that the step normalised
/// with; weight.k bias.k that it used; running_mean.k running_var.k num_batches_tracked.k after it; with a backward pass
/// grad_output.k grad_input.k grad_weight.k grad_bias.k; with a loss loss.k; training.k, 0 or 1. What the layer does not
/// have is absent, and a step that was refused or skipped leaves nothing. The first lane has the plain names, the others
/// "NAME/" before them.
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
    void add(int lane, const std::string& name, const Tensor& tensor);
    void addVector(int lane, const std::string& name, const ChannelVector& values, DType dtype);
    void addState(int lane, const LayerState& state, DType dtype, const std::string& prefix, const std::string& suffix);

    NpzWriter m_file;
    std::vector<std::string> m_prefixes;  ///< per lane
};

}  // namespace bnstudio
