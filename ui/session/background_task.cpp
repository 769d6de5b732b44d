// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/background_task.h"

#include <new>

namespace bnstudio {

QString sentenceOf(const std::exception& error) {
    if (dynamic_cast<const std::bad_alloc*>(&error))
        return BackgroundTask::tr("There is not enough memory for this.");
    return QString::fromUtf8(error.what());
}

BackgroundTask::BackgroundTask(Work work, QObject* parent) : QObject(parent) {
    m_thread = std::jthread([this, work = std::move(work)](std::stop_token stop) { run(work, stop); });
}

BackgroundTask::~BackgroundTask() = default;

void BackgroundTask::cancel() {
    m_cancelled = true;
    m_thread.request_stop();
}

void BackgroundTask::run(const Work& work, const std::stop_token& stop) {
    QString error;
    try {
        work([this](double fraction) { report(fraction); }, stop);
    } catch (const std::exception& failure) {
        error = sentenceOf(failure);
    }
    QMetaObject::invokeMethod(
        this,
        [this, error] {
            if (!m_cancelled)
                emit finished(error);
            deleteLater();
        },
        Qt::QueuedConnection);
}

// One report waits at a time, however often the work tells how far it is.
void BackgroundTask::report(double fraction) {
    m_fraction = fraction;
    if (m_reportWaits.exchange(true))
        return;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_reportWaits = false;
            if (!m_cancelled)
                emit progressed(m_fraction);
        },
        Qt::QueuedConnection);
}

}  // namespace bnstudio
