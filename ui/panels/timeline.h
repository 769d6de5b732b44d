// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/panels/timeline_bars.h"
#include "ui/panels/timeline_marks.h"
#include "ui/panels/timeline_scale.h"
#include "ui/session/session.h"
#include "ui/widgets/spoken.h"

#include <QWidget>

class QMenu;
class QToolButton;

namespace bnstudio {

/// The run from start to end: a bar a step for the batch's surprise, the played, computed and empty parts of the track,
/// marks with names for events and named steps, refused batches, findings where they begin, the first difference from a
/// recording, and a playhead to drag. The wheel zooms; a strip above the bars then shows which part is seen.
///
/// A mark is chosen by a click, or with the focus by ↑ and ↓. It can be dragged or moved by Alt+← and Alt+→, edited by
/// a double click or Enter, and deleted by Del.
class Timeline : public QWidget, public Spoken {
    Q_OBJECT
public:
    explicit Timeline(Session& session, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

    /// Steps the track is drawn for: the computed ones and those with marks soon after them, rounded up so that it does not
    /// shrink with every step.
    std::int64_t extent() const { return m_scale.extent(); }
    double xOf(double step) const { return m_scale.xOf(step); }
    std::int64_t stepAt(double x) const;
    bool isZoomed() const { return m_scale.isZoomed(); }
    /// Visible steps, from and to.
    std::pair<double, double> visibleSteps() const { return {m_scale.first(), m_scale.last()}; }
    /// Where the flag stands: the first step that differs from the recording which the run replays.
    std::optional<std::int64_t> differingStep() const;

    const std::vector<TimelineMark>& marks() const { return m_marks; }
    /// Marks as they are grouped and named at present.
    const std::vector<MarkGroup>& groups() const { return m_layout.groups(); }
    /// The chosen mark; null when there is none.
    const TimelineMark* selectedMark() const;
    /// The middle of a mark's symbol.
    QPointF markPosition(const TimelineMark& mark) const;
    /// The bar over steps first … last − 1.
    TimelineBar bar(std::int64_t first, std::int64_t last) const { return m_bars.over(first, last); }
    /// Where crosses say that the layer refused a batch, left to right; where they would touch, one stands for several.
    std::vector<QPointF> refusals() const;
    /// What the tooltip says at a place.
    QString tipAt(QPointF position) const;

    /// A slider over the steps to those who cannot see it.
    QAccessible::Role spokenRole() const override { return QAccessible::Slider; }
    QString spokenDescription() override;
    std::optional<SpokenValue> spokenValue() const override;
    void setSpokenValue(double step) override;

signals:
    /// Screen readers are told that the words and the value are other ones.
    void announced();

public slots:
    void zoomIn();
    void zoomOut();
    void showWhole();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    enum class Drag { None, Playhead, PressedMark, Mark, Overview };

    // timeline.cpp
    void follow(Changes changes);
    void readRecipe();
    void readSeries();
    std::int64_t wantedExtent() const;
    void layOut();
    void arrangeMarks();
    void scaleChanged();
    void zoom(double factor, double around);
    QToolButton* addButton(const char* id, const QString& text, const QString& sentence, void (Timeline::*slot)());
    QRectF overview() const;
    QRectF barArea() const;
    QRectF track() const;
    QRectF labelRow() const;

    // timeline_spoken.cpp
    void announce();

    // timeline_paint.cpp
    void paintOverview(QPainter& painter) const;
    void paintWords(QPainter& painter) const;
    void paintBars(QPainter& painter) const;
    void paintRefusals(QPainter& painter) const;
    void paintNoiseLine(QPainter& painter) const;
    void paintTrack(QPainter& painter) const;
    void paintMarks(QPainter& painter) const;
    void paintSymbol(QPainter& painter, const TimelineMark& mark, QPointF at) const;
    void paintDraggedMark(QPainter& painter) const;
    void paintExtent(QPainter& painter) const;
    void paintDifference(QPainter& painter) const;
    void paintFindings(QPainter& painter) const;
    void paintPlayhead(QPainter& painter) const;
    bool isVisibleX(double x) const;

    // timeline_input.cpp
    static constexpr double markReach = 6;  ///< pixels around a mark that still belong to it
    std::size_t markAtPosition(QPointF position) const;
    void select(std::size_t mark);
    void selectNeighbour(int direction);
    bool wantsKey(const QKeyEvent& event) const;
    void dragMark(QPointF position);
    void dropMark();
    void moveMark(const TimelineMark& mark, std::int64_t step, int mergeId);
    void editMark(const TimelineMark& mark);
    void deleteMark(const TimelineMark& mark);
    std::int64_t dropStepAt(double x) const;

    // timeline_menu.cpp
    void addMarkActions(QMenu& menu, const TimelineMark& mark);
    void openMenu(std::size_t mark, std::int64_t step, QPoint global);

    Session& m_session;
    TimelineScale m_scale;
    TimelineBars m_bars;
    std::vector<TimelineMark> m_marks;
    MarkLayout m_layout;
    std::optional<TimelineMark> m_selected;
    Drag m_drag = Drag::None;
    QPointF m_pressed;
    std::int64_t m_dropStep = 0;
    QToolButton *m_zoomOut = nullptr, *m_whole = nullptr, *m_zoomIn = nullptr;
};

/// Steps with at least one event, ascending.
std::vector<std::int64_t> eventSteps(const Recipe& recipe);

}  // namespace bnstudio
