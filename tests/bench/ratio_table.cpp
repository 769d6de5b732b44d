// SPDX-License-Identifier: GPL-3.0-or-later
#include "ratio_table.h"

#include <cstdio>

namespace bnstudio::bench {

void RatioTable::ReportRuns(const std::vector<Run>& runs) {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
        const auto items = run.counters.find("items_per_second");
        const bool isMedian = run.run_type == Run::RT_Aggregate && run.aggregate_name == "median";
        if (items == run.counters.end() || run.error_occurred || (run.run_type == Run::RT_Aggregate && !isMedian))
            continue;
        m_rates[run.run_name.function_name] = items->second;
    }
}

double RatioTable::rate(const std::string& name) const {
    const auto found = m_rates.find(name);
    return found == m_rates.end() ? 0 : found->second;
}

void RatioTable::printRow(const std::string& pass, const std::string& batch) const {
    const std::string own = pass == "backward" ? pass : "forward_" + pass;
    const double rate = this->rate(own + "/" + batch);
    const double limit = this->rate("limit_" + pass + "/" + batch), peer = this->rate("onednn_" + pass + "/" + batch);
    if (rate == 0)
        return;
    std::printf("%-9s %-24s %10.2f", pass.c_str(), batch.c_str(), rate / 1e9);
    for (const double other : {limit, peer}) {
        if (other > 0)
            std::printf(" %10.2f %7.2f", other / 1e9, rate / other);
        else
            std::printf(" %10s %7s", "-", "-");
    }
    std::printf("\n");
}

void RatioTable::Finalize() {
    ConsoleReporter::Finalize();
    bool hasHeader = false;
    for (const std::string pass : {"train", "eval", "backward"}) {
        const std::string own = (pass == "backward" ? pass : "forward_" + pass) + "/";
        for (const auto& [name, rate] : m_rates) {
            if (!name.starts_with(own))
                continue;
            if (!hasHeader)
                std::printf("\n%-9s %-24s %10s %10s %7s %10s %7s\n", "pass", "batch", "10^9/s", "limit", "ratio",
                            "oneDNN", "ratio");
            hasHeader = true;
            printRow(pass, name.substr(own.size()));
        }
    }
}

}  // namespace bnstudio::bench
