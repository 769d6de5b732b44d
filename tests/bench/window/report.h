// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace bnstudio::bench {

/// What a figure is held against.
struct Limit {
    enum class Kind { None, AtMost, AtLeast };
    Kind kind = Kind::None;
    double value = 0;
};
inline Limit atMost(double value) {
    return {Limit::Kind::AtMost, value};
}
inline Limit atLeast(double value) {
    return {Limit::Kind::AtLeast, value};
}

void printTitle(const std::string& title);
/// One line: what, figure with unit, the limit, and whether it holds.
void printRow(const std::string& what, double value, const char* unit, Limit limit = {});

/// The value below which @p fraction of the sorted values lie (nearest rank); NaN when there are none.
double percentile(const std::vector<double>& sorted, double fraction);
/// Median, 95 %, 99 % and maximum; the limit is that of the maximum.
void printDistribution(const std::string& what, std::vector<double> values, const char* unit, Limit limit = {});

/// Largest resident size of this process so far, MiB. Pages of mapped files count.
double peakResidentMiB();
/// Present resident size without mapped files, MiB.
double anonymousMiB();

}  // namespace bnstudio::bench
