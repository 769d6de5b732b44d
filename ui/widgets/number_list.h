// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <cstdint>
#include <vector>

namespace bnstudio {

/// A setting in words: up to six digits, without padding zeros ("0.9").
QString settingText(double value);
/// "5", or "1/2/3" for one value a channel; every value in full precision. A long list ends early with "…", which
/// parseNumberList refuses: such a text is for reading only.
QString numberListText(const std::vector<double>& values);
/// Reads one number, or @p channels of them separated by "/", ";" or blanks. On failure @p values stays and @p problem
/// says what was expected.
bool parseNumberList(const QString& text, std::int64_t channels, std::vector<double>& values, QString& problem);
/// Reads an unsigned 64-bit number, the range of a seed.
bool parseSeed(const QString& text, std::uint64_t& seed);
/// "32 × 8 × 16" and the like: two or three whole numbers separated by "×", "x", "*", "," or blanks, perhaps in
/// brackets. Without a third one @p l becomes 0.
bool parseShape(const QString& text, std::int64_t& n, std::int64_t& c, std::int64_t& l);
QString shapeFieldText(std::int64_t n, std::int64_t c, std::int64_t l);
/// "0, 3-5" as 0, 3, 4, 5; an empty text is an empty list.
bool parseRowList(const QString& text, std::vector<std::int64_t>& rows);
QString rowListText(const std::vector<std::int64_t>& rows);

}  // namespace bnstudio
