// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/norm/layer.h"
#include "core/run/trace_meta.h"

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bnstudio {

/// What a recording may hold for a step k under the key "name.k".
enum class TraceKey : std::uint8_t {
    X,
    Y,
    GradOutput,
    GradInput,
    ValuesPerChannel,  ///< n, where there is no x
    Mean,
    Var,  ///< what the step normalised with; biased in training
    Weight,
    Bias,  ///< that the step used
    RunningMean,
    RunningVar,
    BatchesTracked,  ///< after the step
    RunningMeanBefore,
    RunningVarBefore,
    BatchesTrackedBefore,
    GradWeight,
    GradBias,
    Training,
    Momentum,
    Eps,  ///< where it is not that of the meta
    Loss,
};
inline constexpr int traceKeyCount = 21;
/// "x", "running_mean_before", … as in the file.
std::string_view traceKeyName(TraceKey key);

/// A recorded training, opened and checked: one layer's steps in the order of their numbers. Values are read on
/// demand. Immutable and safe to use from several threads.
///
/// "index" counts recorded steps from 0 without gaps and is the step of a run that replays them; "number" is the k of
/// the keys.
class Trace {
public:
    /// @p prefix stands before every key, such as "B/" for the second lane of a file of our own. Throws Error(BadInput)
    /// that names the tensor when there are no steps or shapes contradict each other.
    static std::shared_ptr<const Trace> open(const std::filesystem::path& path, const std::string& prefix = {},
                                             const Progress& progress = {}, std::stop_token stop = {});
    /// Without reading the file again.
    static std::shared_ptr<const Trace> of(const TensorFile& file, const std::string& prefix = {});

    const std::filesystem::path& path() const { return m_path; }
    const std::string& prefix() const { return m_prefix; }
    const TraceMeta& meta() const { return m_meta; }
    /// Recorded steps.
    std::int64_t length() const { return static_cast<std::int64_t>(m_numbers.size()); }
    std::int64_t numberOf(std::int64_t index) const { return m_numbers[static_cast<std::size_t>(index)]; }
    std::int64_t channels() const { return m_channels; }
    DType dtype() const { return m_dtype; }  ///< of the layer
    /// False: statistics alone were recorded.
    bool hasBatches() const { return m_hasBatches; }
    bool hasAnywhere(TraceKey key) const;
    bool hasEverywhere(TraceKey key) const;
    /// Nothing where the step does not have it.
    std::shared_ptr<const LazyTensor> find(TraceKey key, std::int64_t index) const;
    std::optional<ChannelVector> vector(TraceKey key, std::int64_t index) const;
    std::optional<double> scalar(TraceKey key, std::int64_t index) const;
    std::optional<std::int64_t> count(TraceKey key, std::int64_t index) const;
    bool isTraining(std::int64_t index) const;  ///< true where nothing was recorded
    /// Those of the meta, or of the texts input_dtype.k, output_dtype.k and state_dtype.k: regions of autocast begin and
    /// end.
    TrainingDTypes dtypes(std::int64_t index) const;

    /// init.*; what is absent is nothing.
    const LayerState& initial() const { return m_initial; }
    /// Running statistics and counter before a step: those recorded as such, else those after the step before, else the
    /// initial ones; nothing where none of these is known. weight and bias stay empty.
    LayerState buffersBefore(std::int64_t index) const;
    /// Whether the file itself says from what the step started, rather than the step before it.
    bool hasBefore(std::int64_t index) const;

    /// Sentences about what is missing or odd.
    const std::vector<std::string>& notes() const { return m_notes; }
    /// "FILE: running_var.7", for messages.
    std::string label(TraceKey key, std::int64_t index) const;

private:
    using Family = std::vector<std::pair<std::int64_t, std::shared_ptr<const LazyTensor>>>;  // by number
    Trace() = default;
    void collect(const TensorFile& file);
    void readTexts(const TensorFile& file);
    void readDType(std::string_view key, const std::string& text);
    void chooseSteps();
    void readInitial(const TensorFile& file);
    void findDType();
    void checkShapes() const;
    void checkShape(TraceKey key, std::int64_t index, const LazyTensor& tensor) const;
    void noteMissing();
    const Family& family(TraceKey key) const { return m_families[static_cast<std::size_t>(key)]; }
    [[noreturn]] void refuse(const std::string& what) const;

    std::filesystem::path m_path;
    std::string m_prefix;
    TraceMeta m_meta;
    std::map<std::int64_t, TrainingDTypes> m_dtypes;  // by number, where they are not those of the meta
    std::array<Family, traceKeyCount> m_families;
    std::vector<std::int64_t> m_numbers;
    std::int64_t m_channels = 0;
    DType m_dtype = DType::Float32;
    bool m_hasBatches = false;
    LayerState m_initial;
    std::vector<std::string> m_notes;
};

}  // namespace bnstudio
