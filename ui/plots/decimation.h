// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>

#include <cstdint>
#include <span>
#include <vector>

namespace bnstudio {

/// How many values share one bucket so that @p count values fill at most @p pixels buckets, with up to two values a
/// pixel drawn as they are: 1 when count ≤ 2·pixels, else a power of two. Powers of two make buckets of a growing line
/// merge pairwise instead of shifting, so old parts of the picture stay as they were.
std::int64_t bucketSize(std::int64_t count, int pixels);

/// Points of a line through (first + i, values[i]), with at most the smallest and the largest value of each bucket, in
/// their order. Buckets start at multiples of @p bucket on the x axis, not at @p first. Values that are not finite make
/// gaps, a point with y = NaN each (several in a row become one); a gap inside a bucket is kept only when the bucket
/// holds nothing else, because it is narrower than a pixel otherwise.
std::vector<QPointF> decimate(std::span<const double> values, std::int64_t first, std::int64_t bucket);

/// The points that have a gap, or nothing, on both sides: a line through them shows nothing, so they are drawn as dots.
std::vector<QPointF> isolatedPoints(const std::vector<QPointF>& line);

}  // namespace bnstudio
