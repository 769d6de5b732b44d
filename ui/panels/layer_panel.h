// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QPushButton;
class QSlider;

namespace bnstudio {

class CommitField;
class ElidedLabel;
class SegmentedSwitch;
class ToggleSwitch;

/// The settings of the layer under PyTorch's names, where edits act (from the start or from here), and a sentence that
/// says what the layer does in the displayed step.
class LayerPanel : public QWidget {
    Q_OBJECT
public:
    explicit LayerPanel(Session& session, QWidget* parent = nullptr);
    /// A muted line for the title bar of the card; it stands on top of the panel until a card takes it.
    QWidget* header() const;

public slots:
    /// The table editor of weight and bias.
    void openParametersDialog();

private:
    void makeFields();
    QWidget* makeMomentumRow();
    QWidget* makeButtons();
    void connectFields();
    void commitNumFeatures(const QString& text);
    void commitEps(const QString& text);
    void commitMomentum(const QString& text);
    void slideMomentum(int position);
    void commitDType(int index);
    void refresh();
    void refreshSettings();
    void refreshStep();

    Session& m_session;
    ElidedLabel* m_caption = nullptr;
    CommitField* m_eps = nullptr;
    CommitField* m_momentum = nullptr;
    QSlider* m_momentumSlider = nullptr;
    QLabel* m_momentumNote = nullptr;
    ToggleSwitch* m_momentumNone = nullptr;
    ToggleSwitch* m_affine = nullptr;
    ToggleSwitch* m_track = nullptr;
    QComboBox* m_dtype = nullptr;
    CommitField* m_numFeatures = nullptr;
    QLabel* m_tracked = nullptr;
    SegmentedSwitch* m_scope = nullptr;
    QPushButton* m_parameters = nullptr;
    QLabel* m_sentence = nullptr;
};

}  // namespace bnstudio
