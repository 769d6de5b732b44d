// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QLabel;

namespace bnstudio {

class CommitField;
class ElidedLabel;

/// A file source: which file, which tensor of it, and what loading it did.
class FileForm : public QWidget {
    Q_OBJECT
public:
    explicit FileForm(Session& session, QWidget* parent = nullptr);
    void showSource(int source);

signals:
    void openFileRequested();

private:
    void commitTensor(const QString& text);

    Session& m_session;
    int m_source = 0;
    ElidedLabel* m_name;
    CommitField* m_tensor;
    ElidedLabel* m_shape;
    QLabel* m_notes;
};

/// A source of pasted values: their shape, and the way to the editor.
class PastedForm : public QWidget {
    Q_OBJECT
public:
    explicit PastedForm(Session& session, QWidget* parent = nullptr);
    void showSource(int source);

signals:
    void editRequested();

private:
    Session& m_session;
    ElidedLabel* m_shape;
};

}  // namespace bnstudio
