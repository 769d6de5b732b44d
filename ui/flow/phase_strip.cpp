// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/phase_strip.h"

#include "ui/flow/phase_tab.h"
#include "ui/models/core_text.h"
#include "ui/theme.h"

#include <QButtonGroup>
#include <QPainter>

#include <algorithm>

namespace bnstudio {

namespace {
constexpr int leastWidth = 120;

int stripHeight() {
    return Theme::instance().scaled(26);
}

}  // namespace

PhaseStrip::PhaseStrip(Session& session, QWidget* parent)
    : QWidget(parent), m_session(session), m_group(new QButtonGroup(this)) {
    setObjectName(QStringLiteral("phaseStrip"));
    setAccessibleName(tr("Phases of this step"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(m_group, &QButtonGroup::idClicked, this,
            [this](int id) { m_session.setPhase(m_phases[static_cast<std::size_t>(id)]); });
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Shown | Change::Phase | Change::Peek))
            refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        updateGeometry();
        arrange();
    });
    refresh();
}

QSize PhaseStrip::sizeHint() const {
    return {std::max(widthAt(0), leastWidth), stripHeight()};
}

QSize PhaseStrip::minimumSizeHint() const {
    return {leastWidth, stripHeight()};
}

void PhaseStrip::resizeEvent(QResizeEvent*) {
    arrange();
}

void PhaseStrip::paintEvent(QPaintEvent*) {
    if (!m_tabs.empty())
        return;
    QPainter painter(this);
    painter.setFont(Theme::instance().textFont(-1));
    painter.setPen(colors().mutedText);
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, tr("phases of a step: none before step 0"));
}

// Tabs are made anew only when a step has other phases or names, so that the focus stays while one steps through.
void PhaseStrip::refresh() {
    const auto lane = m_session.displayedLane();
    const std::vector<Phase> phases = m_session.phases();
    std::vector<QString> titles;
    for (const Phase phase : phases)
        titles.push_back(sentenceOf(describePhase(phase, *lane)));
    if (phases != m_phases || titles != m_titles) {
        const bool hadFocus = focusWidget() && focusWidget()->hasFocus();
        for (PhaseTab* tab : m_tabs) {
            m_group->removeButton(tab);
            tab->hide();
            tab->deleteLater();
        }
        m_tabs.clear();
        m_phases = phases;
        m_titles = std::move(titles);
        for (std::size_t i = 0; i < m_phases.size(); ++i) {
            m_tabs.push_back(new PhaseTab(m_phases[i], describePhase(m_phases[i], *lane), this));
            m_group->addButton(m_tabs.back(), static_cast<int>(i));
            m_tabs.back()->show();
        }
        updateGeometry();
        update();
        if (hadFocus && !m_tabs.empty())
            m_tabs.front()->setFocus();
    }
    for (PhaseTab* tab : m_tabs) {
        tab->setHappened(tab->phase() <= m_session.phase());
        if (tab->phase() == m_session.phase())
            tab->setChecked(true);
    }
    arrange();
}

int PhaseStrip::widthAt(int shortness) const {
    int sum = 0;
    for (const PhaseTab* tab : m_tabs)
        sum += tab->widthAt(shortness);
    return sum;
}

void PhaseStrip::arrange() {
    int shortness = 0;
    while (shortness < PhaseTab::shortnesses - 1 && widthAt(shortness) > width())
        ++shortness;
    const int spare = std::max(0, width() - widthAt(shortness));
    int left = 0, share = spare;
    for (std::size_t i = 0; i < m_tabs.size(); ++i) {
        const int extra = share / static_cast<int>(m_tabs.size() - i);
        share -= extra;
        const int tabWidth = m_tabs[i]->widthAt(shortness) + extra;
        m_tabs[i]->setShortness(shortness);
        m_tabs[i]->setGeometry(left, 0, tabWidth, height());
        left += tabWidth;
    }
}

}  // namespace bnstudio
