// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/interop.h"

#include "core/error.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonDocument>
#include <QRegularExpression>

#include <stdexcept>

namespace bnstudio::interop {

namespace {

QString folder() {
    return QStringLiteral(BNSTUDIO_TEST_DATA "/data/interop/");
}

QJsonObject readManifest(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        throw std::runtime_error("no manifest at " + path.toStdString());
    return QJsonDocument::fromJson(file.readAll()).object();
}

QJsonObject goodManifest() {
    static const QJsonObject manifest = readManifest(folder() + "manifest.json").value("files").toObject();
    return manifest;
}

QJsonObject badManifest() {
    static const QJsonObject manifest = readManifest(folder() + "bad/manifest.json");
    return manifest;
}

QStringList withExtension(const QJsonObject& manifest, const QString& extension) {
    return manifest.keys().filter(QRegularExpression("\\." + extension + "$"));
}

}  // namespace

std::filesystem::path goodFile(const QString& name) {
    return (folder() + name).toStdString();
}

std::filesystem::path badFile(const QString& name) {
    return (folder() + "bad/" + name).toStdString();
}

QStringList goodFiles(const QString& extension) {
    return withExtension(goodManifest(), extension);
}

QStringList badFiles(const QString& extension) {
    return withExtension(badManifest(), extension);
}

QJsonArray expectedTensors(const QString& file) {
    return goodManifest().value(file).toObject().value("tensors").toArray();
}

QString expectation(const QString& badFile) {
    return badManifest().value(badFile).toObject().value("expect").toString();
}

QByteArray sha256(const Tensor& tensor) {
    const auto size = static_cast<qsizetype>(tensor.byteSize());
    return QCryptographicHash::hash(QByteArray::fromRawData(reinterpret_cast<const char*>(tensor.bytes()), size),
                                    QCryptographicHash::Sha256)
        .toHex();
}

Dims dims(const QJsonArray& shape) {
    Dims result;
    for (const QJsonValue& axis : shape)
        result.push_back(axis.toInteger());
    return result;
}

QString errorOf(const std::function<void()>& action, const std::filesystem::path& start) {
    try {
        action();
    } catch (const Error& error) {
        const QString message = QString::fromUtf8(error.what());
        if (!message.startsWith(QString::fromStdString(start.string()) + ": "))
            return "does not start with the path: " + message;
        if (message.contains('\n'))
            return "has several lines: " + message;
        return message;
    }
    return {};
}

void writeFile(const std::filesystem::path& path, const QByteArray& bytes) {
    QFile file(QString::fromStdString(path.string()));
    file.remove();  // some file systems flush a file that replaces its own content, which takes milliseconds
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        throw std::runtime_error("cannot write " + path.string());
}

}  // namespace bnstudio::interop
