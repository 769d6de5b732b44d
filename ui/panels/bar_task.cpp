// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/bar_task.h"

#include "ui/panels/message_bar.h"

#include <QCoreApplication>

namespace bnstudio {

BarTask::BarTask(MessageBar& messages, QObject* parent) : QObject(parent), m_messages(messages) {}

BarTask::~BarTask() {
    if (m_task)
        m_task->cancel();
}

void BarTask::start(const QString& text, BackgroundTask::Work work, std::function<void()> done,
                    std::function<void(const QString&)> failed) {
    cancel();
    m_task = new BackgroundTask(std::move(work), QCoreApplication::instance());
    m_messages.showTask(text, [this] { cancel(); });
    connect(m_task, &BackgroundTask::progressed, this, [this](double part) { m_messages.setTaskProgress(part); });
    connect(m_task, &BackgroundTask::finished, this,
            [this, done = std::move(done), failed = std::move(failed)](const QString& error) {
                m_task = nullptr;
                m_messages.endTask();
                error.isEmpty() ? done() : failed(error);
            });
}

void BarTask::cancel() {
    if (!m_task)
        return;
    m_task->disconnect(this);
    std::exchange(m_task, nullptr)->cancel();
    m_messages.endTask();
}

}  // namespace bnstudio
