// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/number.h"
#include "core/findings/lane_detector.h"

#include <charconv>
#include <cmath>

namespace bnstudio {

namespace {

using Numbers = Holding::Numbers;

constexpr std::size_t namedChannels = 4;

/// Three significant digits.
std::string shown(double value) {
    if (std::isfinite(value)) {
        char text[64];
        const char* end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 2).ptr;
        std::from_chars(text, end, value);
    }
    return numberText({value, Precision::Float64, {Origin::Var}, 0}, Digits::Short);
}

/// "Channel 6", "Channels 1, 6", "Channels 0, 1, 2, 3 and 5 more".
Phrase named(const std::vector<std::int64_t>& channels) {
    std::string list;
    for (std::size_t i = 0; i < channels.size() && i < namedChannels; ++i)
        list += (i ? ", " : "") + std::to_string(channels[i]);
    if (channels.size() > namedChannels)
        return {"Channels %1 and %2 more", {list, std::to_string(channels.size() - namedChannels)}};
    return {channels.size() == 1 ? "Channel %1" : "Channels %1", {list}};
}

struct Text {
    Severity severity;
    Phrase sentence;
    std::vector<Evidence> evidence;
    std::string remedy;
};

/// " (channel 3 the most)" where several channels share a sentence that speaks of one.
PhrasePart worstOf(const Holding& holding) {
    if (holding.channels().size() > 1)
        return Phrase{" (channel %1 the most)", {std::to_string(holding.worst())}};
    return std::string();
}

Text eventText(FindingKind kind, const Holding& holding) {
    const Numbers& v = holding.numbers();
    const double steps = static_cast<double>(holding.steps());
    const Phrase who = named(holding.channels());
    switch (kind) {
    case FindingKind::OneValuePerChannel:
        return {
            Severity::Error,
            {"A batch with one value per channel was refused: training needs at least two.", {}},
            {{"refused steps", steps}},
            "Leave out the incomplete last batch (drop_last) or take larger batches; eval accepts a single sample."};
    case FindingKind::Refused:
        return {Severity::Error,
                {"The layer refused a batch: %1", {holding.words}},
                {{"refused steps", steps}},
                "Make shape and dtype of the data fit the layer."};
    case FindingKind::FewValues:
        return {Severity::Warning,
                {"Batch statistics come from only %1 values per channel: the mean scatters by %2 % of a standard "
                 "deviation.",
                 {shown(v[0]), shown(100 * v[1])}},
                {{"n", v[0]},
                 {"scatter of the mean / std", v[1]},
                 {"scatter of the variance / var", v[2]},
                 {"steps", steps}},
                "Larger batches scatter less; where memory forbids them, GroupNorm or frozen statistics do without."};
    case FindingKind::NonFiniteInput:
        return {Severity::Error,
                {"%1: %2 of %3 values that came in are not finite%4.",
                 {who, shown(v[0] + v[1] + v[2]), shown(v[3]), worstOf(holding)}},
                {{"NaN", v[0]}, {"+inf", v[1]}, {"-inf", v[2]}, {"n", v[3]}, {"steps", steps}},
                "Clean the data before the layer: one such value makes a whole channel NaN, and running statistics "
                "keep it until they are reset."};
    default:
        return {Severity::Note,
                {"num_batches_tracked went back from %1 to %2.", {shown(v[0]), shown(v[1])}},
                {{"before", v[0]}, {"after", v[1]}},
                "With momentum None the average starts anew at a lower count; otherwise only the count is lost."};
    }
}

Text stateText(FindingKind kind, const Holding& holding) {
    const Numbers& v = holding.numbers();
    const Phrase who = named(holding.channels());
    switch (kind) {
    case FindingKind::NonFiniteState:
        return {Severity::Error,
                {"%1: running statistics or parameters are NaN or infinite.", {who}},
                {{"running_mean", v[0]}, {"running_var", v[1]}, {"weight", v[2]}, {"bias", v[3]}},
                "reset_running_stats() or a good state dict; new batches alone never repair a NaN."};
    case FindingKind::EpsComparable:
        return {Severity::Warning,
                {"%1: eps is %2 % of the variance%3.", {who, shown(100 * v[2]), worstOf(holding)}},
                {{"eps", v[0]}, {"var ÷n", v[1]}, {"eps / var", v[2]}, {"std of x̂", v[3]}},
                "Scale the data up, or choose a smaller eps, which lets noise of nearly constant channels through."};
    case FindingKind::ConstantChannel:
        return {Severity::Warning,
                {"%1: all values of a batch are the same, so y is β whatever the input.", {who}},
                {{"batch mean", v[0]}},
                "Look where the channel dies: a dead activation, a padded feature, a mask."};
    case FindingKind::NeverUpdated:
        return {Severity::Warning,
                {"Eval normalises with running statistics that no batch has touched: mean 0 and variance 1.", {}},
                {{"num_batches_tracked", v[0]}},
                "Train first, load a state dict, or run a few batches in training mode without an optimiser."};
    case FindingKind::MomentumOutside:
        return {Severity::Warning,
                {"momentum %1 is not in (0, 1]: running statistics are no average of batches.", {shown(v[0])}},
                {{"momentum", v[0]}},
                "momentum is the weight of the new batch: 0.1 is usual, None makes a plain average."};
    case FindingKind::EpsZero:
        return {Severity::Warning,
                {"eps is 0; PyTorch 2.10 and later refuse this.", {}},
                {{"eps", v[0]}},
                "A small positive eps such as 1e-12 changes next to nothing and keeps constant channels finite."};
    default:
        return {Severity::Note,
                {"%1: γ is close to 0, so the channel's output is nearly β.", {who}},
                {{"weight", v[0]}},
                "Intended where γ starts at 0; else look at weight decay and learning rate."};
    }
}

Text courseText(FindingKind kind, const Holding& holding) {
    const Numbers& v = holding.numbers();
    const Phrase who = named(holding.channels());
    switch (kind) {
    case FindingKind::StaleStatistics:
        return {Severity::Warning,
                {"%1: running_mean trails the data by %2 standard deviations%3.",
                 {who, shown(std::fabs(v[0])), worstOf(holding)}},
                {{"distance / std", v[0]}, {"z", v[1]}, {"mean of recent batches", v[2]}, {"running_mean", v[3]}},
                "A larger momentum follows faster and is noisier; a drift in the data is better removed before."};
    case FindingKind::TwoPopulations:
        return {
            Severity::Warning,
            {"%1: batches alternate between means of %2 and %3%4.", {who, shown(v[0]), shown(v[1]), worstOf(holding)}},
            {{"lower mean", v[0]},
             {"higher mean", v[1]},
             {"variance within batches", v[2]},
             {"variance of both together", v[3]}},
            "Mix the populations in each batch, or give each a layer of its own: running_var knows nothing of "
            "the distance between them."};
    default:
        return {
            Severity::Warning,
            {"%1: eval output lies %2 standard deviations off the train output and %3 times as wide%4.",
             {who, shown(std::fabs(v[0])), shown(v[1]), worstOf(holding)}},
            {{"shift of the mean / std", v[0]}, {"ratio of std", v[1]}, {"running_mean", v[2]}, {"running_var", v[3]}},
            "More training batches, a larger momentum, or statistics estimated anew before eval."};
    }
}

Text textFor(FindingKind kind, const Holding& holding) {
    if (kind < FindingKind::NonFiniteState)
        return eventText(kind, holding);
    if (kind == FindingKind::StaleStatistics || kind == FindingKind::TwoPopulations || kind == FindingKind::OutputGap)
        return courseText(kind, holding);
    return stateText(kind, holding);
}

}  // namespace

std::string_view findingId(FindingKind kind) {
    static constexpr std::array<std::string_view, findingKindCount> ids{
        "one-value-per-channel", "refused",        "few-values",       "non-finite-input", "counter-reset",
        "non-finite-state",      "eps-comparable", "constant-channel", "stale-statistics", "never-updated",
        "two-populations",       "output-gap",     "momentum-outside", "eps-zero",         "weight-near-zero"};
    return ids[static_cast<std::size_t>(kind)];
}

Finding describeFinding(FindingKind kind, const Holding& holding) {
    Finding finding;
    finding.kind = kind;
    finding.step = holding.firstStep();
    finding.lastStep = holding.lastStep();
    finding.channels = holding.channels();
    finding.worstChannel = holding.worst();
    finding.cell = holding.cell;
    Text text = textFor(kind, holding);
    finding.severity = text.severity;
    finding.sentence = text.sentence.text();
    finding.phrase = std::move(text.sentence);
    finding.evidence = std::move(text.evidence);
    finding.remedy = std::move(text.remedy);
    return finding;
}

std::string findingLine(const Finding& finding, const std::string& laneName) {
    std::string line = "step " + std::to_string(finding.step) + ": ";
    if (!laneName.empty())
        line += "lane " + laneName + ": ";
    line += finding.sentence;
    if (finding.cell) {
        const auto& [n, c, l] = *finding.cell;
        line += " First at n " + std::to_string(n) + ", c " + std::to_string(c) + ", l " + std::to_string(l) + ".";
    }
    return line;
}

}  // namespace bnstudio
