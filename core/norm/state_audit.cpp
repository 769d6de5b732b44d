// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/state_audit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace bnstudio {

namespace {

constexpr std::array<std::string_view, 9> names{"not_finite",         "negative_variance", "never_trained",
                                                "unmoved_statistics", "uncounted_batches", "negative_counter",
                                                "tiny_variance",      "tiny_weight",       "no_counter"};

/// "3 of 8 channels (0, 2 and 5)", "1 of 8 channels (2)"; of many only the first ones are named.
std::string channelsText(const std::vector<std::int64_t>& channels, std::size_t total) {
    constexpr std::size_t shown = 5;
    std::string list;
    for (std::size_t i = 0; i < std::min(shown, channels.size()); ++i)
        list += (i == 0 ? "" : ", ") + std::to_string(channels[i]);
    if (channels.size() > shown)
        list += ", …";
    return std::to_string(channels.size()) + " of " + std::to_string(total)
           + (total == 1 ? " channel (" : " channels (") + list + ")";
}

class Audit {
public:
    explicit Audit(const LayerState& state) : m_state(state) {}

    std::vector<StateFinding> findings() {
        lookAtValues();
        lookAtHistory();
        std::stable_sort(m_found.begin(), m_found.end(),
                         [](const StateFinding& a, const StateFinding& b) { return a.kind < b.kind; });
        return std::move(m_found);
    }

private:
    void lookAtValues() {
        const auto notFinite = [](double value) { return !std::isfinite(value); };
        addChannels(Suspicion::NotFinite, "running_mean", m_state.runningMean, notFinite, "is NaN or infinite",
                    "what eval mode gives there is no number");
        addChannels(Suspicion::NotFinite, "running_var", m_state.runningVar, notFinite, "is NaN or infinite",
                    "eval mode gives NaN or nothing but β there");
        addChannels(Suspicion::NotFinite, "weight", m_state.weight, notFinite, "is NaN or infinite",
                    "the output is no number there");
        addChannels(Suspicion::NotFinite, "bias", m_state.bias, notFinite, "is NaN or infinite",
                    "the output is no number there");
        addChannels(
            Suspicion::NegativeVariance, "running_var", m_state.runningVar, [](double value) { return value < 0; },
            "is negative", "below −eps eval mode gives NaN; a momentum outside 0…1 can do that");
        addChannels(
            Suspicion::TinyVariance, "running_var", m_state.runningVar,
            [](double value) { return value >= 0 && value < tinyVariance; }, "is below 1e-5",
            "the input hardly varies there, and eps decides how far eval mode scales it");
        addChannels(
            Suspicion::TinyWeight, "weight", m_state.weight, [](double value) { return std::fabs(value) < tinyWeight; },
            "is below 1e-4 in size", "the output is β there, whatever the input");
    }

    void lookAtHistory() {
        if (!m_state.runningMean || !m_state.runningVar || m_state.runningMean->empty())
            return;
        const auto all = [](const ChannelVector& values, double wanted) {
            return std::all_of(values.begin(), values.end(), [wanted](double value) { return value == wanted; });
        };
        const bool isInitial = all(*m_state.runningMean, 0) && all(*m_state.runningVar, 1);
        const std::optional<std::int64_t>& counter = m_state.numBatchesTracked;
        if (isInitial && counter.value_or(0) == 0)
            add(Suspicion::NeverTrained, {},
                "running_mean is still 0 and running_var still 1 everywhere: no batch went through in training mode, "
                "and eval mode does not normalise.");
        else if (isInitial)
            add(Suspicion::UnmovedStatistics, {},
                "num_batches_tracked is " + std::to_string(*counter)
                    + ", but running_mean is still 0 and running_var still 1 everywhere: the momentum was 0, or the "
                      "statistics were replaced.");
        else if (counter == 0)
            add(Suspicion::UncountedBatches, {},
                "num_batches_tracked is 0, though the running statistics have moved: with momentum=None the next "
                "training batch replaces them.");
        if (counter && *counter < 0)
            add(Suspicion::NegativeCounter, {}, "num_batches_tracked is negative: " + std::to_string(*counter) + ".");
        if (!counter)
            add(Suspicion::NoCounter, {},
                "num_batches_tracked is missing, as in files written before PyTorch 0.4.1; with momentum=None the "
                "running statistics will not move.");
    }

    template <class Predicate>
    void addChannels(Suspicion kind, const std::string& key, const std::optional<ChannelVector>& values,
                     Predicate isSuspicious, const std::string& what, const std::string& consequence) {
        std::vector<std::int64_t> channels;
        for (std::size_t c = 0; values && c < values->size(); ++c)
            if (isSuspicious((*values)[c]))
                channels.push_back(static_cast<std::int64_t>(c));
        if (channels.empty())
            return;
        const std::string where = channelsText(channels, values->size());
        add(kind, std::move(channels), key + " " + what + " in " + where + ": " + consequence + ".");
    }

    void add(Suspicion kind, std::vector<std::int64_t> channels, std::string sentence) {
        m_found.push_back({kind, std::move(channels), std::move(sentence)});
    }

    const LayerState& m_state;
    std::vector<StateFinding> m_found;
};

}  // namespace

std::vector<StateFinding> auditState(const LayerState& state) {
    return Audit(state).findings();
}

std::string suspicionName(Suspicion kind) {
    return std::string(names[static_cast<std::size_t>(kind)]);
}

}  // namespace bnstudio
