// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/state_file.h"

#include "core/error.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

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

std::shared_ptr<const LazyTensor> findVector(const TensorFile& file, const std::string& name) {
    const auto tensor = file.find(name);
    return tensor && tensor->shape().size() == 1 ? tensor : nullptr;
}

std::string prefixHint(const TensorFile& file, const std::string& prefix) {
    std::string list;
    for (const FoundLayer& layer : findBatchNormLayers(file)) {
        if (layer.prefix != prefix)
            list += (list.empty() ? "" : ", ") + std::string("'") + layer.prefix + "'";
    }
    return list.empty() ? std::string() : "batch-norm layers in this file are under " + list;
}

/// Only the five tensors of a layer are read: others matter by their name alone.
StateDict readDict(const TensorFile& file, const std::string& prefix) {
    StateDict dict;
    for (const auto& tensor : file.tensors) {
        if (!tensor->name().starts_with(prefix))
            continue;
        std::string key = tensor->name().substr(prefix.size());
        Tensor values = isLayerKey(key) ? tensor->read() : Tensor();
        dict.entries.emplace_back(std::move(key), std::move(values));
    }
    return dict;
}

std::int64_t featureCount(const StateDict& dict) {
    for (const std::string_view key : vectorKeys) {
        const Tensor* tensor = dict.find(std::string(key));
        if (tensor && tensor->rank() > 0)
            return tensor->shape()[0];
    }
    return 0;
}

}  // namespace

std::vector<FoundLayer> findBatchNormLayers(const TensorFile& file) {
    std::vector<FoundLayer> layers;
    std::set<std::string> seen;
    for (const auto& tensor : file.tensors) {
        const std::string prefix = prefixOf(tensor->name());
        if (!isLayerKey(std::string_view(tensor->name()).substr(prefix.size())) || !seen.insert(prefix).second)
            continue;
        const auto mean = findVector(file, prefix + "running_mean"), var = findVector(file, prefix + "running_var");
        if (!mean || !var || mean->shape() != var->shape())
            continue;
        FoundLayer layer{prefix, mean->shape()[0], false, file.find(prefix + std::string(counterKey)) != nullptr};
        layer.affine = findVector(file, prefix + "weight") && findVector(file, prefix + "bias");
        layers.push_back(std::move(layer));
    }
    return layers;
}

StateFile::StateFile(const std::string& argument) {
    const FileArgument parsed = parseFileArgument(argument);
    m_file = parsed.path.string();
    std::string prefix = parsed.name;
    if (!prefix.empty() && prefix.back() != '.')
        prefix += '.';
    const TensorFile file = openTensorFile(parsed.path);
    m_hint = prefixHint(file, prefix);
    m_dict = readDict(file, prefix);
    if (m_dict.entries.empty() && !prefix.empty())
        throw Error(ErrorCode::BadInput,
                    m_file + ": no tensor has the prefix '" + prefix + "'" + (m_hint.empty() ? "" : "; " + m_hint));
}

LoadedState StateFile::loadFor(LayerOptions options) const {
    LoadedState loaded;
    loaded.numFeatures = options.numFeatures = featureCount(m_dict);
    BatchNorm1d layer(options);
    try {
        const LoadReport report = loadStateDict(layer, m_dict);
        for (const std::string& note : report.notes)
            loaded.notes.push_back(m_file + ": " + note);
    } catch (const Error& error) {
        throw Error(error.code(), m_file + ": " + error.what() + (m_hint.empty() ? "" : "; " + m_hint));
    }
    loaded.state = layer.state();
    return loaded;
}

}  // namespace bnstudio
