// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/planted_trace.h"

#include "core/io/npz_writer.h"

#include <array>
#include <cmath>
#include <vector>

namespace bnstudio::testing {

namespace {

constexpr std::size_t channels = 4;
constexpr std::array<float, channels> means{0.5f, -1.0f, 3.0f, 0.0f};
constexpr std::array<float, channels> deviations{0.05f, 0.5f, 2.0f, 5.0f};
constexpr float weight = 1.5f, bias = -0.25f;
using Values = std::array<float, channels>;

Tensor randomBatch(std::int64_t n, TestNoise& noise) {
    return makeBatch(DType::Float32, {n, static_cast<std::int64_t>(channels)}, [&](auto, auto c, auto) {
        const auto at = static_cast<std::size_t>(c);
        return static_cast<double>(means[at]) + static_cast<double>(deviations[at]) * noise.normal();
    });
}

/// Mean and variance of rows first … last − 1, in float, two passes.
struct FloatMoments {
    Values mean{}, var{};
    float n = 0;
    FloatMoments(const Tensor& x, std::int64_t first, std::int64_t last) : n(static_cast<float>(last - first)) {
        const auto values = x.values<float>();
        const auto at = [&](std::int64_t row, std::size_t c) {
            return values[static_cast<std::size_t>(row) * channels + c];
        };
        for (std::int64_t row = first; row < last; ++row) {
            for (std::size_t c = 0; c < channels; ++c)
                mean[c] += at(row, c);
        }
        for (float& value : mean)
            value /= n;
        for (std::int64_t row = first; row < last; ++row) {
            for (std::size_t c = 0; c < channels; ++c)
                var[c] += (at(row, c) - mean[c]) * (at(row, c) - mean[c]);
        }
        for (float& value : var)
            value /= n;
    }
    float unbiased(std::size_t c) const { return var[c] * n / (n - 1); }
};

Tensor vectorOf(const Values& values) {
    return Tensor::of<float>({static_cast<std::int64_t>(channels)}, std::span<const float>(values));
}

void roundAll(DType dtype, Tensor& tensor) {
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        tensor.set(i, roundToStored(dtype, tensor.at(i)));
}

/// The training under way.
class Simulation {
public:
    explicit Simulation(const PlantedTrace& plan) : m_plan(plan) {
        m_runningVar.fill(1);
        m_members["init.weight"] = filled(weight);
        m_members["init.bias"] = filled(bias);
        m_members["init.running_mean"] = vectorOf(m_runningMean);
        m_members["init.running_var"] = vectorOf(m_runningVar);
        m_members["init.num_batches_tracked"] = Tensor::of<std::int64_t>({}, {0});
    }
    TraceMembers run() {
        for (std::int64_t k = 0; k < m_plan.steps; ++k)
            step(k);
        return std::move(m_members);
    }

private:
    static Tensor filled(float value) {
        Values values;
        values.fill(value);
        return vectorOf(values);
    }
    void put(const char* name, std::int64_t k, Tensor tensor) {
        m_members[std::string(name) + "." + std::to_string(k)] = std::move(tensor);
    }
    void update(const FloatMoments& batch, bool faulty) {
        ++m_counter;
        float m = faulty ? m_plan.trueMomentum : m_plan.momentum;
        if (faulty && m_plan.cumulative)
            m = 1.0f / static_cast<float>(m_counter);
        for (std::size_t c = 0; c < channels; ++c) {
            const float var = faulty && m_plan.biased ? batch.var[c] : batch.unbiased(c);
            m_runningMean[c] = (1 - m) * m_runningMean[c] + m * batch.mean[c];
            m_runningVar[c] = (1 - m) * m_runningVar[c] + m * var;
            if (faulty && m_plan.roundedStatistics != DType::Float64) {
                m_runningMean[c] = static_cast<float>(roundToStored(m_plan.roundedStatistics, m_runningMean[c]));
                m_runningVar[c] = static_cast<float>(roundToStored(m_plan.roundedStatistics, m_runningVar[c]));
            }
        }
    }
    void updateRunning(const FloatMoments& batch, bool faulty) {
        if (faulty && m_plan.evalMode)
            return;
        if (faulty && m_plan.late) {
            if (m_earlier)
                update(*m_earlier, true);
            m_earlier = batch;
            return;
        }
        for (int i = 0; i < (faulty ? m_plan.unrecorded : 0); ++i)
            update(FloatMoments(randomBatch(m_plan.n, m_noise), 0, m_plan.n), false);
        for (int i = 0; i < (faulty ? m_plan.repeats : 1); ++i)
            update(batch, faulty);
    }
    void normalise(const Tensor& x, std::int64_t first, const Values& mean, const Values& var, bool faulty,
                   std::int64_t last, Tensor& y) const {
        const double eps = faulty ? m_plan.trueEps : m_plan.eps;
        for (std::int64_t i = first * static_cast<std::int64_t>(channels);
             i < last * static_cast<std::int64_t>(channels); ++i) {
            const auto c = static_cast<std::size_t>(i) % channels;
            const double v = static_cast<double>(var[c]);
            const auto invstd =
                static_cast<float>(faulty && m_plan.epsOutside ? 1 / (std::sqrt(v) + eps) : 1 / std::sqrt(v + eps));
            const float alpha = invstd * weight;
            y.set(i, static_cast<double>(static_cast<float>(x.at(i)) * alpha + (bias - mean[c] * alpha)));
        }
    }
    void gradients(std::int64_t k, const Tensor& x, const FloatMoments& batch, bool faulty) {
        Tensor dy = makeBatch(DType::Float32, x.shape(), [&](auto, auto, auto) { return 0.01 * m_noise.normal(); });
        Values sum{}, product{};
        for (std::int64_t i = 0; i < x.size(); ++i) {
            const auto c = static_cast<std::size_t>(i) % channels;
            const auto g = static_cast<float>(dy.at(i));
            sum[c] += g;
            product[c] += (static_cast<float>(x.at(i)) - batch.mean[c]) * g;
        }
        for (std::size_t c = 0; c < channels; ++c) {
            product[c] *= static_cast<float>(1 / std::sqrt(static_cast<double>(batch.var[c]) + m_plan.eps));
            const float scale = faulty ? m_plan.gradientScale : 1;
            const bool adds = faulty && m_plan.accumulated;
            m_gradBias[c] = scale * sum[c] + (adds ? m_gradBias[c] : 0);
            m_gradWeight[c] = scale * product[c] + (adds ? m_gradWeight[c] : 0);
        }
        put("grad_output", k, std::move(dy));
        put("grad_bias", k, vectorOf(m_gradBias));
        put("grad_weight", k, vectorOf(m_gradWeight));
    }
    void output(std::int64_t k, const Tensor& seen, bool faulty) {
        Tensor y(DType::Float32, seen.shape());
        const std::int64_t size = (m_plan.n + m_plan.parts - 1) / m_plan.parts;
        for (std::int64_t first = 0; first < m_plan.n; first += size) {
            const std::int64_t last = std::min(first + size, m_plan.n);
            const FloatMoments part(seen, first, last);
            if (faulty && m_plan.evalMode)
                normalise(seen, first, m_runningMean, m_runningVar, faulty, last, y);
            else
                normalise(seen, first, part.mean, part.var, faulty, last, y);
        }
        if (faulty)
            roundAll(m_plan.roundedOutput, y);
        put("y", k, std::move(y));
    }
    void step(std::int64_t k) {
        const bool faulty = k >= m_plan.from;
        const Tensor x = randomBatch(m_plan.n, m_noise);
        Tensor seen = x;
        if (faulty)
            roundAll(m_plan.roundedInput, seen);
        const std::int64_t size = (m_plan.n + m_plan.parts - 1) / m_plan.parts;
        const FloatMoments batch(seen, 0, size);
        if (m_plan.recordsBatches)
            put("x", k, x);
        if (m_plan.recordsOutput && m_plan.recordsBatches)
            output(k, seen, faulty);
        if (!m_plan.recordsBatches) {
            put("mean", k, vectorOf(batch.mean));
            put("var", k, vectorOf(batch.var));
            put("n", k, Tensor::of<std::int64_t>({}, {m_plan.n}));
        }
        updateRunning(batch, faulty);
        put("running_mean", k, vectorOf(m_runningMean));
        put("running_var", k, vectorOf(m_runningVar));
        put("num_batches_tracked", k, Tensor::of<std::int64_t>({}, {m_counter}));
        if (m_plan.recordsGradients)
            gradients(k, x, batch, faulty);
    }

    PlantedTrace m_plan;
    TestNoise m_noise{7};
    Values m_runningMean{}, m_runningVar{}, m_gradBias{}, m_gradWeight{};
    std::int64_t m_counter = 0;
    std::optional<FloatMoments> m_earlier;
    TraceMembers m_members;
};

}  // namespace

void PlantedTrace::write(const std::string& path) const {
    writeMembers(path, Simulation(*this).run(), traceMetaText({eps, static_cast<double>(momentum), "net.1", {}}));
}

TraceMembers readMembers(const std::string& path) {
    TraceMembers members;
    for (const auto& tensor : openTensorFile(path).tensors)
        members[tensor->name()] = tensor->read();
    return members;
}

void writeMembers(const std::string& path, const TraceMembers& members, const std::string& meta) {
    NpzWriter writer(path);
    for (const auto& [name, tensor] : members)
        writer.add(name, tensor);
    if (!meta.empty())
        writer.addText("meta", meta);
    writer.commit();
}

}  // namespace bnstudio::testing
