// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/golden.h"

#include "core/io/tensor_file.h"

#include <fstream>
#include <stdexcept>

namespace bnstudio::testing {

namespace {

const std::string directory = BNSTUDIO_TEST_DATA "/golden/";

}  // namespace

const nlohmann::json& goldenManifest() {
    static const nlohmann::json manifest = [] {
        std::ifstream in(directory + "manifest.json");
        return nlohmann::json::parse(in);
    }();
    return manifest;
}

const nlohmann::json& goldenEntry(const char* list, const std::string& name) {
    for (const nlohmann::json& entry : goldenManifest().at(list))
        if (entry.at("name") == name)
            return entry;
    throw std::out_of_range("no golden entry " + name);
}

GoldenArrays::GoldenArrays(const std::string& file) {
    const TensorFile opened = openTensorFile(directory + file);
    for (const auto& tensor : opened.tensors)
        m_tensors.emplace(tensor->name(), tensor->read());
}

std::optional<ChannelVector> GoldenArrays::vector(const std::string& key) const {
    if (!has(key))
        return std::nullopt;
    const Tensor& tensor = at(key);
    ChannelVector values;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.at(i));
    return values;
}

std::optional<std::int64_t> GoldenArrays::counter(const std::string& key) const {
    return has(key) ? std::optional(at(key).values<std::int64_t>()[0]) : std::nullopt;
}

BatchNorm1d goldenLayer(const nlohmann::json& entry, const GoldenArrays& arrays) {
    const nlohmann::json& config = entry.at("config");
    LayerOptions options;
    options.numFeatures = config.at("num_features");
    options.eps = config.at("eps");
    options.momentum =
        config.at("momentum").is_null() ? std::nullopt : std::optional<double>(config.at("momentum").get<double>());
    options.affine = config.at("affine");
    options.trackRunningStats = config.at("track_running_stats");
    options.dtype = *dtypeFromName(entry.at("dtype").get<std::string>());
    BatchNorm1d layer(options);
    layer.mutableState() = {arrays.vector("init_weight"), arrays.vector("init_bias"),
                            arrays.vector("init_running_mean"), arrays.vector("init_running_var"),
                            arrays.counter("init_num_batches_tracked")};
    for (const nlohmann::json& action : entry.at("setup_actions")) {
        const std::string text = action;
        if (text.starts_with("track_running_stats = False"))
            layer.setTrackRunningStats(false);
        if (text.find("then set True") != std::string::npos)
            layer.setTrackRunningStats(true);
    }
    return layer;
}

}  // namespace bnstudio::testing
