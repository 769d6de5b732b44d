// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/findings_badge.h"

#include "ui/models/finding_text.h"
#include "ui/session/run_findings.h"
#include "ui/session/session.h"
#include "ui/theme.h"
#include "ui/widgets/introduce.h"

#include <QPainter>

namespace bnstudio {

namespace {

constexpr int markWidth = 18, sideMargin = 10;

}  // namespace

FindingsBadge::FindingsBadge(Session& session, QWidget* parent) : QAbstractButton(parent), m_session(session) {
    introduce(this, "findingsBadge", tr("Findings"), tr("Shows what the program points out about this run."));
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    QSizePolicy policy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    policy.setRetainSizeWhenHidden(true);  // its neighbours stay where they are
    setSizePolicy(policy);
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes & Change::Findings)
            refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
    refresh();
}

void FindingsBadge::refresh() {
    const auto found = m_session.findings();
    const std::size_t count = found ? findingsOfLane(found->list, 0).size() : 0;
    setText(countText(count));
    setAccessibleName(text());
    setVisible(count > 0);
    update();
}

QSize FindingsBadge::sizeHint() const {
    const QFontMetrics metrics(Theme::instance().boldFont());
    return {metrics.horizontalAdvance(countText(10)) + markWidth + 2 * sideMargin, metrics.height() + 9};
}

void FindingsBadge::paintEvent(QPaintEvent*) {
    const Palette& p = colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(rect()).adjusted(1, 1, -1, -1);
    painter.setPen(hasFocus() ? QPen(p.text, 1.5) : underMouse() ? QPen(p.warning, 1) : QPen(Qt::NoPen));
    painter.setBrush(p.warningSoft);
    painter.drawRoundedRect(area, area.height() / 2, area.height() / 2);
    const QFontMetricsF metrics(Theme::instance().boldFont());
    const double width = markWidth + metrics.horizontalAdvance(text());
    const double left = area.center().x() - width / 2, middle = area.center().y();
    painter.setPen(Qt::NoPen);
    painter.setBrush(p.warningText);
    const QPointF triangle[] = {{left, middle + 4.5}, {left + 10, middle + 4.5}, {left + 5, middle - 4.5}};
    painter.drawPolygon(triangle, 3);
    painter.setPen(p.warningText);
    painter.setFont(Theme::instance().boldFont());
    painter.drawText(QRectF(left + markWidth - 3, area.top(), width, area.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     text());
}

}  // namespace bnstudio
