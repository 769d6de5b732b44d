// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/state_dict.h"

#include "core/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

constexpr const char* counterKey = "num_batches_tracked";

struct NamedVector {
    const char* key;
    std::optional<ChannelVector> LayerState::*values;
};
constexpr NamedVector vectorKeys[] = {
    {"weight", &LayerState::weight},
    {"bias", &LayerState::bias},
    {"running_mean", &LayerState::runningMean},
    {"running_var", &LayerState::runningVar},
};

Tensor tensorOf(const ChannelVector& values, DType dtype) {
    Tensor tensor(dtype, {static_cast<std::int64_t>(values.size())});
    for (std::size_t c = 0; c < values.size(); ++c)
        tensor.set(static_cast<std::int64_t>(c), values[c]);
    return tensor;
}

std::string sizeMismatch(const std::string& key, const Dims& given, const Dims& expected) {
    return "size mismatch for " + key + ": copying a param with shape " + torchSizeText(given)
           + " from checkpoint, the shape in current model is " + torchSizeText(expected) + ".";
}

std::string quotedList(const std::vector<std::string>& keys) {
    std::string text;
    for (const std::string& key : keys) {
        text += text.empty() ? "\"" : ", \"";
        text += key;
        text += '"';
    }
    return text;
}

/// The conversion of a float counter that the processor PyTorch runs on makes: towards zero, and the lowest int64 for
/// what does not fit.
std::int64_t truncated(double value) {
    if (!(value >= -0x1p63 && value < 0x1p63))
        return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(value);
}

class Loader {
public:
    Loader(BatchNorm1d& layer, const StateDict& dict) : m_layer(layer), m_dict(dict) {}

    LoadReport load(bool strict) {
        for (const NamedVector& vector : vectorKeys)
            loadVector(vector.key, m_layer.mutableState().*(vector.values));
        loadCounter();
        collectUnexpected();
        throwIfWrong(strict);
        return std::move(m_report);
    }

private:
    void loadVector(const std::string& key, std::optional<ChannelVector>& target) {
        if (!target)
            return;
        const Tensor* given = m_dict.find(key);
        if (!given) {
            m_report.missing.push_back(key);
            return;
        }
        const Dims expected{static_cast<std::int64_t>(target->size())};
        if (given->shape() != expected) {
            m_errors.push_back(sizeMismatch(key, given->shape(), expected));
            return;
        }
        const DType dtype = m_layer.options().dtype;
        const Tensor converted = given->convertedTo(dtype);
        for (std::size_t c = 0; c < target->size(); ++c)
            (*target)[c] = converted.at(static_cast<std::int64_t>(c));
        if (given->dtype() != dtype)
            note(key + " was converted from " + std::string(name(given->dtype())) + " to " + std::string(name(dtype))
                 + ".");
        noteSuspicious(key, *target);
    }

    void loadCounter() {
        std::optional<std::int64_t>& counter = m_layer.mutableState().numBatchesTracked;
        const Tensor* given = m_dict.find(counterKey);
        // Version 1 had no counter. PyTorch adds one to the dict it loads: 0 before 2.2, the present value since
        // (semantics 41).
        const bool added = !given && m_dict.version.value_or(1) < 2 && m_layer.options().trackRunningStats;
        if (!counter) {
            m_addedInVain = added;
            return;
        }
        if (!given) {
            if (added)
                note(std::string(counterKey) + " is missing, as in files older than version 2; it stays "
                     + std::to_string(*counter) + ".");
            else
                m_report.missing.push_back(counterKey);
            return;
        }
        if (given->rank() > 1 || given->size() == 0) {
            m_errors.push_back(sizeMismatch(counterKey, given->shape(), {}));
            return;
        }
        takeCounter(*given, *counter);
    }

    void takeCounter(const Tensor& given, std::int64_t& counter) {
        counter = given.dtype() == DType::Int64 ? given.values<std::int64_t>()[0] : truncated(given.at(0));
        if (given.dtype() != DType::Int64)
            note(std::string(counterKey) + " was converted from " + std::string(name(given.dtype()))
                 + " to int64: " + std::to_string(counter) + ".");
        if (given.rank() == 1 && given.size() > 1)
            note(std::string(counterKey) + " has " + std::to_string(given.size()) + " values; the first was taken.");
        if (counter < 0)
            note(std::string(counterKey) + " is negative: " + std::to_string(counter) + ".");
    }

    /// PyTorch looks at the part before the first full stop only, so "weight.x" passes beside a weight.
    void collectUnexpected() {
        const StateDict own = stateDict(m_layer);
        for (const auto& [key, tensor] : m_dict.entries)
            if (!own.find(key.substr(0, key.find('.'))))
                m_report.unexpected.push_back(key);
        if (m_addedInVain)
            m_report.unexpected.push_back(counterKey);
    }

    void throwIfWrong(bool strict) const {
        std::vector<std::string> lines;
        if (strict && !m_report.missing.empty())
            lines.push_back("Missing key(s) in state_dict: " + quotedList(m_report.missing) + ". ");
        if (strict && !m_report.unexpected.empty())
            lines.push_back("Unexpected key(s) in state_dict: " + quotedList(m_report.unexpected) + ". ");
        lines.insert(lines.end(), m_errors.begin(), m_errors.end());
        if (lines.empty())
            return;
        std::string message = "Error(s) in loading state_dict for BatchNorm1d:";
        for (const std::string& line : lines)
            message += "\n\t" + line;
        throw Error(ErrorCode::Refused, message);
    }

    void noteSuspicious(const std::string& key, const ChannelVector& values) {
        const auto countIf = [&](auto predicate) { return std::count_if(values.begin(), values.end(), predicate); };
        if (const auto bad = countIf([](double v) { return !std::isfinite(v); }); bad > 0)
            note(key + " holds NaN or infinity in " + std::to_string(bad) + " of " + std::to_string(values.size())
                 + " channels.");
        if (key != "running_var")
            return;
        if (const auto negative = countIf([](double v) { return v < 0; }); negative > 0)
            note("running_var is negative in " + std::to_string(negative) + " of " + std::to_string(values.size())
                 + " channels.");
    }

    void note(const std::string& sentence) { m_report.notes.push_back(sentence); }

    BatchNorm1d& m_layer;
    const StateDict& m_dict;
    LoadReport m_report;
    std::vector<std::string> m_errors;
    bool m_addedInVain = false;
};

}  // namespace

const Tensor* StateDict::find(const std::string& key) const {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first == key; });
    return found == entries.end() ? nullptr : &found->second;
}

StateDict stateDict(const BatchNorm1d& layer) {
    StateDict dict;
    dict.version = 2;
    for (const NamedVector& vector : vectorKeys)
        if (const auto& values = layer.state().*(vector.values))
            dict.entries.emplace_back(vector.key, tensorOf(*values, layer.options().dtype));
    if (layer.state().numBatchesTracked)
        dict.entries.emplace_back(counterKey, Tensor::of<std::int64_t>({}, {*layer.state().numBatchesTracked}));
    return dict;
}

LoadReport loadStateDict(BatchNorm1d& layer, const StateDict& dict, bool strict) {
    return Loader(layer, dict).load(strict);
}

}  // namespace bnstudio
