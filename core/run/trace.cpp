// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace.h"

#include "core/data/tensor_source.h"
#include "core/error.h"

#include <algorithm>
#include <charconv>

namespace bnstudio {

namespace {

constexpr std::array<std::string_view, traceKeyCount> keyNames{"x",
                                                               "y",
                                                               "grad_output",
                                                               "grad_input",
                                                               "n",
                                                               "mean",
                                                               "var",
                                                               "weight",
                                                               "bias",
                                                               "running_mean",
                                                               "running_var",
                                                               "num_batches_tracked",
                                                               "running_mean_before",
                                                               "running_var_before",
                                                               "num_batches_tracked_before",
                                                               "grad_weight",
                                                               "grad_bias",
                                                               "training",
                                                               "momentum",
                                                               "eps",
                                                               "loss"};

/// "running_var.7" is "running_var" and 7; nothing for names without a number.
std::optional<std::pair<std::string_view, std::int64_t>> splitNumber(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    const std::string_view digits = name.substr(dot + 1);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size() || digits[0] == '-')
        return std::nullopt;
    return std::pair{name.substr(0, dot), number};
}

/// The same for the keys of a trace; nothing for other names.
std::optional<std::pair<TraceKey, std::int64_t>> numberedKey(std::string_view name) {
    const auto split = splitNumber(name);
    if (!split)
        return std::nullopt;
    const auto found = std::find(keyNames.begin(), keyNames.end(), split->first);
    if (found == keyNames.end())
        return std::nullopt;
    return std::pair{static_cast<TraceKey>(found - keyNames.begin()), split->second};
}

ChannelVector valuesOf(const LazyTensor& tensor) {
    const Tensor read = tensor.read();
    ChannelVector values(static_cast<std::size_t>(read.size()));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = read.at(static_cast<std::int64_t>(i));
    return values;
}

std::int64_t sizeOf(const LazyTensor& tensor) {
    return checkedElementCount(tensor.shape(), itemSize(tensor.dtype()));
}

}  // namespace

std::string_view traceKeyName(TraceKey key) {
    return keyNames[static_cast<std::size_t>(key)];
}

std::shared_ptr<const Trace> Trace::open(const std::filesystem::path& path, const std::string& prefix,
                                         const Progress& progress, std::stop_token stop) {
    return of(openTensorFile(path, progress, stop), prefix);
}

std::shared_ptr<const Trace> Trace::of(const TensorFile& file, const std::string& prefix) {
    std::shared_ptr<Trace> trace(new Trace());
    trace->m_path = file.path;
    trace->m_prefix = prefix;
    trace->collect(file);
    trace->readTexts(file);
    trace->chooseSteps();
    trace->findDType();
    trace->readInitial(file);
    trace->checkShapes();
    trace->noteMissing();
    return trace;
}

void Trace::refuse(const std::string& what) const {
    throw Error(ErrorCode::BadInput, m_path.string() + ": " + what);
}

void Trace::collect(const TensorFile& file) {
    for (const auto& tensor : file.tensors) {
        const std::string& name = tensor->name();
        if (!name.starts_with(m_prefix))
            continue;
        if (const auto key = numberedKey(std::string_view(name).substr(m_prefix.size())))
            m_families[static_cast<std::size_t>(key->first)].emplace_back(key->second, tensor);
    }
    const auto before = [](const auto& a, const auto& b) { return a.first < b.first; };
    for (Family& members : m_families) {
        std::stable_sort(members.begin(), members.end(), before);
        for (std::size_t i = 1; i < members.size(); ++i) {
            if (members[i].first == members[i - 1].first)
                refuse(members[i - 1].second->name() + " and " + members[i].second->name()
                       + " are the same step, expected one of them");
        }
    }
}

void Trace::readTexts(const TensorFile& file) {
    for (const auto& [name, text] : file.texts) {
        if (name == m_prefix + "meta")
            m_meta = parseTraceMeta(text, m_path.string() + ": " + name);
        else if (name.starts_with(m_prefix))
            readDType(std::string_view(name).substr(m_prefix.size()), text);
    }
}

void Trace::readDType(std::string_view key, const std::string& text) {
    const auto split = splitNumber(key);
    const std::optional<DType> dtype = dtypeFromName(text);
    if (!split || !dtype)
        return;
    const auto& [which, number] = *split;
    if (which == "input_dtype")
        m_dtypes[number].input = dtype;
    if (which == "output_dtype")
        m_dtypes[number].output = dtype;
    if (which == "state_dtype")
        m_dtypes[number].state = dtype;
}

/// The steps that have a batch, or else those whose batch is known by its moments.
void Trace::chooseSteps() {
    m_hasBatches = !family(TraceKey::X).empty();
    for (const auto& [number, tensor] : family(m_hasBatches ? TraceKey::X : TraceKey::Mean))
        m_numbers.push_back(number);
    if (m_numbers.empty())
        refuse("is no recorded training: there is neither " + m_prefix + "x.k nor " + m_prefix
               + "mean.k, expected the batches or the statistics of numbered steps");
    const auto& first = family(m_hasBatches ? TraceKey::X : TraceKey::Mean).front().second;
    const Dims& shape = first->shape();
    requireCredibleShape(m_path.string() + ": " + first->name(), shape);
    if (m_hasBatches ? shape.size() < 2 : shape.size() != 1)
        refuse(first->name() + " has shape " + shapeText(shape) + ", expected "
               + (m_hasBatches ? "(N, C) or (N, C, L)" : "one value a channel"));
    m_channels = m_hasBatches ? shape[1] : shape[0];
}

/// That of the parameters or buffers; a layer without any takes the dtype of its input.
void Trace::findDType() {
    for (const TraceKey key :
         {TraceKey::RunningMean, TraceKey::RunningVar, TraceKey::Weight, TraceKey::Bias, TraceKey::X, TraceKey::Mean}) {
        if (family(key).empty())
            continue;
        m_dtype = family(key).front().second->dtype() == DType::Float64 ? DType::Float64 : DType::Float32;
        return;
    }
}

void Trace::readInitial(const TensorFile& file) {
    const auto read = [&](const char* name, std::optional<ChannelVector>& out) {
        const auto tensor = file.find(m_prefix + "init." + name);
        if (!tensor)
            return;
        if (tensor->shape() != Dims{m_channels})
            refuse(tensor->name() + " has shape " + shapeText(tensor->shape()) + ", expected "
                   + shapeText({m_channels}));
        out = valuesOf(*tensor);
    };
    read("weight", m_initial.weight);
    read("bias", m_initial.bias);
    read("running_mean", m_initial.runningMean);
    read("running_var", m_initial.runningVar);
    if (const auto tensor = file.find(m_prefix + "init.num_batches_tracked")) {
        if (sizeOf(*tensor) != 1)
            refuse(tensor->name() + " has shape " + shapeText(tensor->shape()) + ", expected one number");
        m_initial.numBatchesTracked = static_cast<std::int64_t>(valuesOf(*tensor).front());
    }
}

void Trace::checkShapes() const {
    for (std::int64_t index = 0; index < length(); ++index) {
        for (int key = 0; key < traceKeyCount; ++key) {
            if (const auto tensor = find(static_cast<TraceKey>(key), index))
                checkShape(static_cast<TraceKey>(key), index, *tensor);
        }
        if (!m_hasBatches && !(find(TraceKey::Var, index) && find(TraceKey::ValuesPerChannel, index)))
            refuse("step " + std::to_string(numberOf(index))
                   + " has neither x nor all of mean, var and n, expected one or the other");
    }
}

void Trace::checkShape(TraceKey key, std::int64_t index, const LazyTensor& tensor) const {
    const auto mismatch = [&](const std::string& expected) {
        refuse(tensor.name() + " has shape " + shapeText(tensor.shape()) + ", expected " + expected);
    };
    switch (key) {
    case TraceKey::X:
        if (tensor.shape().size() < 2 || tensor.shape()[1] != m_channels)
            mismatch(std::to_string(m_channels) + " channels, as in " + find(TraceKey::X, 0)->name() + " "
                     + shapeText(find(TraceKey::X, 0)->shape()));
        requireCredibleShape(m_path.string() + ": " + tensor.name(), tensor.shape());
        return;
    case TraceKey::Y:
    case TraceKey::GradOutput:
    case TraceKey::GradInput:
        if (const auto x = find(TraceKey::X, index); x && x->shape() != tensor.shape())
            mismatch(shapeText(x->shape()) + ", that of " + x->name());
        return;
    case TraceKey::ValuesPerChannel:
    case TraceKey::BatchesTracked:
    case TraceKey::BatchesTrackedBefore:
    case TraceKey::Training:
    case TraceKey::Momentum:
    case TraceKey::Eps:
    case TraceKey::Loss:
        if (sizeOf(tensor) != 1)
            mismatch("one number");
        return;
    default:
        if (tensor.shape() != Dims{m_channels})
            mismatch(shapeText({m_channels}) + ", one value a channel");
    }
}

void Trace::noteMissing() {
    std::int64_t absent = 0;
    for (const std::int64_t step : m_meta.steps)
        absent += std::binary_search(m_numbers.begin(), m_numbers.end(), step) ? 0 : 1;
    if (absent > 0)
        m_notes.push_back(std::to_string(absent) + " of the " + std::to_string(m_meta.steps.size())
                          + " steps that meta lists are not in the file");
    if (!m_meta.eps)
        m_notes.push_back("the recording does not say eps; PyTorch's default 1e-05 is taken");
    if (!m_meta.hasMomentum && !hasAnywhere(TraceKey::Momentum))
        m_notes.push_back("the recording does not say the momentum; PyTorch's default 0.1 is taken");
}

bool Trace::hasAnywhere(TraceKey key) const {
    for (std::int64_t index = 0; index < length(); ++index) {
        if (find(key, index))
            return true;
    }
    return false;
}

bool Trace::hasEverywhere(TraceKey key) const {
    for (std::int64_t index = 0; index < length(); ++index) {
        if (!find(key, index))
            return false;
    }
    return true;
}

std::shared_ptr<const LazyTensor> Trace::find(TraceKey key, std::int64_t index) const {
    const Family& members = family(key);
    const std::int64_t number = numberOf(index);
    const auto found = std::lower_bound(members.begin(), members.end(), number,
                                        [](const auto& member, std::int64_t value) { return member.first < value; });
    return found == members.end() || found->first != number ? nullptr : found->second;
}

std::optional<ChannelVector> Trace::vector(TraceKey key, std::int64_t index) const {
    const auto tensor = find(key, index);
    return tensor ? std::optional(valuesOf(*tensor)) : std::nullopt;
}

std::optional<double> Trace::scalar(TraceKey key, std::int64_t index) const {
    const auto tensor = find(key, index);
    return tensor ? std::optional(valuesOf(*tensor).front()) : std::nullopt;
}

std::optional<std::int64_t> Trace::count(TraceKey key, std::int64_t index) const {
    const auto value = scalar(key, index);
    return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

bool Trace::isTraining(std::int64_t index) const {
    return scalar(TraceKey::Training, index).value_or(1) != 0;
}

TrainingDTypes Trace::dtypes(std::int64_t index) const {
    TrainingDTypes result = m_meta.dtypes;
    if (const auto found = m_dtypes.find(numberOf(index)); found != m_dtypes.end()) {
        const TrainingDTypes& own = found->second;
        result.input = own.input ? own.input : result.input;
        result.output = own.output ? own.output : result.output;
        result.state = own.state ? own.state : result.state;
    }
    return result;
}

bool Trace::hasBefore(std::int64_t index) const {
    return find(TraceKey::RunningMeanBefore, index) || find(TraceKey::RunningVarBefore, index)
           || find(TraceKey::BatchesTrackedBefore, index);
}

LayerState Trace::buffersBefore(std::int64_t index) const {
    LayerState state;
    state.runningMean = vector(TraceKey::RunningMeanBefore, index);
    state.runningVar = vector(TraceKey::RunningVarBefore, index);
    state.numBatchesTracked = count(TraceKey::BatchesTrackedBefore, index);
    if (hasBefore(index))
        return state;
    if (index > 0) {
        state.runningMean = vector(TraceKey::RunningMean, index - 1);
        state.runningVar = vector(TraceKey::RunningVar, index - 1);
        state.numBatchesTracked = count(TraceKey::BatchesTracked, index - 1);
        return state;
    }
    state = m_initial;
    state.weight.reset();
    state.bias.reset();
    return state;
}

std::string Trace::label(TraceKey key, std::int64_t index) const {
    return m_path.string() + ": " + m_prefix + std::string(traceKeyName(key)) + "." + std::to_string(numberOf(index));
}

}  // namespace bnstudio
