// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_content.h"
#include "ui/flow/flow_geometry.h"

#include <QPainterPath>

namespace bnstudio {

enum class FlowWire { ToBatch, FromBatch, FromRunning, ToRunning, ToAffine, ToOutput };

/// An arrow in its place, from where values come to where they go.
struct FlowArrow {
    FlowWire wire;
    FlowStage stage;
    QPainterPath path;
};

std::vector<FlowArrow> flowArrows(const FlowContent& content, const FlowGeometry& geometry);

}  // namespace bnstudio
