// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

class QMenu;
class QWidget;

namespace bnstudio {

class Document;
class FileOpening;
class MessageBar;
class Session;

/// Files and the window: opening by dialog, drop or menu, saving, and what happens to unsaved changes.
class Files : public QObject {
    Q_OBJECT
public:
    Files(QWidget& window, Session& session, Document& document, MessageBar& messages);

    /// Asks for a file and opens it.
    void chooseAndOpen();
    /// Opens any file: a recipe or a single tensor at once, several tensors after the user chose among them. It is read
    /// off the GUI thread; nothing changes until it proved usable.
    void open(const QString& path);
    void chooseGradients();
    /// Takes dy of every step from a file, batched like the data.
    void useGradients(const QString& path);
    bool save();
    bool saveAs();
    void chooseAndSaveState();
    /// Writes the state dict of the layer after the displayed step; a refusal is a message.
    void saveState(const QString& path);
    void reestimate();
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
    FileOpening* m_opening;
};

}  // namespace bnstudio
