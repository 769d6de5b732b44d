// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QComboBox;
class QPushButton;
class QStackedWidget;

namespace bnstudio {

class CommitField;
class FormRows;

/// Where the gradient of y comes from: a loss, or without one an upstream gradient.
class LossForm : public QWidget {
    Q_OBJECT
public:
    explicit LossForm(Session& session, QWidget* parent = nullptr);
    void refresh();

signals:
    void openGradientFileRequested();

private:
    /// The combo's entries; two of them are one kind of LossSpec.
    enum Choice { NoLoss, ToValue, PerChannel, ToTeacher, Sum };
    static Choice choiceOf(const LossSpec& loss);
    void makeFields();
    QWidget* makeUpstreamPage();
    QWidget* makeTargetPage();
    QWidget* makeTeacherPage();
    void choose(int index);
    void chooseUpstream(int index);
    void commitUpstreamSeed(const QString& text);
    void commitList(CommitField* field, std::vector<double> LossSpec::*member, const QString& text);
    void openTable();

    Session& m_session;
    QComboBox* m_loss = nullptr;
    QStackedWidget* m_pages = nullptr;
    QComboBox* m_upstream = nullptr;
    FormRows* m_upstreamRows = nullptr;
    CommitField* m_upstreamSeed = nullptr;
    QPushButton* m_gradientFile = nullptr;
    CommitField* m_target = nullptr;
    CommitField* m_teacherWeight = nullptr;
    CommitField* m_teacherBias = nullptr;
};

}  // namespace bnstudio
