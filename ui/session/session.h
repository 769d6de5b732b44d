// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/calculation.h"
#include "core/run/run.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QUndoStack>

#include <memory>
#include <optional>
#include <vector>

namespace bnstudio {

class RecordedTraining;
struct RunFindings;
class Worker;
struct WorkerMessage;

/// A histogram over equal bins from low to high; non-finite values are counted aside.
struct Histogram {
    double low = 0, high = 1;
    std::vector<double> counts;
    std::int64_t nonFinite = 0;
};

/// Distributions of one channel of the displayed step.
struct Distributions {
    std::int64_t channel = 0;
    Histogram x, xhat, y;
};

/// Everything the views draw, of one step and consistent with itself. Step −1 is the start: no snapshot, no frame.
struct Shown {
    std::uint64_t recipeId = 0;  ///< of the recipe it was computed from; 0: nothing shown yet
    std::int64_t step = -1;
    std::shared_ptr<const Snapshot> snapshot;
    std::shared_ptr<const LaneSnapshot> lane;  ///< the displayed lane of the snapshot
    std::shared_ptr<const LaneState> state;    ///< after the step; at the start the initial state
    std::shared_ptr<const Frame> frame;
    std::shared_ptr<const Distributions> distributions;
};

/// What changed; several bits may be set.
enum class Change : unsigned {
    None = 0,
    Recipe = 1,       ///< settings, data or events
    Head = 2,         ///< more or fewer computed steps; series()
    Shown = 4,        ///< shown() is another step, or the same step recomputed
    Selection = 8,    ///< selected channels, selected cell
    Transport = 16,   ///< playing, speed, playhead request, edit scope
    Message = 32,     ///< message()
    Data = 64,        ///< the stream was reopened: notes(), channel names, number of channels
    Recording = 128,  ///< recorded()
    Findings = 256,   ///< findings()
    Phase = 512,      ///< phase()
    Peek = 1024,      ///< displayedFrame() and displayedLane(): of the one mode or the other
};
Q_DECLARE_FLAGS(Changes, Change)
Q_DECLARE_OPERATORS_FOR_FLAGS(Changes)

/// Facts about the open data that the panels show.
struct DataFacts {
    QStringList notes;         ///< what loading did: folded, converted, left out
    QStringList channelNames;  ///< empty when channels have numbers only
    std::int64_t channels = 0;
    Dims batchShape;  ///< of step 0
    std::optional<std::int64_t> stepsPerEpoch;
    int laneCount = 1;
};

/// The one document: recipe, undo stack, playhead, selection, and the link to the worker that computes. Lives in the
/// GUI thread and never computes itself. Widgets read it, listen to changed(), and call the edit and transport functions.
class Session : public QObject {
    Q_OBJECT
public:
    /// Starts computing @p recipe up to @p initialSteps.
    explicit Session(Recipe recipe, std::int64_t initialSteps = 0, QObject* parent = nullptr);
    ~Session() override;

    const Recipe& recipe() const { return m_recipe; }
    QUndoStack& undoStack() { return m_undoStack; }

    // --- editing -----------------------------------------------------------------------------------------------
    enum class EditScope { FromStart, FromHere };
    EditScope editScope() const { return m_editScope; }
    void setEditScope(EditScope scope);
    /// Step that "from here" edits act on: the displayed step (0 at the start).
    std::int64_t editStep() const;
    /// Makes @p next the recipe as one undoable edit. Edits with the same non-negative @p mergeId that follow each
    /// other within a second become one. A recipe that does not validate is refused with a message and changes nothing.
    void edit(const QString& text, Recipe next, int mergeId = -1);
    /// Settings of lane 0 in force at the displayed step.
    EffectiveSettings settings() const;
    /// Applies a settings action under the present scope: from the start it changes the lane's initial settings, from
    /// here it inserts an event at editStep(). Reset actions, batch edits and skips are always events.
    void apply(const Action& action, int mergeId = -1);
    /// Replaces everything by another recipe; clears undo. Nothing changes until the worker has opened it; then
    /// recipeOpened(), else recipeRefused() and a message.
    void open(Recipe recipe, std::int64_t initialSteps, const QString& fileName = {});
    /// Like open, but keeps lanes and the undo stack: only the data changes, as one undoable edit.
    void openData(DataSpec data, const QString& text);
    /// Like openData, for an edit that changes more than the data and can fail while it opens.
    void openEdited(Recipe next, const QString& text);
    bool isOpening() const { return m_pendingOpen.has_value(); }
    void cancelOpening();
    double openingProgress() const { return m_progress; }

    // --- transport ---------------------------------------------------------------------------------------------
    std::int64_t head() const { return m_head; }          ///< number of computed steps
    std::int64_t playhead() const { return m_playhead; }  ///< requested step; shown().step follows
    const Shown& shown() const { return m_shown; }
    /// shown() is the requested step of the present recipe; else it is older and being computed.
    bool isCurrent() const { return m_shown.step == m_playhead && m_shown.recipeId == m_recipeId; }
    void stepForward(std::int64_t count = 1);  ///< beyond the head it computes
    void stepBack(std::int64_t count = 1);
    void goTo(std::int64_t step);  ///< −1 is the start; beyond the head it computes
    void goToFirst() { goTo(-1); }
    void goToLast();  ///< last computed step
    void play();
    void pause();
    bool isPlaying() const { return m_playing; }
    double speed() const { return m_speed; }  ///< steps per second
    void setSpeed(double stepsPerSecond);
    /// Playing goes from phase to phase; speed() is phases per second then.
    bool playsPhases() const { return m_playsPhases; }
    void setPlaysPhases(bool on);

    // --- numbers -----------------------------------------------------------------------------------------------
    const SeriesView& series() const { return m_series; }
    /// The curve before the last edit of the past, until the next edit; length 0 when there is none.
    const SeriesView& ghost() const { return m_ghost; }
    const DataFacts& facts() const { return m_facts; }
    std::int64_t channels() const { return m_facts.channels; }
    /// The recorded training that the run replays, and what comparing it with PyTorch's rule said.
    RecordedTraining& recorded() const { return *m_recorded; }
    /// What is wrong with the run as far as it was looked at, which is never in the midst of recomputing it; null before
    /// the first look.
    std::shared_ptr<const RunFindings> findings() const { return m_findings; }

    // --- selection ---------------------------------------------------------------------------------------------
    std::int64_t currentChannel() const { return m_currentChannel; }
    const std::vector<std::int64_t>& selectedChannels() const { return m_selectedChannels; }  ///< contains the current
    void selectChannel(std::int64_t channel);
    void selectChannels(std::vector<std::int64_t> channels, std::int64_t current);
    QString channelName(std::int64_t channel) const;  ///< "3", or "3 alcohol" for a table
    /// A cell of the displayed batch; its channel is the current one.
    Cell selectedCell() const;
    /// Indices outside the displayed batch take the nearest. Makes the cell's channel the current one; the selected
    /// channels stay when it is among them.
    void selectCell(Cell cell);

    // --- peeking -----------------------------------------------------------------------------------------------
    /// While on, the displayed batch is shown as the layer in the other mode would treat it, once that is computed.
    /// Nothing is recorded.
    void setPeeking(bool on);
    bool isPeeking() const { return m_peeking; }
    /// shown().frame and shown().lane, or those of the other mode. Null where shown() has none.
    std::shared_ptr<const Frame> displayedFrame() const;
    std::shared_ptr<const LaneSnapshot> displayedLane() const;

    // --- phases of the displayed step --------------------------------------------------------------------------
    std::vector<Phase> phases() const;  ///< in order; empty at the start
    /// The phase at whose end the views stand, one of phases(). A step is entered at its last one, where all of it is
    /// visible. Phase::Nothing at the start.
    Phase phase() const;
    void setPhase(Phase phase);
    /// One phase on (1) or back (−1), across steps.
    void stepPhase(int direction);

    // --- messages ----------------------------------------------------------------------------------------------
    /// One sentence for the message bar; empty when there is none.
    const QString& message() const { return m_message; }
    void showMessage(const QString& sentence);
    void clearMessage() { showMessage({}); }

signals:
    void changed(bnstudio::Changes changes);
    void recipeOpened(const QString& fileName);
    void recipeRefused(const QString& sentence);

private:
    friend class RecipeCommand;
    void drain();
    void handle(WorkerMessage& message, Changes& changes);
    void setRecipe(const Recipe& recipe);
    void commitPending(Changes& changes);
    void onOpened(struct RecipeOpened& opened, Changes& changes);
    void onFailed(std::uint64_t recipeId, const QString& sentence, Changes& changes);
    Recipe withInitialParameter(const Action& action) const;
    void post();
    void tick();
    void announce(Changes changes);
    bool hasPeeked() const;
    void selectWithin(std::vector<std::int64_t> selected, Cell cell);

    static constexpr Phase lastPhase = Phase::ParameterUpdate;

    Recipe m_recipe;
    QUndoStack m_undoStack;
    EditScope m_editScope = EditScope::FromStart;
    struct PendingOpen {
        Recipe recipe;
        std::int64_t steps = 0;
        QString fileName, undoText;
        bool keepsUndo = false;
        std::uint64_t id = 0;
    };
    std::optional<PendingOpen> m_pendingOpen;
    double m_progress = 0;
    std::uint64_t m_recipeId = 1, m_nextId = 2;

    std::int64_t m_head = 0, m_playhead = -1, m_wantedHead = 0;
    bool m_playing = false, m_playsPhases = false;
    double m_speed = 10;
    double m_owedSteps = 0, m_stride = 1;
    bool m_isLate = false;
    QTimer m_playTimer, m_drainTimer;

    Shown m_shown;
    SeriesView m_series, m_ghost;
    DataFacts m_facts;
    std::shared_ptr<const RunFindings> m_findings;
    std::int64_t m_currentChannel = 0;
    std::vector<std::int64_t> m_selectedChannels{0};
    Cell m_cell;  ///< as chosen, the channel aside; the displayed batch may be smaller
    bool m_peeking = false;
    std::shared_ptr<const Frame> m_peeked;  ///< null or of the step and recipe below
    std::uint64_t m_peekedId = 0;
    Phase m_phase = lastPhase;           ///< as chosen; the displayed step need not have it
    Phase m_phaseOnArrival = lastPhase;  ///< of the step that the playhead is at but that is not displayed yet
    QString m_message;
    std::shared_ptr<const Recipe> m_sharedRecipe;
    QElapsedTimer m_playClock;
    RecordedTraining* m_recorded = nullptr;
    std::unique_ptr<Worker> m_worker;  ///< last: its thread stops before anything it reports to goes away
};

}  // namespace bnstudio
