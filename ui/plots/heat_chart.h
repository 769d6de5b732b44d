// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/heat_image.h"
#include "ui/plots/plot_items.h"

namespace bnstudio {

struct HeatContent {
    SeriesView series;
    std::map<std::int64_t, RunningBefore> before;
    HeatQuantity quantity = HeatQuantity::Surprise;
    ChannelOrder order = ChannelOrder::Index;
    std::int64_t orderStep = -1;  ///< for ChannelOrder::HereFirst
    std::int64_t current = -1;    ///< channel with the double outline; −1 for none
    std::vector<std::int64_t> events;
    bool hasPlayhead = true;
    QString emptyText;
};

class ChannelTicker;

/// All channels × steps as a picture of colours, signed ones symmetric about zero, with a scale. Channels stand in any
/// order; the labels of the rows follow.
class HeatChart : public Chart {
public:
    /// More channels than this stand in the order of their indices: not every one of them has a row in memory.
    static constexpr std::int64_t mostSorted = 8192;

    HeatChart(QCustomPlot& plot, QCPAxisRect& rect);
    ~HeatChart() override;
    void setStyle(const ChartStyle& style) override;
    /// @p sameRun false: computed cells no longer hold.
    void setContent(HeatContent content, bool sameRun);
    void update() override;
    /// Takes in more cells; returns whether that was all. showProgress() brings them into the picture, and proceed()
    /// does both.
    bool takeIn(std::int64_t cells);
    void showProgress();
    bool proceed(std::int64_t cells);
    bool isComplete() const { return m_complete; }
    void setPlayhead(std::int64_t step) override;
    std::vector<LegendEntry> legend() const override;
    QString readoutAt(QPointF pixel) const override;
    DataTable table() const override;
    double playheadPixel() const override;
    double cellValue(std::int64_t step, std::int64_t channel) const;
    const HeatContent& content() const { return m_content; }
    const HeatBins& bins() const { return m_bins; }
    /// The channel in a row counted from the top, −1 outside; and where a channel stands.
    std::int64_t channelAt(std::int64_t position) const;
    std::int64_t positionOf(std::int64_t channel) const;
    /// Ends of the colour scale.
    double limit() const { return m_image->colours().limit(); }
    QStringList scaleTexts() const { return m_bar->texts(); }

private:
    HeatBins::Window wantedWindow() const;
    HeatRows wantedRows() const;
    int pixelRows() const;
    bool isSorted() const;
    void ensureBins();
    void sort();
    void colour();
    void explainColours();
    double wantedLimit() const;
    void outline();

    HeatContent m_content;
    HeatBins m_bins;
    HeatImage* m_image;
    ColourBar* m_bar;
    EventMarks* m_events;
    PlayheadItem* m_playhead;
    SelectionOutline* m_outline;
    QSharedPointer<ChannelTicker> m_ticker;
    std::vector<std::int32_t> m_order;      ///< position → channel; empty: by index
    std::vector<std::int32_t> m_positions;  ///< channel → position
    bool m_complete = false;
};

}  // namespace bnstudio
