// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of the scenarios share.
#pragma once

#include "support/recipes.h"

#include <QtTest>

#include <cmath>

namespace bnstudio::test {

inline void compareNear(double actual, double expected, double tolerance) {
    QVERIFY2(std::abs(actual - expected) <= tolerance,
             qPrintable(QString("%1, expected %2 ± %3").arg(actual, 0, 'g', 10).arg(expected).arg(tolerance)));
}

inline double runningMean(const LaneSnapshot& lane, std::size_t channel = 0) {
    return (*lane.after->layer.state().runningMean)[channel];
}
inline double runningVar(const LaneSnapshot& lane, std::size_t channel = 0) {
    return (*lane.after->layer.state().runningVar)[channel];
}

inline const LaneSnapshot& lane(const std::shared_ptr<const Snapshot>& snapshot, std::size_t index = 0) {
    return *snapshot->lanes[index];
}

/// Two values a channel around a mean: mean and variance are exact.
inline PastedSpec pairAround(double mean, double distance) {
    return pasted({2, 1}, {mean - distance, mean + distance});
}

inline LaneSpec laneNamed(const char* name) {
    LaneSpec spec;
    spec.name = name;
    return spec;
}

}  // namespace bnstudio::test
