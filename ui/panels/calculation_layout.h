// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/calculation_text.h"

#include <QFont>
#include <QRectF>

#include <optional>
#include <utility>
#include <vector>

namespace bnstudio {

/// Where the rows of a calculation lie when they are broken to a width: cards of one phase each, below one another.
class CalculationLayout {
public:
    struct Place {
        QRectF rect;
        int row = 0, piece = 0;
    };
    struct Card {
        QRectF rect;
        bool current = false, happened = true, isAside = false;
    };
    /// A number that is a link: its row and its position among the row's links.
    struct Number {
        int row = -1, index = 0;
        bool operator==(const Number&) const = default;
    };

    void arrange(std::vector<CalculationRow> rows, double width);

    const std::vector<CalculationRow>& rows() const { return m_rows; }
    const std::vector<Place>& places() const { return m_places; }
    const std::vector<Card>& cards() const { return m_cards; }
    double height() const { return m_height; }

    /// Pieces of a row that are links.
    std::vector<int> linksOf(int row) const;
    const CalculationPiece* piece(Number number) const;
    QRectF rectOf(Number number) const;
    QRectF rectOfRow(int row) const;
    std::optional<Number> numberAt(QPointF point) const;
    /// The result or mention of @p link; results are preferred.
    std::optional<Number> find(const Link& link) const;

    static QFont fontOf(const CalculationRow& row, const CalculationPiece& piece);

private:
    double arrangeRow(int row, double left, double right, double top);

    std::vector<CalculationRow> m_rows;
    std::vector<Place> m_places;
    std::vector<Card> m_cards;
    double m_height = 0;
};

}  // namespace bnstudio
