// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/export_items.h"

#include <QObject>

class QMainWindow;

namespace bnstudio {

/// The numbers behind what is painted, in windows that follow the session. Plots open theirs themselves; here are those
/// of the flow and the timeline, which Ctrl+T opens while they have the keys, and a way to all of them by name.
class TableWindows : public QObject {
    Q_OBJECT
public:
    TableWindows(QMainWindow& window, Session& session);
    /// Everything with numbers behind it that is not a table already.
    static std::vector<ExportItem> choices(QMainWindow& window, Session& session);
    static void show(QMainWindow& window, Session& session, const ExportItem& item);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QMainWindow& m_window;
    Session& m_session;
};

}  // namespace bnstudio
