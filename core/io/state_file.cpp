// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/state_file.h"

#include "core/error.h"
#include "core/io/input_file.h"
#include "core/norm/widest_layer.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bnstudio {
namespace {

constexpr std::array<std::string_view, 4> vectorKeys{"weight", "bias", "running_mean", "running_var"};
constexpr std::string_view counterKey = "num_batches_tracked";

bool isLayerKey(std::string_view key) {
    return key == counterKey || std::find(vectorKeys.begin(), vectorKeys.end(), key) != vectorKeys.end();
}

/// "net.1.weight" → "net.1."; "weight" → "".
std::string prefixOf(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    return dot == std::string::npos ? std::string() : name.substr(0, dot + 1);
}

/// The tensors of a file by name; TensorFile::find walks through all of them.
class TensorIndex {
public:
    explicit TensorIndex(const TensorFile& file) {
        for (const auto& tensor : file.tensors)
            m_tensors.emplace(tensor->name(), tensor.get());
    }
    const LazyTensor* find(const std::string& name) const {
        const auto found = m_tensors.find(name);
        return found == m_tensors.end() ? nullptr : found->second;
    }
    const LazyTensor* findVector(const std::string& name) const {
        const LazyTensor* const tensor = find(name);
        return tensor && tensor->shape().size() == 1 && tensor->shape()[0] <= widestLayer ? tensor : nullptr;
    }

private:
    std::unordered_map<std::string_view, const LazyTensor*> m_tensors;
};

/// The version of the module at a prefix. nn.DataParallel puts "module." in front of the keys alone when the state dict
/// is that of the wrapped model.
std::optional<int> versionAt(const TensorFile& file, const std::string& prefix) {
    constexpr std::string_view wrapper = "module.";
    for (std::string_view name = prefix;; name.remove_prefix(wrapper.size())) {
        const std::string_view module = name.substr(0, name.empty() ? 0 : name.size() - 1);
        const auto found = file.moduleVersions.find(std::string(module));
        if (found != file.moduleVersions.end())
            return found->second;
        if (!name.starts_with(wrapper))
            return std::nullopt;
    }
}

std::string prefixHint(const TensorFile& file, const std::string& prefix) {
    constexpr std::size_t shown = 20;
    const std::vector<FoundLayer> layers = findBatchNormLayers(file);
    std::string list;
    std::size_t listed = 0;
    for (const FoundLayer& layer : layers) {
        if (layer.prefix != prefix && listed++ < shown)
            list += (list.empty() ? "" : ", ") + std::string("'") + printable(layer.prefix) + "'";
    }
    if (listed > shown)
        list += " and " + std::to_string(listed - shown) + " more";
    return list.empty() ? std::string() : "batch-norm layers in this file are under " + list;
}

bool anyNameStartsWith(const TensorFile& file, const std::string& prefix) {
    return std::any_of(file.tensors.begin(), file.tensors.end(),
                       [&](const auto& tensor) { return tensor->name().starts_with(prefix); });
}

/// The prefix as the file spells it: as given, or behind "module." when only that finds something.
std::string spelledPrefix(const TensorFile& file, std::string prefix) {
    if (!prefix.empty() && prefix.back() != '.')
        prefix += '.';
    const TensorIndex index(file);
    const bool isThere = prefix.empty()
                             ? std::any_of(vectorKeys.begin(), vectorKeys.end(),
                                           [&](std::string_view key) { return index.find(std::string(key)); })
                             : anyNameStartsWith(file, prefix);
    const std::string wrapped = "module." + prefix;
    const bool isWrapped = index.find(wrapped + "running_mean") || index.find(wrapped + "weight");
    return !isThere && isWrapped ? wrapped : prefix;
}

std::int64_t featureCount(const StateDict& dict) {
    for (const std::string_view key : vectorKeys) {
        const Tensor* tensor = dict.find(std::string(key));
        if (tensor && tensor->rank() > 0)
            return tensor->shape()[0];
    }
    return 0;
}

/// What load_state_dict's own notes do not say already.
bool isNews(Suspicion kind) {
    return kind != Suspicion::NotFinite && kind != Suspicion::NegativeVariance && kind != Suspicion::NegativeCounter
           && kind != Suspicion::NoCounter;
}

}  // namespace

std::vector<FoundLayer> findBatchNormLayers(const TensorFile& file) {
    const TensorIndex index(file);
    std::vector<FoundLayer> layers;
    std::set<std::string> seen;
    for (const auto& tensor : file.tensors) {
        const std::string prefix = prefixOf(tensor->name());
        if (!isLayerKey(std::string_view(tensor->name()).substr(prefix.size())) || !seen.insert(prefix).second)
            continue;
        const LazyTensor *const mean = index.findVector(prefix + "running_mean"), *const var = index.findVector(
                                                                                      prefix + "running_var");
        if (!mean || !var || mean->shape() != var->shape())
            continue;
        FoundLayer layer{prefix, mean->shape()[0]};
        layer.affine = index.findVector(prefix + "weight") && index.findVector(prefix + "bias");
        layer.counted = index.find(prefix + std::string(counterKey)) != nullptr;
        layer.dtype = mean->dtype();
        layer.version = versionAt(file, prefix);
        layers.push_back(std::move(layer));
    }
    return layers;
}

/// Where `_metadata` says that a state dict begins; without it, behind the names that training scripts use.
std::string modulePrefix(const TensorFile& file, const std::string& prefix) {
    std::size_t begin = std::string::npos;
    for (const auto& [module, version] : file.moduleVersions) {
        if (module.empty() || prefix.starts_with(module + '.'))
            begin = std::min(begin, module.empty() ? 0 : module.size() + 1);
    }
    if (begin != std::string::npos)
        return prefix.substr(begin);
    for (const std::string_view container : {"state_dict.", "model_state_dict."}) {
        if (prefix.starts_with(container))
            return prefix.substr(container.size());
    }
    return prefix;
}

StateFile::StateFile(const std::string& argument) {
    const FileArgument parsed = parseFileArgument(argument);
    m_file = parsed.path.string();
    const TensorFile file = openTensorFile(parsed.path);
    m_prefix = spelledPrefix(file, parsed.name);
    readDict(file);
}

StateFile::StateFile(const TensorFile& file, const std::string& prefix) : m_file(file.path.string()), m_prefix(prefix) {
    readDict(file);
}

namespace {

/// Throws Error(BadInput) when a key of the layer is there, but is no tensor that can be read. PyTorch would not load
/// such a state dict either.
void refuseOtherThings(const TensorFile& file, const std::string& label, const std::string& prefix) {
    const auto isOurs = [&](const std::string& name) {
        return name.starts_with(prefix) && isLayerKey(std::string_view(name).substr(prefix.size()));
    };
    for (const OtherValue& other : file.others) {
        if (isOurs(other.name))
            refuse(label, inQuotes(other.name) + " is of Python's type " + other.type + ", expected a tensor");
    }
    for (const RefusedObject& object : file.refused) {
        if (isOurs(object.where))
            refuse(label, inQuotes(object.where) + " is made by " + inQuotes(object.global)
                              + ", which is never imported; expected a plain tensor of numbers");
    }
}

}  // namespace

/// Only the five tensors of a layer are read: others matter by their name alone.
void StateFile::readDict(const TensorFile& file) {
    refuseOtherThings(file, m_file, m_prefix);
    m_hint = prefixHint(file, m_prefix);
    m_modulePrefix = bnstudio::modulePrefix(file, m_prefix);
    for (const auto& tensor : file.tensors) {
        if (!tensor->name().starts_with(m_prefix))
            continue;
        std::string key = tensor->name().substr(m_prefix.size());
        Tensor values;
        if (isLayerKey(key)) {
            if (checkedElementCount(tensor->shape(), itemSize(tensor->dtype())) > widestLayer)
                refuse(m_file, inQuotes(tensor->name()) + " of shape " + shapeText(tensor->shape())
                                   + " is no vector of a layer, expected at most 4194304 values");
            values = tensor->read();
        }
        m_dict.entries.emplace_back(std::move(key), std::move(values));
    }
    m_dict.version = versionAt(file, m_prefix);
    const bool hasLayer = std::any_of(m_dict.entries.begin(), m_dict.entries.end(),
                                      [](const auto& entry) { return isLayerKey(entry.first); });
    if (m_prefix.empty() && !hasLayer && !m_hint.empty())
        refuse(m_file, "is the state of a whole model, expected FILE::PREFIX; " + m_hint);
    if (m_dict.entries.empty() && !m_prefix.empty())
        refuse(m_file, "no tensor has the prefix '" + m_prefix + "'" + (m_hint.empty() ? "" : "; " + m_hint));
}

LayerOptions StateFile::layerOptions() const {
    LayerOptions options;
    options.numFeatures = featureCount(m_dict);
    options.affine = m_dict.find("weight") && m_dict.find("bias");
    options.trackRunningStats = m_dict.find("running_mean") && m_dict.find("running_var");
    for (const std::string_view key : vectorKeys) {
        const Tensor* const tensor = m_dict.find(std::string(key));
        if (tensor && tensor->dtype() == DType::Float64)
            options.dtype = DType::Float64;
    }
    return options;
}

/// PyTorch's text ends with a blank, and knows neither this program's options nor the file's other layers.
std::string StateFile::refusalText(std::string text) const {
    text.erase(text.find_last_not_of(' ') + 1);
    const LayerOptions found = layerOptions();
    const std::string advice = found.trackRunningStats && !found.affine
                                   ? "the layer has no weight and bias: --affine off loads it"
                               : found.affine && !found.trackRunningStats
                                   ? "the layer has no running statistics: --track-running-stats off loads it"
                                   : m_hint;
    return m_file + ": " + text + (advice.empty() ? "" : " (" + advice + ")");
}

LoadedState StateFile::loadFor(LayerOptions options, bool strict) const {
    LoadedState loaded;
    loaded.numFeatures = options.numFeatures = featureCount(m_dict);
    BatchNorm1d layer(options);
    try {
        const LoadReport report = loadStateDict(layer, m_dict, strict);
        loaded.report.missing = report.missing;
        loaded.report.unexpected = report.unexpected;
        loaded.notes = report.notes;
    } catch (const Error& error) {
        throw Error(error.code(), refusalText(error.what()));
    }
    loaded.state = layer.state();
    for (const std::string_view key : vectorKeys) {
        const Tensor* const tensor = m_dict.find(std::string(key));
        if (tensor && tensor->dtype() != options.dtype)
            loaded.report.converted.emplace_back(key);
    }
    loaded.report.suspicious = auditState(loaded.state);
    for (const StateFinding& finding : loaded.report.suspicious)
        if (isNews(finding.kind))
            loaded.notes.push_back(finding.sentence);
    for (std::string& note : loaded.notes)
        note = m_file + ": " + note;
    return loaded;
}

}  // namespace bnstudio
