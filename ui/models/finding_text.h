// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/findings/findings.h"

#include <QString>

#include <vector>

namespace bnstudio {

/// "eps 1e-05 · var ÷n 9.2e-5": the numbers that the finding judges by.
QString evidenceText(const Finding& finding);
/// When the program reports this kind, as docs/findings.md says it; Markdown.
QString ruleText(FindingKind kind);
/// "2 findings".
QString countText(std::size_t findings);

/// The findings of one lane, which is all that a view of this lane shows.
std::vector<Finding> findingsOfLane(const std::vector<Finding>& findings, int lane);

}  // namespace bnstudio
