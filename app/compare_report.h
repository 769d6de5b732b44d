// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_compare.h"
#include "core/run/diagnosis.h"

#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// Of two runs: the first step, quantity and channel that differ.
struct FirstDifference {
    std::int64_t step = 0;
    std::string quantity;
    std::int64_t channel = -1;  ///< −1 for a single number
};

/// Two files, side by side.
struct CompareReport {
    std::string a, b;  ///< what was compared
    std::vector<TensorComparison> tensors;
    bool strict = false;
    std::optional<FirstDifference> first;
    bool differs() const;
};
/// Fills `first` when the tensors are those of numbered steps.
void findFirstDifference(CompareReport& report);

/// For reading: a line for every tensor that is not equal bit for bit, then what it comes to.
std::string reportText(const CompareReport& report);
std::string reportJson(const CompareReport& report);
/// The verdict about a recording, the first difference and the explanations that were tried.
std::string diagnosisText(const std::string& file, const TraceDiagnosis& diagnosis);
std::string diagnosisJson(const std::string& file, const TraceDiagnosis& diagnosis);

}  // namespace bnstudio
