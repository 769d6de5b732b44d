// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the findings share.
#pragma once

#include "core/findings/findings.h"
#include "support/recipes.h"

#include <QtTest>

#include <algorithm>
#include <limits>

namespace bnstudio::test {

inline constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

inline void addUpTo(FindingsTracker& tracker, Run& run, std::int64_t steps) {
    while (run.head() < steps)
        run.advance();
    while (tracker.nextStep() < steps) {
        const std::int64_t step = tracker.nextStep();
        tracker.add(*run.snapshot(step), [&](int lane) { return run.frame(step, lane); });
    }
}

inline std::vector<Finding> findingsAfter(const Recipe& recipe, std::int64_t steps) {
    Run run(recipe);
    FindingsTracker tracker;
    addUpTo(tracker, run, steps);
    return tracker.findings();
}

inline QStringList idsOf(const std::vector<Finding>& findings) {
    QStringList ids;
    for (const Finding& finding : findings)
        ids << QString::fromStdString(std::string(findingId(finding.kind)));
    return ids;
}

inline QString linesOf(const std::vector<Finding>& findings) {
    QStringList lines;
    for (const Finding& finding : findings)
        lines << QString::fromStdString(findingLine(finding, ""));
    return lines.join('\n');
}

inline const Finding* findKind(const std::vector<Finding>& findings, FindingKind kind) {
    const auto found =
        std::find_if(findings.begin(), findings.end(), [kind](const Finding& finding) { return finding.kind == kind; });
    return found == findings.end() ? nullptr : &*found;
}

inline double evidence(const Finding& finding, const std::string& name) {
    for (const Evidence& each : finding.evidence) {
        if (each.name == name)
            return each.value;
    }
    return notANumber;
}

/// The one finding of a run; fails the test when there is another or none.
inline Finding onlyFinding(const Recipe& recipe, std::int64_t steps, FindingKind kind) {
    const std::vector<Finding> findings = findingsAfter(recipe, steps);
    if (findings.size() != 1 || findings[0].kind != kind) {
        QTest::qFail(qPrintable(QString("expected %1 alone, got:\n%2")
                                    .arg(QString::fromStdString(std::string(findingId(kind))), linesOf(findings))),
                     __FILE__, __LINE__);
        return {};
    }
    return findings[0];
}

using Channels = std::vector<std::int64_t>;

}  // namespace bnstudio::test
