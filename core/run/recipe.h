// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/generator.h"
#include "core/norm/batch_norm.h"
#include "core/train/training.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bnstudio {

/// A tensor, or a numbered family of tensors, of a data file. Size, mtime and hash tell whether the file changed since
/// the recipe was saved; they are zero when never checked.
struct FileSpec {
    std::string path;    ///< as the user gave it, or absolute
    std::string tensor;  ///< name or family; empty: every tensor of the file that can be a batch, in order
    std::uint64_t size = 0;
    std::int64_t mtime = 0;
    std::string hash;  ///< sampled content hash, hexadecimal
    std::string axes =
        {};  ///< order of the axes in the file, such as "NLC" or "CN"; empty: natural, (N, C) or (N, C, L)
    bool operator==(const FileSpec&) const = default;
};

/// Values typed or pasted by the user, rank 2 or 3.
struct PastedSpec {
    Dims shape;
    std::vector<double> values;
    bool operator==(const PastedSpec&) const = default;
};

using SourceSpec = std::variant<GeneratorSpec, FileSpec, PastedSpec>;

/// Which batch a step sees. Batches of all sources are numbered in order (source 0 first); past the end it starts again.
struct Schedule {
    enum class Order {
        InOrder,      ///< 0, 1, 2, …
        Alternating,  ///< batch 0 of each source in turn, then batch 1 of each, …
        Explicit,     ///< the list `steps`, repeated
    };
    struct Entry {
        int source = 0;
        std::int64_t batch = 0;
        bool operator==(const Entry&) const = default;
    };
    Order order = Order::InOrder;
    std::int64_t repeat = 1;               ///< each batch this many steps in a row
    std::vector<Entry> steps;              ///< Explicit only
    std::vector<std::int64_t> pinnedRows;  ///< these rows always hold what they hold at step 0
    bool operator==(const Schedule&) const = default;
};

struct DataSpec {
    std::vector<SourceSpec> sources;
    std::vector<SourceSpec> gradients;      ///< upstream gradients, batched like the data; usually empty
    std::optional<std::int64_t> batchSize;  ///< nothing: all samples of a tensor; generators have their own N
    bool dropLast = false;
    std::optional<std::uint64_t> shuffleSeed;
    Schedule schedule;
    bool operator==(const DataSpec&) const = default;
};

/// What part of the step's batch a lane's layer sees.
struct Feed {
    enum class Kind {
        Whole,
        Rows,        ///< samples first … last − 1
        Groups,      ///< the batch in groups of `groupSize` samples, one forward each, in turn
        AxisRoles,   ///< the axes of a rank-3 batch read as `axes`, e.g. "NLC"
        LaneOutput,  ///< the output y of an earlier lane
    };
    Kind kind = Kind::Whole;
    std::int64_t first = 0, last = 0;
    std::int64_t groupSize = 0;
    std::string axes = "NCL";
    int lane = 0;
    bool operator==(const Feed&) const = default;
};

/// Which passes a step runs. Update implies backward.
struct Passes {
    bool backward = false;
    bool update = false;  ///< the optimiser changes γ and β
    bool operator==(const Passes&) const = default;
};

struct TrainingSpec {
    Passes passes;
    UpstreamSpec upstream;  ///< used when there is no loss
    LossSpec loss;
    OptimizerSpec optimizer;
    bool operator==(const TrainingSpec&) const = default;
};

/// One layer of its own beside the others, on the same stream of batches.
struct LaneSpec {
    std::string name = "A";
    LayerOptions layer;  ///< num_features 0: follows the data
    std::optional<LayerState> initialState;
    bool trainMode = true;
    TrainingSpec training;
    Feed feed;
    /// A recorded training (core/run/trace.h) that this lane replays; FileSpec::tensor is what stands before its keys.
    /// Every step takes γ and β from it, the running statistics where it says from what the step started, and the
    /// upstream gradient where the data have none. An event that sets γ or β, or an optimiser, ends that for γ and β.
    /// The lane refuses steps past the last recorded one.
    std::optional<FileSpec> recording;
    bool operator==(const LaneSpec&) const = default;
};

// What a PyTorch user could do between two steps.
struct SetMomentum {
    std::optional<double> momentum;
    bool operator==(const SetMomentum&) const = default;
};
struct SetEps {
    double eps;
    bool operator==(const SetEps&) const = default;
};
struct SetTrackRunningStats {
    bool on;
    bool operator==(const SetTrackRunningStats&) const = default;
};
/// Removes weight and bias, or makes new ones.
struct SetAffine {
    bool on;
    bool operator==(const SetAffine&) const = default;
};
/// Assigns one channel, or all when channel is −1.
struct SetWeight {
    std::int64_t channel;
    double value;
    bool operator==(const SetWeight&) const = default;
};
struct SetBias {
    std::int64_t channel;
    double value;
    bool operator==(const SetBias&) const = default;
};
/// running_mean = None, running_var = None, or both.
struct RemoveBuffers {
    bool mean, var;
    bool operator==(const RemoveBuffers&) const = default;
};
struct ResetRunningStats {
    bool operator==(const ResetRunningStats&) const = default;
};
struct ResetParameters {
    bool operator==(const ResetParameters&) const = default;
};
struct LoadState {
    LayerState state;
    bool operator==(const LoadState&) const = default;
};
struct SetMode {
    bool train;
    bool operator==(const SetMode&) const = default;
};
struct SetPasses {
    Passes passes;
    bool operator==(const SetPasses&) const = default;
};
struct SetLoss {
    LossSpec loss;
    bool operator==(const SetLoss&) const = default;
};
struct SetUpstream {
    UpstreamSpec upstream;
    bool operator==(const SetUpstream&) const = default;
};
/// The new optimiser starts with empty buffers when its kind changes.
struct SetOptimizer {
    OptimizerSpec optimizer;
    bool operator==(const SetOptimizer&) const = default;
};
// Edits of this step's batch, before any feed.
struct EditCell {
    std::int64_t n, c, l;
    double value;
    bool operator==(const EditCell&) const = default;
};
/// Appends samples that hold `value` everywhere.
struct PadBatch {
    std::int64_t rows;
    double value;
    bool operator==(const PadBatch&) const = default;
};
struct ScaleBatch {
    double factor;
    bool operator==(const ScaleBatch&) const = default;
};
/// The batch of this step is not shown to the layer: nothing happens in this step.
struct SkipBatch {
    bool operator==(const SkipBatch&) const = default;
};

using Action = std::variant<SetMomentum, SetEps, SetTrackRunningStats, SetAffine, SetWeight, SetBias, RemoveBuffers,
                            ResetRunningStats, ResetParameters, LoadState, SetMode, SetPasses, SetLoss, SetUpstream,
                            SetOptimizer, EditCell, PadBatch, ScaleBatch, SkipBatch>;

/// Acts before step `step`, on one lane or (−1) on all. Events of one step act in list order.
struct Event {
    std::int64_t step = 0;
    int lane = -1;
    Action action;
    bool operator==(const Event&) const = default;
};

/// A name that the user gave to a step, to find it again; the start is step −1. The run does not depend on it.
struct StepMark {
    std::int64_t step = 0;
    std::string name;
    bool operator==(const StepMark&) const = default;
};

/// Everything a run depends on.
struct Recipe {
    static constexpr int schemaVersion = 1;
    std::string name;
    DataSpec data;
    std::vector<LaneSpec> lanes{LaneSpec{}};
    std::vector<Event> events;    ///< sorted by step; insertEvent keeps it so
    std::vector<StepMark> marks;  ///< sorted by step, at most one a step; setMark keeps it so
    bool operator==(const Recipe&) const = default;
};

/// Inserts behind the events of the same step. An event that sets the same thing (same action type, lane and, where it
/// has one, channel or cell) at the same step is replaced.
void insertEvent(Recipe& recipe, Event event);
/// Names a step, or names it anew; an empty name takes the mark away.
void setMark(Recipe& recipe, std::int64_t step, const std::string& name);
/// The mark of this step, and the nearest ones after and before it; null when there is none.
const StepMark* markAt(const Recipe& recipe, std::int64_t step);
const StepMark* nextMark(const Recipe& recipe, std::int64_t step);
const StepMark* previousMark(const Recipe& recipe, std::int64_t step);
/// Settings that hold at step k: the initial ones with all events up to and including k applied.
struct EffectiveSettings {
    LayerOptions layer;
    bool trainMode = true;
    TrainingSpec training;
    bool operator==(const EffectiveSettings&) const = default;
};
EffectiveSettings settingsAt(const Recipe& recipe, int lane, std::int64_t step);
/// First step whose result can differ between two recipes; nothing when they give the same run. Names and marks do not
/// count.
std::optional<std::int64_t> firstDifference(const Recipe& a, const Recipe& b);
/// Throws Error(BadInput) when the recipe cannot be run: no source, no lane or more than 32, a lane feed that points
/// forward, an event on a lane that does not exist, a negative step or batch size, an unusable generator, two marks of
/// one step or one without a name.
void validate(const Recipe& recipe);

/// One line for the timeline and the undo list: "momentum 0.1", "reset_running_stats()", "γ[3] = 0.5".
std::string describe(const Action& action);

/// The recipe the program starts with: eight channels with different means and spreads, one drifting, one nearly
/// constant, a few outliers; MSE to a teacher with SGD.
Recipe defaultRecipe();

// recipe_json.cpp
/// Deterministic, indented JSON. NaN and infinities as "nan", "inf", "-inf"; momentum None as "none"; arrays beyond 64
/// values as base64 of little-endian float64.
std::string toJson(const Recipe& recipe);
/// Throws Error(BadInput): not JSON, not a recipe, a newer schema version, unknown keys, wrong types, absurd sizes; the
/// message names the key path.
Recipe recipeFromJson(const std::string& text);
/// Reads and writes a recipe file; relative data paths are resolved against the file's folder (relative first, then
/// absolute) and written relative to it together with the absolute path.
Recipe loadRecipe(const std::string& path);
void saveRecipe(const Recipe& recipe, const std::string& path);
/// What saveRecipe writes into a file at @p path, and what loadRecipe makes of it: for recipes that travel inside of
/// other files.
std::string recipeFileText(const Recipe& recipe, const std::string& path);
Recipe recipeFromFileText(const std::string& text, const std::string& path);

}  // namespace bnstudio
