// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/state_saving.h"

#include "core/error.h"
#include "core/io/state_writer.h"

#include <QCoreApplication>
#include <QFileInfo>

namespace bnstudio {

namespace {

Tensor vectorTensor(const ChannelVector& values, DType dtype) {
    Tensor tensor(dtype, {static_cast<std::int64_t>(values.size())});
    for (std::size_t c = 0; c < values.size(); ++c)
        tensor.set(static_cast<std::int64_t>(c), values[c]);
    return tensor;
}

bool isStateFile(const QString& path) {
    return path.endsWith(QStringLiteral(".safetensors"), Qt::CaseInsensitive)
           || path.endsWith(QStringLiteral(".npz"), Qt::CaseInsensitive);
}

}  // namespace

void saveStateDict(const StateDict& dict, const std::string& prefix, const QString& path) {
    if (!isStateFile(path))
        throw Error(ErrorCode::Usage, path.toStdString() + ": expected a name that ends with .safetensors or .npz");
    StateWriter writer(path.toStdString());
    writer.add(prefix, dict);
    writer.commit();
}

StateDict buffersOf(const ChannelVector& mean, const ChannelVector& var, std::int64_t batches, DType dtype) {
    StateDict dict;
    dict.entries.emplace_back("running_mean", vectorTensor(mean, dtype));
    dict.entries.emplace_back("running_var", vectorTensor(var, dtype));
    Tensor counter(DType::Int64, {});
    counter.values<std::int64_t>()[0] = batches;
    dict.entries.emplace_back("num_batches_tracked", std::move(counter));
    return dict;
}

QString loadingLine(const QString& path) {
    return QString::fromStdString(pythonToLoad(QFileInfo(path).fileName().toStdString()));
}

QString stateFileFilter() {
    return QCoreApplication::translate("StateSaving", "State dicts (*.safetensors *.npz)");
}

}  // namespace bnstudio
