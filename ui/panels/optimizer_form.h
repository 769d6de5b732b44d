// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QStackedWidget;

namespace bnstudio {

class CommitField;
class ToggleSwitch;

/// The optimiser of γ and β and its numbers.
class OptimizerForm : public QWidget {
    Q_OBJECT
public:
    explicit OptimizerForm(Session& session, QWidget* parent = nullptr);
    void refresh();

private:
    struct Entry {
        CommitField* field;
        QString name;
        double OptimizerSpec::*member;
        bool isFraction;  ///< below 1
    };
    CommitField* addField(const char* id, const QString& name, const QString& sentence, double OptimizerSpec::*member,
                          bool isFraction = false);
    QWidget* makeSgdPage();
    QWidget* makeAdamPage();
    void commit(const Entry& entry);
    void change(OptimizerSpec optimizer);

    Session& m_session;
    std::vector<Entry> m_entries;
    QComboBox* m_kind;
    QStackedWidget* m_pages;
    ToggleSwitch* m_nesterov = nullptr;
};

}  // namespace bnstudio
