// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

#include <filesystem>
#include <functional>

namespace bnstudio::interop {

/// A file of tests/data/interop, or of its folder bad.
std::filesystem::path goodFile(const QString& name);
std::filesystem::path badFile(const QString& name);
/// The files with this extension, from the manifests.
QStringList goodFiles(const QString& extension);
QStringList badFiles(const QString& extension);
/// The manifest's entries: name, dtype, shape and sha256_le_c of each tensor.
QJsonArray expectedTensors(const QString& file);
/// "reject", "ok_or_reject" or "warn".
QString expectation(const QString& badFile);

/// SHA-256 of the values in C order, little-endian, as the manifest has it.
QByteArray sha256(const Tensor& tensor);
/// The manifest's shape as dimensions.
Dims dims(const QJsonArray& shape);

/// What an error of the core says, or an empty text when @p action throws none. Checks that the message starts with
/// @p start and is one line.
QString errorOf(const std::function<void()>& action, const std::filesystem::path& start);

/// Writes bytes to a file.
void writeFile(const std::filesystem::path& path, const QByteArray& bytes);

}  // namespace bnstudio::interop
