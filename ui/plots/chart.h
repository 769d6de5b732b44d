// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/colour_ramp.h"
#include "ui/models/data_table.h"
#include "ui/plots/axis_scale.h"
#include "ui/plots/legend.h"
#include "ui/plots/plot_view.h"
#include "ui/theme.h"

#include <qcustomplot.h>

namespace bnstudio {

class PlotTicker;

/// How a chart looks. Files get marks made of paths instead of pixmaps, and antialiasing always.
struct ChartStyle {
    Palette palette;
    QFont font;  ///< tick labels and words in the plot
    bool forFile = false;
};

/// One kind of plot drawn into an axis rect of a QCustomPlot; used by the cards of the window and by figures alike.
/// A chart is given content and then updates its plottables for the axes and pixels there are. It never replots.
class Chart {
public:
    Chart(QCustomPlot& plot, QCPAxisRect& rect);
    virtual ~Chart() = default;
    Chart(const Chart&) = delete;
    Chart& operator=(const Chart&) = delete;

    virtual void setStyle(const ChartStyle& style);
    /// Brings plottables and following axes up to date with content, zoom and size.
    virtual void update() = 0;
    /// Moves what lives on the playhead layer; −1 is the start.
    virtual void setPlayhead(std::int64_t) {}
    virtual std::vector<LegendEntry> legend() const = 0;
    virtual std::vector<QPointF> line(PlotRole, std::int64_t) const { return {}; }
    virtual QString readoutAt(QPointF pixel) const = 0;
    /// The numbers behind the picture, none left out, whatever the zoom.
    virtual DataTable table() const = 0;
    /// Pixel x of the playhead line, NaN when there is none.
    virtual double playheadPixel() const;
    /// Why nothing is drawn; empty when something is.
    const QString& emptyText() const { return m_emptyText; }
    /// The content is another one (channel, run, scale): following axes start afresh.
    void forgetRanges() { m_hasX = m_hasY = false; }

    bool isZoomed() const { return m_xZoomed || m_yZoomed; }
    bool isXZoomed() const { return m_xZoomed; }
    bool isYZoomed() const { return m_yZoomed; }
    void resetZoom();
    void zoomX(double factor, double position);
    void zoomY(double factor, double position);
    void pan(QPointF pixels);

    QCPAxisRect& rect() const { return m_rect; }
    QCPAxis& x() const { return *m_x; }
    QCPAxis& y() const { return *m_y; }
    QCustomPlot& plot() const { return m_plot; }

protected:
    const ChartStyle& style() const { return m_style; }
    void setEmptyText(const QString& text) { m_emptyText = text; }
    void setLogY(bool on);
    bool isLogY() const;
    /// Unless zoomed: x shows exactly this range; y follows data from low to high (see axis_scale.h). Not finite or
    /// empty data leave the axis alone.
    void showX(double low, double high);
    void followY(double low, double high, bool fromZero = false);
    void followX(double low, double high);
    /// The word beside the y axis, left out where the axis is too short for it.
    void nameY(const QString& word);
    /// Room for an x label, in pixels; as many ticks as fit.
    void setXLabelWidth(int pixels) { m_xLabelWidth = pixels; }
    PlotTicker& xTicker() const { return *m_xTicker; }
    PlotTicker& yTicker() const { return *m_yTicker; }
    int pixelWidth() const { return std::max(50, m_rect.width()); }
    static constexpr const char* playheadLayer = "playhead";

private:
    double textScale() const;

    QCustomPlot& m_plot;
    QCPAxisRect& m_rect;
    QCPAxis* m_x;
    QCPAxis* m_y;
    QSharedPointer<PlotTicker> m_xTicker, m_yTicker;
    ChartStyle m_style;
    QString m_emptyText;
    int m_xLabelWidth = 58;
    bool m_xZoomed = false, m_yZoomed = false, m_hasX = false, m_hasY = false;
};

/// Ticks at 1, 2, 5 times powers of ten with labels of fixed digits, linear or logarithmic; as many as there is room.
class PlotTicker : public QCPAxisTicker {
public:
    void setLogarithmic(bool on) { m_logarithmic = on; }
    bool isLogarithmic() const { return m_logarithmic; }
    /// Whole numbers only (steps, channels).
    void setWholeNumbers(bool on) { m_wholeNumbers = on; }
    /// A word in front of the label in the middle: "step 100".
    void setWord(const QString& word) { m_word = word; }
    /// Where values of zero or less stand on a logarithmic axis: labelled "≤ 0". 0 for none.
    void setFloor(double value) { m_floor = value; }

protected:
    double getTickStep(const QCPRange& range) override;
    int getSubTickCount(double) override { return 0; }
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar, int precision) override;
    QVector<QString> createLabelVector(const QVector<double>& ticks, const QLocale& locale, QChar formatChar,
                                       int precision) override;

private:
    QVector<double> logarithmicTicks(const QCPRange& range) const;
    bool m_logarithmic = false, m_wholeNumbers = false;
    double m_floor = 0, m_step = 1;
    bool m_isFallback = false;  ///< a logarithmic axis too short for powers of ten
    QString m_word;
};

}  // namespace bnstudio
