// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/actions.h"
#include "ui/docks.h"
#include "ui/session/document.h"
#include "ui/session/session.h"

#include <QMainWindow>

class QLabel;

namespace bnstudio {

class Exports;
class Files;
class MessageBar;
class TransportBar;
class WindowLooks;

/// The window: its bars and menus, and which action calls what.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(Session& session, QWidget* parent = nullptr);
    ~MainWindow() override;
    Document& document() { return m_document; }
    Files& files() { return *m_files; }
    Docks& docks() { return m_docks; }
    WindowLooks& looks() { return *m_looks; }
    /// Size, place and docks as they were when the window was last closed; the first few panels when it never was.
    void restoreLayout();

    void setVisible(bool visible) override;

protected:
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    /// The panel of this class, which a dock holds.
    template <class Panel>
    Panel* panel() const {
        return findChild<Panel*>();
    }
    void makeBars();
    void makeMenus();
    void connectPanels();
    void connectActions();
    void goToEvent(bool next);
    void goToMark(const StepMark* mark);
    void refreshTitle();
    void refreshStatus();

    Session& m_session;
    Document m_document;
    Actions m_actions;
    Docks m_docks;
    Files* m_files = nullptr;
    Exports* m_exports = nullptr;
    TransportBar* m_transport = nullptr;
    MessageBar* m_messages = nullptr;
    WindowLooks* m_looks = nullptr;
    bool m_wantsFirstSizes = true;  ///< dock sizes can be set only once the window has its own
    bool m_isFirstStart = false;
    QLabel* m_status = nullptr;
    QLabel* m_sentence = nullptr;
};

}  // namespace bnstudio
