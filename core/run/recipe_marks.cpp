// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/recipe.h"

#include <algorithm>

namespace bnstudio {

namespace {

constexpr auto isBefore = [](const StepMark& mark, std::int64_t step) { return mark.step < step; };
constexpr auto comesBefore = [](std::int64_t step, const StepMark& mark) { return step < mark.step; };

}  // namespace

void setMark(Recipe& recipe, std::int64_t step, const std::string& name) {
    std::vector<StepMark>& marks = recipe.marks;
    auto place = std::lower_bound(marks.begin(), marks.end(), step, isBefore);
    if (place != marks.end() && place->step == step)
        place = marks.erase(place);
    if (!name.empty())
        marks.insert(place, StepMark{step, name});
}

const StepMark* markAt(const Recipe& recipe, std::int64_t step) {
    const auto found = std::lower_bound(recipe.marks.begin(), recipe.marks.end(), step, isBefore);
    return found != recipe.marks.end() && found->step == step ? &*found : nullptr;
}

const StepMark* nextMark(const Recipe& recipe, std::int64_t step) {
    const auto found = std::upper_bound(recipe.marks.begin(), recipe.marks.end(), step, comesBefore);
    return found != recipe.marks.end() ? &*found : nullptr;
}

const StepMark* previousMark(const Recipe& recipe, std::int64_t step) {
    const auto found = std::lower_bound(recipe.marks.begin(), recipe.marks.end(), step, isBefore);
    return found != recipe.marks.begin() ? &*std::prev(found) : nullptr;
}

}  // namespace bnstudio
