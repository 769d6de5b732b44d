// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

namespace bnstudio {

/// A histogram low enough for a side panel: bars, and the ends of the range below them.
class HistogramStrip : public QWidget {
    Q_OBJECT
public:
    explicit HistogramStrip(QWidget* parent = nullptr);
    void setHistogram(const Histogram& histogram);
    QSize sizeHint() const override { return {260, 96}; }
    QSize minimumSizeHint() const override { return {120, 72}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Histogram m_histogram;
};

}  // namespace bnstudio
