// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <vector>

namespace bnstudio {

class Session;

/// A step at which a presentation halts.
struct PresentationStop {
    std::int64_t step = 0;
    QString name;
};

/// The steps that have names; where none has one, the start, the steps with events, and the last computed one. Sorted,
/// and each step once.
std::vector<PresentationStop> presentationStops(const Session& session);

}  // namespace bnstudio
