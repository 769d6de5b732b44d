// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/axis_roles.h"
#include "core/data/shortest_decimal.h"
#include "core/error.h"
#include "core/norm/widest_layer.h"
#include "core/run/recipe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

constexpr std::size_t maxLanes = 32;
// Steps and counts beyond 2^53 would not survive other JSON readers.
constexpr std::int64_t maxCount = std::int64_t{1} << 53;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
    throw Error(ErrorCode::BadInput, where + ": " + what);
}
std::string text(double value) {
    return shortestDecimal(value);
}
std::string indexed(const std::string& list, std::size_t index) {
    return list + "[" + std::to_string(index) + "]";
}
void requireCount(const std::string& where, std::int64_t value, std::int64_t least) {
    if (value < least || value > maxCount)
        refuse(where, "got " + std::to_string(value) + ", expected a number of at least " + std::to_string(least));
}
void requireNonNegative(const std::string& where, double value) {
    if (!(value >= 0) || std::isinf(value))
        refuse(where, "got " + text(value) + ", expected a finite number of at least 0");
}
void requireFraction(const std::string& where, double value) {
    if (!(value >= 0 && value < 1))
        refuse(where, "got " + text(value) + ", expected a number from 0 up to but without 1");
}
void requireEps(const std::string& where, double eps) {
    requireNonNegative(where, eps);
}

struct CheckSource {
    std::string where;
    void operator()(const GeneratorSpec& spec) const {
        try {
            validate(spec);
        } catch (const Error& error) {
            refuse(where, error.what());
        }
    }
    void operator()(const FileSpec& spec) const {
        if (!isAxisOrder(spec.axes))
            refuse(where + ".axes", "got \"" + spec.axes + "\", expected N and C, and L or not, in any order");
        if (spec.path.empty())
            refuse(where + ".path", "is empty, expected the name of a file");
    }
    void operator()(const PastedSpec& spec) const {
        if (spec.shape.size() != 2 && spec.shape.size() != 3)
            refuse(where + ".shape",
                   shapeText(spec.shape) + " has " + std::to_string(spec.shape.size()) + " axes, expected 2 or 3");
        const std::int64_t expected = checkedElementCount(spec.shape, sizeof(double));
        if (expected != static_cast<std::int64_t>(spec.values.size()))
            refuse(where + ".values", std::to_string(spec.values.size()) + " values, expected "
                                          + std::to_string(expected) + " for the shape " + shapeText(spec.shape));
    }
};

void checkSchedule(const Schedule& schedule, std::size_t sources) {
    requireCount("data.schedule.repeat", schedule.repeat, 1);
    for (std::size_t i = 0; i < schedule.pinnedRows.size(); ++i)
        requireCount(indexed("data.schedule.pinned_rows", i), schedule.pinnedRows[i], 0);
    if (schedule.order != Schedule::Order::Explicit)
        return;
    if (schedule.steps.empty())
        refuse("data.schedule.steps", "is empty, expected at least one batch for an explicit order");
    for (std::size_t i = 0; i < schedule.steps.size(); ++i) {
        const Schedule::Entry& entry = schedule.steps[i];
        requireCount(indexed("data.schedule.steps", i) + ".batch", entry.batch, 0);
        if (entry.source < 0 || static_cast<std::size_t>(entry.source) >= sources)
            refuse(indexed("data.schedule.steps", i) + ".source", "there is no source " + std::to_string(entry.source)
                                                                      + ", the recipe has " + std::to_string(sources));
    }
}

void checkData(const DataSpec& data) {
    if (data.sources.empty())
        refuse("data.sources", "is empty, expected at least one source of batches");
    for (std::size_t i = 0; i < data.sources.size(); ++i)
        std::visit(CheckSource{indexed("data.sources", i)}, data.sources[i]);
    for (std::size_t i = 0; i < data.gradients.size(); ++i)
        std::visit(CheckSource{indexed("data.gradients", i)}, data.gradients[i]);
    if (!data.gradients.empty() && data.gradients.size() != data.sources.size())
        refuse("data.gradients", std::to_string(data.gradients.size()) + " sources, expected one for each of the "
                                     + std::to_string(data.sources.size()) + " data sources");
    if (data.batchSize)
        requireCount("data.batch_size", *data.batchSize, 1);
    checkSchedule(data.schedule, data.sources.size());
}

void checkLoss(const std::string& where, const LossSpec& loss) {
    if (loss.kind == LossSpec::Kind::MseTarget && loss.target.empty())
        refuse(where + ".target", "is empty, expected one value or one a channel");
    if (loss.kind == LossSpec::Kind::MseTeacher && (loss.teacherWeight.empty() || loss.teacherBias.empty()))
        refuse(where + (loss.teacherWeight.empty() ? ".weight" : ".bias"),
               "is empty, expected one value or one a channel");
}

void checkOptimizer(const std::string& where, const OptimizerSpec& spec) {
    if (spec.kind == OptimizerSpec::Kind::None)
        return;
    requireNonNegative(where + ".lr", spec.lr);
    requireNonNegative(where + ".weight_decay", spec.weightDecay);
    if (spec.kind == OptimizerSpec::Kind::Sgd) {
        requireNonNegative(where + ".momentum", spec.momentum);
        if (spec.nesterov && spec.momentum == 0)
            refuse(where + ".nesterov", "needs a momentum above 0");
        return;
    }
    requireFraction(where + ".beta1", spec.beta1);
    requireFraction(where + ".beta2", spec.beta2);
    requireNonNegative(where + ".eps", spec.eps);
}

void checkUpstream(const std::string& where, const UpstreamSpec& upstream, const Recipe& recipe) {
    const bool recorded = std::any_of(recipe.lanes.begin(), recipe.lanes.end(),
                                      [](const LaneSpec& lane) { return lane.recording.has_value(); });
    if (upstream.kind == UpstreamSpec::Kind::Source && recipe.data.gradients.empty() && !recorded)
        refuse(where, "takes the upstream gradient from the data, but data.gradients is empty");
}

void checkFeed(const std::string& where, const Feed& feed, std::size_t lane) {
    switch (feed.kind) {
    case Feed::Kind::Whole:
        return;
    case Feed::Kind::Rows:
        requireCount(where + ".first", feed.first, 0);
        if (feed.last <= feed.first)
            refuse(where + ".last",
                   "got " + std::to_string(feed.last) + ", expected more than first, " + std::to_string(feed.first));
        return;
    case Feed::Kind::Groups:
        requireCount(where + ".size", feed.groupSize, 1);
        return;
    case Feed::Kind::AxisRoles: {
        std::string sorted = feed.axes;
        std::sort(sorted.begin(), sorted.end());
        if (sorted != "CLN")
            refuse(where + ".axes", "got \"" + feed.axes + "\", expected N, C and L in any order");
        return;
    }
    case Feed::Kind::LaneOutput:
        if (feed.lane < 0 || static_cast<std::size_t>(feed.lane) >= lane)
            refuse(where + ".lane", "got " + std::to_string(feed.lane) + ", expected an earlier lane than this one, "
                                        + std::to_string(lane));
        return;
    }
}

void checkState(const std::string& where, const LayerState& state) {
    const std::array<const std::optional<ChannelVector>*, 4> vectors{&state.weight, &state.bias, &state.runningMean,
                                                                     &state.runningVar};
    for (const auto* vector : vectors) {
        if (*vector && (*vector)->size() > static_cast<std::size_t>(widestLayer))
            refuse(where,
                   std::to_string((*vector)->size()) + " channels, expected at most " + std::to_string(widestLayer));
    }
}

void checkLane(const Recipe& recipe, std::size_t index) {
    const LaneSpec& lane = recipe.lanes[index];
    const std::string where = indexed("lanes", index);
    if (lane.layer.numFeatures < 0 || lane.layer.numFeatures > widestLayer)
        refuse(where + ".layer.num_features",
               "got " + std::to_string(lane.layer.numFeatures) + ", expected 0 to " + std::to_string(widestLayer));
    requireEps(where + ".layer.eps", lane.layer.eps);
    if (!isLayerDType(lane.layer.dtype))
        refuse(where + ".layer.dtype", "got " + std::string(name(lane.layer.dtype)) + ", expected float32 or float64");
    if (lane.initialState)
        checkState(where + ".initial_state", *lane.initialState);
    checkLoss(where + ".training.loss", lane.training.loss);
    checkOptimizer(where + ".training.optimizer", lane.training.optimizer);
    checkUpstream(where + ".training.upstream", lane.training.upstream, recipe);
    checkFeed(where + ".feed", lane.feed, index);
    if (lane.recording)
        CheckSource{where + ".recording"}(*lane.recording);
}

struct CheckAction {
    const Recipe& recipe;
    std::string where;
    void operator()(const SetEps& a) const { requireEps(where + ".eps", a.eps); }
    void operator()(const SetWeight& a) const { requireCount(where + ".channel", a.channel, -1); }
    void operator()(const SetBias& a) const { requireCount(where + ".channel", a.channel, -1); }
    void operator()(const LoadState& a) const { checkState(where + ".state", a.state); }
    void operator()(const SetLoss& a) const { checkLoss(where + ".loss", a.loss); }
    void operator()(const SetUpstream& a) const { checkUpstream(where + ".upstream", a.upstream, recipe); }
    void operator()(const SetOptimizer& a) const { checkOptimizer(where + ".optimizer", a.optimizer); }
    void operator()(const EditCell& a) const {
        requireCount(where + ".n", a.n, 0);
        requireCount(where + ".c", a.c, 0);
        requireCount(where + ".l", a.l, 0);
    }
    void operator()(const PadBatch& a) const {
        if (a.rows < 0 || a.rows > std::numeric_limits<std::int32_t>::max())
            refuse(where + ".rows", "got " + std::to_string(a.rows) + ", expected 0 to 2147483647");
    }
    template <class T>
    void operator()(const T&) const {}
};

void checkMarks(const std::vector<StepMark>& marks) {
    for (std::size_t i = 0; i < marks.size(); ++i) {
        const std::string where = indexed("marks", i);
        requireCount(where + ".step", marks[i].step, -1);
        if (marks[i].name.empty())
            refuse(where + ".name", "is empty, expected a name for step " + std::to_string(marks[i].step));
        if (i > 0 && marks[i].step <= marks[i - 1].step)
            refuse(where + ".step",
                   "got " + std::to_string(marks[i].step) + ", expected a later step than that of the mark before it");
    }
}

}  // namespace

void validate(const Recipe& recipe) {
    checkData(recipe.data);
    if (recipe.lanes.empty() || recipe.lanes.size() > maxLanes)
        refuse("lanes", std::to_string(recipe.lanes.size()) + " lanes, expected 1 to " + std::to_string(maxLanes));
    for (std::size_t i = 0; i < recipe.lanes.size(); ++i)
        checkLane(recipe, i);
    for (std::size_t i = 0; i < recipe.events.size(); ++i) {
        const Event& event = recipe.events[i];
        const std::string where = indexed("events", i);
        requireCount(where + ".step", event.step, 0);
        if (event.lane < -1 || event.lane >= static_cast<int>(recipe.lanes.size()))
            refuse(where + ".lane", "there is no lane " + std::to_string(event.lane) + ", the recipe has "
                                        + std::to_string(recipe.lanes.size()));
        std::visit(CheckAction{recipe, where}, event.action);
    }
    checkMarks(recipe.marks);
}

}  // namespace bnstudio
