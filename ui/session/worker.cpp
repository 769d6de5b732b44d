// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/worker.h"

#include "core/error.h"
#include "core/parallel/parallel.h"

#include <QCoreApplication>

#include <chrono>
#include <new>

namespace bnstudio {

namespace {

using Clock = std::chrono::steady_clock;

// The view of the series is copied block by block; often enough for a moving picture, rarely enough to cost nothing.
// While the wished step of a new recipe is far away, the newest computed one is shown so often.
constexpr auto interimInterval = std::chrono::milliseconds(250);
constexpr auto headReportInterval = std::chrono::milliseconds(30);
// What holds after a part of the steps may be gone with the next one, so findings wait for the end of the work; in a long
// one they are looked at so often.
constexpr auto findingsInterval = std::chrono::milliseconds(500);

QString sentenceOf(const std::exception& error) {
    if (dynamic_cast<const std::bad_alloc*>(&error))
        return QCoreApplication::translate("Worker",
                                           "There is not enough memory for this batch; a smaller batch size helps.");
    return QString::fromUtf8(error.what());
}

bool isCancellation(const std::exception& error) {
    const auto* own = dynamic_cast<const Error*>(&error);
    return own && own->code() == ErrorCode::Cancelled;
}

DataFacts factsOf(const Run& run) {
    const BatchStream& stream = run.stream();
    DataFacts facts;
    for (const std::string& note : stream.notes())
        facts.notes << QString::fromStdString(note);
    for (const std::string& name : stream.channelNames())
        facts.channelNames << QString::fromStdString(name);
    facts.batchShape = stream.shapeAt(0);
    facts.channels = run.series().channels();
    facts.stepsPerEpoch = stream.stepsPerEpoch();
    facts.laneCount = static_cast<int>(run.recipe().lanes.size());
    return facts;
}

}  // namespace

Worker::Worker(std::function<void()> notify)
    : m_notify(std::move(notify)), m_thread([this](std::stop_token quit) { loop(quit); }) {}

Worker::~Worker() {
    m_thread.request_stop();
    const std::lock_guard lock(m_mutex);
    m_workStop.request_stop();
}

void Worker::wish(const Wish& wish) {
    const std::lock_guard lock(m_mutex);
    // Work for an older recipe is worth nothing; work for an older playhead is finished, it takes one step at most.
    if (wish.recipeId != m_wish.recipeId)
        m_workStop.request_stop();
    m_wish = wish;
    m_fresh = true;
    m_wake.notify_one();
}

std::vector<WorkerMessage> Worker::takeMessages() {
    std::vector<WorkerMessage> messages;
    {
        const std::lock_guard lock(m_mailMutex);
        messages.swap(m_mail);
    }
    m_wake.notify_one();
    return messages;
}

// The mailbox stays small by merging: a newer message of a kind replaces the waiting one. Openings are kept, each of
// them answers a request of its own.
void Worker::send(WorkerMessage message) {
    bool wasEmpty = false;
    {
        const std::lock_guard lock(m_mailMutex);
        wasEmpty = m_mail.empty();
        if (!std::holds_alternative<RecipeOpened>(message))
            std::erase_if(m_mail, [&](const WorkerMessage& old) { return old.index() == message.index(); });
        m_mail.push_back(std::move(message));
    }
    if (wasEmpty)
        m_notify();
}

void Worker::loop(std::stop_token quit) {
    Arena arena;
    while (!quit.stop_requested()) {
        Wish wish;
        std::stop_token stop;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, quit, [this] { return m_fresh; });
            if (quit.stop_requested())
                return;
            wish = m_wish;
            m_fresh = false;
            m_workStop = std::stop_source();
            stop = m_workStop.get_token();
        }
        if (!wish.recipe)
            continue;
        try {
            arena.run([&] { serve(wish, stop); });
        } catch (const std::exception& error) {
            if (isCancellation(error))
                continue;
            m_failedId = wish.recipeId;
            send(WorkFailed{wish.recipeId, sentenceOf(error)});
        }
    }
}

void Worker::serve(Wish wish, const std::stop_token& stop) {
    if (wish.recipeId != m_openId)
        openRecipe(wish, stop);
    if (wish.recipeId != m_openId)
        return;
    // The displayed step comes first: it is what the user waits for. Then the rest, step by step, looking up whenever
    // there is a newer wish.
    auto lastReport = Clock::now() - headReportInterval;
    auto lastPicture = Clock::now(), lastFindings = lastPicture;
    while (!stop.stop_requested()) {
        const bool showable = wish.show < m_run->head();
        const bool shownAlready =
            m_shownId == wish.recipeId && m_shownStep == wish.show && m_shownChannel == wish.channel;
        if (showable && !shownAlready) {
            show(wish, wish.show, stop);
            m_pictureId = wish.recipeId;
        } else if (showable && wish.peek) {
            peek(wish, stop);
            wish.peek = false;
        } else if (m_run->head() < wish.head) {
            m_run->advance(stop);
            if (m_tracker.nextStep() + 1 == m_run->head())
                lookAtNextStep(stop);
            const auto now = Clock::now();
            if (now - lastReport >= headReportInterval || m_run->head() >= wish.head
                || m_run->head() == wish.show + 1) {
                send(HeadMoved{wish.recipeId, m_run->head(), m_run->series()});
                lastReport = now;
            }
            if (m_pictureId != wish.recipeId && m_run->head() <= wish.show && now - lastPicture >= interimInterval) {
                show(wish, m_run->head() - 1, stop);
                lastPicture = now;
            }
            if (now - lastFindings >= findingsInterval) {
                sendFindings(wish);
                lastFindings = now;
            }
        } else if (!lookAtNextStep(stop)) {
            sendFindings(wish);
            return;
        }
        const std::lock_guard lock(m_mutex);
        if (m_fresh && m_wish.recipeId == wish.recipeId) {
            wish = m_wish;
            m_fresh = false;
        }
    }
}

void Worker::openRecipe(const Wish& wish, const std::stop_token& stop) {
    const auto progress = [&](double fraction) { send(OpenProgress{wish.recipeId, fraction}); };
    try {
        std::int64_t firstStep = 0;
        if (m_run)
            firstStep = m_run->setRecipe(*wish.recipe, progress, stop, wish.readAgain);
        else
            m_run = std::make_unique<Run>(*wish.recipe, RunLimits{}, progress, stop);
        m_tracker.truncate(firstStep);
        m_findingsSteps = -1;
        m_openId = wish.recipeId;
        m_shownStep = -2;  // even a step before the first difference is shown anew: every picture names its recipe
        m_frame.reset();
        send(RecipeOpened{wish.recipeId, firstStep, factsOf(*m_run), m_run->series(), m_run->head()});
    } catch (const std::exception& error) {
        if (isCancellation(error))
            throw;
        if (m_failedId != wish.recipeId)
            send(RecipeFailed{wish.recipeId, sentenceOf(error)});
        m_failedId = wish.recipeId;
    }
}

// Cheap while it goes along with the run: the snapshot has just been made. After an edit of the past the tracker takes up
// again some steps earlier, and its snapshots may have to be replayed.
bool Worker::lookAtNextStep(const std::stop_token& stop) {
    const std::int64_t step = m_tracker.nextStep();
    if (step >= m_run->head())
        return false;
    // No stop token for the frame: a step that was taken up by half could not be taken up again.
    m_tracker.add(*m_run->snapshot(step, stop), [&](int lane) { return m_run->frame(step, lane); });
    return true;
}

void Worker::sendFindings(const Wish& wish) {
    if (m_tracker.nextStep() != m_run->head() || m_findingsSteps == m_run->head())
        return;
    m_findingsSteps = m_run->head();
    auto made = std::make_shared<RunFindings>();
    made->steps = m_findingsSteps;
    made->list = m_tracker.findings();
    send(FindingsMade{wish.recipeId, std::move(made)});
}

void Worker::peek(const Wish& wish, const std::stop_token& stop) {
    if (wish.show < 0)
        return;
    const bool trains = m_run->snapshot(wish.show, stop)->lanes.front()->before->trainMode;
    send(PeekMade{wish.recipeId, m_run->peek(wish.show, 0, !trains, stop)});
}

void Worker::show(const Wish& wish, std::int64_t step, const std::stop_token& stop) {
    Shown shown;
    shown.step = step;
    const bool sameFrame = m_frame && m_shownId == wish.recipeId && m_shownStep == step;
    if (step < 0) {
        shown.state = m_run->initialState().front();
        m_frame.reset();
    } else {
        shown.snapshot = m_run->snapshot(step, stop);
        shown.lane = shown.snapshot->lanes.front();
        shown.state = shown.lane->after;
        if (!sameFrame)
            m_frame = m_run->frame(step, 0, stop);
        shown.frame = m_frame;
        shown.distributions = computeDistributions(*m_frame, wish.channel);
    }
    m_shownId = wish.recipeId;
    m_shownStep = step;
    m_shownChannel = wish.channel;
    send(StepShown{wish.recipeId, std::move(shown)});
}

}  // namespace bnstudio
