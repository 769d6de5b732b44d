// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_health.h"

#include <QObject>
#include <QString>

#include <deque>
#include <memory>
#include <vector>

namespace bnstudio {

class BackgroundTask;

/// Looks at tensors one after another off the GUI thread, those asked for last first: they are the ones on display.
/// Of large tensors it looks at a sample.
class HealthQueue : public QObject {
    Q_OBJECT
public:
    using Tensors = std::vector<std::shared_ptr<const LazyTensor>>;
    explicit HealthQueue(QObject* parent = nullptr);
    ~HealthQueue() override;
    void request(quintptr key, Tensors tensors);
    bool isIdle() const { return !m_task && m_waiting.empty(); }

signals:
    /// @p error is empty, or says why the values could not be read.
    void ready(quintptr key, const bnstudio::TensorHealth& health, const QString& error);

private:
    void startNext();

    struct Request {
        quintptr key;
        Tensors tensors;
    };
    std::deque<Request> m_waiting;
    BackgroundTask* m_task = nullptr;
};

/// "2 NaN · -2.1 to 3.4 · sample".
QString healthText(const TensorHealth& health);
/// Whether there are values that a layer would carry on: NaN or infinities.
inline bool isSick(const TensorHealth& health) {
    return health.nan + health.posInf + health.negInf > 0;
}

}  // namespace bnstudio
