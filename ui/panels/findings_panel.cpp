// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/findings_panel.h"

#include "ui/format.h"
#include "ui/models/finding_text.h"
#include "ui/panels/finding_card.h"
#include "ui/session/run_findings.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"

#include <QLabel>
#include <QVBoxLayout>

namespace bnstudio {

FindingsPanel::FindingsPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_caption(new ElidedLabel),
      m_empty(makeNote(tr("Nothing to point out."))),
      m_column(new QVBoxLayout(this)) {
    m_caption->setAlignment(Qt::AlignRight);
    m_caption->setObjectName(QStringLiteral("findingsCaption"));
    muteLabel(m_caption);
    m_empty->setObjectName(QStringLiteral("noFindings"));
    m_empty->setWordWrap(true);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(0);
    m_column->addWidget(m_caption);
    m_column->addWidget(m_empty);
    m_column->addStretch(1);
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes & Change::Findings)
            refresh();
    });
    refresh();
}

QWidget* FindingsPanel::header() const {
    return m_caption;
}

void FindingsPanel::refresh() {
    const auto found = m_session.findings();
    const std::vector<Finding> list = found ? findingsOfLane(found->list, 0) : std::vector<Finding>();
    m_caption->setFullText(found && found->steps > 0 ? tr("after step %1").arg(formatCount(found->steps - 1))
                                                     : QString());
    while (m_cards.size() < list.size()) {
        auto* card = new FindingCard;
        connect(card, &FindingCard::placeWanted, this, &FindingsPanel::goTo);
        m_column->insertWidget(m_column->count() - 1, card);
        m_cards.push_back(card);
    }
    for (std::size_t i = 0; i < m_cards.size(); ++i) {
        if (i < list.size())
            m_cards[i]->show(list[i]);
        m_cards[i]->setVisible(i < list.size());
    }
    m_empty->setVisible(list.empty());
}

void FindingsPanel::focusFirst() {
    if (!m_cards.empty() && m_cards.front()->isVisible())
        m_cards.front()->findChild<QLabel*>(QStringLiteral("findingLinks"))->setFocus(Qt::ShortcutFocusReason);
}

void FindingsPanel::goTo(const Finding& finding) {
    m_session.pause();
    m_session.goTo(finding.step);
    if (finding.cell)
        m_session.selectCell({(*finding.cell)[0], (*finding.cell)[1], (*finding.cell)[2]});
    else if (finding.worstChannel >= 0)
        m_session.selectChannel(finding.worstChannel);
}

}  // namespace bnstudio
