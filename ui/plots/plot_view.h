// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/picture_file.h"
#include "ui/models/data_table.h"
#include "ui/session/session.h"
#include "ui/widgets/spoken.h"

#include <QImage>
#include <QPointF>
#include <QWidget>

#include <functional>
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
struct Palette;

/// What a line or a set of dots in a plot stands for.
enum class PlotRole {
    Batch,
    Running,
    Population,
    Recorded,  ///< running statistics of a recorded training
    Ghost,
    Weight,
    Bias,
    GradWeight,
    GradBias,
    Loss,
    BatchBand,
    RunningBand,  ///< mean ± std of a profile, as alternating low and high ends
    Input,
    Normalised,
    Output,  ///< histograms
};

/// The content of one plot card: a header with the legend in words and the tools, and the plot under it. It follows the
/// session while it is visible; a hidden view remembers that it is out of date and catches up when shown.
///
/// Wheel: zoom in x; with Ctrl or over the y axis: in y. Drag: pan. Double click: everything again. Click: what the
/// view says (the step, or the channel). The playhead can be dragged where there is one.
class PlotView : public QWidget, public Spoken {
    Q_OBJECT
public:
    ~PlotView() override;

    /// Legend and tools in one row. It stands above the plot until a card takes it into its title bar.
    QWidget* header() const { return m_headerBar; }
    /// For the title bar of the card; may change, see titleChanged().
    virtual QString title() const = 0;
    QSize sizeHint() const override { return {380, 200}; }
    QSize minimumSizeHint() const override { return {180, 110}; }

    /// In sight, not behind a tab. What is not seen only takes note of what it has to do.
    bool isSeen() const;
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
    /// The numbers behind the picture, of the whole run.
    DataTable table();
    /// How the plot gets into a picture of any size, in these colours. Good for one picture, while the view lives.
    /// Drawing throws Error(Usage) for a size without room for the plot.
    Drawing drawing(const Palette& palette);
    /// The size of a picture that looks as the view on the screen does.
    QSize pictureSize() const;
    /// PNG, SVG or PDF by the file's name, light, as large as on the screen. Throws Error(WriteFailed) or Error(Usage).
    void savePlot(const QString& path);
    QImage picture();
    QAccessible::Role spokenRole() const override { return QAccessible::Chart; }
    /// What the picture tells at a glance: how much there is, the range, the last value, what is selected.
    QString spokenDescription() override;

public slots:
    void resetZoom();
    void setLogScale(bool on);
    /// Opens a window with the numbers behind the picture.
    void showTable();

signals:
    void titleChanged();
    /// The content is another one.
    void refreshed();
    /// The user wants to save the picture, or the numbers behind it.
    void exportRequested();
    void tableRequested();

protected:
    PlotView(Session& session, QWidget* parent);
    Session& session() const { return m_session; }
    QCustomPlot& plot() const { return *m_plot; }
    /// The view's chart; called once in the constructor of the view.
    void setChart(Chart& chart);
    ChartStyle screenStyle() const;
    /// Adds a checkable button with a word to the header.
    QToolButton* addSwitch(const QString& text, const QString& accessibleName);
    /// Puts a control into the header, before the menu.
    void addToHeader(QWidget* control);
    /// Adds the "log" switch; the view's fill() reads isLogScale().
    void addLogScale(bool on);
    /// Takes the "log" switch away while the plotted quantity can be negative.
    void setLogScaleUsable(bool usable);
    /// Says that the content is out of date.
    void invalidate() { schedule(Pending::Content); }

    /// Changes after which fill() must run.
    virtual Changes contentChanges() const = 0;
    /// Hands the session's present content to the chart.
    virtual void fill() = 0;
    /// The chart was updated for content, zoom or size.
    virtual void updated() {}
    /// A click in the plot area at plot coordinates.
    virtual void clicked(double x, double y);
    virtual bool followsPlayhead() const { return true; }
    /// Keys the view takes for itself while it has the focus (Qt::Key values), beyond + − 0 for the zoom and Esc.
    virtual bool wantsKey(int) const { return false; }
    virtual void handleKey(int) {}
    /// Colours to fill with: the theme's, or the light ones while a file is written.
    const Palette& plotColors() const;
    bool isWritingFile() const { return m_filePalette != nullptr; }
    /// Replots soon, without filling again.
    void redrawSoon() { schedule(Pending::Redraw); }

    bool event(QEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    /// What is out of date, each including the ones before it.
    enum class Pending { Nothing, Playhead, Redraw, Content };
    enum class Drag { None, Pending, Pan, Playhead };

    void sessionChanged(Changes changes);
    void schedule(Pending pending);
    void processPending();
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

    bool isNearPlayhead(QPointF position) const;
    void layOutFor(const Palette& palette, QSize size, const std::function<void(QCustomPlot&)>& write);

    Session& m_session;
    QCustomPlot* m_plot = nullptr;
    Chart* m_chart = nullptr;
    LegendRow* m_legend = nullptr;
    QWidget* m_headerBar = nullptr;
    QHBoxLayout* m_header = nullptr;
    QLabel* m_empty = nullptr;
    QLabel* m_readout = nullptr;
    QToolButton* m_logButton = nullptr;
    QToolButton* m_menuButton = nullptr;
    QString m_lastTitle;
    const Palette* m_filePalette = nullptr;  ///< set while a file is written
    bool m_logScale = false;
    Pending m_pending = Pending::Content;
    bool m_isQueued = false;
    Drag m_drag = Drag::None;
    QPointF m_pressed, m_last;
    std::int64_t m_playheadBeforeClick = -1;
};

}  // namespace bnstudio
