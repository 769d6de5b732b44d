// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/document.h"

#include "core/error.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSettings>
#include <QUuid>

namespace bnstudio {

namespace {

constexpr int autosaveDelayMs = 2000;
constexpr int recentLimit = 8;
constexpr std::int64_t windowBatchSize = 32;

bool looksLikeRecipe(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray head = file.read(4096).trimmed();
    return head.startsWith('{');
}

}  // namespace

Recipe recipeForDataFile(const QString& path, const QString& tensor) {
    Recipe recipe;
    recipe.name = QFileInfo(path).fileName().toStdString();
    FileSpec file;
    file.path = QFileInfo(path).absoluteFilePath().toStdString();
    file.tensor = tensor.toStdString();
    recipe.data.sources = {file};
    recipe.data.batchSize = windowBatchSize;
    return recipe;
}

QString autosaveFolder() {
    QString state = qEnvironmentVariable("XDG_STATE_HOME");
    if (state.isEmpty())
        state = QDir::homePath() + QStringLiteral("/.local/state");
    return state + QStringLiteral("/bnstudio/autosave");
}

Document::Document(Session& session, QObject* parent) : QObject(parent), m_session(session) {
    m_autosaveTimer.setSingleShot(true);
    m_autosaveTimer.setInterval(autosaveDelayMs);
    connect(&m_autosaveTimer, &QTimer::timeout, this, &Document::autosaveNow);
    connect(&m_session.undoStack(), &QUndoStack::indexChanged, this, [this] {
        if (isModified() && !m_autosaveTimer.isActive())
            m_autosaveTimer.start();
        emit changed();
    });
    connect(&m_session.undoStack(), &QUndoStack::cleanChanged, this, &Document::changed);
    connect(&m_session, &Session::recipeOpened, this, &Document::onOpened);
}

Document::~Document() {
    m_session.undoStack().disconnect(this);
    if (!m_autosaveFile.isEmpty())
        QFile::remove(m_autosaveFile);
}

bool Document::isModified() const {
    return m_recovered || !m_session.undoStack().isClean();
}

QString Document::title() const {
    if (!m_path.isEmpty())
        return QFileInfo(m_path).fileName();
    const QString name = QString::fromStdString(m_session.recipe().name);
    return name.isEmpty() ? tr("untitled recipe") : name;
}

void Document::open(const QString& path) {
    const QFileInfo info(path);
    try {
        if (!info.exists())
            throw Error(ErrorCode::BadInput, path.toStdString() + ": no such file");
        if (info.isDir())
            throw Error(ErrorCode::BadInput, path.toStdString() + ": is a folder, expected a data file or a recipe");
        Recipe recipe = looksLikeRecipe(path) ? loadRecipe(path.toStdString()) : recipeForDataFile(path);
        m_session.open(std::move(recipe), firstSteps, info.absoluteFilePath());
    } catch (const Error& error) {
        m_session.showMessage(QString::fromUtf8(error.what()));
    }
}

void Document::openDefault() {
    m_session.open(defaultRecipe(), firstSteps);
}

void Document::onOpened(const QString& path) {
    m_recovered = path == m_autosaveFile && !path.isEmpty();
    const bool isRecipe = !path.isEmpty() && !m_recovered && looksLikeRecipe(path);
    m_path = isRecipe ? path : QString();
    if (!path.isEmpty() && !m_recovered)
        remember(path);
    emit changed();
}

bool Document::save(const QString& path) {
    try {
        saveRecipe(m_session.recipe(), path.toStdString());
    } catch (const Error& error) {
        m_session.showMessage(QString::fromUtf8(error.what()));
        return false;
    }
    m_path = path;
    m_recovered = false;
    m_session.undoStack().setClean();
    if (!m_autosaveFile.isEmpty())
        QFile::remove(m_autosaveFile);
    remember(QFileInfo(path).absoluteFilePath());
    emit changed();
    return true;
}

QString Document::recipeFileForCommand() {
    if (m_session.recipe() == defaultRecipe())
        return {};
    if (!m_path.isEmpty() && !isModified())
        return m_path;
    const QByteArray json = QByteArray::fromStdString(toJson(m_session.recipe()));
    const QString hash =
        QString::fromLatin1(QCryptographicHash::hash(json, QCryptographicHash::Sha256).toHex().left(12));
    const QString folder = QDir::cleanPath(autosaveFolder() + QStringLiteral("/../recipes"));
    QDir().mkpath(folder);
    const QString path = folder + u'/' + hash + QStringLiteral(".json");
    try {
        saveRecipe(m_session.recipe(), path.toStdString());
    } catch (const Error& error) {
        m_session.showMessage(QString::fromUtf8(error.what()));
        return {};
    }
    return path;
}

// --- recent files --------------------------------------------------------------------------------------------------

QStringList Document::recentFiles() const {
    return QSettings().value(QStringLiteral("recentFiles")).toStringList();
}

void Document::remember(const QString& path) {
    QStringList files = recentFiles();
    files.removeAll(path);
    files.prepend(path);
    QSettings().setValue(QStringLiteral("recentFiles"), files.mid(0, recentLimit));
}

void Document::forgetRecentFiles() {
    QSettings().remove(QStringLiteral("recentFiles"));
    emit changed();
}

// --- autosave ------------------------------------------------------------------------------------------------------

// Each running program owns one autosave file through a lock file beside it; a file whose lock nobody holds was left
// behind by a crash.
void Document::autosaveNow() {
    if (!isModified())
        return;
    if (m_autosaveFile.isEmpty()) {
        QDir().mkpath(autosaveFolder());
        const QString name = QUuid::createUuid().toString(QUuid::WithoutBraces);
        m_autosaveFile = autosaveFolder() + u'/' + name + QStringLiteral(".json");
        m_lock = std::make_unique<QLockFile>(m_autosaveFile + QStringLiteral(".lock"));
        m_lock->setStaleLockTime(0);
        m_lock->tryLock(0);
    }
    try {
        saveRecipe(m_session.recipe(), m_autosaveFile.toStdString());
    } catch (const Error& error) {
        m_session.showMessage(tr("The recipe could not be autosaved: %1").arg(QString::fromUtf8(error.what())));
    }
}

QString Document::recoverableFile() const {
    const QDir folder(autosaveFolder());
    const QFileInfoList files = folder.entryInfoList({QStringLiteral("*.json")}, QDir::Files, QDir::Time);
    for (const QFileInfo& file : files) {
        if (file.filePath() == m_autosaveFile)
            continue;
        QLockFile lock(file.filePath() + QStringLiteral(".lock"));
        lock.setStaleLockTime(0);
        if (lock.tryLock(0))
            return file.filePath();
    }
    return {};
}

void Document::recover(const QString& autosaved) {
    try {
        Recipe recipe = loadRecipe(autosaved.toStdString());
        m_autosaveFile = autosaved;
        m_lock = std::make_unique<QLockFile>(autosaved + QStringLiteral(".lock"));
        m_lock->setStaleLockTime(0);
        m_lock->tryLock(0);
        m_session.open(std::move(recipe), firstSteps, autosaved);
    } catch (const Error& error) {
        m_session.showMessage(QString::fromUtf8(error.what()));
    }
}

void Document::discard(const QString& autosaved) {
    QFile::remove(autosaved);
}

}  // namespace bnstudio
