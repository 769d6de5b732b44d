// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/file_use.h"
#include "ui/panels/bar_task.h"

#include <QWidget>

#include <functional>

namespace bnstudio {

class Document;
class MessageBar;
class Session;

/// The way of a file into the session: it is read off the GUI thread, the user chooses where there is something to
/// choose, and only what proved usable becomes the recipe.
class FileOpening : public QObject {
    Q_OBJECT
public:
    /// @p mayDiscard asks about unsaved changes.
    FileOpening(QWidget& window, Session& session, Document& document, MessageBar& messages,
                std::function<bool()> mayDiscard, QObject* parent);
    void open(const QString& path);
    /// The prefix under which the start state was found that was loaded last: "net.1."; empty when there is none.
    const std::string& statePrefix() const { return m_statePrefix; }

private:
    using Contents = std::shared_ptr<const FileContents>;
    void openDirectly(const QString& path);
    void openFigure(const QString& path);
    void show(const Contents& contents);
    void browse(const Contents& contents);
    void audit(const Contents& contents);
    void replay(const Contents& contents);
    void use(const FileUse& use, const Contents& contents);
    void useWith(const std::optional<LoadedState>& state, const FileUse& use, const QString& path);
    void refuse(const QString& sentence);
    void offerReport();

    QWidget& m_window;
    Session& m_session;
    Document& m_document;
    MessageBar& m_messages;
    std::function<bool()> m_mayDiscard;
    BarTask m_task;
    std::string m_statePrefix;
    /// Called once the figure that is on its way into the session has been opened.
    std::function<void()> m_showView;
    /// Of a start state on its way into the session; shown once it is there.
    std::optional<ImportReport> m_report;
    QString m_reportTitle;
};

}  // namespace bnstudio
