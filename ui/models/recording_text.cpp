// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/recording_text.h"

#include "ui/format.h"
#include "ui/session/session.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("RecordingText", text);
}

QString nameOf(TraceQuantity quantity) {
    const std::string_view name = traceQuantityName(quantity);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

/// NaN is further beyond a tolerance than any number.
bool isWorse(const TraceCheck& a, const TraceCheck& b) {
    return !std::isnan(b.excess) && (std::isnan(a.excess) || a.excess > b.excess);
}

/// "0.3 ×" is within the tolerance, "52,000 ×" beyond.
QString timesText(double excess) {
    if (!std::isfinite(excess))
        return QStringLiteral("∞ ×");
    return (excess >= 1000 ? formatCount(std::llround(std::min(excess, 9e17))) : formatNumber(excess, 2))
           + QStringLiteral(" ×");
}

}  // namespace

QString placeText(const TraceCheck& check, const Session& session) {
    QString text = tr("step %1").arg(check.index);
    if (check.step != check.index)
        text += tr(" (%1 in the file)").arg(check.step);
    if (check.channel >= 0)
        text += tr(", channel %1").arg(session.channelName(check.channel));
    return text + QStringLiteral(", ") + nameOf(check.quantity);
}

std::vector<DeviationRow> deviationRows(const TraceDiagnosis& diagnosis) {
    std::vector<DeviationRow> rows;
    for (int i = 0; i < traceQuantityCount; ++i) {
        DeviationRow row;
        row.quantity = static_cast<TraceQuantity>(i);
        for (const TraceCheck& check : diagnosis.checks) {
            if (check.quantity != row.quantity)
                continue;
            if (row.steps == 0 || isWorse(check, row.worst))
                row.worst = check;
            ++row.steps;
            row.differing += check.differs() ? 1 : 0;
        }
        if (row.steps > 0)
            rows.push_back(row);
    }
    return rows;
}

QStringList deviationHeadings() {
    return {tr("quantity"), tr("differ"), tr("of"), tr("tolerance ×"), tr("at step"), tr("channel")};
}

QStringList deviationCells(const DeviationRow& row) {
    return {nameOf(row.quantity),
            formatCount(row.differing),
            formatCount(row.steps),
            timesText(row.worst.excess),
            QString::number(row.worst.index),
            row.worst.channel >= 0 ? QString::number(row.worst.channel) : QString()};
}

QStringList explanationHeadings() {
    return {tr("explanation"), tr("explains"), tr("of"), tr("leaves")};
}

QStringList explanationCells(const TraceAlternative& tried) {
    return {QString::fromStdString(tried.name), formatCount(tried.explained), formatCount(tried.differing),
            timesText(tried.excessAfter)};
}

}  // namespace bnstudio
