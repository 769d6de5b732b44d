// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run.h"

#include "core/error.h"
#include "core/run/events.h"
#include "core/run/history.h"
#include "core/run/recipe_compare.h"
#include "core/run/step.h"

#include <algorithm>
#include <chrono>

namespace bnstudio {

namespace {

using Clock = std::chrono::steady_clock;

/// All lanes see one stream; when their dtypes differ it has the wider one, and the lanes round it.
DType streamDType(const Recipe& recipe) {
    const bool anyDouble = std::any_of(recipe.lanes.begin(), recipe.lanes.end(),
                                       [](const LaneSpec& lane) { return lane.layer.dtype == DType::Float64; });
    return anyDouble ? DType::Float64 : DType::Float32;
}

/// C of the first batch as a lane's feed sees it.
std::int64_t channelsSeenBy(const Recipe& recipe, std::size_t lane, const BatchStream& stream) {
    const Feed& feed = recipe.lanes[lane].feed;
    if (feed.kind == Feed::Kind::LaneOutput)
        return channelsSeenBy(recipe, static_cast<std::size_t>(feed.lane), stream);
    const Dims shape = stream.shapeAt(0);
    if (feed.kind == Feed::Kind::AxisRoles && shape.size() == 3)
        return shape[feed.axes.find('C')];
    return shape[1];
}

bool showsPopulation(const Feed& feed) {
    return feed.kind == Feed::Kind::Whole || feed.kind == Feed::Kind::Rows || feed.kind == Feed::Kind::Groups;
}

void prepare(Recipe& recipe) {
    std::stable_sort(recipe.events.begin(), recipe.events.end(),
                     [](const Event& a, const Event& b) { return a.step < b.step; });
    validate(recipe);
}

using Recordings = std::vector<std::shared_ptr<const Trace>>;

bool sameFile(const std::optional<FileSpec>& a, const std::optional<FileSpec>& b) {
    return a.has_value() == b.has_value() && (!a || (a->path == b->path && a->tensor == b->tensor));
}

/// Lanes that replay the same recording share it.
Recordings openRecordings(const Recipe& recipe, const Progress& progress, const std::stop_token& stop) {
    Recordings recordings;
    for (const LaneSpec& lane : recipe.lanes) {
        std::shared_ptr<const Trace> opened;
        for (std::size_t i = 0; i < recordings.size() && lane.recording && !opened; ++i) {
            if (sameFile(recipe.lanes[i].recording, lane.recording))
                opened = recordings[i];
        }
        if (lane.recording && !opened)
            opened = Trace::open(lane.recording->path, lane.recording->tensor, progress, stop);
        recordings.push_back(std::move(opened));
    }
    return recordings;
}

bool sameRecordings(const Recipe& a, const Recipe& b) {
    return std::equal(a.lanes.begin(), a.lanes.end(), b.lanes.begin(), b.lanes.end(),
                      [](const LaneSpec& x, const LaneSpec& y) { return sameFile(x.recording, y.recording); });
}

bool needsOtherStream(const Recipe& a, const Recipe& b) {
    return streamDType(a) != streamDType(b) || !sameData(a.data, b.data);
}

State stateAfter(const Snapshot& snapshot) {
    State state;
    for (const auto& lane : snapshot.lanes)
        state.push_back(lane->after);
    return state;
}

/// What a frame keeps of the tensors a workspace holds.
std::shared_ptr<const Frame> frameOf(std::shared_ptr<const LaneSnapshot> snapshot, std::int64_t step, int lane,
                                     const Workspace::Lane& tensors) {
    auto frame = std::make_shared<Frame>();
    frame->step = step;
    frame->lane = lane;
    if (tensors.x && !snapshot->inputShape.empty())
        frame->x = *tensors.x;
    if (snapshot->backward && tensors.gradOutput)
        frame->gradOutput = *tensors.gradOutput;
    if (!snapshot->refused() && !snapshot->skipped)
        frame->transforms = channelTransforms(snapshot->forward, snapshot->before->layer.state(),
                                              snapshot->backward ? &*snapshot->backward : nullptr);
    frame->snapshot = std::move(snapshot);
    return frame;
}

}  // namespace

struct Run::Impl {
    Impl(Recipe newRecipe, RunLimits runLimits, std::shared_ptr<const BatchStream> newStream, Recordings newRecordings,
         std::uint64_t generation)
        : recipe(std::move(newRecipe)),
          limits(runLimits),
          stream(std::move(newStream)),
          recordings(std::move(newRecordings)),
          history(initialStates(), limits.historyBytes),
          current(history.initialState()) {
        for (std::size_t lane = 0; lane < recipe.lanes.size(); ++lane) {
            const LayerOptions& layer = current[lane]->layer.options();
            series.push_back(std::make_unique<Series>(
                std::max(layer.numFeatures, channelsSeenBy(recipe, lane, *stream)), layer.dtype, limits.seriesBytes,
                showsPopulation(recipe.lanes[lane].feed), generation));
        }
    }

    State initialStates() const {
        State state;
        for (std::size_t lane = 0; lane < recipe.lanes.size(); ++lane)
            state.push_back(std::make_shared<const LaneState>(
                initialLaneState(recipe.lanes[lane], channelsSeenBy(recipe, lane, *stream))));
        return state;
    }
    StepRequest request(std::int64_t step, const std::stop_token& stop) const {
        return {.recipe = recipe,
                .stream = *stream,
                .recordings = recordings,
                .step = step,
                .batchBytes = limits.batchBytes,
                .onlyLane = {},
                .forcedMode = {},
                .visit = {},
                .stop = stop};
    }
    void requireComputed(std::int64_t step) const;
    void requireLane(int lane) const;
    std::shared_ptr<const Snapshot> advance(const LaneVisitor& visit, const std::stop_token& stop);
    void appendToSeries(const Snapshot& snapshot);
    std::shared_ptr<const Snapshot> snapshot(std::int64_t step, const std::stop_token& stop);
    State stateBefore(std::int64_t step, const std::stop_token& stop);
    void truncate(std::int64_t step, State state);

    Recipe recipe;
    RunLimits limits;
    std::shared_ptr<const BatchStream> stream;
    Recordings recordings;  ///< one a lane
    History history;
    State current;  ///< the state before step head()
    std::vector<std::unique_ptr<Series>> series;
    Workspace workspace;
    std::int64_t stepInWorkspace = -1;  ///< whose tensors the workspace holds, for every lane
};

void Run::Impl::requireComputed(std::int64_t step) const {
    if (step < 0 || step >= history.head())
        throw Error(ErrorCode::Usage, "step " + std::to_string(step) + " is not computed, expected 0 to "
                                          + std::to_string(history.head() - 1));
}

void Run::Impl::requireLane(int lane) const {
    if (lane < 0 || static_cast<std::size_t>(lane) >= recipe.lanes.size())
        throw Error(ErrorCode::Usage, "there is no lane " + std::to_string(lane) + ", the recipe has "
                                          + std::to_string(recipe.lanes.size()));
}

std::shared_ptr<const Snapshot> Run::Impl::advance(const LaneVisitor& visit, const std::stop_token& stop) {
    const Clock::time_point start = Clock::now();
    StepRequest next = request(history.head(), stop);
    next.visit = visit;
    stepInWorkspace = -1;
    const auto snapshot = computeStep(next, current, workspace);
    appendToSeries(*snapshot);
    history.append(current, snapshot, Clock::now() - start);
    current = stateAfter(*snapshot);
    stepInWorkspace = snapshot->step;
    return snapshot;
}

/// Every lane or none.
void Run::Impl::appendToSeries(const Snapshot& snapshot) {
    if (!limits.keepsSeries)
        return;
    try {
        for (std::size_t lane = 0; lane < series.size(); ++lane)
            series[lane]->append(snapshot, static_cast<int>(lane));
    } catch (...) {
        for (const auto& lane : series)
            lane->truncate(snapshot.step);
        throw;
    }
}

std::shared_ptr<const Snapshot> Run::Impl::snapshot(std::int64_t step, const std::stop_token& stop) {
    requireComputed(step);
    if (auto kept = history.find(step))
        return kept;
    History::Start start = history.nearestStart(step);
    std::shared_ptr<const Snapshot> replayed;
    for (std::int64_t k = start.step; k <= step; ++k) {
        stepInWorkspace = -1;
        replayed = computeStep(request(k, stop), start.state, workspace);
        start.state = stateAfter(*replayed);
        history.restore(replayed);
        stepInWorkspace = k;
    }
    return replayed;
}

State Run::Impl::stateBefore(std::int64_t step, const std::stop_token& stop) {
    if (step == history.head())
        return current;
    return step == 0 ? history.initialState() : stateAfter(*snapshot(step - 1, stop));
}

void Run::Impl::truncate(std::int64_t step, State state) {
    history.truncate(step);
    for (const auto& lane : series)
        lane->truncate(step);
    current = std::move(state);
    stepInWorkspace = -1;
}

Run::Run(Recipe recipe, RunLimits limits, const Progress& progress, std::stop_token stop) {
    prepare(recipe);
    auto stream = BatchStream::open(recipe.data, streamDType(recipe), limits.batchBytes, progress, stop);
    Recordings recordings = openRecordings(recipe, progress, stop);
    m_impl = std::make_unique<Impl>(std::move(recipe), limits, std::move(stream), std::move(recordings), 0);
}

Run::~Run() = default;

const Recipe& Run::recipe() const {
    return m_impl->recipe;
}
const BatchStream& Run::stream() const {
    return *m_impl->stream;
}

std::shared_ptr<const Trace> Run::recording(int lane) const {
    m_impl->requireLane(lane);
    return m_impl->recordings[static_cast<std::size_t>(lane)];
}

std::optional<std::int64_t> Run::recordedSteps() const {
    std::optional<std::int64_t> steps;
    for (const auto& recording : m_impl->recordings) {
        if (recording)
            steps = std::min(steps.value_or(recording->length()), recording->length());
    }
    return steps;
}

std::int64_t Run::setRecipe(Recipe recipe, const Progress& progress, std::stop_token stop, bool readAgain) {
    prepare(recipe);
    const std::optional<std::int64_t> difference = firstDifference(m_impl->recipe, recipe);
    const auto nextGeneration = [this] { return series(0).generation() + 1; };
    if (readAgain || (difference == 0 && needsOtherStream(m_impl->recipe, recipe))) {
        auto stream = BatchStream::open(recipe.data, streamDType(recipe), m_impl->limits.batchBytes, progress, stop);
        Recordings recordings = openRecordings(recipe, progress, stop);
        m_impl = std::make_unique<Impl>(std::move(recipe), m_impl->limits, std::move(stream), std::move(recordings),
                                        nextGeneration());
        return 0;
    }
    if (difference == 0) {
        Recordings recordings =
            sameRecordings(m_impl->recipe, recipe) ? m_impl->recordings : openRecordings(recipe, progress, stop);
        m_impl = std::make_unique<Impl>(std::move(recipe), m_impl->limits, m_impl->stream, std::move(recordings),
                                        nextGeneration());
        return 0;
    }
    if (difference && *difference < head())
        m_impl->truncate(*difference, m_impl->stateBefore(*difference, stop));
    m_impl->recipe = std::move(recipe);
    return head();
}

std::int64_t Run::head() const {
    return m_impl->history.head();
}

std::shared_ptr<const Snapshot> Run::advance(std::stop_token stop) {
    return m_impl->advance({}, stop);
}

std::shared_ptr<const Snapshot> Run::advanceVisiting(const std::function<void(int lane, const StepTensors&)>& visit,
                                                     std::stop_token stop) {
    return m_impl->advance(visit, stop);
}

std::shared_ptr<const Snapshot> Run::snapshot(std::int64_t k, std::stop_token stop) {
    return m_impl->snapshot(k, stop);
}

bool Run::isKept(std::int64_t k) const {
    return m_impl->history.isKept(k);
}

std::shared_ptr<const Frame> Run::frame(std::int64_t k, int lane, std::stop_token stop) {
    m_impl->requireLane(lane);
    const auto snapshot = m_impl->snapshot(k, stop);
    const auto& record = snapshot->lanes[static_cast<std::size_t>(lane)];
    if (m_impl->stepInWorkspace != k) {
        // The state of the lane and of those that feed it, with the events of the step already applied.
        State state;
        for (const auto& each : snapshot->lanes)
            state.push_back(each->before);
        StepRequest request = m_impl->request(k, stop);
        request.applyEvents = false;
        request.onlyLane = lane;
        m_impl->stepInWorkspace = -1;
        computeStep(request, state, m_impl->workspace);
    }
    return frameOf(record, k, lane, m_impl->workspace.lanes[static_cast<std::size_t>(lane)]);
}

std::shared_ptr<const Frame> Run::peek(std::int64_t k, int lane, bool trainMode, std::stop_token stop) {
    // The step to come may be peeked at too.
    m_impl->requireLane(lane);
    const State state = m_impl->stateBefore(k, stop);
    StepRequest request = m_impl->request(k, stop);
    request.onlyLane = lane;
    request.forcedMode = trainMode;
    m_impl->stepInWorkspace = -1;
    const auto snapshot = computeStep(request, state, m_impl->workspace);
    const auto index = static_cast<std::size_t>(lane);
    return frameOf(snapshot->lanes[index], k, lane, m_impl->workspace.lanes[index]);
}

const State& Run::initialState() const {
    return m_impl->history.initialState();
}

SeriesView Run::series(int lane) const {
    return m_impl->series.at(static_cast<std::size_t>(lane))->view();
}

std::size_t Run::historyBytes() const {
    return m_impl->history.byteSize();
}

}  // namespace bnstudio
