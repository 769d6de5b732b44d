// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/findings/lane_detector.h"

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

const LayerState& before(const LaneSnapshot& lane) {
    return lane.before->layer.state();
}
const LayerState& after(const LaneSnapshot& lane) {
    return lane.after->layer.state();
}
const LayerOptions& options(const LaneSnapshot& lane) {
    return lane.before->layer.options();
}

double unbiasedVar(const Moments& batch, std::size_t channel) {
    return batch.sumSquares[channel] / static_cast<double>(batch.valuesPerChannel - 1);
}

/// Whether running statistics of every channel of the batch are there.
bool hasRunning(const LayerState& state, std::size_t channels) {
    return state.runningMean && state.runningVar && state.runningMean->size() == channels
           && state.runningVar->size() == channels;
}

std::optional<std::array<std::int64_t, 3>> firstNonFinite(const Frame& frame) {
    const BatchShape shape = BatchShape::of(frame.x.shape());
    for (std::int64_t i = 0; i < frame.x.size(); ++i) {
        if (!std::isfinite(frame.x.at(i)))
            return std::array{i / (shape.c * shape.l), i / shape.l % shape.c, i % shape.l};
    }
    return std::nullopt;
}

}  // namespace

void LaneDetector::set(FindingKind kind, bool holds, std::int64_t step, std::int64_t channel, double score,
                       const Holding::Numbers& numbers) {
    if (holds)
        holding(kind).note(step, channel, score, numbers);
    else
        holding(kind).clear(channel);
}

void LaneDetector::add(std::int64_t step, const LaneSnapshot& lane, const FrameOf& frameOf) {
    if (lane.skipped)
        return;
    for (int i = static_cast<int>(FindingKind::NonFiniteState); i < findingKindCount; ++i)
        m_holdings[static_cast<std::size_t>(i)].begin();
    noteSettings(step, lane);
    noteCounter(step, lane);
    noteState(step, lane);
    noteWeights(step, lane);
    if (lane.refused()) {
        noteRefusal(step, lane);
        return;
    }
    if (lane.forward.mean.empty())
        return;
    noteFewValues(step, lane);
    noteInput(step, lane, frameOf);
    noteNeverUpdated(step, lane);
    follow(lane);
    noteChannels(step, lane);
}

void LaneDetector::noteSettings(std::int64_t step, const LaneSnapshot& lane) {
    const LayerOptions& layer = options(lane);
    set(FindingKind::EpsZero, layer.eps == 0, step, -1, 0, {layer.eps});
    const bool updates =
        lane.before->trainMode && layer.trackRunningStats && (before(lane).runningMean || before(lane).runningVar);
    const bool outside = layer.momentum && !(*layer.momentum > 0 && *layer.momentum <= 1);
    set(FindingKind::MomentumOutside, updates && outside, step, -1, 0, {layer.momentum.value_or(0)});
}

void LaneDetector::noteCounter(std::int64_t step, const LaneSnapshot& lane) {
    const auto& now = before(lane).numBatchesTracked;
    if (m_counter && now && *now < *m_counter) {
        holding(FindingKind::CounterReset)
            .note(step, -1, 0, {static_cast<double>(*m_counter), static_cast<double>(*now)});
        m_startShare = 1;
        for (ChannelCourse& course : m_courses)
            course.forgetDistances();
    }
    m_counter = after(lane).numBatchesTracked;
}

void LaneDetector::noteRefusal(std::int64_t step, const LaneSnapshot& lane) {
    const bool oneValue = lane.error.starts_with("Expected more than 1 value per channel");
    Holding& refusal = holding(oneValue ? FindingKind::OneValuePerChannel : FindingKind::Refused);
    if (!refusal.holds())
        refusal.words = lane.error;
    refusal.note(step, -1, 0, {1});
}

void LaneDetector::noteFewValues(std::int64_t step, const LaneSnapshot& lane) {
    const std::int64_t n = lane.forward.valuesPerChannel;
    if (!lane.forward.usedBatchStatistics || n >= thresholds::fewValues)
        return;
    const double values = static_cast<double>(n);
    // A smaller n is worse than a later step.
    holding(FindingKind::FewValues)
        .note(step, -1, 1 / values, {values, 1 / std::sqrt(values), std::sqrt(2 / std::max(1.0, values - 1))});
}

void LaneDetector::noteInput(std::int64_t step, const LaneSnapshot& lane, const FrameOf& frameOf) {
    Holding& input = holding(FindingKind::NonFiniteInput);
    const bool isNew = !input.holds();
    for (std::size_t c = 0; c < lane.health.size(); ++c) {
        const HealthCounts& health = lane.health[c];
        if (health.nonFinite() == 0)
            continue;
        // The evidence is about the step where it began.
        input.note(step, static_cast<std::int64_t>(c), isNew ? health.nonFinite() : 0,
                   {static_cast<double>(health.nan), static_cast<double>(health.posInf),
                    static_cast<double>(health.negInf), static_cast<double>(lane.batch.valuesPerChannel)});
    }
    if (isNew && input.holds() && frameOf) {
        if (const auto frame = frameOf())
            input.cell = firstNonFinite(*frame);
    }
}

void LaneDetector::noteState(std::int64_t step, const LaneSnapshot& lane) {
    const LayerState& state = after(lane);
    const std::array lists{&state.runningMean, &state.runningVar, &state.weight, &state.bias};
    std::size_t channels = 0;
    for (const auto* list : lists)
        channels = std::max(channels, *list ? (*list)->size() : 0);
    for (std::size_t c = 0; c < channels; ++c) {
        Holding::Numbers numbers{};
        double bad = 0;
        for (std::size_t i = 0; i < lists.size(); ++i) {
            numbers[i] = *lists[i] && c < (*lists[i])->size() ? (**lists[i])[c] : 0;
            bad += std::isfinite(numbers[i]) ? 0 : 1;
        }
        set(FindingKind::NonFiniteState, bad > 0, step, static_cast<std::int64_t>(c), bad, numbers);
    }
}

void LaneDetector::noteWeights(std::int64_t step, const LaneSnapshot& lane) {
    const auto& weight = before(lane).weight;
    for (std::size_t c = 0; weight && c < weight->size(); ++c) {
        const double size = std::fabs((*weight)[c]);
        set(FindingKind::WeightNearZero, size <= thresholds::weightNearZero, step, static_cast<std::int64_t>(c),
            1 - size, {(*weight)[c]});
    }
    if (!weight)
        holding(FindingKind::WeightNearZero) = {};
}

void LaneDetector::noteNeverUpdated(std::int64_t step, const LaneSnapshot& lane) {
    const LayerState& state = before(lane);
    bool untouched = !lane.forward.usedBatchStatistics && state.numBatchesTracked.value_or(0) == 0;
    const auto all = [](const std::optional<ChannelVector>& values, double start) {
        return values && std::all_of(values->begin(), values->end(), [start](double value) { return value == start; });
    };
    untouched = untouched && all(state.runningMean, 0) && all(state.runningVar, 1);
    set(FindingKind::NeverUpdated, untouched, step, -1, 0, {static_cast<double>(state.numBatchesTracked.value_or(0))});
}

/// Takes the batch into the courses of its channels. z counts once running_mean has forgotten where it started, since
/// a young run has not gone stale.
void LaneDetector::follow(const LaneSnapshot& lane) {
    const Moments& batch = lane.batch;
    m_courses.resize(batch.mean.size());
    if (batch.valuesPerChannel < 2)
        return;
    const double n = static_cast<double>(batch.valuesPerChannel);
    const bool compares = lane.forward.updatedMean && lane.groups == 1 && m_startShare <= thresholds::forgottenStart;
    for (std::size_t c = 0; c < m_courses.size(); ++c) {
        if (!std::isfinite(batch.mean[c]) || !std::isfinite(batch.var[c]))
            continue;
        m_courses[c].addBatch(batch.mean[c], unbiasedVar(batch, c));
        const double running = compares ? (*before(lane).runningMean)[c] : batch.mean[c];
        if (compares && std::isfinite(running))
            m_courses[c].addDistance(batch.mean[c] - running, n);
    }
    if (lane.forward.updatedMean)
        m_startShare *= std::fabs(1 - lane.forward.factor);
}

void LaneDetector::noteChannels(std::int64_t step, const LaneSnapshot& lane) {
    const std::int64_t channels = static_cast<std::int64_t>(m_courses.size());
    for (std::int64_t c = 0; c < channels; ++c) {
        const auto channel = static_cast<std::size_t>(c);
        const bool constant = lane.batch.valuesPerChannel > 1 && lane.batch.var[channel] == 0;
        set(FindingKind::ConstantChannel, constant, step, c, 0, {lane.batch.mean[channel]});
        noteEps(step, lane, c);
        if (m_courses[channel].batches() == 0)
            continue;
        noteStale(step, lane, c);
        noteGap(step, lane, c);
        notePopulations(step, lane, c);
    }
}

void LaneDetector::noteEps(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel) {
    const auto c = static_cast<std::size_t>(channel);
    const double eps = options(lane).eps, used = lane.forward.var[c];
    // Batches scatter; whether eps matters is judged by what the variance is usually like.
    const bool smooth = lane.forward.usedBatchStatistics && m_courses[c].batches() > 0;
    const double var = smooth ? m_courses[c].var() : used;
    const bool holds = var > 0 && used > 0 && eps >= thresholds::epsShare * var;
    set(FindingKind::EpsComparable, holds, step, channel, eps / used,
        {eps, used, eps / used, std::sqrt(used / (used + eps))});
}

void LaneDetector::noteStale(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel) {
    const auto c = static_cast<std::size_t>(channel);
    const ChannelCourse& course = m_courses[c];
    const double z = course.z();
    const bool holds = std::fabs(z) >= std::max(thresholds::staleZ, thresholds::staleNoise * course.zNoise());
    const double n = static_cast<double>(lane.batch.valuesPerChannel);
    const auto& running = after(lane).runningMean;
    if (!running || c >= running->size())
        return holding(FindingKind::StaleStatistics).clear(channel);
    set(FindingKind::StaleStatistics, holds, step, channel, std::fabs(z),
        {z / std::sqrt(n), z, course.mean(), (*running)[c]});
}

void LaneDetector::noteGap(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel) {
    const auto c = static_cast<std::size_t>(channel);
    const ChannelCourse& course = m_courses[c];
    const LayerState& state = after(lane);
    if (!hasRunning(state, m_courses.size()) || lane.batch.valuesPerChannel < 2)
        return holding(FindingKind::OutputGap).clear(channel);
    const double n = static_cast<double>(lane.batch.valuesPerChannel), eps = options(lane).eps;
    const double runningMean = (*state.runningMean)[c], runningVar = (*state.runningVar)[c];
    // The running statistics scatter too, those of momentum f as averages over about 2/f batches.
    const double factor = std::clamp(std::fabs(lane.forward.factor), 0.0, 1.0);
    const double averaging = std::sqrt(course.noise() + (lane.forward.updatedMean ? factor / (2 - factor) : 0));
    const double shift = std::fabs(course.mean() - runningMean) / std::sqrt(runningVar + eps);
    const double shiftNoise = course.meanScatter(n) * averaging / std::sqrt(runningVar + eps);
    const double ratio = (course.var() + eps) / (runningVar + eps);
    const double ratioNoise = course.var() > 0 ? course.varScatter(n) / course.var() * averaging : 0;
    const bool shifted = shift >= thresholds::gapMean + thresholds::gapNoise * shiftNoise;
    // In logarithms, where twice as wide is as far off as half as wide.
    const double scale = std::fabs(std::log(ratio));
    const bool scaled =
        course.var() > 0 && scale >= 2 * std::log(thresholds::gapScale) + thresholds::gapNoise * ratioNoise;
    set(FindingKind::OutputGap, runningVar + eps > 0 && (shifted || scaled), step, channel, std::max(shift, scale),
        {(course.mean() - runningMean) / std::sqrt(runningVar + eps), std::sqrt(ratio), runningMean, runningVar});
}

void LaneDetector::notePopulations(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel) {
    const auto c = static_cast<std::size_t>(channel);
    const ChannelCourse& course = m_courses[c];
    const bool holds =
        lane.batch.valuesPerChannel > 1 && course.alternates(static_cast<double>(lane.batch.valuesPerChannel));
    if (!holds)
        return holding(FindingKind::TwoPopulations).clear(channel);
    const double low = std::min(course.populationMean(0), course.populationMean(1));
    const double high = std::max(course.populationMean(0), course.populationMean(1));
    const double half = (high - low) / 2;
    set(FindingKind::TwoPopulations, true, step, channel, half / std::sqrt(course.var()),
        {low, high, course.var(), course.var() + half * half});
}

void LaneDetector::collect(int lane, std::vector<Finding>& findings) const {
    for (int i = 0; i < findingKindCount; ++i) {
        const Holding& each = m_holdings[static_cast<std::size_t>(i)];
        if (!each.holds())
            continue;
        findings.push_back(describeFinding(static_cast<FindingKind>(i), each));
        findings.back().lane = lane;
    }
}

std::size_t LaneDetector::byteSize() const {
    return sizeof *this + m_courses.capacity() * (sizeof(ChannelCourse) + findingKindCount * sizeof(std::int64_t));
}

}  // namespace bnstudio
