// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/actions.h"
#include "ui/session/document.h"
#include "ui/session/session.h"

#include <QMainWindow>

namespace bnstudio {

class CardDock;
class ChannelPanel;
class DataPanel;
class MessageBar;
class PlotView;
class Timeline;
class TransportBar;

/// The window: docks and menus, and which action calls what.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(Session& session, QWidget* parent = nullptr);
    ~MainWindow() override;
    Document& document() { return m_document; }
    /// Size, place and docks as they were when the window was last closed.
    void restoreLayout();
    /// All panels at their first places.
    void resetLayout();
    /// Offers a recipe that a crashed program left behind.
    void offerRecovery();
    /// False when the user wants to keep what is unsaved.
    bool mayDiscard();

public slots:
    void openFile();
    /// Takes dy of every step from a file, batched like the data.
    void useGradients(const QString& path);
    bool save();
    bool saveAs();

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    CardDock* addCard(const QString& title, const QString& name, QWidget* content, bool scrolls);
    CardDock* addPlot(PlotView* view, const QString& name);
    void makePanels();
    void makeBars();
    void makeMenus();
    void connectActions();
    void arrange();
    void sizeDocks();
    void goToEvent(bool next);
    void openGradients();
    void openPath(const QString& path);
    void fillRecentMenu(QMenu* menu);
    void refreshTitle();
    void refreshStatus();

    Session& m_session;
    Document m_document;
    Actions m_actions;
    QMap<QString, CardDock*> m_docks;
    TransportBar* m_transport = nullptr;
    MessageBar* m_messages = nullptr;
    DataPanel* m_data = nullptr;
    ChannelPanel* m_channels = nullptr;
    bool m_wantsFirstSizes = true;  ///< dock sizes can be set only once the window has its own
    class QLabel* m_status = nullptr;
    class QLabel* m_sentence = nullptr;
};

}  // namespace bnstudio
