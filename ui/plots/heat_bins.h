// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/heat_quantity.h"

#include <vector>

namespace bnstudio {

/// A quantity of a part of a run, binned: every bin holds the value farthest from zero (NaN when no cell has one), so
/// that a single odd step stays visible however long the run is. Fills incrementally; when the columns run out, bins
/// merge in pairs, which is exact for extremes.
class HeatBins {
public:
    /// Steps first … last − 1 (last < 0: as far as the run goes) and channels low … high − 1.
    struct Window {
        std::int64_t first = 0, last = -1, low = 0, high = 0;
        bool operator==(const Window&) const = default;
    };
    void reset(Window window, int mostColumns, int mostRows, std::map<std::int64_t, RunningBefore> before,
               HeatQuantity quantity = HeatQuantity::Surprise);
    /// Takes in up to about @p cells cells; returns whether everything there is has been taken in.
    bool advance(const SeriesView& series, std::int64_t cells);

    const Window& window() const { return m_window; }
    int columns() const { return m_columns; }  ///< with at least one step in them
    int rows() const { return m_rows; }
    std::int64_t stepsPerColumn() const { return m_stepsPerColumn; }
    std::int64_t channelsPerRow() const { return m_channelsPerRow; }
    float at(int column, int row) const { return m_bins[index(column, row)]; }
    /// All rows of a column.
    const float* column(int column) const { return m_bins.data() + index(column, 0); }
    /// The largest |value| of a row; NaN when it has none. Infinity counts.
    float largest(int row) const { return m_largest[static_cast<std::size_t>(row)]; }
    /// First step not yet taken in.
    std::int64_t next() const { return m_next; }
    /// First column that changed since the last call; columns() when none did.
    int takeChanged();
    /// The value farther from zero; a number rather than NaN.
    static float farther(float a, float b);

private:
    std::size_t index(int column, int row) const {
        return static_cast<std::size_t>(column) * static_cast<std::size_t>(m_rows) + static_cast<std::size_t>(row);
    }
    void take(const SeriesView& series, std::int64_t first, std::int64_t count);
    void ensureColumn(std::int64_t step);
    void mergePairs();

    Window m_window;
    int m_mostColumns = 1, m_rows = 0, m_columns = 0;
    std::int64_t m_stepsPerColumn = 1, m_channelsPerRow = 1, m_next = 0;
    std::vector<float> m_bins, m_largest;
    int m_firstChanged = 0;
    HeatQuantity m_quantity = HeatQuantity::Surprise;
    std::map<std::int64_t, RunningBefore> m_before;
};

}  // namespace bnstudio
