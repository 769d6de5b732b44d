// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>

namespace bnstudio::bench {

/// Prints what Google Benchmark prints, and after the last benchmark a table of the layer's passes: elements a second,
/// and their ratio to the limit and to oneDNN, as far as both were measured in this run. Repetitions count by their
/// median.
class RatioTable : public benchmark::ConsoleReporter {
public:
    void ReportRuns(const std::vector<Run>& runs) override;
    void Finalize() override;

private:
    double rate(const std::string& name) const;
    void printRow(const std::string& pass, const std::string& batch) const;
    std::map<std::string, double> m_rates;  // elements a second by name
};

}  // namespace bnstudio::bench
