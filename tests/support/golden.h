// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/batch_norm.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>

namespace bnstudio::testing {

/// manifest.json of the golden files: what torch 1.13.1 computed and refused. Its "format" entry explains the keys.
const nlohmann::json& goldenManifest();
/// The entry of goldenManifest()[list] with this name.
const nlohmann::json& goldenEntry(const char* list, const std::string& name);

/// The arrays of one golden case.
class GoldenArrays {
public:
    explicit GoldenArrays(const std::string& file);
    bool has(const std::string& key) const { return m_tensors.contains(key); }
    const Tensor& at(const std::string& key) const { return m_tensors.at(key); }
    std::optional<ChannelVector> vector(const std::string& key) const;
    std::optional<std::int64_t> counter(const std::string& key) const;

private:
    std::map<std::string, Tensor> m_tensors;
};

/// The layer of a golden case before its step 0. Throws what the constructor throws.
BatchNorm1d goldenLayer(const nlohmann::json& entry, const GoldenArrays& arrays);

}  // namespace bnstudio::testing
