// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/decimation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

void appendGap(std::vector<QPointF>& points, double x) {
    if (!points.empty() && !std::isnan(points.back().y()))
        points.emplace_back(x, std::numeric_limits<double>::quiet_NaN());
}

// Smallest and largest finite value of one bucket, in the order in which they stand.
void appendExtremes(std::vector<QPointF>& points, std::span<const double> bucket, double x0) {
    std::size_t low = bucket.size(), high = bucket.size();
    for (std::size_t i = 0; i < bucket.size(); ++i) {
        if (!std::isfinite(bucket[i]))
            continue;
        if (low == bucket.size() || bucket[i] < bucket[low])
            low = i;
        if (high == bucket.size() || bucket[i] > bucket[high])
            high = i;
    }
    if (low == bucket.size()) {
        appendGap(points, x0);
        return;
    }
    const auto [a, b] = std::minmax(low, high);
    points.emplace_back(x0 + static_cast<double>(a), bucket[a]);
    if (b != a)
        points.emplace_back(x0 + static_cast<double>(b), bucket[b]);
}

}  // namespace

std::int64_t bucketSize(std::int64_t count, int pixels) {
    const std::int64_t columns = std::max(pixels, 1);
    if (count <= 2 * columns)
        return 1;
    std::int64_t bucket = 2;
    while ((count + bucket - 1) / bucket > columns)
        bucket *= 2;
    return bucket;
}

std::vector<QPointF> decimate(std::span<const double> values, std::int64_t first, std::int64_t bucket) {
    std::vector<QPointF> points;
    const auto count = static_cast<std::int64_t>(values.size());
    points.reserve(static_cast<std::size_t>(bucket == 1 ? count : 2 * (count / bucket + 2)));
    for (std::int64_t begin = 0; begin < count;) {
        const std::int64_t end = std::min(count, ((first + begin) / bucket + 1) * bucket - first);
        appendExtremes(points, values.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
                       static_cast<double>(first + begin));
        begin = end;
    }
    if (!points.empty() && std::isnan(points.back().y()))
        points.pop_back();
    return points;
}

std::vector<QPointF> isolatedPoints(const std::vector<QPointF>& line) {
    std::vector<QPointF> alone;
    const auto isGap = [&](std::size_t i) { return i >= line.size() || std::isnan(line[i].y()); };
    for (std::size_t i = 0; i < line.size(); ++i)
        if (!isGap(i) && isGap(i + 1) && (i == 0 || isGap(i - 1)))
            alone.push_back(line[i]);
    return alone;
}

}  // namespace bnstudio
