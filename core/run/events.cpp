// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/events.h"

#include "core/error.h"
#include "core/norm/state_dict.h"
#include "core/norm/widest_layer.h"
#include "core/parallel/parallel.h"

#include <algorithm>
#include <cstring>

namespace bnstudio {

namespace {

void roundAll(std::optional<ChannelVector>& values, DType dtype) {
    if (values)
        std::transform(values->begin(), values->end(), values->begin(),
                       [dtype](double value) { return roundTo(dtype, value); });
}

std::optional<std::int64_t> channelsOf(const LayerState& state) {
    for (const auto* values : {&state.runningMean, &state.weight, &state.runningVar, &state.bias}) {
        if (*values)
            return static_cast<std::int64_t>((*values)->size());
    }
    return std::nullopt;
}

/// weight[channel] = value, or weight[:] = value for channel −1.
void assign(std::optional<ChannelVector>& parameter, std::int64_t channel, double value, DType dtype) {
    if (!parameter)
        throw Error(ErrorCode::Refused, "'NoneType' object does not support item assignment");
    if (channel >= static_cast<std::int64_t>(parameter->size()))
        throw Error(ErrorCode::Refused, "index " + std::to_string(channel)
                                            + " is out of bounds for dimension 0 with size "
                                            + std::to_string(parameter->size()));
    const double rounded = roundTo(dtype, value);
    if (channel < 0)
        parameter->assign(parameter->size(), rounded);
    else
        (*parameter)[static_cast<std::size_t>(channel)] = rounded;
}

StateDict asStateDict(const LayerState& state) {
    StateDict dict;
    const auto add = [&dict](const char* key, const std::optional<ChannelVector>& values) {
        if (values)
            dict.entries.emplace_back(
                key, Tensor::of<double>({static_cast<std::int64_t>(values->size())}, std::span<const double>(*values)));
    };
    add("weight", state.weight);
    add("bias", state.bias);
    add("running_mean", state.runningMean);
    add("running_var", state.runningVar);
    if (state.numBatchesTracked)
        dict.entries.emplace_back("num_batches_tracked", Tensor::of<std::int64_t>({}, {*state.numBatchesTracked}));
    return dict;
}

struct ApplyToLane {
    LaneState& lane;
    LayerState& state() const { return lane.layer.mutableState(); }
    DType dtype() const { return lane.layer.options().dtype; }

    void operator()(const SetMomentum& a) const { lane.layer.setMomentum(a.momentum); }
    void operator()(const SetEps& a) const { lane.layer.setEps(a.eps); }
    void operator()(const SetTrackRunningStats& a) const { lane.layer.setTrackRunningStats(a.on); }
    void operator()(const SetAffine& a) const {
        lane.layer.setAffine(a.on);
        // The optimiser knew the old parameters; nothing it remembers belongs to new ones.
        lane.optimizer = {};
    }
    void operator()(const SetWeight& a) const { assign(state().weight, a.channel, a.value, dtype()); }
    void operator()(const SetBias& a) const { assign(state().bias, a.channel, a.value, dtype()); }
    void operator()(const RemoveBuffers& a) const {
        if (a.mean)
            state().runningMean.reset();
        if (a.var)
            state().runningVar.reset();
    }
    void operator()(const ResetRunningStats&) const { lane.layer.resetRunningStats(); }
    void operator()(const ResetParameters&) const { lane.layer.resetParameters(); }
    void operator()(const LoadState& a) const { loadStateDict(lane.layer, asStateDict(a.state)); }
    void operator()(const SetMode& a) const {
        lane.trainMode = a.train;
        lane.layer.setTraining(a.train);
    }
    void operator()(const SetPasses& a) const { lane.training.passes = a.passes; }
    void operator()(const SetLoss& a) const { lane.training.loss = a.loss; }
    void operator()(const SetUpstream& a) const { lane.training.upstream = a.upstream; }
    void operator()(const SetOptimizer& a) const {
        if (a.optimizer.kind != lane.training.optimizer.kind)
            lane.optimizer = {};
        lane.training.optimizer = a.optimizer;
    }
    void operator()(const EditCell&) const {}
    void operator()(const PadBatch&) const {}
    void operator()(const ScaleBatch&) const {}
    void operator()(const SkipBatch&) const {}
};

/// Appends samples that hold @p value everywhere.
void pad(Tensor& batch, std::int64_t rows, double value) {
    Dims shape = batch.shape();
    shape[0] += rows;
    Tensor padded(batch.dtype(), shape);
    if (batch.byteSize() > 0)
        std::memcpy(padded.bytes(), batch.bytes(), batch.byteSize());
    for (std::int64_t i = batch.size(); i < padded.size(); ++i)
        padded.set(i, value);
    batch = std::move(padded);
}

struct ApplyToBatch {
    Tensor& batch;
    std::int64_t byteLimit;

    void operator()(const EditCell& a) const {
        const BatchShape shape = BatchShape::of(batch.shape());
        if (a.n >= shape.n || a.c >= shape.c || a.l >= shape.l)
            throw Error(ErrorCode::Refused, "the edited cell [" + std::to_string(a.n) + ", " + std::to_string(a.c)
                                                + ", " + std::to_string(a.l) + "] lies outside the batch of shape "
                                                + shapeText(batch.shape()));
        batch.set((a.n * shape.c + a.c) * shape.l + a.l, a.value);
    }
    void operator()(const PadBatch& a) const {
        Dims shape = batch.shape();
        shape[0] += a.rows;
        const auto itemBytes = static_cast<std::int64_t>(itemSize(batch.dtype()));
        if (checkedElementCount(shape, itemSize(batch.dtype())) * itemBytes > byteLimit)
            throw Error(ErrorCode::Refused, "the padded batch of shape " + shapeText(shape) + " takes more than "
                                                + std::to_string(byteLimit >> 20) + " MiB");
        pad(batch, a.rows, a.value);
    }
    void operator()(const ScaleBatch& a) const {
        constexpr std::int64_t chunk = std::int64_t{1} << 16;
        parallelFor((batch.size() + chunk - 1) / chunk, [&](std::int64_t index) {
            const std::int64_t last = std::min(batch.size(), (index + 1) * chunk);
            for (std::int64_t i = index * chunk; i < last; ++i)
                batch.set(i, batch.at(i) * a.factor);
        });
    }
    template <class T>
    void operator()(const T&) const {}
};

}  // namespace

LaneState initialLaneState(const LaneSpec& spec, std::int64_t channels) {
    if (channels > widestLayer)
        throw Error(ErrorCode::BadInput, "data: the batches have " + std::to_string(channels)
                                             + " channels, expected at most " + std::to_string(widestLayer)
                                             + "; of a transposed table the columns are the channels");
    LayerOptions options = spec.layer;
    if (options.numFeatures == 0)
        options.numFeatures = (spec.initialState ? channelsOf(*spec.initialState) : std::nullopt).value_or(channels);
    LaneState lane{BatchNorm1d(options), spec.trainMode, spec.training, {}};
    lane.layer.setTraining(spec.trainMode);
    if (spec.initialState) {
        LayerState& state = lane.layer.mutableState();
        state = *spec.initialState;
        for (auto* values : {&state.weight, &state.bias, &state.runningMean, &state.runningVar})
            roundAll(*values, options.dtype);
    }
    return lane;
}

void applyToLane(const Action& action, LaneState& lane) {
    std::visit(ApplyToLane{lane}, action);
}

bool editsBatch(const Action& action) {
    return std::holds_alternative<EditCell>(action) || std::holds_alternative<PadBatch>(action)
           || std::holds_alternative<ScaleBatch>(action);
}

void applyToBatch(const Action& action, Tensor& batch, std::int64_t byteLimit) {
    std::visit(ApplyToBatch{batch, byteLimit}, action);
}

void applyToGradient(const Action& action, Tensor& gradient) {
    if (const auto* edit = std::get_if<PadBatch>(&action))
        pad(gradient, edit->rows, 0);
}

}  // namespace bnstudio
