// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/actions.h"
#include "ui/session/session.h"

#include <QWidget>

#include <functional>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace bnstudio {

class ElidedLabel;

/// First, back, play, forward, last; the step counter, which takes a number to jump to; the speed; train or eval.
class TransportBar : public QWidget {
    Q_OBJECT
public:
    TransportBar(Session& session, const Actions& actions, QWidget* parent = nullptr);
    void focusStepField();
    void focusPlayButton();
    /// Slim: the buttons, the step and a caption, and nothing else; for presentations.
    void setSlim(bool on);
    void setCaption(const QString& text);
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QToolButton* addButton(QAction* action, const QString& name, const QString& text = {});
    QWidget* makeRest();
    QWidget* makeModeSwitch();
    void measure();
    void fit();
    void showWithout(std::size_t parts);
    void jump();
    void refresh();
    void refreshIcons();

    Session& m_session;
    QToolButton* m_play = nullptr;
    QLineEdit* m_step = nullptr;
    QLabel* m_total = nullptr;
    QComboBox* m_speed = nullptr;
    QPushButton* m_train = nullptr;
    QPushButton* m_eval = nullptr;
    QLabel* m_batch = nullptr;
    QWidget* m_rest = nullptr;  ///< what a slim bar does without
    ElidedLabel* m_caption = nullptr;
    std::vector<std::function<void(bool)>> m_optional;  ///< shows or hides what a narrow bar does without, first first
    int m_leastWidth = 0;
    bool m_showsPlaying = false;
};

/// Sets train or eval from the displayed step on, as an event; at the start it changes the initial mode.
void setModeFromHere(Session& session, bool train);

}  // namespace bnstudio
