// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/generator.h"

#include "core/data/generator_channels.h"
#include "core/data/random.h"
#include "core/data/shortest_decimal.h"
#include "core/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

using Kind = GeneratorSpec::Kind;

[[noreturn]] void fail(const std::string& message) {
    throw Error(ErrorCode::Usage, "generate: " + message);
}

void requireAtLeast(const char* key, std::int64_t value, std::int64_t least) {
    if (value < least)
        fail(std::string(key) + " is " + shortestDecimal(value) + ", expected " + shortestDecimal(least) + " or more");
}

void require(bool holds, const std::string& key, double value, const char* expected) {
    if (!holds)
        fail(key + " is " + shortestDecimal(value) + ", expected " + expected);
}

void requireProbability(const char* key, double value) {
    require(value >= 0 && value <= 1, key, value, "a probability from 0 to 1");
}

/// Checks a list of one value or one a channel; deviations may not be negative.
void requireList(const char* key, const std::vector<double>& list, std::int64_t channels, bool deviation) {
    if (list.size() != 1 && static_cast<std::int64_t>(list.size()) != channels)
        fail(std::string(key) + " has " + shortestDecimal(list.size()) + (list.size() == 1 ? " value" : " values")
             + ", expected 1" + (channels == 1 ? "" : " or " + shortestDecimal(channels)) + " (c)");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string name = list.size() == 1 ? key : key + std::string(" of channel ") + shortestDecimal(i);
        require(std::isfinite(list[i]), name, list[i], "a finite number");
        require(!deviation || list[i] >= 0, name, list[i], "0 or more");
    }
}

void requireShape(const GeneratorSpec& spec) {
    requireAtLeast("n", spec.n, 0);
    requireAtLeast("c", spec.c, 1);
    requireAtLeast("l", spec.l, 0);
    try {
        checkedElementCount({spec.n, spec.c, std::max<std::int64_t>(spec.l, 1)}, sizeof(double));
    } catch (const Error& error) {
        fail("n=" + shortestDecimal(spec.n) + ", c=" + shortestDecimal(spec.c) + ", l=" + shortestDecimal(spec.l)
             + " make a batch beyond all memory: " + error.what());
    }
}

bool isGaussian(Kind kind) {
    return kind == Kind::Normal || kind == Kind::LogNormal || kind == Kind::Mixture;
}

double ofChannel(const std::vector<double>& list, std::size_t channel) {
    return list[list.size() == 1 ? 0 : channel];
}

/// Mean of exp(m + s·z).
double logNormalMean(double m, double s) {
    return portableExp(m + 0.5 * s * s);
}

double logNormalVariance(double m, double s) {
    return s == 0 ? 0 : portableExpMinusOne(s * s) * portableExp(2 * m + s * s);
}

double square(double x) {
    return x * x;
}

double varianceWithoutOutliers(const GeneratorSpec& spec, const ChannelParameters& channels, std::size_t c) {
    const double s = channels.scale[c];
    switch (spec.kind) {
    case Kind::Normal:
    case Kind::Uniform:
        return s * s;
    case Kind::LogNormal:
        return logNormalVariance(channels.location[c], s);
    case Kind::StudentT:
        return spec.df > 2 ? s * s * (spec.df / (spec.df - 2)) : std::numeric_limits<double>::quiet_NaN();
    case Kind::Constant:
        return 0;
    case Kind::Mixture:
        // Variance within the populations plus variance between them.
        return (1 - spec.weight2) * (s * s + square(channels.location[c] - channels.centre[c]))
               + spec.weight2 * (square(channels.scale2[c]) + square(channels.location2[c] - channels.centre[c]));
    }
    return 0;
}

}  // namespace

ChannelParameters channelParameters(const GeneratorSpec& spec, std::int64_t k) {
    const auto count = static_cast<std::size_t>(spec.c);
    const bool logNormal = spec.kind == Kind::LogNormal, mixture = spec.kind == Kind::Mixture;
    ChannelParameters channels;
    for (std::size_t c = 0; c < count; ++c) {
        const double s = ofChannel(spec.std, c);
        const double place = count == 1 ? 0 : 2 * static_cast<double>(c) / static_cast<double>(count - 1) - 1;
        const double fan = spec.spread * place * s;
        const double drift = ofChannel(spec.drift, c) * static_cast<double>(k);
        const double m = ofChannel(spec.mean, c) + fan;
        channels.location.push_back(logNormal ? m : m + drift);
        channels.scale.push_back(s);
        if (logNormal)
            channels.shift.push_back(drift);
        if (mixture) {
            channels.location2.push_back(ofChannel(spec.mean2, c) + fan + drift);
            channels.scale2.push_back(ofChannel(spec.std2, c));
        }
        channels.centre.push_back(logNormal ? logNormalMean(m, s) + drift
                                  : mixture ? (1 - spec.weight2) * (m + drift) + spec.weight2 * channels.location2[c]
                                            : m + drift);
    }
    return channels;
}

void validate(const GeneratorSpec& spec) {
    requireShape(spec);
    requireList("mean", spec.mean, spec.c, false);
    requireList("std", spec.std, spec.c, true);
    requireList("drift", spec.drift, spec.c, false);
    requireList("mean2", spec.mean2, spec.c, false);
    requireList("std2", spec.std2, spec.c, true);
    require(std::isfinite(spec.spread), "spread", spec.spread, "a finite number");
    require(std::isfinite(spec.df) && spec.df > 0, "df", spec.df, "a finite number above 0");
    require(spec.correlation >= 0 && spec.correlation < 1, "correlation", spec.correlation,
            "0 or more and less than 1");
    if (spec.correlation > 0 && !isGaussian(spec.kind))
        fail("correlation is " + shortestDecimal(spec.correlation)
             + ", which needs a Gaussian kind (normal, lognormal or mixture), not " + std::string(kindName(spec.kind)));
    requireProbability("outliers", spec.outliers);
    requireProbability("nan", spec.nan);
    requireProbability("weight2", spec.weight2);
}

Population population(const GeneratorSpec& spec, std::int64_t k) {
    validate(spec);
    const ChannelParameters channels = channelParameters(spec, k);
    const bool hasMean = spec.kind != Kind::StudentT || spec.df > 1;
    const double outlierFactor = (1 - spec.outliers) + 100 * spec.outliers;
    Population result;
    for (std::size_t c = 0; c < channels.location.size(); ++c) {
        result.mean.push_back(hasMean ? channels.centre[c] : std::numeric_limits<double>::quiet_NaN());
        result.var.push_back(varianceWithoutOutliers(spec, channels, c) * outlierFactor);
    }
    return result;
}

}  // namespace bnstudio
