// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/number.h"

#include <optional>
#include <string>
#include <vector>

namespace bnstudio {

/// A formula with its numbers: a tree whose leaves are numbers, built with the usual operators.
struct Expression {
    enum class Op : std::uint8_t { Number, Add, Subtract, Multiply, Divide, Negate, Square, Sqrt, Power };
    Op op = Op::Number;
    Number number;                 ///< Op::Number only
    std::int64_t hiddenTerms = 0;  ///< Origin::Rest: how many terms of the sum the number stands for
    std::vector<Expression> operands;

    Expression() = default;
    Expression(const Number& leaf) : number(leaf) {}
    /// A constant of the formula, such as 1.
    explicit Expression(double literal) : number{literal, Precision::Float64, {}, 0} {}
};
Expression operator+(Expression a, Expression b);
Expression operator-(Expression a, Expression b);
Expression operator*(Expression a, Expression b);
Expression operator/(Expression a, Expression b);
Expression operator-(Expression a);
Expression square(Expression a);
Expression squareRoot(Expression a);
Expression power(Expression base, Expression exponent);

/// A piece of a formula laid out as text: a number, or an operator, bracket or remark.
struct Token {
    std::string text;  ///< of what is no number; blanks included
    std::optional<Number> number;
};
/// The formula in reading order with only the brackets it needs; negative numbers behind an operator get some. The text
/// of the tokens is unambiguous: "+", "-", "·", "/", "^", "²" behind an operand, "√(…)", with · and / before + and -,
/// from left to right; "… 29 more: " is a remark before a rest.
std::vector<Token> layOut(const Expression& expression);
std::string tokenText(const Token& token, Digits digits);

/// Value of a formula in plain double arithmetic, operation by operation, with a bound on how far the value that exact
/// arithmetic on the core's own numbers gives can be from it: every operation adds 2^-53 of its result (a sum: of its
/// terms), every number its slack (running error analysis: N. Higham, Accuracy and Stability, section 3.3).
struct Evaluation {
    double value = 0;
    double bound = 0;
};
Evaluation evaluate(const Expression& expression);

}  // namespace bnstudio
