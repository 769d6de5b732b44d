// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/recorded_training.h"

#include "ui/session/background_task.h"
#include "ui/session/session.h"

#include <algorithm>
#include <string_view>

namespace bnstudio {

namespace {

/// The lane that is displayed decides.
const FileSpec* recordingOf(const Recipe& recipe) {
    const auto& recording = recipe.lanes.front().recording;
    return recording ? &*recording : nullptr;
}

}  // namespace

RecordedTraining::RecordedTraining(Session& session) : QObject(&session), m_session(session) {
    connect(&session, &Session::recipeOpened, this, [this] { follow(true); });
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & Change::Recipe)
            follow(false);
    });
    follow(true);
}

RecordedTraining::~RecordedTraining() = default;

/// A file that was opened again may have changed; other edits leave the comparison of a file as it is.
void RecordedTraining::follow(bool readAgain) {
    const FileSpec* recording = recordingOf(m_session.recipe());
    if (!recording) {
        if (m_isReplayed || (readAgain && m_state != State::None))
            forget();
        return;
    }
    const QString path = QString::fromStdString(recording->path);
    if (readAgain || !m_isReplayed || path != m_path || recording->tensor != m_prefix)
        start(path, recording->tensor, true);
}

void RecordedTraining::checkOnly(const QString& path) {
    start(path, {}, false);
}

void RecordedTraining::restart() {
    if (!m_path.isEmpty())
        start(QString(m_path), std::string(m_prefix), m_isReplayed);
}

void RecordedTraining::start(const QString& path, const std::string& prefix, bool isReplayed) {
    forget();
    m_path = path;
    m_prefix = prefix;
    m_isReplayed = isReplayed;
    struct Read {
        std::shared_ptr<const Trace> trace;
        std::shared_ptr<const RecordedSeries> series;
    };
    const auto read = std::make_shared<Read>();
    m_task = new BackgroundTask(
        [read, file = path.toStdString(), prefix](const BackgroundTask::Report& report, const std::stop_token& stop) {
            read->trace = Trace::open(
                file, prefix, [&](double fraction) { report(fraction / 2); }, stop);
            read->series = RecordedSeries::read(
                *read->trace, [&](double fraction) { report((1 + fraction) / 2); }, stop);
        },
        this);
    connect(m_task, &BackgroundTask::progressed, this, [this](double fraction) {
        m_progress = fraction;
        emit changed();
    });
    connect(m_task, &BackgroundTask::finished, this, [this, read](const QString& error) {
        m_task = nullptr;
        if (!error.isEmpty())
            return fail(error);
        m_trace = read->trace;
        m_series = read->series;
        compare();
    });
    become(State::Reading);
}

void RecordedTraining::compare() {
    const auto made = std::make_shared<TraceDiagnosis>();
    m_task = new BackgroundTask(
        [made, trace = m_trace](const BackgroundTask::Report& report, const std::stop_token& stop) {
            *made = diagnose(*trace, report, stop);
        },
        this);
    connect(m_task, &BackgroundTask::progressed, this, [this](double fraction) {
        m_progress = fraction;
        emit changed();
    });
    connect(m_task, &BackgroundTask::finished, this, [this, made](const QString& error) {
        m_task = nullptr;
        if (!error.isEmpty())
            return fail(error);
        m_diagnosis = made;
        become(State::Done);
    });
    become(State::Comparing);
}

void RecordedTraining::cancel() {
    if (!m_task)
        return;
    m_task->cancel();
    m_task = nullptr;
    become(State::Cancelled);
}

void RecordedTraining::forget() {
    if (m_task)
        m_task->cancel();
    m_task = nullptr;
    m_path.clear();
    m_prefix.clear();
    m_error.clear();
    m_isReplayed = false;
    m_trace.reset();
    m_series.reset();
    m_diagnosis.reset();
    become(State::None);
}

void RecordedTraining::fail(const QString& sentence) {
    m_error = sentence;
    become(State::Failed);
}

void RecordedTraining::become(State state) {
    m_state = state;
    m_progress = 0;
    emit changed();
}

bool holdsRecording(const TensorFile& file) {
    // Keys end with the number of the step; the first ones suffice, since recordings begin anywhere.
    bool batches = false, statistics = false, mean = false, var = false, values = false;
    for (const auto& tensor : file.tensors) {
        const std::string_view name = tensor->name();
        const std::size_t dot = name.rfind('.');
        const auto digits = dot == std::string_view::npos ? std::string_view{} : name.substr(dot + 1);
        const bool isNumbered = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
        const std::string_view key = name.substr(0, dot);
        batches = batches || (isNumbered && key == "x");
        statistics =
            statistics || (isNumbered && (key == "running_mean" || key == "running_var")) || name.starts_with("init.");
        mean = mean || (isNumbered && key == "mean");
        var = var || (isNumbered && key == "var");
        values = values || (isNumbered && key == "n");
    }
    return (batches && statistics) || (mean && var && values);
}

}  // namespace bnstudio
