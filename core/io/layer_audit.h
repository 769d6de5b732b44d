// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/state_file.h"
#include "core/norm/state_audit.h"

#include <stop_token>
#include <vector>

namespace bnstudio {

/// A batch-norm layer of a model and what looks wrong with it, the worst first.
struct LayerAudit {
    FoundLayer layer;
    std::vector<StateFinding> findings;
};

/// Every batch-norm layer of a file, the most suspicious first: by the kind of its worst finding, then by the number of
/// findings, then in the order of the file. Throws Error(BadInput), or Error(Cancelled).
std::vector<LayerAudit> auditLayers(const TensorFile& file, const Progress& progress = {}, std::stop_token stop = {});

}  // namespace bnstudio
