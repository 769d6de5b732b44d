// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "core/run/trace.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace bnstudio {

/// What of a recorded step is compared, in the order in which a step produces it.
enum class TraceQuantity : std::uint8_t {
    Mean,
    Var,  ///< what the step normalised with
    Y,
    RunningMean,
    RunningVar,
    BatchesTracked,
    GradBias,
    GradWeight,
    GradInput,
};
inline constexpr int traceQuantityCount = 9;
/// "running_var", as in the keys of the file.
std::string_view traceQuantityName(TraceQuantity quantity);

/// One quantity of one step beside what PyTorch's rule gives for the recorded batch and the recorded state before it.
/// The numbers are those of the value that stands furthest beyond its tolerance.
struct TraceCheck {
    std::int64_t index = 0;  ///< step of a run that replays the recording
    std::int64_t step = 0;   ///< number k in the keys of the file
    TraceQuantity quantity = TraceQuantity::Mean;
    std::int64_t channel = -1;  ///< −1 for the counter
    std::int64_t element = -1;  ///< flat index in y or grad_input, else −1
    double expected = 0, recorded = 0;
    double tolerance = 0;             ///< absolute, at this value
    double excess = 0;                ///< largest |recorded − expected| / tolerance; beyond 1 it differs
    std::int64_t channelsBeyond = 0;  ///< channels with a value beyond its tolerance
    /// The running statistics agree from the state that the rule gives and not from the recorded one before: the recorded
    /// value before was wrong, and the training did not go on from it.
    bool fromRuleState = false;
    bool differs() const { return !(excess <= 1); }
};

/// Why a recording may differ.
enum class TraceCause : std::uint8_t {
    None,                 ///< it does not differ
    Unknown,              ///< nothing tried explains it
    BiasedVariance,       ///< running_var takes the variance ÷ n
    ReversedMomentum,     ///< 1 − momentum
    OtherMomentum,        ///< parameter: the momentum in force
    CumulativeAverage,    ///< momentum=None: 1/num_batches_tracked
    RepeatedUpdate,       ///< the update came `parameter` times
    MissingUpdate,        ///< the running statistics stay
    EvalInsteadOfTrain,   ///< normalised with the running statistics
    TrainInsteadOfEval,   ///< normalised with the batch
    PreviousBatch,        ///< recorded one step late: the update is that of the batch before
    UnrecordedForwards,   ///< the counter advanced by more than one: forwards that were not recorded
    OtherEps,             ///< parameter: the eps in force
    EpsOutsideRoot,       ///< √var + eps in place of √(var + eps)
    RoundedInput,         ///< x as float16 or bfloat16
    RoundedOutput,        ///< y as float16 or bfloat16
    RoundedStatistics,    ///< running statistics as float16 or bfloat16
    PartOfBatch,          ///< statistics of the first 1/parameter of the samples
    AccumulatedGradient,  ///< the gradients are added to those of the step before
    ScaledGradient,       ///< parameter: the factor of all gradients of γ and β
    ScaledValue,          ///< parameter: the factor of a quantity at a single step
    ChangedValue,         ///< a single step, without a common factor
};

/// One explanation that was tried on the steps that differ.
struct TraceAlternative {
    TraceCause cause = TraceCause::Unknown;
    std::string name;                          ///< "momentum reversed: 1 − 0.1 = 0.9"
    std::optional<double> parameter;           ///< see TraceCause
    std::int64_t explained = 0;                ///< checks that differ and agree under this explanation
    std::int64_t differing = 0;                ///< checks that differ
    double excessBefore = 0, excessAfter = 0;  ///< largest over the checks that differ
    double errorBefore = 0, errorAfter = 0;    ///< largest absolute error over the same
    bool explainsAll() const { return differing > 0 && explained == differing; }
};

/// What the comparison of a recording with PyTorch's rule says.
struct TraceDiagnosis {
    std::vector<TraceCheck> checks;   ///< every quantity of every step that could be checked, in order
    std::optional<TraceCheck> first;  ///< the first that differs
    std::int64_t steps = 0;           ///< recorded steps
    std::int64_t stepsDiffering = 0;
    std::optional<std::int64_t> lastDiffering;  ///< number k of the last step that differs
    TraceCause cause = TraceCause::None;
    std::optional<double> parameter;
    std::string where;    ///< "step 7, channel 3, running_var"; empty without a difference
    std::string verdict;  ///< one sentence
    std::string advice;   ///< what to do about it; empty without a difference
    /// Whether the training went on from the differing values; nothing where that cannot be told.
    std::optional<bool> laterStepsFollow;
    std::vector<TraceAlternative> tried;  ///< best first
    std::vector<std::string> notes;       ///< what could not be checked, and why
    bool agrees() const { return !first.has_value(); }
};

/// Replays a recording step by step, each from its recorded state, compares every recorded quantity, and looks for the
/// cause of what differs. Without batches the recorded means and variances take their place and only the running
/// statistics are checked. Tolerances allow for PyTorch's own arithmetic in the recorded dtype (trace_tolerance.h).
/// Reads the batches once, and those of the steps that differ once more. Throws Error(Cancelled), or Error(BadInput)
/// when the file cannot be read to its end.
TraceDiagnosis diagnose(const Trace& trace, const Progress& progress = {}, std::stop_token stop = {});

}  // namespace bnstudio
