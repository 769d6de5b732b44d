// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/number_list.h"

#include "ui/format.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

#include <algorithm>

namespace bnstudio {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::NumberList)
};

/// More pinned rows than any batch on display needs would only be a typing error.
constexpr std::int64_t maximumRows = 65536;

/// A field shows a dozen entries or so at once; a text of a million would only take time to lay out.
constexpr std::size_t maximumEntries = 48;

}  // namespace

QString settingText(double value) {
    return QString::number(value, 'g', 6);
}

QString numberListText(const std::vector<double>& values) {
    QStringList parts;
    for (std::size_t i = 0; i < std::min(values.size(), maximumEntries); ++i)
        parts << formatExact(values[i]);
    if (values.size() > maximumEntries)
        parts << QStringLiteral("…");
    return parts.join(QLatin1Char('/'));
}

bool parseNumberList(const QString& text, std::int64_t channels, std::vector<double>& values, QString& problem) {
    static const QRegularExpression separator(QStringLiteral("[/;\\s]+"));
    const QStringList parts = text.split(separator, Qt::SkipEmptyParts);
    std::vector<double> read;
    if (parts.endsWith(QStringLiteral("…"))) {
        problem = Words::tr("“…” stands for entries that are not shown; change single ones in the table per channel.");
        return false;
    }
    for (const QString& part : parts) {
        double value = 0;
        if (!parseNumber(part, value)) {
            problem = Words::tr("“%1” is not a number; expected one like 0.5 or 1e-3.").arg(part);
            return false;
        }
        read.push_back(value);
    }
    const auto count = static_cast<std::int64_t>(read.size());
    if (count != 1 && count != channels) {
        problem = Words::tr("Expected one number, or one for each of the %1 channels separated by “/”, not %2.")
                      .arg(channels)
                      .arg(count);
        return false;
    }
    values = std::move(read);
    return true;
}

bool parseSeed(const QString& text, std::uint64_t& seed) {
    bool ok = false;
    const qulonglong value = text.trimmed().toULongLong(&ok);
    if (ok)
        seed = value;
    return ok;
}

bool parseShape(const QString& text, std::int64_t& n, std::int64_t& c, std::int64_t& l) {
    static const QRegularExpression shape(
        QStringLiteral("^[\\s(\\[]*(\\d{1,9})\\s*[×x*,\\s]\\s*(\\d{1,9})(?:\\s*[×x*,\\s]\\s*(\\d{1,9}))?[\\s)\\]]*$"));
    const QRegularExpressionMatch match = shape.match(text);
    if (!match.hasMatch())
        return false;
    n = match.captured(1).toLongLong();
    c = match.captured(2).toLongLong();
    l = match.captured(3).toLongLong();
    return true;
}

QString shapeFieldText(std::int64_t n, std::int64_t c, std::int64_t l) {
    const QString text = QStringLiteral("%1 × %2").arg(n).arg(c);
    return l > 0 ? text + QStringLiteral(" × %1").arg(l) : text;
}

bool parseRowList(const QString& text, std::vector<std::int64_t>& rows) {
    static const QRegularExpression part(QStringLiteral("^\\s*(\\d{1,9})\\s*(?:[-–]\\s*(\\d{1,9})\\s*)?$"));
    std::vector<std::int64_t> read;
    for (const QString& piece : text.split(QLatin1Char(','))) {
        if (piece.trimmed().isEmpty())
            continue;
        const QRegularExpressionMatch match = part.match(piece);
        if (!match.hasMatch())
            return false;
        const std::int64_t first = match.captured(1).toLongLong();
        const std::int64_t last = match.captured(2).isEmpty() ? first : match.captured(2).toLongLong();
        if (last < first || last - first >= maximumRows - static_cast<std::int64_t>(read.size()))
            return false;
        for (std::int64_t row = first; row <= last; ++row)
            read.push_back(row);
    }
    rows = std::move(read);
    return true;
}

QString rowListText(const std::vector<std::int64_t>& rows) {
    QStringList parts;
    for (std::size_t i = 0; i < rows.size();) {
        std::size_t end = i + 1;
        while (end < rows.size() && rows[end] == rows[end - 1] + 1)
            ++end;
        parts << (end - i > 2 ? QStringLiteral("%1-%2").arg(rows[i]).arg(rows[end - 1]) : QString::number(rows[i]));
        i = end - i > 2 ? end : i + 1;
    }
    return parts.join(QStringLiteral(", "));
}

}  // namespace bnstudio
