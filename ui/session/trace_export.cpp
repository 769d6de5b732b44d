// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/trace_export.h"

#include "core/error.h"
#include "core/run/trace_writer.h"
#include "ui/session/session.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QProgressDialog>
#include <QTimer>

#include <atomic>
#include <thread>

namespace bnstudio {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("TraceExport", text);
}

/// Computes and writes on its own thread; the dialog reads the counters.
struct TraceJob {
    Recipe recipe;
    std::int64_t steps = 0;
    std::string path;
    std::atomic<std::int64_t> done = 0;
    std::atomic<bool> finished = false;
    QString error;  ///< written before finished is set
    std::jthread thread;

    void start() {
        thread = std::jthread([this](std::stop_token stop) {
            try {
                write(stop);
            } catch (const Error& failure) {
                if (failure.code() != ErrorCode::Cancelled)
                    error = QString::fromUtf8(failure.what());
            } catch (const std::exception& failure) {
                error = QString::fromUtf8(failure.what());
            }
            finished = true;
        });
    }

    void write(const std::stop_token& stop) {
        RunLimits limits;
        limits.historyBytes = std::size_t{16} << 20;  // every step is looked at once
        Run run(recipe, limits, {}, stop);
        TraceWriter writer(path, run);
        for (std::int64_t k = 0; k < steps; ++k) {
            if (stop.stop_requested())
                return;
            const auto snapshot = run.advanceVisiting(
                [&](int lane, const Run::StepTensors& tensors) { writer.tensors(k, lane, tensors); }, stop);
            writer.step(*snapshot);
            done = k + 1;
        }
        writer.commit();
    }
};

}  // namespace

void saveTrace(QWidget& window, Session& session) {
    if (session.head() == 0)
        return session.showMessage(translated("There is no computed step to save yet."));
    QString path =
        QFileDialog::getSaveFileName(&window, translated("Save the run as a trace"), {}, translated("Traces (*.npz)"));
    if (path.isEmpty())
        return;
    if (!path.endsWith(QStringLiteral(".npz")))
        path += QStringLiteral(".npz");
    TraceJob job;
    job.recipe = session.recipe();
    job.steps = session.head();
    job.path = path.toStdString();
    QProgressDialog dialog(translated("Writing %1 steps…").arg(job.steps), translated("Cancel"), 0,
                           static_cast<int>(job.steps), &window);
    dialog.setWindowModality(Qt::WindowModal);
    dialog.setMinimumDuration(300);
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, &dialog, [&] {
        if (job.finished)
            dialog.accept();
        else
            dialog.setValue(static_cast<int>(job.done));
    });
    job.start();
    poll.start(50);
    dialog.exec();
    job.thread.request_stop();
    job.thread.join();
    if (!job.error.isEmpty())
        session.showMessage(job.error);
}

}  // namespace bnstudio
