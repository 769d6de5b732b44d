// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/calculation.h"

namespace bnstudio {

/// The numbers of one cell's step as leaves of formulas, each with its link; and where lines are collected.
class StepNumbers {
public:
    StepNumbers(const Frame& frame, Cell cell, std::vector<Line>& lines);

    const Frame& frame;
    const LaneSnapshot& step;
    const Cell cell;
    const std::size_t channel;
    const Precision stored;  ///< of x, y, parameters, buffers and gradients

    const LayerOptions& options() const { return step.before->layer.options(); }
    const LayerState& before() const { return step.before->layer.state(); }
    const LayerState& after() const { return step.after->layer.state(); }
    const ChannelTransform& transform() const { return frame.transforms[channel]; }
    bool inTraining() const { return step.forward.usedBatchStatistics; }
    bool inGroups() const { return step.groups > 1; }

    /// The i-th value of the channel, in the order of memory.
    Cell valueAt(std::int64_t i) const;
    double xAt(Cell at) const { return frame.x.at(flat(at)); }
    double dyAt(Cell at) const { return frame.gradOutput.at(flat(at)); }
    double yAt(Cell at) const;

    Number x(Cell at) const { return {xAt(at), stored, link(Origin::X, at), 0}; }
    Number dy(Cell at) const { return {dyAt(at), stored, link(Origin::Dy, at), 0}; }
    Number y(Cell at) const { return {yAt(at), stored, link(Origin::Y, at), 0}; }
    Number xhat(Cell at) const;
    /// n = N·L, and n − 1.
    Number count(std::int64_t minus = 0) const;
    Number elementCount() const;
    /// A number of the channel: statistics are doubles, parameters and buffers have the layer's dtype.
    Number statistic(Origin origin, double value, double slack = 0) const;
    Number buffer(Origin origin, double value) const { return {value, stored, ofChannel(origin), 0}; }
    /// A setting; it belongs to no channel.
    static Number setting(Origin origin, double value) { return {value, Precision::Float64, {origin}, 0}; }
    /// γ[c]; nothing where there is none.
    std::optional<Number> weight() const;
    std::optional<Number> bias() const;
    /// x − mean with the statistics that the step normalised with.
    Expression centred(Cell at) const;
    /// The same about the batch's own mean, whatever the mode.
    Expression aboutBatchMean(Cell at) const;

    Link link(Origin origin, Cell at) const;
    Link ofChannel(Origin origin) const;

    Line& add(Phase phase, std::string symbol, Number result, std::optional<Expression> formula,
              std::string note = {}) const;

    /// Σ over the channel as its first terms and a rest. @p total is what the core knows of the sum; where it is not
    /// finite the hidden terms are added up by @p value.
    using Term = std::function<Expression(Cell)>;
    using Value = std::function<double(Cell)>;
    Expression channelSum(double total, const Term& term, const Value& value) const;
    /// How far the core's sum may lie from the sum of the terms as written: 0 when a rest makes up for it.
    double sumSlack(const Value& value) const;

private:
    std::int64_t flat(Cell at) const;
    Expression minusMean(Cell at, Number mean, double low, double invstd) const;
    std::vector<Line>& m_lines;
};

void addForwardLines(const StepNumbers& numbers);
void addRunningLines(const StepNumbers& numbers);
void addCounterLine(const StepNumbers& numbers);
void addLossLines(const StepNumbers& numbers);
void addBackwardLines(const StepNumbers& numbers);
void addUpdateLines(const StepNumbers& numbers);

}  // namespace bnstudio
