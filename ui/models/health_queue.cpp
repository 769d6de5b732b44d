// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/health_queue.h"

#include "core/error.h"
#include "ui/format.h"
#include "ui/session/background_task.h"

#include <QCoreApplication>
#include <QStringList>

namespace bnstudio {

namespace {

constexpr std::int64_t sampleBytes = std::int64_t{32} << 20;  // some tens of milliseconds

TensorHealth healthOfAll(const HealthQueue::Tensors& tensors, const std::stop_token& stop) {
    TensorHealth health;
    std::int64_t left = sampleBytes;
    for (const auto& tensor : tensors) {
        if (left <= 0) {
            health.isSample = true;
            break;
        }
        health.add(sampledHealth(*tensor, left, stop));
        left -= byteSizeOf(*tensor);
    }
    return health;
}

}  // namespace

HealthQueue::HealthQueue(QObject* parent) : QObject(parent) {}

HealthQueue::~HealthQueue() {
    if (m_task)
        m_task->cancel();
}

void HealthQueue::request(quintptr key, Tensors tensors) {
    m_waiting.push_front({key, std::move(tensors)});
    if (!m_task)
        startNext();
}

void HealthQueue::startNext() {
    if (m_waiting.empty())
        return;
    const Request request = std::move(m_waiting.front());
    m_waiting.pop_front();
    auto result = std::make_shared<TensorHealth>();
    m_task = new BackgroundTask(
        [tensors = request.tensors, result](const BackgroundTask::Report&, const std::stop_token& stop) {
            *result = healthOfAll(tensors, stop);
        },
        QCoreApplication::instance());
    connect(m_task, &BackgroundTask::finished, this, [this, key = request.key, result](const QString& error) {
        m_task = nullptr;
        emit ready(key, *result, error);
        startNext();
    });
}

QString healthText(const TensorHealth& health) {
    QStringList parts;
    if (health.nan > 0)
        parts << QCoreApplication::translate("TensorHealth", "%1 NaN").arg(formatCount(health.nan));
    if (health.posInf > 0)
        parts << QCoreApplication::translate("TensorHealth", "%1 inf").arg(formatCount(health.posInf));
    if (health.negInf > 0)
        parts << QCoreApplication::translate("TensorHealth", "%1 -inf").arg(formatCount(health.negInf));
    if (health.least && *health.least == *health.most)
        parts << QCoreApplication::translate("TensorHealth", "all %1").arg(formatNumber(*health.least, 3));
    else if (health.least)
        parts << QCoreApplication::translate("TensorHealth", "%1 to %2")
                     .arg(formatNumber(*health.least, 3), formatNumber(*health.most, 3));
    if (health.isSample)
        parts << QCoreApplication::translate("TensorHealth", "sample");
    return parts.join(QStringLiteral(" · "));
}

}  // namespace bnstudio
