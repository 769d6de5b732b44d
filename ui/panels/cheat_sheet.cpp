// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/cheat_sheet.h"

#include "ui/key_table.h"
#include "ui/theme.h"
#include "ui/widgets/introduce.h"

#include <QDialogButtonBox>
#include <QEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QTextBrowser>
#include <QVBoxLayout>

#include <algorithm>
#include <numeric>

namespace bnstudio {

namespace {

constexpr int columnWidth = 350, mostColumns = 3;

bool fits(const KeyRow& row, const KeyGroup& group, const QStringList& words) {
    const QString all = row.keys + u' ' + row.text + u' ' + group.title;
    return std::all_of(words.begin(), words.end(),
                       [&](const QString& word) { return all.contains(word, Qt::CaseInsensitive); });
}

QList<KeyGroup> narrowed(const QString& query) {
    const QStringList words = query.simplified().split(u' ', Qt::SkipEmptyParts);
    QList<KeyGroup> groups = allKeys();
    for (KeyGroup& group : groups)
        group.rows.removeIf([&](const KeyRow& row) { return !fits(row, group, words); });
    groups.removeIf([](const KeyGroup& group) { return group.rows.isEmpty(); });
    return groups;
}

QString groupHtml(const KeyGroup& group) {
    QString html = QStringLiteral("<p style='margin:0 0 3px 0'><b>%1</b>").arg(group.title.toHtmlEscaped());
    if (!group.when.isEmpty())
        html += QStringLiteral(" <span style='color:%1'>%2</span>")
                    .arg(colors().mutedText.name(), group.when.toHtmlEscaped());
    html += QStringLiteral("</p><table cellspacing='0' width='100%'>");
    for (const KeyRow& row : group.rows)
        html += QStringLiteral("<tr><td width='34%' style='padding:1px 8px 1px 0; color:%1'>%2</td>"
                               "<td style='padding:1px 0'>%3</td></tr>")
                    .arg(colors().mutedText.name(), row.keys.toHtmlEscaped(), row.text.toHtmlEscaped());
    return html + QStringLiteral("</table><p style='margin:0; font-size:5px'>&nbsp;</p>");
}

/// Rows a group takes on the page, its heading included.
int heightOf(const KeyGroup& group) {
    return static_cast<int>(group.rows.size()) + 2;
}

/// The groups in their order, in columns of about the same height.
QString columnsHtml(const QList<KeyGroup>& groups, int columns) {
    const int all = std::accumulate(groups.begin(), groups.end(), 0,
                                    [](int sum, const KeyGroup& group) { return sum + heightOf(group); });
    QStringList cells(columns);
    int above = 0;
    for (const KeyGroup& group : groups) {
        const int middle = above + heightOf(group) / 2;
        cells[std::min(columns - 1, middle * columns / std::max(all, 1))] += groupHtml(group);
        above += heightOf(group);
    }
    QString html = QStringLiteral("<table width='100%' cellspacing='0'><tr>");
    for (const QString& cell : cells)
        html += QStringLiteral("<td width='%1%' style='padding-right:18px'>%2</td>").arg(100 / columns).arg(cell);
    return html + QStringLiteral("</tr></table>");
}

}  // namespace

CheatSheet::CheatSheet(QWidget& window) : QDialog(&window), m_filter(new QLineEdit), m_sheet(new QTextBrowser) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("keysDialog"));
    setWindowTitle(tr("Keys"));
    introduce(m_filter, "keysFilter", tr("Find a key"),
              tr("Shows only the keys whose name, use or place has these words."));
    m_filter->setPlaceholderText(tr("Find a key, such as “step” or “Ctrl”"));
    m_filter->setClearButtonEnabled(true);
    introduce(m_sheet, "keysSheet", tr("All keys"),
              tr("All keys by the place where they work; the text can be copied."));
    m_sheet->setToolTip({});
    m_sheet->installEventFilter(this);
    m_sheet->setFrameShape(QFrame::NoFrame);
    m_sheet->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    introduce(buttons->button(QDialogButtonBox::Close), "closeKeys", tr("Close"), tr("Back to the window."));
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_filter);
    column->addWidget(m_sheet, 1);
    column->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_filter, &QLineEdit::textChanged, this, &CheatSheet::refresh);
    connect(&Theme::instance(), &Theme::changed, this, &CheatSheet::refresh);
    resize(std::min(1200, window.width() - 60), std::min(820, window.height() - 60));
    m_filter->setFocus();
}

bool CheatSheet::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_sheet && event->type() == QEvent::Resize)
        refresh();
    return QDialog::eventFilter(watched, event);
}

void CheatSheet::refresh() {
    const int columns = std::clamp(m_sheet->width() / columnWidth, 1, mostColumns);
    const QList<KeyGroup> groups = narrowed(m_filter->text());
    m_sheet->setHtml(groups.isEmpty() ? tr("No key has these words.").toHtmlEscaped() : columnsHtml(groups, columns));
}

}  // namespace bnstudio
