// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run.h"
#include "ui/session/run_findings.h"
#include "ui/session/session.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>

namespace bnstudio {

/// The worker opened recipe `recipeId`; steps from `firstStep` on were forgotten.
struct RecipeOpened {
    std::uint64_t recipeId = 0;
    std::int64_t firstStep = 0;
    DataFacts facts;
    SeriesView series;
    std::int64_t head = 0;
};
struct RecipeFailed {
    std::uint64_t recipeId = 0;
    QString sentence;
};
struct OpenProgress {
    std::uint64_t recipeId = 0;
    double fraction = 0;
};
struct HeadMoved {
    std::uint64_t recipeId = 0;
    std::int64_t head = 0;
    SeriesView series;
};
struct StepShown {
    std::uint64_t recipeId = 0;
    Shown shown;
};
/// The batch of a displayed step as the layer in the other mode treats it.
struct PeekMade {
    std::uint64_t recipeId = 0;
    std::shared_ptr<const Frame> frame;
};
/// Computing went wrong in a way that is not the layer refusing a batch: a file shrank, memory ran out.
struct WorkFailed {
    std::uint64_t recipeId = 0;
    QString sentence;
};

struct FindingsMade {
    std::uint64_t recipeId = 0;
    std::shared_ptr<const RunFindings> findings;
};

struct WorkerMessage
    : std::variant<RecipeOpened, RecipeFailed, OpenProgress, HeadMoved, StepShown, PeekMade, WorkFailed, FindingsMade> {
    using variant::variant;
};

/// What the session wants next; always the newest wish, so a slider that moves faster than the run computes costs
/// nothing. Replacing the recipe stops the work for the old one.
struct Wish {
    std::uint64_t recipeId = 0;
    std::shared_ptr<const Recipe> recipe;
    std::int64_t head = 0;     ///< compute at least so many steps
    std::int64_t show = -1;    ///< display this step
    std::int64_t channel = 0;  ///< channel of the histograms
    bool readAgain = false;    ///< open data files anew
    bool peek = false;         ///< also the frame of the displayed step in the other mode
};

/// Owns the run and the thread that computes it. Results go to a mailbox; `notify` is called (from the worker's thread)
/// when the mailbox turns from empty to not empty.
class Worker {
public:
    explicit Worker(std::function<void()> notify);
    ~Worker();
    void wish(const Wish& wish);
    std::vector<WorkerMessage> takeMessages();

private:
    void loop(std::stop_token quit);
    void serve(Wish wish, const std::stop_token& stop);
    void openRecipe(const Wish& wish, const std::stop_token& stop);
    void show(const Wish& wish, std::int64_t step, const std::stop_token& stop);
    void peek(const Wish& wish, const std::stop_token& stop);
    bool lookAtNextStep(const std::stop_token& stop);
    void sendFindings(const Wish& wish);
    void send(WorkerMessage message);

    std::function<void()> m_notify;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    Wish m_wish;
    bool m_fresh = false;
    std::stop_source m_workStop;

    std::mutex m_mailMutex;
    std::vector<WorkerMessage> m_mail;

    // Owned by the thread.
    std::unique_ptr<Run> m_run;
    std::uint64_t m_openId = 0, m_failedId = 0;
    std::int64_t m_shownStep = -2, m_shownChannel = -1;
    std::uint64_t m_shownId = 0;
    std::uint64_t m_pictureId = 0;  ///< recipe of which the wished step was shown
    std::shared_ptr<const Frame> m_frame;
    FindingsTracker m_tracker;          ///< after a recipe changed it may lag behind the run
    std::int64_t m_findingsSteps = -1;  ///< after how many steps findings were last sent; −1: not of this recipe

    std::jthread m_thread;  ///< last: stops and joins before the members it uses go away
};

/// Values in equal bins from the smallest to the largest finite one.
Histogram histogramOf(const std::vector<double>& values);
/// Histograms of x, x̂ and y of one channel of a frame.
std::shared_ptr<const Distributions> computeDistributions(const Frame& frame, std::int64_t channel);

}  // namespace bnstudio
