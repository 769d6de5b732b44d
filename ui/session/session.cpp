// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/session.h"

#include "core/error.h"
#include "ui/session/recipe_command.h"
#include "ui/session/recorded_training.h"
#include "ui/session/worker.h"

#include <algorithm>

namespace bnstudio {

namespace {

constexpr int frameMs = 16;
constexpr std::int64_t firstChannel = 3;  // selected when a session begins; channel 0 is often the dullest

}  // namespace

Session::Session(Recipe recipe, std::int64_t initialSteps, QObject* parent)
    : QObject(parent),
      m_recipe(std::move(recipe)),
      m_playhead(initialSteps - 1),
      m_wantedHead(initialSteps),
      m_sharedRecipe(std::make_shared<const Recipe>(m_recipe)) {
    m_worker = std::make_unique<Worker>([this] {
        QMetaObject::invokeMethod(
            this,
            [this] {
                if (!m_drainTimer.isActive())
                    m_drainTimer.start();
            },
            Qt::QueuedConnection);
    });
    // A throttle, not a debounce: the first message of a burst starts the clock, the rest waits for the same frame.
    m_drainTimer.setSingleShot(true);
    m_drainTimer.setInterval(0);
    connect(&m_drainTimer, &QTimer::timeout, this, &Session::drain);
    m_playTimer.setTimerType(Qt::PreciseTimer);
    m_playTimer.setInterval(frameMs);
    connect(&m_playTimer, &QTimer::timeout, this, &Session::tick);
    m_recorded = new RecordedTraining(*this);
    connect(m_recorded, &RecordedTraining::changed, this, [this] { announce(Change::Recording); });
    post();
}

Session::~Session() {
    // Commands refer to the session and are destroyed with the stack, a member; nothing may be undone on the way.
    m_undoStack.disconnect(this);
    delete m_recorded;  // its threads end while the session is still whole
}

// --- worker --------------------------------------------------------------------------------------------------------

void Session::post() {
    Wish wish;
    wish.recipeId = m_pendingOpen ? m_pendingOpen->id : m_recipeId;
    wish.recipe = m_pendingOpen ? std::make_shared<const Recipe>(m_pendingOpen->recipe) : m_sharedRecipe;
    wish.head = m_pendingOpen ? m_pendingOpen->steps : m_wantedHead;
    wish.show = m_pendingOpen ? m_pendingOpen->steps - 1 : m_playhead;
    wish.channel = m_currentChannel;
    wish.peek = m_peeking && !m_pendingOpen;
    wish.readAgain = m_pendingOpen && !m_pendingOpen->keepsUndo;
    m_worker->wish(wish);
}

void Session::drain() {
    Changes changes = Change::None;
    for (WorkerMessage& message : m_worker->takeMessages())
        handle(message, changes);
    announce(changes);
}

void Session::handle(WorkerMessage& message, Changes& changes) {
    if (auto* opened = std::get_if<RecipeOpened>(&message)) {
        onOpened(*opened, changes);
    } else if (auto* failed = std::get_if<RecipeFailed>(&message)) {
        onFailed(failed->recipeId, failed->sentence, changes);
    } else if (auto* progress = std::get_if<OpenProgress>(&message)) {
        if (m_pendingOpen && progress->recipeId == m_pendingOpen->id)
            m_progress = progress->fraction;
        changes |= Change::Transport;
    } else if (auto* moved = std::get_if<HeadMoved>(&message)) {
        if (moved->recipeId != m_recipeId)
            return;
        m_head = moved->head;
        m_series = std::move(moved->series);
        changes |= Change::Head;
    } else if (auto* shown = std::get_if<StepShown>(&message)) {
        if (shown->recipeId != m_recipeId)
            return;
        if (shown->shown.step != m_shown.step) {
            m_phase = shown->shown.step == m_playhead ? m_phaseOnArrival : lastPhase;
            changes |= Change::Phase;
        }
        m_shown = std::move(shown->shown);
        m_shown.recipeId = shown->recipeId;
        changes |= Change::Shown;
    } else if (auto* made = std::get_if<FindingsMade>(&message)) {
        if (made->recipeId != m_recipeId)
            return;
        m_findings = std::move(made->findings);
        changes |= Change::Findings;
    } else if (auto* peeked = std::get_if<PeekMade>(&message)) {
        m_peeked = std::move(peeked->frame);
        m_peekedId = peeked->recipeId;
        changes |= Change::Peek;
    } else if (auto* broken = std::get_if<WorkFailed>(&message)) {
        if (broken->recipeId != m_recipeId)
            return;
        pause();
        m_wantedHead = m_head;
        m_playhead = std::min(m_playhead, m_head - 1);
        m_message = broken->sentence;
        changes |= Change::Message | Change::Transport;
        post();
    }
}

void Session::onOpened(RecipeOpened& opened, Changes& changes) {
    if (m_pendingOpen && opened.recipeId == m_pendingOpen->id)
        commitPending(changes);
    if (opened.recipeId != m_recipeId)
        return;
    const bool sameChannels = opened.facts.channels == m_facts.channels;
    const std::int64_t wishedChannel = m_currentChannel;
    if (m_facts.channels == 0 && opened.facts.channels > firstChannel) {
        m_currentChannel = firstChannel;
        m_selectedChannels = {firstChannel};
    }
    // A run still being recomputed after one edit is no past to compare with after the next.
    const bool isPartial = m_series.length() < m_ghost.length() && m_head < m_wantedHead;
    if (opened.firstStep < m_series.length() && sameChannels && !isPartial)
        m_ghost = m_series;
    else if (!sameChannels)
        m_ghost = {};
    m_series = std::move(opened.series);
    m_head = opened.head;
    m_facts = std::move(opened.facts);
    if (!sameChannels) {
        m_shown = {};  // numbers of other channels say nothing here
        changes |= Change::Shown;
        m_currentChannel =
            std::clamp<std::int64_t>(m_currentChannel, 0, std::max<std::int64_t>(m_facts.channels - 1, 0));
        std::erase_if(m_selectedChannels, [this](std::int64_t c) { return c >= m_facts.channels; });
        if (m_selectedChannels.empty())
            m_selectedChannels = {m_currentChannel};
        changes |= Change::Selection;
    }
    if (m_currentChannel != wishedChannel)
        post();  // the histograms on their way are those of another channel
    changes |= Change::Head | Change::Data;
}

void Session::commitPending(Changes& changes) {
    const PendingOpen pending = *std::exchange(m_pendingOpen, std::nullopt);
    const Recipe before = std::exchange(m_recipe, pending.recipe);
    m_sharedRecipe = std::make_shared<const Recipe>(m_recipe);
    m_recipeId = pending.id;
    m_wantedHead = pending.steps;
    m_playhead = pending.steps - 1;
    m_phaseOnArrival = lastPhase;
    m_ghost = {};
    m_series = {};
    m_findings = nullptr;
    m_message.clear();
    if (pending.keepsUndo) {
        m_undoStack.push(new RecipeCommand(*this, pending.undoText, before, m_recipe, -1, true));
    } else {
        pause();
        m_undoStack.clear();
        m_shown = {};
        changes |= Change::Shown;
    }
    changes |= Change::Recipe | Change::Transport | Change::Message | Change::Findings;
    if (!pending.keepsUndo)
        emit recipeOpened(pending.fileName);
}

void Session::onFailed(std::uint64_t recipeId, const QString& sentence, Changes& changes) {
    if (m_pendingOpen && recipeId == m_pendingOpen->id) {
        m_pendingOpen.reset();
        m_recipeId = m_nextId++;  // the worker keeps the old run; a new id makes it take up the wishes again
        emit recipeRefused(sentence);
    } else if (recipeId == m_recipeId) {
        // An edit that looked right and could not be opened: take it back as if it had not been made.
        if (m_undoStack.canUndo())
            m_undoStack.undo();
        if (auto* undone = const_cast<QUndoCommand*>(m_undoStack.command(m_undoStack.index())))
            undone->setObsolete(true);
    } else {
        return;
    }
    m_message = sentence;
    changes |= Change::Message | Change::Recipe | Change::Transport;
    post();
}

void Session::announce(Changes changes) {
    if (changes)
        emit changed(changes);
}

// --- editing -------------------------------------------------------------------------------------------------------

void Session::setEditScope(EditScope scope) {
    if (std::exchange(m_editScope, scope) != scope)
        announce(Change::Transport | Change::Recipe);
}

std::int64_t Session::editStep() const {
    return std::max<std::int64_t>(m_shown.step, 0);
}

EffectiveSettings Session::settings() const {
    return settingsAt(m_recipe, 0, editStep());
}

void Session::edit(const QString& text, Recipe next, int mergeId) {
    if (next == m_recipe) {
        announce(Change::Recipe);  // the field that asked shows the value in force again
        return;
    }
    try {
        validate(next);
    } catch (const Error& error) {
        m_message = QString::fromUtf8(error.what());
        announce(Change::Message | Change::Recipe);
        return;
    }
    m_message.clear();
    m_undoStack.push(new RecipeCommand(*this, text, m_recipe, std::move(next), mergeId, false));
}

void Session::setRecipe(const Recipe& recipe) {
    m_pendingOpen.reset();
    m_recipe = recipe;
    m_sharedRecipe = std::make_shared<const Recipe>(m_recipe);
    m_recipeId = m_nextId++;
    m_wantedHead = std::max(m_wantedHead, m_playhead + 1);
    post();
    announce(Change::Recipe | Change::Message);
}

Recipe Session::withInitialParameter(const Action& action) const {
    Recipe next = m_recipe;
    LaneSpec& lane = next.lanes.front();
    if (!lane.initialState) {
        LayerOptions options = lane.layer;
        options.numFeatures = channels();
        lane.initialState = BatchNorm1d(options).state();
    }
    const auto assign = [](std::optional<ChannelVector>& values, std::int64_t channel, double value) {
        if (!values)
            return;
        if (channel < 0)
            std::fill(values->begin(), values->end(), value);
        else if (channel < static_cast<std::int64_t>(values->size()))
            (*values)[static_cast<std::size_t>(channel)] = value;
    };
    const DType dtype = lane.layer.dtype;
    if (const auto* weight = std::get_if<SetWeight>(&action))
        assign(lane.initialState->weight, weight->channel, roundTo(dtype, weight->value));
    if (const auto* bias = std::get_if<SetBias>(&action))
        assign(lane.initialState->bias, bias->channel, roundTo(dtype, bias->value));
    return next;
}

void Session::apply(const Action& action, int mergeId) {
    const QString text = QString::fromStdString(describe(action));
    Recipe next = m_recipe;
    LaneSpec& lane = next.lanes.front();
    bool isSetting = m_editScope == EditScope::FromStart;
    if (isSetting) {
        const auto set = [&](const auto& value) {
            using T = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<T, SetMomentum>)
                lane.layer.momentum = value.momentum;
            else if constexpr (std::is_same_v<T, SetEps>)
                lane.layer.eps = value.eps;
            else if constexpr (std::is_same_v<T, SetTrackRunningStats>)
                lane.layer.trackRunningStats = value.on;
            else if constexpr (std::is_same_v<T, SetAffine>)
                lane.layer.affine = value.on;
            else if constexpr (std::is_same_v<T, SetMode>)
                lane.trainMode = value.train;
            else if constexpr (std::is_same_v<T, SetPasses>)
                lane.training.passes = value.passes;
            else if constexpr (std::is_same_v<T, SetLoss>)
                lane.training.loss = value.loss;
            else if constexpr (std::is_same_v<T, SetUpstream>)
                lane.training.upstream = value.upstream;
            else if constexpr (std::is_same_v<T, SetOptimizer>)
                lane.training.optimizer = value.optimizer;
            else if constexpr (std::is_same_v<T, SetWeight> || std::is_same_v<T, SetBias>)
                next = withInitialParameter(value);
            else
                isSetting = false;
        };
        std::visit(set, action);
    }
    if (!isSetting)
        insertEvent(next, Event{editStep(), -1, action});
    edit(text, std::move(next), mergeId);
}

void Session::open(Recipe recipe, std::int64_t initialSteps, const QString& fileName) {
    m_pendingOpen = PendingOpen{std::move(recipe), initialSteps, fileName, {}, false, m_nextId++};
    m_progress = 0;
    post();
    announce(Change::Transport);
}

void Session::openData(DataSpec data, const QString& text) {
    Recipe next = m_recipe;
    next.data = std::move(data);
    openEdited(std::move(next), text);
}

void Session::openEdited(Recipe next, const QString& text) {
    try {
        validate(next);
    } catch (const Error& error) {
        showMessage(QString::fromUtf8(error.what()));
        return;
    }
    m_pendingOpen = PendingOpen{std::move(next), std::max<std::int64_t>(m_head, 1), {}, text, true, m_nextId++};
    m_progress = 0;
    post();
    announce(Change::Transport);
}

void Session::cancelOpening() {
    if (!m_pendingOpen)
        return;
    m_pendingOpen.reset();
    m_recipeId = m_nextId++;
    post();
    announce(Change::Transport);
}

// --- names and messages --------------------------------------------------------------------------------------------

QString Session::channelName(std::int64_t channel) const {
    const QString number = QString::number(channel);
    return channel < m_facts.channelNames.size() ? number + u' ' + m_facts.channelNames[channel] : number;
}

void Session::showMessage(const QString& sentence) {
    if (std::exchange(m_message, sentence) != sentence)
        announce(Change::Message);
}

}  // namespace bnstudio
