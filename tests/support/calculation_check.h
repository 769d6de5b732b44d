// SPDX-License-Identifier: GPL-3.0-or-later
// A calculation held against the step it explains.
#pragma once

#include "core/explain/calculation.h"
#include "support/formula_text.h"
#include "support/recipes.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <set>

namespace bnstudio::test {

inline constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinite = std::numeric_limits<double>::infinity();

inline bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

inline std::string formulaText(const Line& line) {
    std::string text;
    for (const Token& token : line.tokens)
        text += tokenText(token, Digits::Full);
    return text;
}

inline void collect(const Expression& e, std::vector<Number>& numbers) {
    if (e.op == Expression::Op::Number)
        numbers.push_back(e.number);
    for (const Expression& operand : e.operands)
        collect(operand, numbers);
}

inline const Line& lineNamed(const Calculation& calculation, const std::string& symbol) {
    for (const Line& line : calculation.lines) {
        if (line.symbol == symbol)
            return line;
    }
    static const Line none;
    QTest::qFail(qPrintable("no line " + QString::fromStdString(symbol)), __FILE__, __LINE__);
    return none;
}

inline bool hasLine(const Calculation& calculation, const std::string& symbol) {
    return std::any_of(calculation.lines.begin(), calculation.lines.end(),
                       [&](const Line& line) { return line.symbol == symbol; });
}

inline QString shown(const Calculation& calculation, const std::string& symbol, Digits digits = Digits::Full) {
    return QString::fromStdString(lineText(lineNamed(calculation, symbol), digits));
}

/// What the lines were checked against, over a whole test.
struct Tally {
    std::int64_t lines = 0, sameBits = 0;
    std::set<Origin> results, leaves;
};

inline double expectedAt(const Link& link, const Frame& frame, double value) {
    const LayerState& before = frame.snapshot->before->layer.state();
    const auto c = static_cast<std::size_t>(std::max<std::int64_t>(0, link.c));
    const BatchShape shape = BatchShape::of(frame.x.shape());
    const std::int64_t flat = (link.n * shape.c + link.c) * shape.l + link.l;
    switch (link.origin) {
    case Origin::X:
        return frame.x.at(flat);
    case Origin::Dy:
        return frame.gradOutput.at(flat);
    case Origin::Weight:
        return (*before.weight)[c];
    case Origin::Bias:
        return (*before.bias)[c];
    case Origin::RunningMean:
        return (*before.runningMean)[c];
    case Origin::RunningVar:
        return (*before.runningVar)[c];
    case Origin::Mean:
        return frame.snapshot->batch.mean[c];
    case Origin::Var:
        return frame.snapshot->batch.var[c];
    case Origin::InvStd:
        return frame.snapshot->forward.invstd[c];
    default:
        return value;
    }
}

inline void checkLine(const Line& line, const Frame& frame, Tally& tally) {
    const std::string text = lineText(line, Digits::Full);
    QVERIFY2(reproduces(line), text.c_str());
    // The result as shown is the result.
    QVERIFY2(same(calculateText(text.substr(text.rfind('=') + 1)), line.result.value), text.c_str());
    if (!line.formula)
        return;
    const double found = evaluate(line);
    // A calculator with the text alone finds the same bits.
    QVERIFY2(same(roundTo(line.result.precision, calculateText(formulaText(line))), found), text.c_str());
    std::vector<Number> numbers;
    collect(*line.formula, numbers);
    for (const Number& number : numbers) {
        QVERIFY2(same(expectedAt(number.link, frame, number.value), number.value), text.c_str());
        tally.leaves.insert(number.link.origin);
    }
    tally.results.insert(line.result.link.origin);
    ++tally.lines;
    tally.sameBits += same(found, line.result.value) ? 1 : 0;
}

}  // namespace bnstudio::test
