// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;

namespace bnstudio {

class ElidedLabel;
class LossForm;
class OptimizerForm;

/// Which passes a step runs, where the gradient comes from, and how γ and β learn.
class TrainingPanel : public QWidget {
    Q_OBJECT
public:
    explicit TrainingPanel(Session& session, QWidget* parent = nullptr);
    /// A muted line for the title bar of the card; it stands on top of the panel until a card takes it.
    QWidget* header() const;

signals:
    /// The user wants to choose a file with upstream gradients (the recipe's data.gradients).
    void openGradientFileRequested();

private:
    QWidget* makePasses();
    void setPasses(bool backward, bool update);
    void refresh();
    void refreshStep();

    Session& m_session;
    ElidedLabel* m_caption = nullptr;
    QCheckBox* m_backward = nullptr;
    QCheckBox* m_update = nullptr;
    LossForm* m_loss = nullptr;
    OptimizerForm* m_optimizer = nullptr;
    QLabel* m_lossValue = nullptr;
};

}  // namespace bnstudio
