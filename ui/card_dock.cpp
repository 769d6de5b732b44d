// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_dock.h"

#include "ui/theme.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QStyle>
#include <QToolButton>

namespace bnstudio {

CardDock::CardDock(const QString& title, const QString& name, QWidget* content, bool scrolls, QWidget* parent)
    : QDockWidget(parent) {
    setObjectName(name);
    setAllowedAreas(Qt::AllDockWidgetAreas);
    auto* body = new QFrame;
    body->setObjectName(QStringLiteral("cardBody"));
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(10, 2, 10, 8);
    if (scrolls) {
        auto* area = new QScrollArea;
        area->setWidgetResizable(true);
        area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        area->setFrameShape(QFrame::NoFrame);
        area->setFocusPolicy(Qt::NoFocus);
        area->setWidget(content);
        layout->addWidget(area);
    } else {
        layout->addWidget(content);
    }
    setWidget(body);
    setTitleBarWidget(makeTitle());
    setTitle(title);
}

QWidget* CardDock::makeTitle() {
    auto* bar = new QFrame;
    bar->setObjectName(QStringLiteral("cardTitle"));
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(12, 6, 6, 2);
    m_title = new QLabel;
    m_title->setFont(Theme::instance().boldFont());
    layout->addWidget(m_title, 1);
    auto* close = new QToolButton;
    close->setObjectName(QStringLiteral("flat"));
    close->setText(QStringLiteral("×"));
    close->setFocusPolicy(Qt::NoFocus);  // the View menu does the same with keys
    close->setToolTip(tr("Close this panel; the View menu brings it back."));
    close->setAccessibleName(tr("Close panel"));
    connect(close, &QToolButton::clicked, this, &QDockWidget::close);
    layout->addWidget(close);
    return bar;
}

void CardDock::setTitle(const QString& title) {
    setWindowTitle(title);
    m_title->setText(title);
}

}  // namespace bnstudio
