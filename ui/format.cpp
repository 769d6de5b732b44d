// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format.h"

#include <QLocale>
#include <QRegularExpression>

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace bnstudio {

namespace {

NumberFormat theFormat;
constexpr QChar groupSpace(0x202f);    // narrow, and lines do not break at it
constexpr qsizetype longestGroup = 4;  // "1234" needs no groups

QString groupedFromRight(QString digits) {
    if (digits.size() > longestGroup)
        for (qsizetype at = digits.size() - 3; at > 0; at -= 3)
            digits.insert(at, groupSpace);
    return digits;
}

QString groupedFromLeft(QString digits) {
    if (digits.size() > longestGroup)
        for (qsizetype at = 3; at < digits.size(); at += 4)
            digits.insert(at, groupSpace);
    return digits;
}

QString nonFiniteWord(double value) {
    if (std::isnan(value))
        return QStringLiteral("nan");
    return value > 0 ? QStringLiteral("inf") : QStringLiteral("-inf");
}

// "9.20e-05" → "9.2e-5": C's two-digit exponent and the mantissa's trailing zeros say nothing.
QString tidyExponent(const QString& text) {
    const qsizetype e = text.indexOf(u'e');
    QString mantissa = text.left(e);
    if (mantissa.contains(u'.')) {
        while (mantissa.endsWith(u'0'))
            mantissa.chop(1);
        if (mantissa.endsWith(u'.'))
            mantissa.chop(1);
    }
    return mantissa + u'e' + QString::number(text.mid(e + 1).toInt());
}

}  // namespace

const NumberFormat& numberFormat() {
    return theFormat;
}

void setNumberFormat(const NumberFormat& format) {
    theFormat = format;
}

QString formatNumber(double value, int significantDigits) {
    switch (theFormat.style) {
    case NumberStyle::Full:
        return withGroups(formatExact(value));
    case NumberStyle::Scientific:
        return withGroups(formatScientific(value, significantDigits));
    case NumberStyle::Short:
        break;
    }
    return withGroups(formatShort(value, significantDigits));
}

QString formatScientific(double value, int significantDigits) {
    if (!std::isfinite(value))
        return nonFiniteWord(value);
    return value == 0 ? QStringLiteral("0") : tidyExponent(QString::number(value, 'e', significantDigits - 1));
}

QString formatShort(double value, int significantDigits) {
    if (!std::isfinite(value))
        return nonFiniteWord(value);
    if (value == 0)
        return QStringLiteral("0");
    const double magnitude = std::abs(value);
    if (magnitude < 1e6 && value == std::trunc(value))
        return QString::number(value, 'f', 0);
    if (magnitude < 1e-3 || magnitude >= 1e6)
        return tidyExponent(QString::number(value, 'e', significantDigits - 1));
    const int integerDigits = static_cast<int>(std::floor(std::log10(magnitude))) + 1;
    return QString::number(value, 'f', std::max(0, significantDigits - integerDigits));
}

QString formatExact(double value) {
    if (!std::isfinite(value))
        return nonFiniteWord(value);
    char buffer[64];
    const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
    return QString::fromLatin1(buffer, result.ptr - buffer);
}

QString withGroups(const QString& number) {
    static const QRegularExpression parts(QStringLiteral("^(-?)(\\d+)(?:\\.(\\d+))?(.*)$"));
    const QRegularExpressionMatch match = parts.match(number);
    if (!theFormat.grouped || !match.hasMatch())
        return number;
    QString text = match.captured(1) + groupedFromRight(match.captured(2));
    if (!match.captured(3).isEmpty())
        text += u'.' + groupedFromLeft(match.captured(3));
    return text + match.captured(4);
}

QString withoutGroups(QString text) {
    return text.remove(groupSpace);
}

QString formatCount(qint64 count) {
    if (theFormat.grouped)
        return withGroups(QString::number(count));
    return QLocale(QLocale::English, QLocale::UnitedStates).toString(count);
}

bool parseNumber(const QString& text, double& value) {
    const QString word = withoutGroups(text).trimmed().toLower();
    if (word == u"nan")
        value = std::numeric_limits<double>::quiet_NaN();
    else if (word == u"inf" || word == u"+inf")
        value = std::numeric_limits<double>::infinity();
    else if (word == u"-inf")
        value = -std::numeric_limits<double>::infinity();
    else {
        QByteArray digits = word.toLatin1();
        if (digits.startsWith('+'))
            digits.remove(0, 1);
        double parsed = 0;
        const auto [end, error] = std::from_chars(digits.constData(), digits.constData() + digits.size(), parsed);
        if (error != std::errc() || end != digits.constData() + digits.size() || digits.isEmpty())
            return false;
        value = parsed;
    }
    return true;
}

}  // namespace bnstudio
