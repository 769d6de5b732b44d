// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/heat_bins.h"
#include "ui/plots/plot_items.h"

namespace bnstudio {

class ColourBar;
class HeatImage;

struct HeatContent {
    SeriesView series;
    std::map<std::int64_t, RunningBefore> before;
    std::int64_t current = -1;  ///< channel with the double outline; −1 for none
    std::vector<std::int64_t> events;
    bool hasPlayhead = true;
    QString emptyText;
};

/// All channels × steps as a picture of signed colours, symmetric about zero, with a scale.
class HeatChart : public Chart {
public:
    /// Ends of the colour scale, in standard errors. Fixed, so that a colour keeps its meaning while a run goes on.
    static constexpr double limit = 6;

    HeatChart(QCustomPlot& plot, QCPAxisRect& rect);
    ~HeatChart() override;
    void setStyle(const ChartStyle& style) override;
    /// @p sameRun false: computed cells no longer hold.
    void setContent(HeatContent content, bool sameRun);
    void update() override;
    /// Takes in more cells; returns whether all are in the picture.
    bool proceed(std::int64_t cells);
    bool isComplete() const { return m_complete; }
    void setPlayhead(std::int64_t step) override;
    std::vector<LegendEntry> legend() const override;
    QString readoutAt(QPointF pixel) const override;
    double playheadPixel() const override;
    double cellValue(std::int64_t step, std::int64_t channel) const;
    const std::map<std::int64_t, RunningBefore>& before() const { return m_content.before; }
    const HeatBins& bins() const { return m_bins; }

private:
    HeatBins::Window wantedWindow() const;
    void ensureBins();

    HeatContent m_content;
    HeatBins m_bins;
    HeatImage* m_image;
    ColourBar* m_bar;
    EventMarks* m_events;
    PlayheadItem* m_playhead;
    SelectionOutline* m_outline;
    bool m_complete = false;
};

}  // namespace bnstudio
