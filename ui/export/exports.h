// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/export_dialog.h"

#include <QObject>

class QMainWindow;
class QTableView;

namespace bnstudio {

class Session;

/// What leaves the window as pictures and tables: asks the user, writes, and says how it went. Every table of the
/// program, in dialogs too, gets "Save table…" in its menu.
class Exports : public QObject {
    Q_OBJECT
public:
    Exports(QMainWindow& window, Session& session);

    void choosePicture(const QWidget* preferred = nullptr);
    void chooseTable(const QWidget* preferred = nullptr);
    /// Throws Error(Usage) and Error(WriteFailed).
    void savePicture(const ExportItem& item, const ExportChoice& choice, const QString& path);
    /// Off the GUI thread; a failure is a message of the session.
    void saveTable(const DataTable& table, const QString& path);

signals:
    /// A short sentence for the status bar: the file is there.
    void saved(const QString& sentence);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void askForTable(const DataTable& table, const QString& name);
    void offerSaving(QTableView& view);

    QMainWindow& m_window;
    Session& m_session;
};

}  // namespace bnstudio
