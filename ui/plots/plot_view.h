// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QImage>
#include <QPointF>
#include <QWidget>

#include <memory>
#include <vector>

class QCustomPlot;
class QHBoxLayout;
class QLabel;
class QMenu;
class QMouseEvent;
class QToolButton;

namespace bnstudio {

class Chart;
class LegendRow;
struct ChartStyle;

/// What a line or a set of dots in a plot stands for.
enum class PlotRole {
    Batch, Running, Population, Ghost, Weight, Bias, GradWeight, GradBias, Loss,
    BatchBand, RunningBand,      ///< mean ± std of a profile, as alternating low and high ends
    Input, Normalised, Output,   ///< histograms
};

/// The content of one plot card: a header with the legend in words and the tools, and the plot under it. It follows the
/// session while it is visible; a hidden view remembers that it is out of date and catches up when shown.
///
/// Wheel: zoom in x; with Ctrl or over the y axis: in y. Drag: pan. Double click: everything again. Click: what the
/// view says (the step, or the channel). The playhead can be dragged where there is one.
class PlotView : public QWidget {
    Q_OBJECT
public:
    ~PlotView() override;

    /// For the title bar of the card; may change, see titleChanged().
    virtual QString title() const = 0;
    QSize sizeHint() const override { return {380, 200}; }
    QSize minimumSizeHint() const override { return {180, 110}; }

    bool isZoomed() const;
    bool hasLogScale() const { return m_logButton != nullptr; }
    bool isLogScale() const { return m_logScale; }
    /// Why there is nothing to see, in words; empty when there is something.
    QString emptyText() const;
    /// What the readout says at a place of the plot area, in pixels of the plot; empty where there is nothing.
    QString readoutAt(QPointF position) const;
    /// The words of the legend, in order.
    QStringList legendWords() const;
    /// Finite points drawn for a line, gaps as points whose y is NaN; empty when there is no such line.
    std::vector<QPointF> plottedLine(PlotRole role, std::int64_t channel) const;
    /// Left, right of the x axis and bottom, top of the y axis.
    QRectF visibleRange() const;
    /// Zooms x by a factor around a position of the plot area in 0 … 1.
    void zoomX(double factor, double position = 0.5);
    void zoomY(double factor, double position = 0.5);
    /// Brings the plot up to date now, visible or not.
    void refresh();
    /// PNG, SVG or PDF by the file's name, with the recipe in its metadata. Throws Error(WriteFailed) or Error(Usage).
    void savePlot(const QString& path);
    QImage picture();

public slots:
    void resetZoom();
    void setLogScale(bool on);

signals:
    void titleChanged();

protected:
    PlotView(Session& session, QWidget* parent);
    Session& session() const { return m_session; }
    QCustomPlot& plot() const { return *m_plot; }
    /// The view's chart; called once in the constructor of the view.
    void setChart(Chart& chart);
    ChartStyle screenStyle() const;
    /// Adds a checkable button with a word to the header.
    QToolButton* addSwitch(const QString& text, const QString& accessibleName);
    /// Adds the "log" switch; the view's fill() reads isLogScale().
    void addLogScale(bool on);
    /// Says that the content is out of date.
    void invalidate();
    void addHeaderWidget(QWidget* widget);

    /// Changes after which fill() must run.
    virtual Changes contentChanges() const = 0;
    /// Hands the session's present content to the chart.
    virtual void fill() = 0;
    /// A click in the plot area at plot coordinates.
    virtual void clicked(double x, double y);
    virtual bool followsPlayhead() const { return true; }
    /// Keys the view wants for itself when focused (Qt::Key values); default none beyond zoom.
    virtual bool handleKey(int) { return false; }

    bool event(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void sessionChanged(Changes changes);
    void redraw();
    void movePlayhead();
    void applyTheme();
    void buildHeader();
    void connectMouse();
    void mousePressed(QMouseEvent* event);
    void mouseMoved(QMouseEvent* event);
    void mouseReleased(QMouseEvent* event);
    void wheelTurned(class QWheelEvent* event);
    void doubleClicked(QMouseEvent* event);
    void showReadout(QPointF position);
    void fillMenu(QMenu& menu);
    void askAndSave();

    enum class Drag { None, Pending, Pan, Playhead };

    Session& m_session;
    QCustomPlot* m_plot = nullptr;
    Chart* m_chart = nullptr;
    LegendRow* m_legend = nullptr;
    QHBoxLayout* m_header = nullptr;
    QLabel* m_empty = nullptr;
    QLabel* m_readout = nullptr;
    QToolButton* m_logButton = nullptr;
    QToolButton* m_menuButton = nullptr;
    QString m_lastTitle;
    bool m_logScale = false;
    bool m_dirty = true, m_playheadDirty = true, m_redrawQueued = false;
    Drag m_drag = Drag::None;
    QPointF m_pressed, m_last;
    std::int64_t m_playheadBeforeClick = -1;
};

}  // namespace bnstudio
