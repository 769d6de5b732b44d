// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/findings/channel_course.h"
#include "core/findings/findings.h"

namespace bnstudio {

/// One kind of finding in one lane: since when it holds, in which channels, and the numbers of the worst of them.
class Holding {
public:
    using Numbers = std::array<double, 4>;

    bool holds() const { return m_count > 0; }
    /// Starts a step of a condition: the worst channel is chosen anew.
    void begin() { m_score = -1; }
    /// The channel (−1: the whole layer) shows the finding in this step, the more the higher the score.
    void note(std::int64_t step, std::int64_t channel, double score, const Numbers& numbers);
    /// The channel does not show it.
    void clear(std::int64_t channel);
    /// Another step in which it happened.
    void count(std::int64_t step);

    std::int64_t firstStep() const;
    std::int64_t lastStep() const { return m_lastStep; }
    std::int64_t steps() const { return m_steps; }
    std::int64_t worst() const { return m_worst; }
    const Numbers& numbers() const { return m_numbers; }
    std::vector<std::int64_t> channels() const;

    std::optional<std::array<std::int64_t, 3>> cell;  ///< NonFiniteInput
    std::string words;                                ///< Refused: the layer's words

private:
    std::vector<std::int64_t> m_since;  ///< by channel + 1, −1 where it does not hold
    std::int64_t m_count = 0;           ///< channels for which it holds
    std::int64_t m_steps = 0, m_lastStep = -1;
    std::int64_t m_worst = -1;
    double m_score = -1;
    Numbers m_numbers{};
};

/// The findings of one lane. A value: copying it is remembering.
class LaneDetector {
public:
    using FrameOf = std::function<std::shared_ptr<const Frame>()>;
    void add(std::int64_t step, const LaneSnapshot& lane, const FrameOf& frameOf);
    void collect(int lane, std::vector<Finding>& findings) const;
    std::size_t byteSize() const;

private:
    Holding& holding(FindingKind kind) { return m_holdings[static_cast<std::size_t>(kind)]; }
    void noteSettings(std::int64_t step, const LaneSnapshot& lane);
    void noteCounter(std::int64_t step, const LaneSnapshot& lane);
    void noteRefusal(std::int64_t step, const LaneSnapshot& lane);
    void noteFewValues(std::int64_t step, const LaneSnapshot& lane);
    void noteInput(std::int64_t step, const LaneSnapshot& lane, const FrameOf& frameOf);
    void noteState(std::int64_t step, const LaneSnapshot& lane);
    void noteChannels(std::int64_t step, const LaneSnapshot& lane);
    void noteEps(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel);
    void noteStale(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel);
    void noteGap(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel);
    void notePopulations(std::int64_t step, const LaneSnapshot& lane, std::int64_t channel);
    void noteNeverUpdated(std::int64_t step, const LaneSnapshot& lane);
    void noteWeights(std::int64_t step, const LaneSnapshot& lane);
    void follow(const LaneSnapshot& lane);
    void set(FindingKind kind, bool holds, std::int64_t step, std::int64_t channel, double score,
             const Holding::Numbers& numbers);

    std::array<Holding, findingKindCount> m_holdings;
    std::vector<ChannelCourse> m_courses;
    std::optional<std::int64_t> m_counter;  ///< after the last step
    double m_startShare = 1;                ///< weight of the first value in running_mean
};

/// Sentence, evidence and remedy of what holds.
Finding describeFinding(FindingKind kind, const Holding& holding);

}  // namespace bnstudio
