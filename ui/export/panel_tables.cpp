// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/panel_tables.h"

#include "core/error.h"
#include "ui/models/finding_text.h"
#include "ui/session/run_findings.h"

#include <QCoreApplication>
#include <QLocale>

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
        rows.push_back({finding.severity == Severity::Note ? tr("note") : tr("warning"),
                        QString::fromStdString(finding.sentence), qlonglong{finding.step}, qlonglong{finding.lastStep},
                        channelsText(finding.channels), exactEvidence(finding),
                        QString::fromStdString(finding.remedy)});
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
                rows.push_back({QString::fromStdString(describePhase(line.phase, *frame->snapshot).title),
                                QString::fromStdString(line.symbol), line.result.value,
                                QString::fromStdString(lineText(line, Digits::Full)),
                                QString::fromStdString(line.note)});
        } catch (const Error&) {
            rows.clear();  // the panel says why there is no calculation
        }
    }
    return tableOfRows({tr("phase"), tr("quantity"), tr("value"), tr("calculation"), tr("note")}, std::move(rows));
}

}  // namespace bnstudio
