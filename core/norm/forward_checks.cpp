// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/forward_checks.h"

#include "core/error.h"

namespace bnstudio {

namespace {

const ChannelVector* pointerTo(const std::optional<ChannelVector>& values) {
    return values ? &*values : nullptr;
}

[[noreturn]] void refuse(const std::string& message) {
    throw Error(ErrorCode::Refused, message);
}

void checkLength(const char* what, const ChannelVector& values, std::int64_t channels) {
    if (static_cast<std::int64_t>(values.size()) != channels)
        refuse(std::string(what) + " should contain " + std::to_string(channels) + " elements not "
               + std::to_string(values.size()));
}

void checkBuffer(const char* what, const ChannelVector* values, std::int64_t channels, bool useBatchStatistics) {
    if (values)
        checkLength(what, *values, channels);
    else if (!useBatchStatistics)
        refuse(std::string(what) + " must be defined in evaluation mode");
}

}  // namespace

PassedState::PassedState(const LayerState& state, bool withBuffers)
    : weight(pointerTo(state.weight)),
      bias(pointerTo(state.bias)),
      runningMean(withBuffers ? pointerTo(state.runningMean) : nullptr),
      runningVar(withBuffers ? pointerTo(state.runningVar) : nullptr) {}

void checkRank(const Dims& shape) {
    if (shape.size() != 2 && shape.size() != 3)
        refuse("expected 2D or 3D input (got " + std::to_string(shape.size()) + "D input)");
}

void checkBatchSize(const Dims& shape) {
    if (BatchShape::of(shape).valuesPerChannel() == 1)
        refuse("Expected more than 1 value per channel when training, got input size " + torchSizeText(shape));
}

void checkEmptyBatch(const PassedState& state) {
    if ((state.weight && state.weight->empty()) || (state.bias && state.bias->empty()))
        refuse("select(): index 0 out of range for tensor of size [0] at dimension 0");
}

DType dtypeOfEmptyOutput(const PassedState& state, DType input, DType layer) {
    const bool floating = isLayerDType(input) || input == DType::Float16 || input == DType::BFloat16;
    return floating || (!state.weight && !state.bias) ? input : layer;
}

void checkChannels(const PassedState& state, std::int64_t channels, bool useBatchStatistics) {
    checkBuffer("running_mean", state.runningMean, channels, useBatchStatistics);
    checkBuffer("running_var", state.runningVar, channels, useBatchStatistics);
    if (state.weight)
        checkLength("weight", *state.weight, channels);
    if (state.bias)
        checkLength("bias", *state.bias, channels);
}

void checkDType(const PassedState& state, DType input, DType layer) {
    if (!isLayerDType(input))
        refuse("\"batch_norm\" not implemented for '" + std::string(scalarTypeName(input)) + "'");
    if (input == layer || !state.any())
        return;
    refuse(layer == DType::Float32 ? "mixed dtype (CPU): expect input to have scalar type of BFloat16"
                                   : "mixed dtype (CPU): expect parameter to have scalar type of Float");
}

}  // namespace bnstudio
