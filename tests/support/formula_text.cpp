// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/formula_text.h"

#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>

namespace bnstudio::test {

namespace {

class Reader {
public:
    explicit Reader(std::string_view text) : m_rest(text) {}

    double all() {
        const double value = sum();
        skip();
        if (!m_rest.empty())
            fail();
        return value;
    }

private:
    [[noreturn]] void fail() const { throw std::invalid_argument("cannot read '" + std::string(m_rest) + "'"); }
    void skip() {
        while (m_rest.starts_with(' '))
            m_rest.remove_prefix(1);
    }
    bool take(std::string_view word) {
        skip();
        if (!m_rest.starts_with(word))
            return false;
        m_rest.remove_prefix(word.size());
        return true;
    }
    void expect(std::string_view word) {
        if (!take(word))
            fail();
    }

    double sum() {
        double value = product();
        for (;;) {
            if (take("+"))
                value = value + product();
            else if (take("-"))
                value = value - product();
            else
                return value;
        }
    }
    double product() {
        double value = signedPower();
        for (;;) {
            if (take("·"))
                value = value * signedPower();
            else if (take("/"))
                value = value / signedPower();
            else
                return value;
        }
    }
    double signedPower() {
        if (take("-"))
            return -signedPower();
        const double base = operand();
        if (take("²"))
            return base * base;
        return take("^") ? std::pow(base, operand()) : base;
    }
    double operand() {
        if (take("…")) {
            m_rest.remove_prefix(std::min(m_rest.size(), m_rest.find(':') + 1));
            return signedPower();
        }
        if (take("√("))
            return std::sqrt(inBrackets());
        if (take("("))
            return inBrackets();
        skip();
        double value = 0;
        const auto [end, error] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), value);
        if (error != std::errc())
            fail();
        m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
        return value;
    }
    double inBrackets() {
        const double value = sum();
        expect(")");
        return value;
    }

    std::string_view m_rest;
};

}  // namespace

double calculateText(std::string_view text) {
    return Reader(text).all();
}

}  // namespace bnstudio::test
