// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace bnstudio {

/// How tables, tooltips and the calculation write numbers. The decimal point is a point in every language.
enum class NumberStyle {
    Short,       ///< a few significant digits
    Full,        ///< the shortest text that reads back to the same double
    Scientific,  ///< a few significant digits with a power of ten
};
struct NumberFormat {
    NumberStyle style = NumberStyle::Short;
    bool grouped = false;  ///< a narrow space between groups of three digits
    bool operator==(const NumberFormat&) const = default;
};
/// The user's choice, for the whole process.
const NumberFormat& numberFormat();
void setNumberFormat(const NumberFormat& format);

/// A number for reading, as the user wants to see numbers.
QString formatNumber(double value, int significantDigits = 4);
/// A number for reading where room is scarce, such as on scales: significant digits, not decimals ("9.2e-5", never
/// "0.000"); "nan", "inf", "-inf" as words; a real minus sign is not used so that numbers paste into programs.
QString formatShort(double value, int significantDigits = 4);
/// "5.533e0", "9.2e-5", "0".
QString formatScientific(double value, int significantDigits = 4);
/// "12 345.678 9" when the user wants groups; @p number is a decimal number.
QString withGroups(const QString& number);
/// The text without the spaces between groups, for programs.
QString withoutGroups(QString text);
/// Full precision: the shortest text that reads back to the same double.
QString formatExact(double value);
/// "1,048,576", or with the user's groups "1 048 576".
QString formatCount(qint64 count);
/// Reads what the functions above or a person writes (also "inf", "nan", decimal comma refused); nothing else.
bool parseNumber(const QString& text, double& value);

}  // namespace bnstudio
