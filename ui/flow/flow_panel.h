// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_binning.h"
#include "ui/flow/flow_painter.h"
#include "ui/flow/heat_picture.h"
#include "ui/session/session.h"
#include "ui/widgets/spoken.h"

#include <QWidget>

namespace bnstudio {

class CellEditor;
class FlowMotion;
class FlowSwitch;
class PhaseStrip;

/// One step as a flow: x, the statistics of the batch and the running ones, x̂, γ and β, and y; in the backward phases
/// their gradients. Shows the tensors of the displayed step, selects cells and edits them.
class FlowPanel : public QWidget, public Spoken {
    Q_OBJECT
public:
    explicit FlowPanel(Session& session, QWidget* parent = nullptr);
    ~FlowPanel() override;
    /// The phases, for the title bar of the card.
    QWidget* header() const;
    const FlowContent& content() const { return m_content; }
    const FlowGeometry& geometryOfFlow() const { return m_geometry; }
    const CellWindow& window() const { return m_geometry.frame().window; }
    /// Channel whose values light up; −1: none.
    std::int64_t hoveredChannel() const { return m_hover ? m_hover->column : -1; }
    std::optional<FlowGeometry::Place> pointedPlace() const;
    QString hintText() const;
    QString tooltipAt(QPoint position) const;
    /// Folds a sample of an (N, C, L) batch out into its positions, or back into a strip.
    void toggleFold(std::int64_t sample);
    /// Shows the displayed step, no finer picture of it is on the way, and nothing moves.
    bool isComplete() const;
    /// The selected element with its indices and values, and what it is pooled with.
    QString spokenDescription() override;
    QSize sizeHint() const override { return {880, 320}; }
    QSize minimumSizeHint() const override { return {380, 120}; }

public slots:
    /// The number that another view points at.
    void point(std::optional<bnstudio::Link> link);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    /// A picture and what it was made of.
    struct Picture {
        std::shared_ptr<const BinnedMap> bins;
        HeatStyle style;
        QImage image;
        NotFinite notFinite;
    };

    void refreshLater();
    void refresh();
    std::int64_t unfoldedIn(const FlowSource& source);
    void requestBins();
    void showNext();
    void showMotion(const FlowContent& before);
    void setWindow(const CellWindow& window);
    void tellCell();
    const QImage& picture(std::size_t place);
    FlowLook look();

    void moveCell(std::int64_t rows, std::int64_t channels);
    void zoomAtCell(double factor);
    void zoomBy(double factor, double x, double y);
    void selectAt(const FlowGeometry::Place& place);
    void pan(QPoint to);
    void editCell();
    void placeEditor();
    void commitEdit();
    void closeEditor();

    Session& m_session;
    PhaseStrip* m_strip;
    FlowSwitch* m_switch;
    CellEditor* m_editor = nullptr;
    Cell m_editedCell;
    FlowBinning* m_binning;
    FlowMotion* m_motion;
    FlowContent m_content;  ///< on display
    FlowContent m_next;     ///< waits for its bins
    FlowGeometry m_geometry;
    CellWindow m_window;                     ///< as wished; the whole where it is empty
    std::optional<std::int64_t> m_unfolded;  ///< as in FlowMatrix; nothing before the first batch
    std::array<Picture, 3> m_pictures;
    std::optional<FlowGeometry::Place> m_hover;
    std::optional<Link> m_link;
    std::optional<QPoint> m_pressed;
    CellWindow m_windowWhenPressed;
    bool m_isPanning = false;
    Cell m_toldCell;  ///< what a screen reader heard of last
    std::shared_ptr<const Frame> m_toldFrame;
    Phase m_toldPhase = Phase::Nothing;
    bool m_isDue = false, m_isQueued = false;
};

}  // namespace bnstudio
