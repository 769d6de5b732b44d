// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/layer_audit.h"

#include "core/error.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace bnstudio {

namespace {

/// The values as they stand in the file: a layer would round them to its dtype.
class LayerValues {
public:
    explicit LayerValues(const TensorFile& file) {
        for (const auto& tensor : file.tensors)
            m_tensors.emplace(tensor->name(), tensor.get());
    }

    LayerState stateOf(const FoundLayer& layer) const {
        LayerState state;
        state.runningMean = vectorOf(layer.prefix + "running_mean");
        state.runningVar = vectorOf(layer.prefix + "running_var");
        if (layer.affine) {
            state.weight = vectorOf(layer.prefix + "weight");
            state.bias = vectorOf(layer.prefix + "bias");
        }
        if (layer.counted)
            state.numBatchesTracked = counterOf(*m_tensors.at(layer.prefix + "num_batches_tracked"));
        return state;
    }

private:
    ChannelVector vectorOf(const std::string& name) const {
        const Tensor values = m_tensors.at(name)->read();
        ChannelVector vector(static_cast<std::size_t>(values.size()));
        for (std::size_t c = 0; c < vector.size(); ++c)
            vector[c] = values.at(static_cast<std::int64_t>(c));
        return vector;
    }
    static std::optional<std::int64_t> counterOf(const LazyTensor& tensor) {
        Tensor value;
        if (tensor.shape().size() > 1 || (tensor.shape().size() == 1 && tensor.shape()[0] < 1))
            return std::nullopt;
        tensor.readRows(0, 1, value);
        if (value.dtype() == DType::Int64)
            return value.values<std::int64_t>()[0];
        const double number = value.at(0);
        return std::isnan(number) ? std::nullopt
                                  : std::optional(static_cast<std::int64_t>(std::clamp(number, -0x1p53, 0x1p53)));
    }

    std::map<std::string, const LazyTensor*> m_tensors;
};

bool isMoreSuspicious(const LayerAudit& a, const LayerAudit& b) {
    if (a.findings.empty() || b.findings.empty())
        return !a.findings.empty() && b.findings.empty();
    if (a.findings.front().kind != b.findings.front().kind)
        return a.findings.front().kind < b.findings.front().kind;
    return a.findings.size() > b.findings.size();
}

}  // namespace

std::vector<LayerAudit> auditLayers(const TensorFile& file, const Progress& progress, std::stop_token stop) {
    const LayerValues values(file);
    const std::vector<FoundLayer> layers = findBatchNormLayers(file);
    std::vector<LayerAudit> audits;
    for (const FoundLayer& layer : layers) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, file.path.string() + ": reading was cancelled");
        if (progress)
            progress(static_cast<double>(audits.size()) / static_cast<double>(layers.size()));
        audits.push_back({layer, auditState(values.stateOf(layer))});
    }
    std::stable_sort(audits.begin(), audits.end(), isMoreSuspicious);
    return audits;
}

}  // namespace bnstudio
