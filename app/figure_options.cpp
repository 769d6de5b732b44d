// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/figure_options.h"

#include "app/output_names.h"
#include "app/values.h"
#include "core/error.h"
#include "ui/session/worker.h"

#include <algorithm>
#include <numeric>

namespace bnstudio {
namespace {

constexpr std::int64_t mostDefaultChannels = 8;

FigureKind parseKind(const std::string& text) {
    const auto kind = figureKindFromName(QString::fromStdString(text));
    if (!kind)
        throw Error(ErrorCode::Usage,
                    "--figure: expected one of running, profile, distributions, channels, flow, got '" + text + "'");
    return *kind;
}

std::vector<std::int64_t> parseChannels(const std::string& text) {
    std::vector<std::int64_t> channels;
    for (const std::string& part : split(text, ','))
        channels.push_back(parseInteger("--channels", part, 0, std::int64_t{1} << 53));
    return channels;
}

/// Only what a figure draws can be chosen.
void requireChoice(FigureKind kind, std::size_t channels) {
    if (kind == FigureKind::Profile || kind == FigureKind::Channels)
        throw Error(ErrorCode::Usage,
                    "--channels: this figure shows every channel; --channels works for running and distributions");
    constexpr std::size_t mostLines = 16;
    if (kind == FigureKind::Running && channels > mostLines)
        throw Error(ErrorCode::Usage,
                    "--channels: a figure shows at most 16 channels, got " + std::to_string(channels));
    if ((kind == FigureKind::Distributions || kind == FigureKind::Flow) && channels > 1)
        throw Error(ErrorCode::Usage,
                    std::string("--channels: ") + (kind == FigureKind::Flow ? "flow" : "distributions")
                        + " shows one channel, got " + std::to_string(channels) + "; running takes several");
}

QSizeF parseSize(const std::string& text) {
    try {
        return figureSizeFromText(QString::fromStdString(text));
    } catch (const Error& error) {
        throw Error(ErrorCode::Usage, std::string("--figure-size: ") + error.what());
    }
}

std::vector<std::int64_t> defaultChannels(FigureKind kind, std::int64_t channels) {
    if (kind != FigureKind::Running)
        return {0};
    std::vector<std::int64_t> first(
        static_cast<std::size_t>(std::clamp<std::int64_t>(channels, 1, mostDefaultChannels)));
    std::iota(first.begin(), first.end(), 0);
    return first;
}

}  // namespace

std::optional<FigureOptions> parseFigureOptions(const ParsedOptions& options) {
    const auto path = options.value("--save-figure");
    if (!path) {
        for (const char* option : {"--figure", "--channels", "--figure-size", "--font-size"}) {
            if (options.has(option))
                throw Error(ErrorCode::Usage, std::string(option) + ": expected together with --save-figure");
        }
        return std::nullopt;
    }
    FigureOptions figure;
    figure.path = *path;
    requireExtension("--save-figure", *path, {".png", ".svg", ".pdf"});
    if (const auto text = options.value("--figure"))
        figure.kind = parseKind(*text);
    if (const auto text = options.value("--channels")) {
        figure.channels = parseChannels(*text);
        requireChoice(figure.kind, figure.channels.size());
    }
    if (const auto text = options.value("--figure-size"))
        figure.sizeMm = parseSize(*text);
    else if (figure.kind == FigureKind::Flow)
        figure.sizeMm = {175, 75};  // the width of a page of text
    if (const auto text = options.value("--font-size")) {
        figure.fontPoints = parseNumber("--font-size", *text);
        if (!(figure.fontPoints >= 1 && figure.fontPoints <= 100))
            throw Error(ErrorCode::Usage,
                        "--font-size: expected a number of points from 1 to 100, got '" + *text + "'");
    }
    return figure;
}

void checkChannels(const FigureOptions& options, std::int64_t channels) {
    for (const std::int64_t channel : options.channels) {
        if (channel >= channels)
            throw Error(ErrorCode::Usage, "--channels: there is no channel " + std::to_string(channel) + ", there are "
                                              + std::to_string(channels) + ", counted from 0");
    }
}

FigureRequest figureRequest(const FigureOptions& options, Run& run, std::stop_token stop) {
    if (run.head() == 0)
        throw Error(ErrorCode::Usage, "--save-figure: a run of no steps has nothing to draw");
    FigureRequest request;
    request.kind = options.kind;
    request.recipe = run.recipe();
    request.series = run.series();
    request.channels =
        options.channels.empty() ? defaultChannels(options.kind, run.stream().channels()) : options.channels;
    request.step = run.head() - 1;
    request.lane = run.snapshot(request.step, stop)->lanes.front();
    if (options.kind == FigureKind::Distributions)
        request.distributions = *computeDistributions(*run.frame(request.step, 0, stop), request.channels.front());
    if (options.kind == FigureKind::Flow)
        request.frame = run.frame(request.step, 0, stop);
    request.sizeMm = options.sizeMm;
    request.fontPoints = options.fontPoints;
    return request;
}

}  // namespace bnstudio
