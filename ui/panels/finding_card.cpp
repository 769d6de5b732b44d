// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/finding_card.h"

#include "ui/models/core_text.h"
#include "ui/models/finding_text.h"
#include "ui/theme.h"
#include "ui/widgets/form_rows.h"

#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

constexpr int textLeft = 22;

QString linkTo(const char* target, const QString& text) {
    return QStringLiteral("<a href=\"%1\" style=\"color:%2\">%3</a>")
        .arg(QLatin1String(target), colors().text.name(), text.toHtmlEscaped());
}

}  // namespace

FindingCard::FindingCard(QWidget* parent)
    : QWidget(parent), m_sentence(new QLabel), m_evidence(makeNote()), m_links(new QLabel), m_why(new QLabel) {
    m_sentence->setFont(Theme::instance().boldFont());
    m_sentence->setTextFormat(Qt::PlainText);
    m_sentence->setObjectName(QStringLiteral("findingSentence"));
    m_evidence->setObjectName(QStringLiteral("findingEvidence"));
    m_evidence->setTextFormat(Qt::PlainText);
    m_links->setObjectName(QStringLiteral("findingLinks"));
    m_links->setTextFormat(Qt::RichText);
    m_links->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    m_links->setFocusPolicy(Qt::StrongFocus);
    m_why->setObjectName(QStringLiteral("findingWhy"));
    m_why->setTextFormat(Qt::MarkdownText);
    m_why->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_why->setContentsMargins(0, 2, 0, 2);
    m_why->hide();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(textLeft, 5, 2, 7);
    column->setSpacing(2);
    for (QLabel* label : {m_sentence, m_evidence, m_links, m_why}) {
        label->setWordWrap(true);
        column->addWidget(label);
    }
    connect(m_links, &QLabel::linkActivated, this, &FindingCard::openLink);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        m_sentence->setFont(Theme::instance().boldFont());
        showTexts();
    });
}

void FindingCard::show(const Finding& finding) {
    if (finding.kind != m_finding.kind || finding.lane != m_finding.lane)
        m_isExplained = false;
    m_finding = finding;
    showTexts();
}

void FindingCard::showTexts() {
    const auto setText = [](QLabel* label, const QString& text) {
        if (label->text() != text)
            label->setText(text);
    };
    setText(m_sentence, sentenceOf(m_finding));
    setText(m_evidence, evidenceText(m_finding));
    const QString since = m_finding.step == m_finding.lastStep ? tr("In step %1") : tr("Since step %1");
    const QString place = since.arg(m_finding.step);
    setText(m_links,
            linkTo("step", place) + QStringLiteral(" · ") + linkTo("why", m_isExplained ? tr("Less") : tr("Why?")));
    m_links->setAccessibleName(tr("%1, or why").arg(place));
    setText(m_why, remedyOf(m_finding) + QStringLiteral("\n\n") + ruleText(m_finding.kind));
    m_why->setVisible(m_isExplained);
    update();
}

void FindingCard::openLink(const QString& link) {
    if (link == QStringLiteral("step")) {
        emit placeWanted(m_finding);
        return;
    }
    m_isExplained = !m_isExplained;
    showTexts();
}

/// A triangle for what is wrong, a dot for a note, and a thin line below.
void FindingCard::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const double middle = m_sentence->y() + m_sentence->fontMetrics().height() / 2.0;
    if (m_finding.severity == Severity::Note) {
        painter.setBrush(colors().mutedText);
        painter.drawEllipse(QPointF(9, middle), 3.5, 3.5);
    } else {
        painter.setBrush(colors().warning);
        const QPointF triangle[] = {{4, middle + 4.5}, {14, middle + 4.5}, {9, middle - 4.5}};
        painter.drawPolygon(triangle, 3);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(colors().grid);
    painter.drawLine(0, height() - 1, width(), height() - 1);
}

}  // namespace bnstudio
