// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/import_report_dialog.h"

#include "ui/theme.h"
#include "ui/widgets/form_rows.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

QStringList texts(const std::vector<std::string>& keys) {
    QStringList list;
    for (const std::string& key : keys)
        list << QString::fromStdString(key);
    return list;
}

void addSection(QVBoxLayout& column, const char* id, const QString& title, const QString& meaning,
                const QStringList& lines) {
    if (lines.isEmpty())
        return;
    auto* heading = new QLabel(title);
    useFont(heading, TextRole::Bold);
    auto* note = makeNote(meaning);
    note->setWordWrap(true);
    auto* body = new QLabel(lines.join(u'\n'));
    body->setObjectName(QLatin1String(id));
    body->setTextFormat(Qt::PlainText);
    body->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    body->setWordWrap(true);
    column.addWidget(heading);
    column.addWidget(note);
    column.addWidget(body);
    column.addSpacing(8);
}

}  // namespace

QString importSentence(const QString& title, const ImportReport& report) {
    QStringList parts;
    const auto add = [&parts](std::size_t count, const QString& text) {
        if (count > 0)
            parts << text.arg(count);
    };
    add(report.missing.size(), ImportReportDialog::tr("%1 missing"));
    add(report.unexpected.size(), ImportReportDialog::tr("%1 not expected"));
    add(report.converted.size(), ImportReportDialog::tr("%1 converted"));
    add(report.suspicious.size(), ImportReportDialog::tr("%1 suspicious"));
    return ImportReportDialog::tr("%1 was loaded: %2.").arg(title, parts.join(QStringLiteral(", ")));
}

ImportReportDialog::ImportReportDialog(const QString& title, const ImportReport& report, QWidget* parent)
    : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("importReport"));
    setWindowTitle(tr("Import of %1").arg(title));
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    QStringList suspicious;
    for (const StateFinding& finding : report.suspicious)
        suspicious << QString::fromStdString(finding.sentence);
    addSection(*column, "reportSuspicious", tr("Suspicious"), tr("Loaded as they are."), suspicious);
    addSection(*column, "reportMissing", tr("Missing"), tr("The file does not have them; they stay as in a new layer."),
               texts(report.missing));
    addSection(*column, "reportUnexpected", tr("Not expected"), tr("The layer has no place for them; left out."),
               texts(report.unexpected));
    addSection(*column, "reportConverted", tr("Converted"), tr("Rounded to the dtype of the layer."),
               texts(report.converted));
    column->addStretch(1);
    auto* area = new QScrollArea;
    area->setWidget(content);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* rows = new QVBoxLayout(this);
    rows->addWidget(area, 1);
    rows->addWidget(buttons);
    resize(520, 380);
}

}  // namespace bnstudio
