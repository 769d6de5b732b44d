// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_command.h"

#include "app/console.h"
#include "app/exit_status.h"
#include "app/interrupt.h"
#include "app/offscreen.h"
#include "app/run_options.h"
#include "app/stats_output.h"
#include "core/data/axis_roles.h"
#include "core/findings/findings.h"
#include "core/io/state_writer.h"
#include "core/parallel/parallel.h"
#include "core/run/run.h"
#include "core/run/trace_writer.h"

#include <algorithm>
#include <memory>

namespace bnstudio {
namespace {

constexpr std::int64_t endlessSteps = 100;  // without --steps, for a source that has no end
// What a step needs of the past is its predecessor alone, so a headless run keeps next to nothing.
constexpr std::size_t headlessHistoryBytes = std::size_t{1} << 20;

/// Opened before the first step, so that a place that cannot be written is known before the work is done.
struct Outputs {
    explicit Outputs(const RunOptions& options) {
        if (options.stats)
            stats = std::make_unique<StatsOutput>(*options.stats, options.recipe);
        if (options.state)
            state = std::make_unique<StateWriter>(*options.state);
        // These are opened later; a file that is opened and dropped tells whether they can be.
        if (options.tensors)
            AtomicTextFile probe(*options.tensors);
        if (options.figure)
            AtomicTextFile probe(options.figure->path);
        if (options.recipeFile)
            AtomicTextFile probe(*options.recipeFile);
    }

    std::unique_ptr<TraceWriter> tensors;  ///< starts with the run
    std::unique_ptr<StatsOutput> stats;
    std::unique_ptr<StateWriter> state;
};

/// One run from the first to the last step, and its outputs.
class HeadlessRun {
public:
    HeadlessRun(const RunOptions& options, const Interrupt& interrupt)
        : m_options(options), m_interrupt(interrupt), m_outputs(options) {}

    void compute() {
        RunLimits limits;
        limits.historyBytes = headlessHistoryBytes;
        limits.keepsSeries = m_options.figure.has_value();
        const Progress loading = [this](double done) {
            m_progress.show("reading: percent", static_cast<std::int64_t>(done * 100), 100);
        };
        m_run = std::make_unique<Run>(m_options.recipe, limits, loading, m_interrupt.token());
        printNotes();
        if (m_options.figure)
            checkChannels(*m_options.figure, m_run->stream().channels());
        if (m_options.tensors)
            m_outputs.tensors = std::make_unique<TraceWriter>(*m_options.tensors, *m_run);
        const std::int64_t steps = m_options.steps.value_or(m_run->stream().stepsPerEpoch().value_or(endlessSteps));
        for (std::int64_t k = 0; k < steps; ++k) {
            m_interrupt.check();
            m_progress.show("step", k, steps);
            record(advance(k));
        }
        if (m_options.figure)
            m_figure = figureRequest(*m_options.figure, *m_run, m_interrupt.token());
        m_progress.clear();
    }

    void save() {
        m_interrupt.check();
        if (m_figure)
            drawFigure(QString::fromStdString(m_options.figure->path));
        if (m_options.recipeFile)
            saveRecipe(m_options.recipe, *m_options.recipeFile);
        if (m_outputs.tensors)
            m_outputs.tensors->commit();
        if (m_outputs.stats)
            m_outputs.stats->commit();
        if (m_outputs.state) {
            writeStateDicts();
            m_outputs.state->commit();
            if (m_options.reestimatedPrefix)
                printOut(pythonToLoad(*m_options.state) + "\n");
        }
        if (m_options.savesNothing() && m_last) {
            printOut(statsTable(*m_last, m_options.recipe));
            printFindings();
        }
    }

private:
    void drawFigure(const QString& path) {
        if (!saveFigure(*m_figure, path))
            printNote("bnstudio: note: " + path.toStdString() + " is without its recipe, which is longer than 16 MiB");
    }

    void printNotes() {
        m_progress.clear();
        for (const auto* notes : {&m_options.notes, &m_run->stream().notes()}) {
            for (const std::string& note : *notes)
                printNote("bnstudio: note: " + onOneLine(note));
        }
        const auto* const file = std::get_if<FileSpec>(&m_options.recipe.data.sources.front());
        const std::string hint = file && file->axes.empty()
                                     ? axesHint(m_run->stream().shapeAt(0), m_options.recipe.lanes[0].layer.numFeatures)
                                     : std::string();
        if (!hint.empty())
            printNote("bnstudio: note: " + file->path + ": " + hint);
    }

    void printFindings() const {
        const std::vector<std::string> names = uniqueLaneNames(m_options.recipe);
        for (const Finding& finding : m_findings.findings()) {
            const std::string lane = names.size() > 1 ? names[static_cast<std::size_t>(finding.lane)] : std::string();
            printNote("bnstudio: finding: " + onOneLine(findingLine(finding, lane)));
        }
    }

    std::shared_ptr<const Snapshot> advance(std::int64_t step) {
        if (!m_outputs.tensors)
            return m_run->advance(m_interrupt.token());
        const auto visit = [&](int lane, const Run::StepTensors& tensors) {
            m_outputs.tensors->tensors(step, lane, tensors);
        };
        return m_run->advanceVisiting(visit, m_interrupt.token());
    }

    void record(std::shared_ptr<const Snapshot> step) {
        const Snapshot& snapshot = *step;
        for (std::size_t i = 0; i < snapshot.lanes.size(); ++i) {
            if (snapshot.lanes[i]->refused())
                refuse(snapshot, i);
        }
        if (m_outputs.tensors)
            m_outputs.tensors->step(snapshot);
        if (m_outputs.stats)
            m_outputs.stats->writeStep(snapshot);
        if (m_options.savesNothing())
            m_findings.add(snapshot, [this, &snapshot](int lane) { return m_run->frame(snapshot.step, lane); });
        m_last = std::move(step);
    }

    void refuse(const Snapshot& snapshot, std::size_t lane) {
        const std::string where =
            "step " + std::to_string(snapshot.step) + ": "
            + (snapshot.lanes.size() > 1 ? "lane " + m_options.recipe.lanes[lane].name + ": " : "");
        const std::string line = onOneLine(where + snapshot.lanes[lane]->error);
        m_progress.clear();
        if (!m_options.keepGoing)
            throw Error(ErrorCode::Refused, line);
        printNote(line);
    }

    State finalState() const {
        if (!m_last)
            return m_run->initialState();
        State state;
        for (const auto& lane : m_last->lanes)
            state.push_back(lane->after);
        return state;
    }

    void writeStateDicts() {
        const std::vector<std::string> prefixes = lanePrefixes(m_options.recipe);
        const State state = finalState();
        if (m_options.reestimatedPrefix)
            return m_outputs.state->add(*m_options.reestimatedPrefix, buffersOf(stateDict(state[0]->layer)));
        for (std::size_t i = 0; i < state.size(); ++i)
            m_outputs.state->add(prefixes[i], stateDict(state[i]->layer));
    }

    const RunOptions& m_options;
    const Interrupt& m_interrupt;
    ProgressLine m_progress;
    Outputs m_outputs;
    std::unique_ptr<Run> m_run;
    std::shared_ptr<const Snapshot> m_last;
    FindingsTracker m_findings;  ///< for what is printed below the table
    std::optional<FigureRequest> m_figure;
};

int execute(std::span<const std::string> arguments) {
    const ParsedOptions parsed = parseOptions(runCommandSpec(), arguments);
    if (parsed.wantsHelp()) {
        printOut(helpText(runCommandSpec()));
        return status::done;
    }
    const RunOptions options = runOptions(parsed);
    const Interrupt interrupt;
    HeadlessRun run(options, interrupt);
    Arena arena(options.threads);
    arena.run([&run] { run.compute(); });
    run.save();
    return status::done;
}

bool asksForFigure(std::span<const std::string> arguments) {
    return std::any_of(arguments.begin(), arguments.end(),
                       [](const std::string& argument) { return argument.starts_with("--save-figure"); });
}

}  // namespace

int runCommand(std::span<const std::string> arguments) {
    if (!asksForFigure(arguments))
        return reportingErrors([&] { return execute(arguments); });
    const OffscreenApplication offscreen;
    return reportingErrors([&] { return execute(arguments); });
}

}  // namespace bnstudio
