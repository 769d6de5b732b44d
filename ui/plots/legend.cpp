// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/legend.h"

#include "ui/theme.h"

#include <QFontMetrics>
#include <QPainter>

namespace bnstudio {

namespace {

constexpr int gap = 10, markGap = 4;

int markWidth(LegendEntry::Mark mark) {
    switch (mark) {
    case LegendEntry::Mark::Text:
        return 0;
    case LegendEntry::Mark::Line:
        return 12;
    case LegendEntry::Mark::Dashes:
        return 14;
    default:
        return 8;
    }
}

QFont fontOf(const LegendEntry& entry, QFont font) {
    if (entry.bold)
        font.setWeight(QFont::DemiBold);
    return font;
}

int entryWidth(const LegendEntry& entry, const QFont& font) {
    const int mark = markWidth(entry.mark);
    return mark + (mark ? markGap : 0) + QFontMetrics(fontOf(entry, font)).horizontalAdvance(entry.text);
}

void paintMark(QPainter& painter, const LegendEntry& entry, int x, int middle) {
    const int width = markWidth(entry.mark);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(entry.markColor, 2));
    switch (entry.mark) {
    case LegendEntry::Mark::Text:
        break;
    case LegendEntry::Mark::Line:
        painter.drawLine(x, middle, x + width, middle);
        break;
    case LegendEntry::Mark::Dashes:
        painter.setPen(QPen(entry.markColor, 2, Qt::SolidLine, Qt::FlatCap));
        for (int i = 0; i < 3; ++i)
            painter.drawLine(x + 5 * i, middle, x + 5 * i + 3, middle);
        break;
    case LegendEntry::Mark::Outline:
        painter.setPen(QPen(entry.markColor, 1));
        painter.drawRect(x, middle - 4, 7, 7);
        break;
    case LegendEntry::Mark::Dot:
    case LegendEntry::Mark::Square:
        painter.setPen(Qt::NoPen);
        painter.setBrush(entry.markColor);
        if (entry.mark == LegendEntry::Mark::Dot)
            painter.drawEllipse(QRectF(x, middle - 3.5, 7, 7));
        else
            painter.drawRect(x, middle - 4, 8, 8);
    }
}

}  // namespace

int paintLegend(QPainter& painter, const QRect& rect, const std::vector<LegendEntry>& entries, const QFont& font) {
    int total = 0, fitting = 0;
    for (const LegendEntry& entry : entries) {
        const int more = entryWidth(entry, font) + (fitting ? gap : 0);
        if (total + more > rect.width())
            break;
        total += more;
        ++fitting;
    }
    if (fitting == 0 && !entries.empty() && entries.front().mark == LegendEntry::Mark::Text) {
        // Words alone are better cut than absent, unless next to nothing would be left of them; the tooltip has all.
        painter.setFont(fontOf(entries.front(), font));
        if (rect.width() < 8 * QFontMetrics(painter.font()).averageCharWidth())
            return 0;
        painter.setPen(entries.front().textColor);
        painter.drawText(rect, Qt::AlignRight | Qt::AlignVCenter,
                         QFontMetrics(painter.font()).elidedText(entries.front().text, Qt::ElideRight, rect.width()));
        return 1;
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    int x = rect.right() - total + 1;
    for (int i = 0; i < fitting; ++i) {
        const LegendEntry& entry = entries[static_cast<std::size_t>(i)];
        paintMark(painter, entry, x, rect.center().y() + 1);
        const int mark = markWidth(entry.mark), textX = x + mark + (mark ? markGap : 0);
        painter.setFont(fontOf(entry, font));
        painter.setPen(entry.textColor);
        painter.drawText(QRect(textX, rect.top(), rect.right() + 20 - textX, rect.height()),
                         Qt::AlignLeft | Qt::AlignVCenter, entry.text);
        x += entryWidth(entry, font) + gap;
    }
    painter.restore();
    return fitting;
}

LegendRow::LegendRow(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setAccessibleName(tr("Legend"));
}

void LegendRow::setEntries(std::vector<LegendEntry> entries) {
    if (entries == m_entries)
        return;
    m_entries = std::move(entries);
    QStringList words;
    for (const LegendEntry& entry : m_entries)
        words << entry.text;
    setToolTip(words.join(QStringLiteral(" · ")));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    update();
}

QSize LegendRow::sizeHint() const {
    return {200, QFontMetrics(Theme::instance().textFont(-1)).height() + 4};
}

void LegendRow::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintLegend(painter, rect(), m_entries, Theme::instance().textFont(-1));
}

}  // namespace bnstudio
