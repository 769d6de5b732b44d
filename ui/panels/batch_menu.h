// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QMenu>

namespace bnstudio {

/// Edits of the displayed step's batch: skip it, scale it, pad it, change one value. Each is an event at that step.
class BatchMenu : public QMenu {
    Q_OBJECT
public:
    explicit BatchMenu(Session& session, QWidget* parent = nullptr);

public slots:
    void skip(bool on);
    void openScaleDialog();
    void openPadDialog();
    void openCellDialog();

private:
    QAction* add(const char* id, const QString& text, const QString& sentence);
    void refresh();
    bool isSkipped() const;

    Session& m_session;
    QAction* m_skip = nullptr;
    QAction* m_cell = nullptr;
};

}  // namespace bnstudio
