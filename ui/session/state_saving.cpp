// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/state_saving.h"

#include "core/error.h"
#include "core/io/npz_writer.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>

namespace bnstudio {

namespace {

Tensor vectorTensor(const ChannelVector& values, DType dtype) {
    Tensor tensor(dtype, {static_cast<std::int64_t>(values.size())});
    for (std::size_t c = 0; c < values.size(); ++c)
        tensor.set(static_cast<std::int64_t>(c), values[c]);
    return tensor;
}

bool isSafetensors(const QString& path) {
    return path.endsWith(QStringLiteral(".safetensors"), Qt::CaseInsensitive);
}

}  // namespace

void saveStateDict(const StateDict& dict, const std::string& prefix, const QString& path) {
    if (!path.endsWith(QStringLiteral(".npz"), Qt::CaseInsensitive))
        throw Error(ErrorCode::Usage, path.toStdString() + ": expected a name that ends with .npz");
    NpzWriter writer(path.toStdString());
    for (const auto& [key, tensor] : dict.entries)
        writer.add(prefix + key, tensor);
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
    const QString file =
        QFileInfo(path).fileName().replace(u'\\', QStringLiteral("\\\\")).replace(u'"', QStringLiteral("\\\""));
    if (isSafetensors(path))
        return QStringLiteral("model.load_state_dict(safetensors.torch.load_file(\"%1\"), strict=False)").arg(file);
    return QStringLiteral("model.load_state_dict({k: torch.from_numpy(v) for k, v in numpy.load(\"%1\").items()}, "
                          "strict=False)")
        .arg(file);
}

QString stateFileFilter() {
    return QCoreApplication::translate("StateSaving", "State dicts (*.npz)");
}

}  // namespace bnstudio
