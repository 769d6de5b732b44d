// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/expression.h"

#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

using Op = Expression::Op;

Expression node(Op op, Expression a) {
    Expression result;
    result.op = op;
    result.operands.push_back(std::move(a));
    return result;
}
Expression node(Op op, Expression a, Expression b) {
    Expression result = node(op, std::move(a));
    result.operands.push_back(std::move(b));
    return result;
}

int precedence(Op op) {
    switch (op) {
    case Op::Add:
    case Op::Subtract:
        return 1;
    case Op::Multiply:
    case Op::Divide:
        return 2;
    case Op::Negate:
        return 3;
    case Op::Square:
    case Op::Power:
        return 4;
    case Op::Number:
    case Op::Sqrt:
        break;
    }
    return 5;
}

const char* symbolOf(Op op) {
    switch (op) {
    case Op::Add:
        return " + ";
    case Op::Subtract:
        return " - ";
    case Op::Multiply:
        return " · ";
    case Op::Divide:
        return " / ";
    case Op::Power:
        return "^";
    default:
        return "";
    }
}

class Layout {
public:
    std::vector<Token> take() { return std::move(m_tokens); }

    void add(const Expression& e, bool first) {
        switch (e.op) {
        case Op::Number:
            return addNumber(e, first);
        case Op::Negate:
            addText("-");
            return addOperand(e.operands[0], precedence(e.op), false);
        case Op::Square:
            addOperand(e.operands[0], precedence(e.op), false);
            return addText("²");
        case Op::Sqrt:
            addText("√(");
            add(e.operands[0], true);
            return addText(")");
        default:
            break;
        }
        addOperand(e.operands[0], precedence(e.op) + (e.op == Op::Power ? 1 : 0), first && e.op != Op::Power);
        addText(symbolOf(e.op));
        // From left to right: a right operand of the same rank keeps its brackets, since a + (b + c) rounds otherwise.
        addOperand(e.operands[1], precedence(e.op) + 1, false);
    }

private:
    void addText(const std::string& text) {
        if (m_tokens.empty() || m_tokens.back().number)
            m_tokens.push_back({text, {}});
        else
            m_tokens.back().text += text;
    }
    void addNumber(const Expression& e, bool first) {
        if (e.hiddenTerms > 0)
            addText("… " + std::to_string(e.hiddenTerms) + " more: ");
        const bool bracket = !first && std::signbit(e.number.value) && !std::isnan(e.number.value);
        if (bracket)
            addText("(");
        m_tokens.push_back({"", e.number});
        if (bracket)
            addText(")");
    }
    void addOperand(const Expression& e, int leastPrecedence, bool first) {
        const bool bracket = precedence(e.op) < leastPrecedence || (e.op == Op::Negate && !first);
        if (bracket)
            addText("(");
        add(e, first || bracket);
        if (bracket)
            addText(")");
    }

    std::vector<Token> m_tokens;
};

constexpr double unit = 0x1p-53;

double sumBound(const Evaluation& a, const Evaluation& b) {
    return a.bound + b.bound + unit * (std::fabs(a.value) + std::fabs(b.value));
}
/// The rounding of one operation; the smallest number covers results that underflow.
double rounding(double value) {
    return unit * std::fabs(value) + std::numeric_limits<double>::denorm_min();
}

Evaluation evaluateTwo(Op op, const Evaluation& a, const Evaluation& b) {
    switch (op) {
    case Op::Add:
        return {a.value + b.value, sumBound(a, b)};
    case Op::Subtract:
        return {a.value - b.value, sumBound(a, b)};
    case Op::Multiply: {
        const double value = a.value * b.value;
        return {value,
                a.bound * std::fabs(b.value) + b.bound * std::fabs(a.value) + a.bound * b.bound + rounding(value)};
    }
    case Op::Divide: {
        const double value = a.value / b.value;
        return {value, (a.bound + std::fabs(value) * b.bound) / (std::fabs(b.value) - b.bound) + rounding(value)};
    }
    default:
        break;
    }
    // Bases and exponents are exact; pow() of the C library is good to an ulp or two.
    const double value = std::pow(a.value, b.value);
    return {value, 4 * rounding(value)};
}

Evaluation evaluateOne(Op op, const Evaluation& a) {
    switch (op) {
    case Op::Negate:
        return {-a.value, a.bound};
    case Op::Square: {
        const double value = a.value * a.value;
        return {value, 2 * std::fabs(a.value) * a.bound + a.bound * a.bound + rounding(value)};
    }
    default:
        break;
    }
    const double value = std::sqrt(a.value);
    const double least = std::sqrt(std::max(0.0, a.value - a.bound));
    return {value, (a.bound == 0 ? 0 : a.bound / (value + least)) + rounding(value)};
}

}  // namespace

Expression operator+(Expression a, Expression b) {
    return node(Op::Add, std::move(a), std::move(b));
}
Expression operator-(Expression a, Expression b) {
    return node(Op::Subtract, std::move(a), std::move(b));
}
Expression operator*(Expression a, Expression b) {
    return node(Op::Multiply, std::move(a), std::move(b));
}
Expression operator/(Expression a, Expression b) {
    return node(Op::Divide, std::move(a), std::move(b));
}
Expression operator-(Expression a) {
    return node(Op::Negate, std::move(a));
}
Expression square(Expression a) {
    return node(Op::Square, std::move(a));
}
Expression squareRoot(Expression a) {
    return node(Op::Sqrt, std::move(a));
}
Expression power(Expression base, Expression exponent) {
    return node(Op::Power, std::move(base), std::move(exponent));
}

std::vector<Token> layOut(const Expression& expression) {
    Layout layout;
    layout.add(expression, true);
    return layout.take();
}

std::string tokenText(const Token& token, Digits digits) {
    return token.number ? numberText(*token.number, digits) : token.text;
}

Evaluation evaluate(const Expression& expression) {
    if (expression.op == Op::Number)
        return {expression.number.value, expression.number.slack};
    const Evaluation first = evaluate(expression.operands[0]);
    if (expression.operands.size() == 1)
        return evaluateOne(expression.op, first);
    return evaluateTwo(expression.op, first, evaluate(expression.operands[1]));
}

}  // namespace bnstudio
