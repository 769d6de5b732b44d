// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/dtype.h"

#include <cstdint>
#include <string>

namespace bnstudio {

/// What a number of a step is. A line of the calculation has one as its result, and every number in a formula says by
/// one where it comes from, so that a view can show the place or go to the line that computes it.
enum class Origin : std::uint8_t {
    Literal,  ///< a constant of the formula itself
    Rest,     ///< what the terms of a long sum that are not shown add up to

    // What the step starts from; visible in every phase.
    X,  ///< a cell of the lane's input
    Weight,
    Bias,         ///< γ[c] and β[c] that the step used
    RunningMean,  ///< before the step
    RunningVar,
    BatchesTracked,
    ValuesPerChannel,  ///< n = N·L
    ElementCount,      ///< N·C·L
    Eps,
    Momentum,
    LearningRate,
    OptimizerMomentum,
    WeightDecay,
    Beta1,
    Beta2,
    OptimizerEps,
    TeacherWeight,  ///< γ*, β* of the loss
    TeacherBias,

    // Forward.
    SumX,
    Mean,     ///< of the batch
    MeanLow,  ///< what mean lacks for being rounded to a double
    SumSquares,
    Var,  ///< of the batch, ÷n
    InvStd,
    Xhat,
    Y,
    XhatInTraining,  ///< in eval: what training mode would have made of this cell
    BatchesTrackedAfter,
    RunningMeanAfter,
    RunningVarAfter,

    // Loss.
    Target,
    SumLoss,
    Loss,
    Dy,  ///< a cell of the upstream gradient

    // Backward.
    SumDy,
    SumDyXhat,
    GradBias,
    GradWeight,
    GradXhat,
    GradDirect,  ///< the three terms of grad_x
    GradThroughMean,
    GradThroughVar,
    GradX,

    // The optimiser; Link::parameter says for which of γ and β.
    DecayedGrad,
    MomentumBuffer,  ///< before the step
    MomentumBufferAfter,
    NesterovGrad,
    ExpAvg,
    ExpAvgSq,
    ExpAvgAfter,
    ExpAvgSqAfter,
    OptimizerSteps,  ///< counted with this one
    BiasCorrection1,
    BiasCorrection2,
    ParameterAfter,
};

enum class Parameter : std::uint8_t { None, Weight, Bias };

/// The place a number belongs to. Indices that do not apply are −1: a hyperparameter has none, a channel's mean has c,
/// a cell of a tensor has n, c and l (l = 0 for rank 2).
struct Link {
    Origin origin = Origin::Literal;
    Parameter parameter = Parameter::None;
    std::int64_t n = -1, c = -1, l = -1;
    bool operator==(const Link&) const = default;
};

/// How many bits the core keeps of a number: those of the layer's dtype for what PyTorch stores, double for statistics,
/// sums and buffers of the optimiser.
enum class Precision : std::uint8_t { Float32, Float64, Integer };
Precision precisionOf(DType layerDType);
double roundTo(Precision precision, double value);

struct Number {
    double value = 0;
    Precision precision = Precision::Float64;
    Link link;
    /// How far the number that the core works with may lie from value, because it has more bits than a double shows.
    double slack = 0;
};

enum class Digits : std::uint8_t {
    Short,  ///< five significant digits; whole numbers as they are
    Full,   ///< the shortest decimal that reads back to the same double, for float32 too: what a calculator needs
    Bits,   ///< the IEEE bits in the number's precision, "0x4115b22d"
};
std::string numberText(const Number& number, Digits digits);

}  // namespace bnstudio
