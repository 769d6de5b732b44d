// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>

namespace bnstudio::bench {

namespace {

double statusMiB(const char* key) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        double kibibytes = 0;
        if (word == key && status >> kibibytes)
            return kibibytes / 1024;
    }
    return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void printTitle(const std::string& title) {
    std::printf("\n%s\n", title.c_str());
    std::fflush(stdout);
}

void printRow(const std::string& what, double value, const char* unit, Limit limit) {
    std::printf("  %-52s %10.2f %-5s", what.c_str(), value, unit);
    if (limit.kind != Limit::Kind::None) {
        const bool holds = limit.kind == Limit::Kind::AtMost ? value <= limit.value : value >= limit.value;
        const char* sign = limit.kind == Limit::Kind::AtMost ? "at most" : "at least";
        std::printf("   %8s %7.4g   %s", sign, limit.value, holds ? "holds" : "MISSED");
    }
    std::printf("\n");
    std::fflush(stdout);
}

double percentile(const std::vector<double>& sorted, double fraction) {
    if (sorted.empty())
        return std::numeric_limits<double>::quiet_NaN();
    const double rank = std::ceil(fraction * static_cast<double>(sorted.size()));
    return sorted[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

void printDistribution(const std::string& what, std::vector<double> values, const char* unit, Limit limit) {
    std::sort(values.begin(), values.end());
    printRow(what + ", median of " + std::to_string(values.size()), percentile(values, 0.5), unit);
    printRow(what + ", 95 %", percentile(values, 0.95), unit);
    printRow(what + ", 99 %", percentile(values, 0.99), unit);
    printRow(what + ", longest", percentile(values, 1), unit, limit);
}

double peakResidentMiB() {
    return statusMiB("VmHWM:");
}

double anonymousMiB() {
    return statusMiB("RssAnon:");
}

}  // namespace bnstudio::bench
