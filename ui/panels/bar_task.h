// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/background_task.h"

namespace bnstudio {

class MessageBar;

/// Long work that shows its progress in the message bar and can be cancelled there. One at a time: a newer one takes
/// the place of an older one.
class BarTask : public QObject {
    Q_OBJECT
public:
    explicit BarTask(MessageBar& messages, QObject* parent = nullptr);
    ~BarTask() override;
    /// @p done runs in the GUI thread when nothing went wrong, @p failed with a sentence when something did; neither
    /// after a cancel.
    void start(const QString& text, BackgroundTask::Work work, std::function<void()> done,
               std::function<void(const QString&)> failed);
    void cancel();
    bool isRunning() const { return m_task != nullptr; }

private:
    MessageBar& m_messages;
    BackgroundTask* m_task = nullptr;
};

}  // namespace bnstudio
