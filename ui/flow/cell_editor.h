// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>

namespace bnstudio {

/// A field for one value, over its cell. Enter and Escape end here and do not go on to what is below.
class CellEditor : public QLineEdit {
    Q_OBJECT
public:
    using QLineEdit::QLineEdit;

signals:
    void committed();
    /// Escape, or the focus went elsewhere.
    void abandoned(bool byKey);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
};

}  // namespace bnstudio
