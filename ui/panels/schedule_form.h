// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QComboBox;

namespace bnstudio {

class CommitField;
class FormRows;
class ToggleSwitch;

/// How samples become batches (size, shuffling, the last one) and which batch a step sees (order, repeats, pinned
/// rows). What concerns stored samples is shown only when a source has some.
class ScheduleForm : public QWidget {
    Q_OBJECT
public:
    explicit ScheduleForm(Session& session, QWidget* parent = nullptr);
    void refresh();

private:
    void makeFields();
    void edit(const QString& text, DataSpec data);
    void commitBatchSize(const QString& text);
    void commitShuffleSeed(const QString& text);
    void commitRepeat(const QString& text);
    void commitPinnedRows(const QString& text);
    void chooseOrder(int index);

    Session& m_session;
    FormRows* m_rows = nullptr;
    CommitField* m_batchSize = nullptr;
    ToggleSwitch* m_shuffle = nullptr;
    CommitField* m_shuffleSeed = nullptr;
    ToggleSwitch* m_dropLast = nullptr;
    QComboBox* m_order = nullptr;
    CommitField* m_repeat = nullptr;
    CommitField* m_pinnedRows = nullptr;
};

}  // namespace bnstudio
