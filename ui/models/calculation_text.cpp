// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/calculation_text.h"

#include "ui/format.h"
#include "ui/models/core_text.h"

#include <QCoreApplication>

#include <algorithm>

namespace bnstudio {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("CalculationText", text);
}

CalculationPiece plain(const QString& text) {
    CalculationPiece piece;
    piece.text = text;
    return piece;
}

CalculationPiece gap() {
    CalculationPiece piece = plain(QStringLiteral(" "));
    piece.isGap = true;
    return piece;
}

/// What the switch of the panel calls short looks as the user wants numbers to look.
QString textOf(const Number& number, Digits digits) {
    constexpr int shortDigits = 5;
    const bool counts = number.precision == Precision::Integer || number.link.origin == Origin::Literal;
    if (digits == Digits::Short && !counts && numberFormat().style == NumberStyle::Scientific)
        return withGroups(formatScientific(number.value, shortDigits));
    const QString text = QString::fromStdString(numberText(number, digits));
    return digits == Digits::Bits ? text : withGroups(text);
}

CalculationPiece numberPiece(const Number& number, Digits digits) {
    CalculationPiece piece = plain(textOf(number, digits));
    piece.meaning = meaningOf(number.link.origin);
    if (leadsSomewhere(number.link))
        piece.link = number.link;
    return piece;
}

/// Lines break before operators.
void addText(const QString& text, std::vector<CalculationPiece>& pieces) {
    static const QString operators = QStringLiteral("+-·/=");
    QString pending;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const bool breaks = text[i] == u' ' && i + 1 < text.size() && operators.contains(text[i + 1]);
        if (!breaks) {
            pending += text[i];
            continue;
        }
        if (!pending.isEmpty())
            pieces.push_back(plain(std::exchange(pending, {})));
        pieces.push_back(gap());
    }
    if (!pending.isEmpty())
        pieces.push_back(plain(pending));
}

/// A number that does not exist yet.
CalculationPiece symbolPiece(const Link& link, const Calculation& calculation) {
    QString name = QStringLiteral("…");
    if (const Line* line = calculation.find(link))
        name = QString::fromStdString(line->symbol);
    else if (link.origin == Origin::Xhat || link.origin == Origin::Dy || link.origin == Origin::Y)
        name = QStringLiteral("%1[%2, %3]")
                   .arg(link.origin == Origin::Xhat ? QStringLiteral("x̂")
                        : link.origin == Origin::Y  ? QStringLiteral("y")
                                                    : QStringLiteral("dy"))
                   .arg(link.n)
                   .arg(link.c);
    CalculationPiece piece = plain(name);
    piece.meaning = meaningOf(link.origin);
    return piece;
}

class RowMaker {
public:
    RowMaker(const Calculation& calculation, const LaneSnapshot& step, Phase now, Digits digits)
        : m_calculation(calculation), m_step(step), m_now(now), m_digits(digits) {}

    std::vector<CalculationRow> make() {
        for (const Line& line : m_calculation.lines)
            if (!line.aside && (!line.detail || phaseOfLine(line, m_step) == m_now))
                addLine(line);
        addOtherMode();
        return std::move(m_rows);
    }

private:
    void addLine(const Line& line) {
        CalculationRow row;
        row.phase = phaseOfLine(line, m_step);
        row.happened = row.phase <= m_now;
        row.current = row.phase == m_now;
        CalculationPiece symbol = plain(QString::fromStdString(line.symbol));
        symbol.meaning = meaningOf(line.result.link.origin);
        row.pieces.push_back(symbol);
        // A number that is only taken over is named, not repeated.
        const bool isTaken = line.formula && line.formula->op == Expression::Op::Number;
        const bool isCopy = isTaken && line.formula->number.link == line.result.link;
        if (isTaken && !isCopy) {
            addSource(line.formula->number.link, row);
        } else if (line.formula && !isCopy) {
            addText(QStringLiteral(" = "), row.pieces);
            if (row.happened || !isLongSum(line))
                for (const Token& token : line.tokens)
                    addToken(token, row);
            else
                row.pieces.push_back(plain(QStringLiteral("…")));
        }
        if (row.happened || isCopy) {
            addText(QStringLiteral(" = "), row.pieces);
            row.pieces.push_back(numberPiece(line.result, m_digits));
            row.pieces.back().strong = true;
        }
        if (row.pieces.size() == 1)
            row.pieces.push_back(plain(QStringLiteral(" …")));
        m_rows.push_back(row);
        if (row.current && !line.note.empty())
            addNote(coreText(line.note), row);
    }

    static bool isLongSum(const Line& line) {
        return std::any_of(line.tokens.begin(), line.tokens.end(), [](const Token& token) {
            return token.number && token.number->link.origin == Origin::Rest;
        });
    }

    void addSource(const Link& link, CalculationRow& row) const {
        const Line* source = m_calculation.find(link);
        if (!source)
            return;
        addText(QStringLiteral(" = "), row.pieces);
        CalculationPiece name = plain(QString::fromStdString(source->symbol));
        name.meaning = meaningOf(link.origin);
        name.link = link;
        row.pieces.push_back(name);
    }

    void addToken(const Token& token, CalculationRow& row) const {
        if (!token.number) {
            addText(QString::fromStdString(token.text), row.pieces);
            return;
        }
        const Link& link = token.number->link;
        const bool visible = isVisible(link.origin, m_now, m_step);
        row.pieces.push_back(visible ? numberPiece(*token.number, m_digits) : symbolPiece(link, m_calculation));
    }

    void addNote(const QString& note, const CalculationRow& about) {
        CalculationRow row;
        row.kind = CalculationRow::Kind::Note;
        row.phase = about.phase;
        row.current = true;
        addWords(note, row);
        m_rows.push_back(row);
    }

    static void addWords(const QString& sentence, CalculationRow& row) {
        const QStringList words = sentence.split(u' ');
        for (qsizetype i = 0; i < words.size(); ++i) {
            if (i > 0)
                row.pieces.push_back(gap());
            if (!words[i].isEmpty())
                row.pieces.push_back(plain(words[i]));
        }
    }

    /// One sentence in place of the lines that training mode would have, below the output that it is compared with.
    void addOtherMode() {
        const Line* mean = asideLine(Origin::Mean);
        const Line* var = asideLine(Origin::Var);
        const Line* xhat = asideLine(Origin::XhatInTraining);
        if (!mean || !var)
            return;
        CalculationRow row;
        row.kind = CalculationRow::Kind::Aside;
        const QString sentence = xhat ? translated("The batch itself has mean %1 and variance %2: in training mode x̂ "
                                                   "would be %3.")
                                      : translated("The batch itself has mean %1 and variance %2.");
        const Line* lines[] = {mean, var, xhat};
        QString rest = sentence;
        for (int i = 0; i < (xhat ? 3 : 2); ++i) {
            const QString mark = QStringLiteral("%%1").arg(i + 1);
            const qsizetype at = rest.indexOf(mark);
            if (at < 0)
                continue;
            addWords(rest.left(at), row);
            row.pieces.push_back(numberPiece(lines[i]->result, m_digits));
            row.pieces.back().strong = true;
            rest = rest.mid(at + mark.size());
        }
        addWords(rest, row);
        const auto end = std::find_if(m_rows.begin(), m_rows.end(),
                                      [](const CalculationRow& each) { return each.phase > Phase::Affine; });
        m_rows.insert(end, row);
    }

    const Line* asideLine(Origin origin) const {
        for (const Line& line : m_calculation.lines)
            if (line.aside && line.result.link.origin == origin)
                return &line;
        return nullptr;
    }

    const Calculation& m_calculation;
    const LaneSnapshot& m_step;
    Phase m_now;
    Digits m_digits;
    std::vector<CalculationRow> m_rows;
};

}  // namespace

Meaning meaningOf(Origin origin) {
    switch (origin) {
    case Origin::SumX:
    case Origin::Mean:
    case Origin::MeanLow:
    case Origin::SumSquares:
    case Origin::Var:
        return Meaning::Batch;
    case Origin::RunningMean:
    case Origin::RunningVar:
    case Origin::BatchesTracked:
    case Origin::RunningMeanAfter:
    case Origin::RunningVarAfter:
    case Origin::BatchesTrackedAfter:
        return Meaning::Running;
    case Origin::Weight:
    case Origin::Bias:
    case Origin::Y:
    case Origin::ParameterAfter:
        return Meaning::Affine;
    default:
        return Meaning::Plain;
    }
}

bool leadsSomewhere(const Link& link) {
    return link.origin != Origin::Literal && link.origin != Origin::Rest;
}

QString CalculationRow::text() const {
    QString all;
    for (const CalculationPiece& piece : pieces)
        all += piece.text;
    return all;
}

std::vector<CalculationRow> calculationRows(const Calculation& calculation, const LaneSnapshot& step, Phase now,
                                            Digits digits) {
    return RowMaker(calculation, step, now, digits).make();
}

Phase phaseOfLine(const Line& line, const LaneSnapshot& step) {
    return phaseOf(line.result.link.origin, step).value_or(line.phase);
}

}  // namespace bnstudio
