// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace bnstudio {

/// A number for reading: significant digits, not decimals ("9.2e-5", never "0.000"); "nan", "inf", "-inf" as words;
/// a real minus sign is not used so that numbers paste into programs.
QString formatNumber(double value, int significantDigits = 4);
/// Full precision: the shortest text that reads back to the same double.
QString formatExact(double value);
/// "1,048,576".
QString formatCount(qint64 count);
/// Reads what formatNumber, formatExact or a person writes (also "inf", "nan", decimal comma refused); nothing else.
bool parseNumber(const QString& text, double& value);

}  // namespace bnstudio
