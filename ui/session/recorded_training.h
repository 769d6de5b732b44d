// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/diagnosis.h"
#include "ui/session/recorded_series.h"

#include <QObject>

namespace bnstudio {

class BackgroundTask;
class Session;

/// The recording that the present run replays, or one that holds statistics alone and can only be checked: read and
/// compared with PyTorch's rule on threads of its own. It follows the session's recipe; views read it and listen to
/// Change::Recording.
class RecordedTraining : public QObject {
    Q_OBJECT
public:
    enum class State {
        None,       ///< the run replays no recording
        Reading,    ///< the file
        Comparing,  ///< every step with the rule; series() is there
        Done,
        Cancelled,
        Failed,  ///< see error()
    };
    explicit RecordedTraining(Session& session);
    ~RecordedTraining() override;

    State state() const { return m_state; }
    bool isBusy() const { return m_state == State::Reading || m_state == State::Comparing; }
    double progress() const { return m_progress; }  ///< of the present state, in [0, 1]
    const QString& error() const { return m_error; }
    const QString& path() const { return m_path; }  ///< empty without a recording
    /// Whether the present run replays it, so that its steps can be gone to.
    bool isReplayed() const { return m_isReplayed; }
    /// Null until they were read.
    std::shared_ptr<const Trace> trace() const { return m_trace; }
    std::shared_ptr<const RecordedSeries> series() const { return m_series; }
    /// Null until the comparison is done.
    std::shared_ptr<const TraceDiagnosis> diagnosis() const { return m_diagnosis; }

    /// Checks a recording that cannot be replayed, until another recipe is opened.
    void checkOnly(const QString& path);
    void cancel();
    /// Once more, from the file.
    void restart();

signals:
    void changed();

private:
    void follow(bool readAgain);
    void start(const QString& path, const std::string& prefix, bool isReplayed);
    void compare();
    void forget();
    void become(State state);
    void fail(const QString& sentence);

    Session& m_session;
    State m_state = State::None;
    double m_progress = 0;
    QString m_path, m_error;
    std::string m_prefix;
    bool m_isReplayed = false;
    std::shared_ptr<const Trace> m_trace;
    std::shared_ptr<const RecordedSeries> m_series;
    std::shared_ptr<const TraceDiagnosis> m_diagnosis;
    BackgroundTask* m_task = nullptr;
};

/// Whether a file of tensors is a recorded training: numbered batches beside running statistics or a start state, or
/// numbered means and variances with the number of their values.
bool holdsRecording(const TensorFile& file);

}  // namespace bnstudio
