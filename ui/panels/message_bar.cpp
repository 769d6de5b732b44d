// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/message_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

namespace bnstudio {

MessageBar::MessageBar(Session& session, QWidget* parent) : QFrame(parent), m_session(session) {
    setObjectName(QStringLiteral("messageBar"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 6, 8, 6);
    m_label = new QLabel;
    m_label->setObjectName(QStringLiteral("messageText"));
    m_label->setWordWrap(true);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_label->setMinimumWidth(40);
    layout->addWidget(m_label, 1);
    m_progress = new QProgressBar;
    m_progress->setFixedWidth(180);
    m_progress->setRange(0, 1000);
    layout->addWidget(m_progress);
    m_cancel = new QToolButton;
    m_cancel->setObjectName(QStringLiteral("cancelOpening"));
    m_cancel->setText(tr("Cancel"));
    m_cancel->setToolTip(tr("Stop opening; everything stays as it is."));
    m_cancel->setWhatsThis(m_cancel->toolTip());
    connect(m_cancel, &QToolButton::clicked, this, &MessageBar::cancel);
    layout->addWidget(m_cancel);
    m_choices = new QHBoxLayout;
    layout->addLayout(m_choices);
    m_close = new QToolButton;
    m_close->setObjectName(QStringLiteral("flat"));
    m_close->setText(QStringLiteral("×"));
    m_close->setAccessibleName(tr("Dismiss the message"));
    m_close->setToolTip(tr("Dismiss the message"));
    connect(m_close, &QToolButton::clicked, &m_session, &Session::clearMessage);
    layout->addWidget(m_close);
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Message | Change::Transport))
            refresh();
    });
    refresh();
}

QString MessageBar::text() const {
    return m_label->text();
}

void MessageBar::offer(const QString& sentence, const std::vector<Choice>& choices) {
    clearChoices();
    m_offer = sentence;
    for (const Choice& choice : choices) {
        auto* button = new QPushButton(choice.text);
        connect(button, &QPushButton::clicked, this, [this, act = choice.act] {
            window()->setFocus();  // not to whatever control comes after a button that goes away
            m_offer.clear();
            clearChoices();
            refresh();
            act();
        });
        m_choices->addWidget(button);
    }
    refresh();
}

void MessageBar::showTask(const QString& text, std::function<void()> cancel) {
    m_task = text;
    m_taskProgress = 0;
    m_cancelTask = std::move(cancel);
    refresh();
}

void MessageBar::setTaskProgress(double fraction) {
    m_taskProgress = fraction;
    refresh();
}

void MessageBar::endTask() {
    m_task.clear();
    m_cancelTask = {};
    refresh();
}

void MessageBar::cancel() {
    if (!m_cancelTask)
        return m_session.cancelOpening();
    const std::function<void()> cancelTask = m_cancelTask;
    endTask();
    cancelTask();
}

void MessageBar::clearChoices() {
    while (QLayoutItem* item = m_choices->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
}

// A message is newer than an offer and hides it until it is dismissed; a load in progress hides both.
void MessageBar::refresh() {
    const bool opening = m_session.isOpening() || !m_task.isEmpty();
    const bool hasMessage = !m_session.message().isEmpty();
    const bool offers = !opening && !hasMessage && !m_offer.isEmpty();
    const QString work = m_task.isEmpty() ? tr("Opening…") : m_task;
    m_label->setText(opening ? work : hasMessage ? m_session.message() : m_offer);
    m_progress->setVisible(opening);
    m_progress->setValue(static_cast<int>((m_task.isEmpty() ? m_session.openingProgress() : m_taskProgress) * 1000));
    m_cancel->setVisible(opening);
    m_close->setVisible(!opening && hasMessage);
    for (int i = 0; i < m_choices->count(); ++i)
        m_choices->itemAt(i)->widget()->setVisible(offers);
    m_label->setToolTip(m_label->text());
    fitHeight();
    emit visibilityWanted(opening || hasMessage || offers);
}

// A tool bar does not ask for the height at a width, so the bar says it: one line, two at most, the rest in the tooltip.
void MessageBar::fitHeight() {
    const QFontMetrics metrics(m_label->font());
    const int lines = metrics.horizontalAdvance(m_label->text()) > m_label->width() ? 2 : 1;
    m_label->setFixedHeight(metrics.lineSpacing() * lines + 4);
    setFixedHeight(std::max(m_label->height(), metrics.lineSpacing() + 12) + 12);
}

void MessageBar::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    fitHeight();
}

}  // namespace bnstudio
