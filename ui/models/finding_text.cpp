// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/finding_text.h"

#include "ui/format.h"
#include "ui/models/core_text.h"

#include <QCoreApplication>
#include <QFile>
#include <QRegularExpression>

#include <algorithm>
#include <iterator>

namespace bnstudio {

namespace {

constexpr int evidenceDigits = 3;

QString manual() {
    QFile file(QStringLiteral(":/docs/findings.md"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// The last cell of the table row that begins with the id.
QString tableCell(const QString& text, const QString& id) {
    const QRegularExpression row(QStringLiteral("^\\| `%1` \\|.*?\\| (?<rule>.*) \\|$").arg(id),
                                 QRegularExpression::MultilineOption);
    // In a table a bar within a cell is written with a backslash.
    return row.match(text).captured(QStringLiteral("rule")).replace(QStringLiteral("\\|"), QStringLiteral("|"));
}

/// The paragraph that begins with the id in bold, without it.
QString paragraph(const QString& text, const QString& id) {
    const QRegularExpression start(QStringLiteral("^\\*\\*`%1`\\.\\*\\* (?<words>.*?)(\\n\\n|\\n#|$(?!\\n))").arg(id),
                                   QRegularExpression::MultilineOption
                                       | QRegularExpression::DotMatchesEverythingOption);
    return start.match(text).captured(QStringLiteral("words")).replace(u'\n', u' ').trimmed();
}

}  // namespace

QString evidenceText(const Finding& finding) {
    QStringList parts;
    for (const Evidence& each : finding.evidence)
        parts << QStringLiteral("%1 %2").arg(coreText(each.name), formatNumber(each.value, evidenceDigits));
    return parts.join(QStringLiteral(" · "));
}

QString ruleText(FindingKind kind) {
    static const QString text = manual();
    const std::string_view name = findingId(kind);
    const QString id = QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
    const QString more = paragraph(text, id);
    QString rule = tableCell(text, id);
    rule.replace(QStringLiteral(", see below."), QStringLiteral("."));
    return more.isEmpty() ? rule : rule + QStringLiteral("\n\n") + more;
}

QString countText(std::size_t findings) {
    return findings == 1 ? QCoreApplication::translate("FindingText", "1 finding")
                         : QCoreApplication::translate("FindingText", "%1 findings").arg(findings);
}

std::vector<Finding> findingsOfLane(const std::vector<Finding>& findings, int lane) {
    std::vector<Finding> own;
    std::copy_if(findings.begin(), findings.end(), std::back_inserter(own),
                 [lane](const Finding& finding) { return finding.lane == lane; });
    return own;
}

}  // namespace bnstudio
