// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QMenu;
class QWidget;

namespace bnstudio {

class Document;
class MessageBar;
class Session;

/// Files and the window: opening by dialog, drop or menu, what a file is used for, saving, and what happens to unsaved
/// changes.
class Files : public QObject {
    Q_OBJECT
public:
    Files(QWidget& window, Session& session, Document& document, MessageBar& messages);

    /// Asks for a file and opens it.
    void chooseAndOpen();
    /// Opens a data file or a recipe, unless the user wants to keep what is unsaved.
    void open(const QString& path);
    void chooseGradients();
    /// Takes dy of every step from a file, batched like the data.
    void useGradients(const QString& path);
    bool save();
    bool saveAs();
    /// False when the user wants to keep what is unsaved.
    bool mayDiscard();
    /// Offers a recipe that a crashed program left behind.
    void offerRecovery();

    QMenu* makeRecentMenu(QWidget* parent);
    /// Null when the samples are not installed.
    QMenu* makeSampleMenu(QWidget* parent);

protected:
    /// Drops on the window.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fillRecentMenu(QMenu* menu);
    void drop(const QList<QUrl>& urls);

    QWidget& m_window;
    Session& m_session;
    Document& m_document;
    MessageBar& m_messages;
};

}  // namespace bnstudio
