// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

namespace bnstudio {

/// The run from start to end: a bar a step for the batch's surprise, the played, computed and empty parts of the track,
/// event marks with names, refused batches, the first difference from a recording, and a playhead to drag.
class Timeline : public QWidget {
    Q_OBJECT
public:
    explicit Timeline(Session& session, QWidget* parent = nullptr);
    QSize sizeHint() const override { return {600, 60}; }
    QSize minimumSizeHint() const override { return {200, 60}; }

    /// Steps the track is drawn for: the computed ones rounded up, so that it does not shrink with every step.
    std::int64_t extent() const;
    double xOf(double step) const;
    std::int64_t stepAt(double x) const;
    /// Where the flag stands: the first step that differs from the recording which the run replays.
    std::optional<std::int64_t> differingStep() const;

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF barArea() const;
    QRectF track() const;
    void paintBars(QPainter& painter) const;
    void paintTrack(QPainter& painter) const;
    void paintEvents(QPainter& painter) const;
    void paintDifference(QPainter& painter) const;
    void paintFindings(QPainter& painter) const;
    void paintPlayhead(QPainter& painter) const;
    QString tipAt(std::int64_t step) const;

    Session& m_session;
    bool m_dragging = false;
};

/// Steps with at least one event, ascending.
std::vector<std::int64_t> eventSteps(const Recipe& recipe);

}  // namespace bnstudio
