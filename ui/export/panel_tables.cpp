// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/panel_tables.h"

#include "core/error.h"
#include "ui/models/core_text.h"
#include "ui/models/event_text.h"
#include "ui/models/finding_text.h"
#include "ui/session/run_findings.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <map>

namespace bnstudio {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("PanelTables", text);
}

DataTable tableOfRows(QStringList columns, std::vector<QVariantList> rows) {
    DataTable table;
    table.columns = std::move(columns);
    table.rows = static_cast<std::int64_t>(rows.size());
    table.cell = [rows = std::move(rows)](std::int64_t row, int column) {
        return rows[static_cast<std::size_t>(row)][column];
    };
    return table;
}

QString channelsText(const std::vector<std::int64_t>& channels) {
    QStringList numbers;
    for (const std::int64_t channel : channels)
        numbers << QString::number(channel);
    return numbers.join(u' ');
}

/// All digits, unlike on the card.
QString exactEvidence(const Finding& finding) {
    QStringList parts;
    for (const Evidence& evidence : finding.evidence)
        parts << QStringLiteral("%1 = %2")
                     .arg(QString::fromStdString(evidence.name))
                     .arg(evidence.value, 0, 'g', QLocale::FloatingPointShortest);
    return parts.join(QStringLiteral("; "));
}

}  // namespace

DataTable findingsTable(const Session& session) {
    std::vector<QVariantList> rows;
    const auto found = session.findings();
    for (const Finding& finding : found ? findingsOfLane(found->list, 0) : std::vector<Finding>())
        rows.push_back({finding.severity == Severity::Note ? tr("note") : tr("warning"), sentenceOf(finding),
                        qlonglong{finding.step}, qlonglong{finding.lastStep}, channelsText(finding.channels),
                        exactEvidence(finding), remedyOf(finding)});
    return tableOfRows({tr("severity"), tr("finding"), tr("since step"), tr("last seen in step"), tr("channels"),
                        tr("evidence"), tr("remedy")},
                       std::move(rows));
}

DataTable calculationTable(const Session& session) {
    std::vector<QVariantList> rows;
    const auto frame = session.displayedFrame();
    if (frame && frame->snapshot) {
        try {
            const Calculation calculation = calculate(*frame, session.selectedCell());
            for (const Line& line : calculation.lines)
                rows.push_back({titleOf(describePhase(line.phase, *frame->snapshot)),
                                QString::fromStdString(line.symbol), line.result.value,
                                QString::fromStdString(lineText(line, Digits::Full)),
                                QString::fromStdString(line.note)});
        } catch (const Error&) {
            rows.clear();  // the panel says why there is no calculation
        }
    }
    return tableOfRows({tr("phase"), tr("quantity"), tr("value"), tr("calculation"), tr("note")}, std::move(rows));
}

namespace {

/// The events before each step and the names of the steps, in words.
struct StepWords {
    QStringList events, names;
};

std::map<std::int64_t, StepWords> stepWords(const Recipe& recipe) {
    std::map<std::int64_t, StepWords> words;
    const QStringList texts = eventTexts(recipe);
    for (std::size_t i = 0; i < recipe.events.size(); ++i)
        words[recipe.events[i].step].events << texts[static_cast<qsizetype>(i)];
    for (const StepMark& mark : recipe.marks)
        words[mark.step].names << QString::fromStdString(mark.name);
    return words;
}

}  // namespace

DataTable timelineTable(const Session& session) {
    constexpr int steps = 0, surprise = 1, refused = 2, events = 3;
    DataTable table;
    table.columns = {tr("step"), tr("surprise"), tr("refused"), tr("events before it"), tr("name")};
    const SeriesView series = session.series();
    const auto words = stepWords(session.recipe());
    // From the start, step −1, to the last step that is computed or has a mark.
    const std::int64_t last = std::max(series.length() - 1, words.empty() ? -1 : words.rbegin()->first);
    table.rows = last + 2;
    table.cell = [series, words](std::int64_t row, int column) -> QVariant {
        const std::int64_t step = row - 1;
        const bool isComputed = step >= 0 && step < series.length();
        const auto found = words.find(step);
        switch (column) {
        case steps:
            return qlonglong{step};
        case surprise:
            return isComputed ? QVariant(series.at(ScalarQuantity::Surprise, step)) : QVariant();
        case refused:
            return isComputed && series.at(ScalarQuantity::Refused, step) > 0 ? QVariant(tr("refused")) : QVariant();
        default:
            if (found == words.end())
                return {};
            return (column == events ? found->second.events : found->second.names).join(QStringLiteral("; "));
        }
    };
    return table;
}

DataTable flowTable(const Session& session) {
    DataTable table;
    table.columns = {tr("sample n"),      tr("channel c"),     tr("position l"),
                     QStringLiteral("x"), QStringLiteral("x̂"), QStringLiteral("y")};
    const auto frame = session.displayedFrame();
    if (!frame)
        return table;
    table.rows = frame->x.size();
    table.cell = [frame, shape = BatchShape::of(frame->x.shape())](std::int64_t row, int column) -> QVariant {
        const std::int64_t channel = row / shape.l % shape.c;
        const std::int64_t place[] = {row / (shape.c * shape.l), channel, row % shape.l};
        if (column < 3)
            return qlonglong{place[column]};
        const double x = frame->x.at(row);
        if (column == 3)
            return x;
        if (frame->transforms.empty())
            return {};
        const ChannelTransform& transform = frame->transforms[static_cast<std::size_t>(channel)];
        return column == 4 ? transform.xhat(x) : roundTo(frame->x.dtype(), transform.y(x));
    };
    return table;
}

}  // namespace bnstudio
