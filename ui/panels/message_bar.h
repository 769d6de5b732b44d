// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QFrame>

#include <functional>

class QHBoxLayout;
class QLabel;
class QProgressBar;
class QToolButton;

namespace bnstudio {

/// One sentence above the panels: what was refused and why, an offer with buttons, or how far a long load is. It never
/// takes the focus and never blocks.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    explicit MessageBar(Session& session, QWidget* parent = nullptr);
    struct Choice {
        QString text;
        std::function<void()> act;
    };
    /// An offer stays until one of its choices is taken.
    void offer(const QString& sentence, const std::vector<Choice>& choices);
    QString text() const;
    /// Other long work than the session's: its name, how far it is, and what its Cancel button does. A newer task takes
    /// the place of an older one.
    void showTask(const QString& text, std::function<void()> cancel);
    void setTaskProgress(double fraction);
    void endTask();

signals:
    void visibilityWanted(bool visible);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void refresh();
    void fitHeight();
    void clearChoices();
    void cancel();

    Session& m_session;
    QLabel* m_label = nullptr;
    QProgressBar* m_progress = nullptr;
    QToolButton* m_cancel = nullptr;
    QToolButton* m_close = nullptr;
    QHBoxLayout* m_choices = nullptr;
    QString m_offer;
    QString m_task;
    double m_taskProgress = 0;
    std::function<void()> m_cancelTask;
};

}  // namespace bnstudio
