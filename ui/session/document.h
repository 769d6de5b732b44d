// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QLockFile>
#include <QTimer>

namespace bnstudio {

/// The recipe as a file: name, unsaved changes, recent files, and the autosaved copy that survives a crash.
class Document : public QObject {
    Q_OBJECT
public:
    /// Steps that are computed of a run that was just opened.
    static constexpr std::int64_t firstSteps = 60;
    explicit Document(Session& session, QObject* parent = nullptr);
    ~Document() override;

    /// Opens a data file or a recipe, by what is in it. The session stays as it is until the file proved usable; a
    /// refusal is a message of the session.
    void open(const QString& path);
    void openDefault();
    /// Nothing to lose: no edits since the last save or open.
    bool isModified() const;
    const QString& path() const { return m_path; }  ///< recipe file; empty for an unsaved recipe
    QString title() const;                          ///< file name without folder, or "untitled recipe"
    bool save(const QString& path);                 ///< false: refused, with a message of the session
    /// A recipe file that holds exactly the present recipe, for commands: the saved file, or a copy named by its
    /// content in the recipes folder beside the autosaved ones. Empty for the unchanged default recipe.
    QString recipeFileForCommand();

    QStringList recentFiles() const;
    void remember(const QString& path);  ///< puts it on top of the recent files
    void forgetRecentFiles();

    /// An autosaved recipe that no running program owns; empty when there is none.
    QString recoverableFile() const;
    void recover(const QString& autosaved);
    void discard(const QString& autosaved);
    void autosaveNow();

signals:
    void changed();

private:
    void onOpened(const QString& path);

    Session& m_session;
    QString m_path;
    bool m_recovered = false;
    QTimer m_autosaveTimer;
    QString m_autosaveFile;
    std::unique_ptr<QLockFile> m_lock;
};

/// A recipe that steps through a data file: batches of 32, the layer's defaults, forward only.
Recipe recipeForDataFile(const QString& path, const QString& tensor = {});

/// The folder of autosaved recipes: $XDG_STATE_HOME/bnstudio/autosave.
QString autosaveFolder();

}  // namespace bnstudio
