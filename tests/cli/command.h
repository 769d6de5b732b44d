// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/npz_writer.h"
#include "core/io/tensor_file.h"

#include <QFile>
#include <QProcess>
#include <QStringList>

#include <utility>
#include <vector>

namespace bnstudio::testing {

/// What a finished command left: exit status (−1 for a crash) and its two outputs.
struct Finished {
    int status = -1;
    QString out, err;
    QStringList errorLines() const { return err.split(u'\n', Qt::SkipEmptyParts); }
};

/// Runs the program without a display and with an unusual number format in the locale.
inline Finished runCommand(const QStringList& arguments, const QString& folder) {
    constexpr int patienceMs = 120000;  // sanitizers and a busy machine; never reached otherwise
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        environment.remove(QLatin1String(name));
    environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("de_DE.UTF-8"));
    process.setProcessEnvironment(environment);
    process.setWorkingDirectory(folder);
    process.start(QStringLiteral(BNSTUDIO_BINARY), arguments);
    if (!process.waitForFinished(patienceMs))
        return {};
    return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
            QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

inline void writeBytes(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(path));
}

inline QByteArray readBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline void writeNpz(const QString& path, const std::vector<std::pair<std::string, Tensor>>& members) {
    NpzWriter writer(path.toStdString());
    for (const auto& [name, tensor] : members)
        writer.add(name, tensor);
    writer.commit();
}

/// The values of one member, or an empty list when it is not there.
inline std::vector<double> npzValues(const QString& path, const std::string& name) {
    const auto member = openTensorFile(path.toStdString()).find(name);
    if (!member)
        return {};
    const Tensor tensor = member->read();
    std::vector<double> values;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.at(i));
    return values;
}

}  // namespace bnstudio::testing
