// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The keys of the recipe file, once for reading and writing. `Io` is the reader or the writer:
//   io(key, value)               a value, list, optional or nested structure
//   io.choice(key, value, list)  one of several words
//   io.noneOr(key, value)        a number or "none"
//   io.unlessEmpty(key, list)    a list that is written only where there is something in it

#include "core/run/recipe.h"

#include <array>
#include <string_view>
#include <utility>

namespace bnstudio::recipe_json {

template <class E>
using Choice = std::pair<std::string_view, E>;

inline constexpr std::array<Choice<GeneratorSpec::Kind>, 6> generatorKinds{
    {{"normal", GeneratorSpec::Kind::Normal},
     {"uniform", GeneratorSpec::Kind::Uniform},
     {"lognormal", GeneratorSpec::Kind::LogNormal},
     {"student_t", GeneratorSpec::Kind::StudentT},
     {"constant", GeneratorSpec::Kind::Constant},
     {"mixture", GeneratorSpec::Kind::Mixture}}};
inline constexpr std::array<Choice<Schedule::Order>, 3> scheduleOrders{{{"in_order", Schedule::Order::InOrder},
                                                                        {"alternating", Schedule::Order::Alternating},
                                                                        {"explicit", Schedule::Order::Explicit}}};
inline constexpr std::array<Choice<DType>, 2> layerDTypes{{{"float32", DType::Float32}, {"float64", DType::Float64}}};
inline constexpr std::array<Choice<bool>, 2> modes{{{"train", true}, {"eval", false}}};
inline constexpr std::array<Choice<UpstreamSpec::Kind>, 4> upstreamKinds{{{"none", UpstreamSpec::Kind::None},
                                                                          {"ones", UpstreamSpec::Kind::Ones},
                                                                          {"random", UpstreamSpec::Kind::Random},
                                                                          {"source", UpstreamSpec::Kind::Source}}};
inline constexpr std::array<Choice<LossSpec::Kind>, 4> lossKinds{{{"none", LossSpec::Kind::None},
                                                                  {"mse_target", LossSpec::Kind::MseTarget},
                                                                  {"mse_teacher", LossSpec::Kind::MseTeacher},
                                                                  {"sum", LossSpec::Kind::Sum}}};
inline constexpr std::array<Choice<OptimizerSpec::Kind>, 3> optimizerKinds{
    {{"none", OptimizerSpec::Kind::None}, {"sgd", OptimizerSpec::Kind::Sgd}, {"adam", OptimizerSpec::Kind::Adam}}};
inline constexpr std::array<Choice<Feed::Kind>, 5> feedKinds{{{"whole", Feed::Kind::Whole},
                                                              {"rows", Feed::Kind::Rows},
                                                              {"groups", Feed::Kind::Groups},
                                                              {"axes", Feed::Kind::AxisRoles},
                                                              {"lane_output", Feed::Kind::LaneOutput}}};

/// Words for the alternatives of Action, in their order.
inline constexpr std::array<std::string_view, std::variant_size_v<Action>> actionNames{"momentum",
                                                                                       "eps",
                                                                                       "track_running_stats",
                                                                                       "affine",
                                                                                       "weight",
                                                                                       "bias",
                                                                                       "remove_buffers",
                                                                                       "reset_running_stats",
                                                                                       "reset_parameters",
                                                                                       "load_state_dict",
                                                                                       "mode",
                                                                                       "passes",
                                                                                       "loss",
                                                                                       "upstream",
                                                                                       "optimizer",
                                                                                       "edit_cell",
                                                                                       "pad",
                                                                                       "scale",
                                                                                       "skip"};

template <class Io>
void fields(Io& io, GeneratorSpec& s) {
    io.choice("kind", s.kind, generatorKinds);
    io("n", s.n);
    io("c", s.c);
    io("l", s.l);
    io("mean", s.mean);
    io("std", s.std);
    io("spread", s.spread);
    io("correlation", s.correlation);
    io("drift", s.drift);
    io("outliers", s.outliers);
    io("nan", s.nan);
    io("df", s.df);
    io("mean2", s.mean2);
    io("std2", s.std2);
    io("weight2", s.weight2);
    io("seed", s.seed);
}

template <class Io>
void fields(Io& io, FileSpec& s) {
    io.path(s.path);
    io("tensor", s.tensor);
    io("size", s.size);
    io("mtime", s.mtime);
    io("hash", s.hash);
    io("axes", s.axes);
}

template <class Io>
void fields(Io& io, PastedSpec& s) {
    io("shape", s.shape);
    io("values", s.values);
}

template <class Io>
void fields(Io& io, Schedule::Entry& s) {
    io("source", s.source);
    io("batch", s.batch);
}

template <class Io>
void fields(Io& io, Schedule& s) {
    io.choice("order", s.order, scheduleOrders);
    io("repeat", s.repeat);
    io("steps", s.steps);
    io("pinned_rows", s.pinnedRows);
}

template <class Io>
void fields(Io& io, DataSpec& s) {
    io("sources", s.sources);
    io("gradients", s.gradients);
    io("batch_size", s.batchSize);
    io("drop_last", s.dropLast);
    io("shuffle", s.shuffleSeed);
    io("schedule", s.schedule);
}

template <class Io>
void fields(Io& io, LayerOptions& s) {
    io("num_features", s.numFeatures);
    io("eps", s.eps);
    io.noneOr("momentum", s.momentum);
    io("affine", s.affine);
    io("track_running_stats", s.trackRunningStats);
    io.choice("dtype", s.dtype, layerDTypes);
}

template <class Io>
void fields(Io& io, LayerState& s) {
    io("weight", s.weight);
    io("bias", s.bias);
    io("running_mean", s.runningMean);
    io("running_var", s.runningVar);
    io("num_batches_tracked", s.numBatchesTracked);
}

template <class Io>
void fields(Io& io, Passes& s) {
    io("backward", s.backward);
    io("update", s.update);
}

template <class Io>
void fields(Io& io, UpstreamSpec& s) {
    io.choice("kind", s.kind, upstreamKinds);
    io("seed", s.seed);
}

template <class Io>
void fields(Io& io, LossSpec& s) {
    io.choice("kind", s.kind, lossKinds);
    io("target", s.target);
    io("teacher_weight", s.teacherWeight);
    io("teacher_bias", s.teacherBias);
}

template <class Io>
void fields(Io& io, OptimizerSpec& s) {
    io.choice("kind", s.kind, optimizerKinds);
    io("lr", s.lr);
    io("momentum", s.momentum);
    io("weight_decay", s.weightDecay);
    io("nesterov", s.nesterov);
    io("beta1", s.beta1);
    io("beta2", s.beta2);
    io("eps", s.eps);
}

template <class Io>
void fields(Io& io, TrainingSpec& s) {
    io("passes", s.passes);
    io("upstream", s.upstream);
    io("loss", s.loss);
    io("optimizer", s.optimizer);
}

template <class Io>
void fields(Io& io, Feed& s) {
    io.choice("kind", s.kind, feedKinds);
    io("first", s.first);
    io("last", s.last);
    io("size", s.groupSize);
    io("axes", s.axes);
    io("lane", s.lane);
}

template <class Io>
void fields(Io& io, LaneSpec& s) {
    io("name", s.name);
    io("layer", s.layer);
    io("initial_state", s.initialState);
    io.choice("mode", s.trainMode, modes);
    io("training", s.training);
    io("feed", s.feed);
    io("recording", s.recording);
}

template <class Io>
void fields(Io& io, SetMomentum& a) {
    io.noneOr("momentum", a.momentum);
}
template <class Io>
void fields(Io& io, SetEps& a) {
    io("eps", a.eps);
}
template <class Io>
void fields(Io& io, SetTrackRunningStats& a) {
    io("on", a.on);
}
template <class Io>
void fields(Io& io, SetAffine& a) {
    io("on", a.on);
}
template <class Io>
void fields(Io& io, SetWeight& a) {
    io("channel", a.channel);
    io("value", a.value);
}
template <class Io>
void fields(Io& io, SetBias& a) {
    io("channel", a.channel);
    io("value", a.value);
}
template <class Io>
void fields(Io& io, RemoveBuffers& a) {
    io("mean", a.mean);
    io("var", a.var);
}
template <class Io>
void fields(Io&, ResetRunningStats&) {}
template <class Io>
void fields(Io&, ResetParameters&) {}
template <class Io>
void fields(Io& io, LoadState& a) {
    io("state", a.state);
}
template <class Io>
void fields(Io& io, SetMode& a) {
    io.choice("mode", a.train, modes);
}
template <class Io>
void fields(Io& io, SetPasses& a) {
    io("passes", a.passes);
}
template <class Io>
void fields(Io& io, SetLoss& a) {
    io("loss", a.loss);
}
template <class Io>
void fields(Io& io, SetUpstream& a) {
    io("upstream", a.upstream);
}
template <class Io>
void fields(Io& io, SetOptimizer& a) {
    io("optimizer", a.optimizer);
}
template <class Io>
void fields(Io& io, EditCell& a) {
    io("n", a.n);
    io("c", a.c);
    io("l", a.l);
    io("value", a.value);
}
template <class Io>
void fields(Io& io, PadBatch& a) {
    io("rows", a.rows);
    io("value", a.value);
}
template <class Io>
void fields(Io& io, ScaleBatch& a) {
    io("factor", a.factor);
}
template <class Io>
void fields(Io&, SkipBatch&) {}

template <class Io>
void fields(Io& io, StepMark& s) {
    io("step", s.step);
    io("name", s.name);
}

template <class Io>
void fields(Io& io, Recipe& s) {
    io("name", s.name);
    io("data", s.data);
    io("lanes", s.lanes);
    io("events", s.events);
    io.unlessEmpty("marks", s.marks);
}

}  // namespace bnstudio::recipe_json
