// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QLabel;
class QVBoxLayout;

namespace bnstudio {

class ElidedLabel;
class FindingCard;
struct Finding;

/// What is wrong with the run, the most severe first.
class FindingsPanel : public QWidget {
    Q_OBJECT
public:
    explicit FindingsPanel(Session& session, QWidget* parent = nullptr);
    /// Up to which step was looked, for the title bar of the card.
    QWidget* header() const;
    /// Gives the keys to the first finding.
    void focusFirst();

private:
    void refresh();
    void goTo(const Finding& finding);

    Session& m_session;
    ElidedLabel* m_caption;
    QLabel* m_empty;
    QVBoxLayout* m_column;
    std::vector<FindingCard*> m_cards;  ///< kept and reused: a list that is rebuilt flickers and loses its focus
};

}  // namespace bnstudio
