// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

#include <atomic>
#include <functional>
#include <stop_token>
#include <thread>

namespace bnstudio {

/// One piece of work on a thread of its own, such as reading a file. What it makes travels in something shared that the
/// work captures and that is looked at only after finished(). Results of a task that was cancelled are never announced.
class BackgroundTask : public QObject {
    Q_OBJECT
public:
    using Report = std::function<void(double fraction)>;
    using Work = std::function<void(const Report& report, const std::stop_token& stop)>;
    /// Starts at once. A cancelled task lives on until its thread has ended, so @p parent should outlive whoever asks;
    /// a parent that goes away waits for the thread.
    BackgroundTask(Work work, QObject* parent);
    ~BackgroundTask() override;
    /// Asks the work to stop and returns; no signal follows. The task deletes itself when its thread has ended.
    void cancel();

signals:
    void progressed(double fraction);
    /// The sentence of what went wrong, or an empty text. The task deletes itself after it.
    void finished(const QString& error);

private:
    void run(const Work& work, const std::stop_token& stop);
    void report(double fraction);

    std::atomic<double> m_fraction = 0;
    std::atomic<bool> m_reportWaits = false;
    bool m_cancelled = false;
    std::jthread m_thread;  ///< last: it uses the members above
};

/// What to tell a user about an exception.
QString sentenceOf(const std::exception& error);

}  // namespace bnstudio
