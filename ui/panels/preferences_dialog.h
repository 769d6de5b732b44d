// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/preferences.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;

namespace bnstudio {

class SegmentedSwitch;

/// A panel that a presentation may show: the name of its dock, and its title.
struct PanelChoice {
    QString name, title;
};

/// The preferences. What is chosen is in force at once; Cancel puts back what was, OK saves it.
class PreferencesDialog : public QDialog {
    Q_OBJECT
public:
    PreferencesDialog(const QList<PanelChoice>& panels, QWidget* parent);
    void accept() override;
    void reject() override;

private:
    QWidget* makeSize();
    QWidget* makeNumbers();
    QWidget* makePanels(const QList<PanelChoice>& panels);
    void display(const Preferences& shown);
    Preferences chosen() const;
    void take();
    void refreshTexts();

    const Preferences m_before;
    SegmentedSwitch* m_theme;
    QSlider* m_size = nullptr;
    QLabel* m_percent = nullptr;
    SegmentedSwitch* m_numbers;
    QCheckBox* m_grouped = nullptr;
    QLabel* m_example = nullptr;
    SegmentedSwitch* m_motion;
    QList<QComboBox*> m_panels;
    bool m_isShowing = false;
};

}  // namespace bnstudio
