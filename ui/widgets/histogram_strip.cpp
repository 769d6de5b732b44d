// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/histogram_strip.h"

#include "ui/format.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace bnstudio {

HistogramStrip::HistogramStrip(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void HistogramStrip::setHistogram(const Histogram& histogram) {
    m_histogram = histogram;
    setAccessibleName(tr("Histogram from %1 to %2").arg(formatNumber(histogram.low), formatNumber(histogram.high)));
    update();
}

void HistogramStrip::paintEvent(QPaintEvent*) {
    const std::vector<double>& counts = m_histogram.counts;
    if (counts.empty())
        return;
    QPainter painter(this);
    const QFontMetrics metrics(font());
    const int base = height() - metrics.height() - 4;
    const double most = std::max(1.0, *std::max_element(counts.begin(), counts.end()));
    const double barWidth = static_cast<double>(width()) / static_cast<double>(counts.size());
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double left = static_cast<double>(i) * barWidth;
        // A bin of one value among millions is still a bin with something in it.
        const double barHeight = counts[i] > 0 ? std::max(1.0, counts[i] / most * (base - 2)) : 0;
        painter.fillRect(QRectF(left, base - barHeight, std::max(1.0, barWidth - 1), barHeight), colors().batch);
    }
    painter.setPen(colors().border);
    painter.drawLine(0, base, width(), base);
    painter.setPen(colors().mutedText);
    const QRect words(0, base + 3, width(), metrics.height());
    painter.drawText(words, Qt::AlignLeft, formatShort(m_histogram.low));
    painter.drawText(words, Qt::AlignRight, formatShort(m_histogram.high));
    if (m_histogram.nonFinite > 0) {
        painter.setPen(colors().warningText);
        painter.drawText(words, Qt::AlignHCenter, tr("%1 not finite").arg(formatCount(m_histogram.nonFinite)));
    }
}

}  // namespace bnstudio
