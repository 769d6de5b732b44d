// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

#include <QDialog>
#include <QTimer>

#include <optional>

class QDialogButtonBox;
class QLabel;
class QPlainTextEdit;

namespace bnstudio {

/// A plain text editor for a table, a nested list or the text of a tensor; says at once what it reads or what is wrong
/// where. Deletes itself when it is closed.
class PasteDialog : public QDialog {
    Q_OBJECT
public:
    explicit PasteDialog(const std::optional<PastedSpec>& present, QWidget* parent = nullptr);

signals:
    void pasted(const bnstudio::PastedSpec& spec);

protected:
    void accept() override;

private:
    /// What the text says; nothing while it is wrong, and then the label says why.
    std::optional<PastedSpec> read();

    QPlainTextEdit* m_editor;
    QLabel* m_result;
    QDialogButtonBox* m_buttons;
    QTimer m_pause;
};

/// The values as text that reads back: lines of numbers, or a nested list for three axes.
QString pastedText(const PastedSpec& spec);

}  // namespace bnstudio
