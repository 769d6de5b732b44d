// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/calculation_layout.h"

#include "ui/theme.h"

#include <QFontMetricsF>

#include <algorithm>

namespace bnstudio {

namespace {

constexpr double cardGap = 5, paddingX = 9, paddingY = 4, rowGap = 2, indent = 15;

bool sharesCard(const CalculationRow& a, const CalculationRow& b) {
    return a.phase == b.phase && (a.kind == CalculationRow::Kind::Aside) == (b.kind == CalculationRow::Kind::Aside);
}

}  // namespace

QFont CalculationLayout::fontOf(const CalculationRow& row, const CalculationPiece& piece) {
    const Theme& theme = Theme::instance();
    if (row.kind != CalculationRow::Kind::Formula && !piece.link)
        return theme.textFont(-1);
    QFont font = theme.numberFont(-1);
    if (piece.strong)
        font.setWeight(QFont::Bold);
    return font;
}

void CalculationLayout::arrange(std::vector<CalculationRow> rows, double width) {
    m_rows = std::move(rows);
    m_places.clear();
    m_cards.clear();
    double y = 0;
    for (int i = 0; i < static_cast<int>(m_rows.size()); ++i) {
        const CalculationRow& row = m_rows[static_cast<std::size_t>(i)];
        const bool joins = i > 0 && sharesCard(m_rows[static_cast<std::size_t>(i) - 1], row);
        if (!joins) {
            y += m_cards.empty() ? 1 : paddingY + cardGap;
            m_cards.push_back(
                {QRectF(1, y, width - 2, 0), row.current, row.happened, row.kind == CalculationRow::Kind::Aside});
            y += paddingY;
        } else {
            y += rowGap;
        }
        y = arrangeRow(i, paddingX, width - paddingX, y);
        m_cards.back().rect.setBottom(y + paddingY);
    }
    m_height = m_cards.empty() ? 0 : y + paddingY + 1;
}

/// Places the pieces between gaps together, and a line below where they do not fit. Returns the bottom.
double CalculationLayout::arrangeRow(int row, double left, double right, double top) {
    const CalculationRow& content = m_rows[static_cast<std::size_t>(row)];
    const auto& pieces = content.pieces;
    const bool isFormula = content.kind == CalculationRow::Kind::Formula;
    const double lineHeight = QFontMetricsF(Theme::instance().numberFont(-1)).height() + (isFormula ? 2 : 1);
    const double nextLeft = left + (isFormula ? indent : 0);
    double x = left, y = top;
    std::size_t i = 0;
    double pendingGap = 0;
    while (i < pieces.size()) {
        if (pieces[i].isGap) {
            pendingGap = QFontMetricsF(fontOf(content, pieces[i])).horizontalAdvance(pieces[i].text);
            m_places.push_back({QRectF(x, y, 0, 0), row, static_cast<int>(i)});
            ++i;
            continue;
        }
        std::size_t end = i;
        double width = 0;
        std::vector<double> widths;
        for (; end < pieces.size() && !pieces[end].isGap; ++end) {
            widths.push_back(QFontMetricsF(fontOf(content, pieces[end])).horizontalAdvance(pieces[end].text));
            width += widths.back();
        }
        if (x > left && x + pendingGap + width > right) {
            x = nextLeft;
            y += lineHeight;
        } else {
            x += pendingGap;
        }
        pendingGap = 0;
        for (std::size_t k = i; k < end; ++k) {
            m_places.push_back({QRectF(x, y, widths[k - i], lineHeight), row, static_cast<int>(k)});
            x += widths[k - i];
        }
        i = end;
    }
    return y + lineHeight;
}

std::vector<int> CalculationLayout::linksOf(int row) const {
    std::vector<int> links;
    if (row < 0 || row >= static_cast<int>(m_rows.size()))
        return links;
    const auto& pieces = m_rows[static_cast<std::size_t>(row)].pieces;
    for (std::size_t i = 0; i < pieces.size(); ++i)
        if (pieces[i].link)
            links.push_back(static_cast<int>(i));
    return links;
}

const CalculationPiece* CalculationLayout::piece(Number number) const {
    const std::vector<int> links = linksOf(number.row);
    if (number.index < 0 || number.index >= static_cast<int>(links.size()))
        return nullptr;
    const auto piece = static_cast<std::size_t>(links[static_cast<std::size_t>(number.index)]);
    return &m_rows[static_cast<std::size_t>(number.row)].pieces[piece];
}

QRectF CalculationLayout::rectOf(Number number) const {
    const CalculationPiece* wanted = piece(number);
    for (const Place& place : m_places)
        if (wanted == &m_rows[static_cast<std::size_t>(place.row)].pieces[static_cast<std::size_t>(place.piece)])
            return place.rect;
    return {};
}

QRectF CalculationLayout::rectOfRow(int row) const {
    QRectF rect;
    for (const Place& place : m_places)
        if (place.row == row)
            rect |= place.rect;
    return rect;
}

std::optional<CalculationLayout::Number> CalculationLayout::numberAt(QPointF point) const {
    for (const Place& place : m_places) {
        if (!place.rect.contains(point))
            continue;
        const std::vector<int> links = linksOf(place.row);
        const auto found = std::find(links.begin(), links.end(), place.piece);
        if (found != links.end())
            return Number{place.row, static_cast<int>(found - links.begin())};
    }
    return std::nullopt;
}

std::optional<CalculationLayout::Number> CalculationLayout::find(const Link& link) const {
    std::optional<Number> mention;
    for (int row = 0; row < static_cast<int>(m_rows.size()); ++row) {
        const std::vector<int> links = linksOf(row);
        for (int i = 0; i < static_cast<int>(links.size()); ++i) {
            const CalculationPiece& each = *piece({row, i});
            if (each.link != link)
                continue;
            if (each.strong)
                return Number{row, i};
            if (!mention)
                mention = Number{row, i};
        }
    }
    return mention;
}

}  // namespace bnstudio
