// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>

namespace bnstudio {

/// A text field that shows a value of the document and hands over what the user typed on Enter or when the focus
/// leaves; Escape brings the document's value back. A text that makes no sense is marked until it is repaired.
/// With nothing left to take back, Enter and Escape give the keys back to the window, and so does the field with the
/// keys of undo and redo: a text that has been handed over is the document's to undo.
class CommitField : public QLineEdit {
    Q_OBJECT
public:
    explicit CommitField(QWidget* parent = nullptr);
    /// The document's value. A text that the user is just typing stays.
    void showValue(const QString& text);
    /// Marks the text as refused; @p sentence becomes the tooltip as long as the mark is there.
    void mark(const QString& sentence);
    bool isMarked() const { return m_marked; }
    /// The document's value, whatever stands in the field.
    const QString& value() const { return m_value; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void committed(const QString& text);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void commit();
    void unmark();
    void setMarked(bool on);
    QRect textArea() const;
    void paintElided(const QRect& inside);

    QString m_value, m_teaching;
    bool m_marked = false;
};

}  // namespace bnstudio
