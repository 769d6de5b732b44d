// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/recipe_compare.h"

#include "core/run/recipe_json.h"

#include <algorithm>
#include <cstring>

namespace bnstudio {

namespace {

// Parts are compared by their JSON: == would find NaN different from itself and −0 equal to 0.

bool samePasted(const PastedSpec& a, const PastedSpec& b) {
    return a.shape == b.shape && a.values.size() == b.values.size()
           && (a.values.empty()
               || std::memcmp(a.values.data(), b.values.data(), a.values.size() * sizeof(double)) == 0);
}

bool sameSource(const SourceSpec& a, const SourceSpec& b) {
    const auto *pastedA = std::get_if<PastedSpec>(&a), *pastedB = std::get_if<PastedSpec>(&b);
    if (pastedA && pastedB)  // may be long
        return samePasted(*pastedA, *pastedB);
    if (a.index() != b.index())
        return false;
    DataSpec onlyA, onlyB;
    onlyA.sources = {a};
    onlyB.sources = {b};
    return recipe_json::write(onlyA) == recipe_json::write(onlyB);
}

bool sameSources(const std::vector<SourceSpec>& a, const std::vector<SourceSpec>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), sameSource);
}

bool sameLane(LaneSpec a, LaneSpec b) {
    a.name = b.name = std::string();
    return recipe_json::write(a) == recipe_json::write(b);
}

}  // namespace

bool sameData(const DataSpec& a, const DataSpec& b) {
    const bool sameRest = a.batchSize == b.batchSize && a.dropLast == b.dropLast && a.shuffleSeed == b.shuffleSeed
                          && a.schedule == b.schedule;
    return sameRest && sameSources(a.sources, b.sources) && sameSources(a.gradients, b.gradients);
}

std::optional<std::int64_t> firstDifference(const Recipe& a, const Recipe& b) {
    if (!sameData(a.data, b.data)
        || !std::equal(a.lanes.begin(), a.lanes.end(), b.lanes.begin(), b.lanes.end(), sameLane))
        return 0;
    const std::size_t common = std::min(a.events.size(), b.events.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (recipe_json::write(a.events[i]) != recipe_json::write(b.events[i]))
            return std::min(a.events[i].step, b.events[i].step);
    }
    const std::vector<Event>& longer = a.events.size() > b.events.size() ? a.events : b.events;
    return longer.size() > common ? std::optional(longer[common].step) : std::nullopt;
}

}  // namespace bnstudio
