// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/screenshot_command.h"

#include "app/console.h"
#include "app/exit_status.h"
#include "app/interrupt.h"
#include "app/language.h"
#include "app/offscreen.h"
#include "app/options.h"
#include "app/output_names.h"
#include "app/recipe_options.h"
#include "app/screenshot_view.h"
#include "app/values.h"
#include "app/window.h"
#include "core/error.h"
#include "core/io/atomic_file.h"
#include "core/io/tensor_file.h"
#include "core/run/trace_recipe.h"
#include "ui/export/widget_drawing.h"
#include "ui/flow/flow_panel.h"
#include "ui/main_window.h"
#include "ui/plots/channels_heat_view.h"
#include "ui/presentation.h"
#include "ui/session/run_findings.h"
#include "ui/window_looks.h"

#include <QAbstractEventDispatcher>
#include <QApplication>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <chrono>

namespace bnstudio {
namespace {

constexpr std::int64_t defaultSteps = 60;
constexpr std::int64_t mostPixels = 8192;  // of an edge: 256 MiB for the picture

const CommandSpec& spec() {
    static const CommandSpec made = [] {
        CommandSpec command;
        command.usage = "bnstudio screenshot OUT.png [options]";
        command.summary = "The main window as a picture, for a slide, the documentation or a review. Works without a "
                          "display.";
        command.leastOperands = command.mostOperands = 1;
        command.options = {
            {"--recipe", "NAME|FILE", "What to show. Default: the built-in recipe."},
            {"--data", "FILE[::NAME]", "Show a data file, in batches of 32."},
            {"--trace", "FILE[::PREFIX]", "Show a recorded training beside its replay."},
            {"--step", "K", "The step on display, from 0; -1 is the start. Default: the last one computed."},
            {"--steps", "N",
             "Steps to compute; those after the one on display are pale. Default: up to --step, or 60."},
            {"--size", "WxH", "Size of the window in pixels. Default 1600x1000."},
            {"--theme", "light|dark", "Default light."},
            {"--text-size", "PERCENT", "From 80 to 200. Default 100."},
            {"--first-start", "", "As at the very first start: a few panels and the tour."},
            {"--present", "", "As in a presentation: a few panels in large text."},
            {"--select", "C", "The selected channel, from 0."},
            {"--language", "CODE", "Language of the window; en-XA is English with longer words, to see what fits."},
            {"--without-recipe", "", "The picture does not carry its recipe."},
        };
        for (OptionSpec& option : screenshotViewSpecs())
            command.options.push_back(std::move(option));
        command.details =
            "Exit status: 0 done, 2 wrong usage, 3 an input was refused, 4 the picture could not be written, "
            "130 interrupted.\n";
        return command;
    }();
    return made;
}

struct ScreenshotOptions {
    std::string output;
    Recipe recipe;
    std::int64_t steps = defaultSteps;
    std::int64_t step = defaultSteps - 1;  ///< −1 … steps − 1
    QSize size{1600, 1000};
    Preferences preferences;  ///< the defaults, not the user's: the same command makes the same picture
    bool firstStart = false, presents = false;
    std::optional<std::int64_t> channel;  ///< nothing: the session's choice
    QString language = QStringLiteral("en");
    ScreenshotView view;
    bool carriesRecipe = true;
};

QSize parseSize(const std::string& text) {
    const std::vector<std::string> edges = split(text, 'x');
    if (edges.size() != 2)
        throw Error(ErrorCode::Usage, "--size: expected WIDTHxHEIGHT such as 1600x1000, got '" + text + "'");
    return {static_cast<int>(parseInteger("--size", edges[0], 100, mostPixels)),
            static_cast<int>(parseInteger("--size", edges[1], 100, mostPixels))};
}

Theme::Mode parseTheme(const std::string& text) {
    if (text != "light" && text != "dark")
        throw Error(ErrorCode::Usage, "--theme: expected light or dark, got '" + text + "'");
    return text == "dark" ? Theme::Mode::Dark : Theme::Mode::Light;
}

Recipe dataRecipe(const std::string& argument) {
    const FileArgument file = parseFileArgument(argument);
    return recipeForDataFile(QString::fromStdString(file.path.string()), QString::fromStdString(file.name));
}

Recipe recordedRecipe(const std::string& argument) {
    const FileArgument file = parseFileArgument(argument);
    return traceRecipe(file.path.string(), file.name).recipe;
}

Recipe recipeToShow(const ParsedOptions& options) {
    std::string given;
    for (const char* name : {"--recipe", "--data", "--trace"}) {
        if (!given.empty() && options.has(name))
            throw Error(ErrorCode::Usage,
                        std::string(name) + ": the picture shows a recipe, a data file or a recording, not several");
        if (options.has(name))
            given = name;
    }
    if (given.empty())
        return defaultRecipe();
    const std::string value = *options.value(given);
    return given == "--recipe" ? openRecipe(value) : given == "--data" ? dataRecipe(value) : recordedRecipe(value);
}

void setSteps(ScreenshotOptions& shot, const ParsedOptions& options) {
    constexpr std::int64_t most = std::int64_t{1} << 40;
    if (const auto text = options.value("--steps")) {
        shot.steps = parseInteger("--steps", *text, 1, most);
        shot.step = shot.steps - 1;
    }
    if (const auto text = options.value("--step")) {
        shot.step = parseInteger("--step", *text, -1, most);
        if (!options.has("--steps"))
            shot.steps = shot.step + 1;
    }
    if (shot.step >= shot.steps)
        throw Error(ErrorCode::Usage, "--steps: expected " + std::to_string(shot.step + 1) + " or more for --step "
                                          + std::to_string(shot.step) + ", got " + std::to_string(shot.steps));
}

ScreenshotOptions screenshotOptions(const ParsedOptions& options) {
    ScreenshotOptions shot;
    shot.output = options.operands().front();
    requireExtension("OUT", shot.output, {".png"});
    setSteps(shot, options);
    if (const auto text = options.value("--size"))
        shot.size = parseSize(*text);
    shot.preferences.motion = Motion::Reduced;  // what glides would be somewhere else in every picture
    shot.preferences.theme = parseTheme(options.value("--theme").value_or("light"));
    if (const auto text = options.value("--text-size"))
        shot.preferences.textPercent =
            static_cast<int>(parseInteger("--text-size", *text, TextSize::leastPercent, TextSize::mostPercent));
    shot.firstStart = options.has("--first-start");
    shot.presents = options.has("--present");
    if (shot.firstStart && shot.presents)
        throw Error(ErrorCode::Usage, "--present: the picture shows the first start or a presentation, not both");
    if (const auto text = options.value("--select"))
        shot.channel = parseInteger("--select", *text, 0, std::int64_t{1} << 40);
    if (const auto text = options.value("--language"))
        shot.language = parseLanguage(*text);
    shot.view = parseScreenshotView(options);
    shot.carriesRecipe = !options.has("--without-recipe");
    shot.recipe = recipeToShow(options);
    return shot;
}

/// Everything the session shows belongs to the wanted step and the selected channel.
bool shows(const Session& session, std::int64_t step) {
    const Shown& shown = session.shown();
    const bool sameChannel = !shown.distributions || shown.distributions->channel == session.currentChannel();
    return session.channels() > 0 && shown.state && shown.step == step && session.isCurrent() && sameChannel;
}

/// Runs the event loop until the session shows the wanted step. What the session refuses it says in a message; a signal
/// ends the wait too.
void waitForStep(Session& session, std::int64_t step, const Interrupt& interrupt) {
    QEventLoop loop;
    QObject::connect(&session, &Session::changed, &loop, [&](Changes changes) {
        if (shows(session, step) || (changes.testFlag(Change::Message) && !session.message().isEmpty()))
            loop.quit();
    });
    const std::stop_callback onSignal(
        interrupt.token(), [&loop] { QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection); });
    if (!shows(session, step))
        loop.exec();
    interrupt.check();
    if (!shows(session, step))
        throw Error(ErrorCode::BadInput, session.message().toStdString());
}

void selectChannel(Session& session, std::int64_t channel) {
    if (channel >= session.channels())
        throw Error(ErrorCode::Usage, "--select: there is no channel " + std::to_string(channel) + ", there are "
                                          + std::to_string(session.channels()) + ", counted from 0");
    session.selectChannel(channel);
}

/// Layouts and queued repaints are events too: with none left the window is as it will stay. Bounded, because a
/// blinking cursor never ends.
void settle() {
    constexpr int mostRounds = 200;
    QAbstractEventDispatcher* events = QAbstractEventDispatcher::instance();
    for (int round = 0; round < mostRounds && events->processEvents(QEventLoop::AllEvents); ++round)
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
}

/// Heat maps of large runs fill in over many frames; half of one would be a picture of something else.
void waitForHeatMaps(const MainWindow& window, const Interrupt& interrupt) {
    constexpr auto patience = std::chrono::minutes(5);  // 2^31 cells take about 40 s
    const auto views = window.findChildren<ChannelsHeatView*>();
    const auto isPending = [](const ChannelsHeatView* view) { return view->isSeen() && !view->isComplete(); };
    QObject awoken;
    const std::stop_callback onSignal(interrupt.token(), [&awoken] {
        QMetaObject::invokeMethod(
            &awoken, [] {}, Qt::QueuedConnection);
    });
    const QDeadlineTimer deadline(patience);
    QTimer end;
    end.start(patience);
    while (std::any_of(views.begin(), views.end(), isPending)) {
        interrupt.check();
        if (deadline.hasExpired())
            throw Error(ErrorCode::Refused, "the heat map of all channels was not finished within 5 minutes");
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    }
    interrupt.check();
}

/// Findings are looked for when nothing else is to do, and the flow is drawn in the background.
void waitForDetails(const Session& session, const MainWindow& window, const Interrupt& interrupt) {
    const auto* flow = window.findChild<FlowPanel*>();
    const QDeadlineTimer deadline(std::chrono::minutes(1));
    QTimer pulse;  // what is waited for ends with an event of its own, but not always with the last one
    pulse.start(std::chrono::milliseconds(20));
    const auto isPending = [&] {
        const bool isLooking =
            session.head() > 0 && (!session.findings() || session.findings()->steps < session.head());
        return isLooking || (flow && flow->isVisible() && !flow->isComplete());
    };
    while (isPending()) {
        interrupt.check();
        if (deadline.hasExpired())
            throw Error(ErrorCode::Refused, "the findings and the flow were not there within a minute");
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    }
}

/// A window takes no size below its minimum, which depends on what it shows.
void requireSize(const MainWindow& window, QSize wanted) {
    if (window.size() == wanted)
        return;
    const QSize least = window.minimumSizeHint().expandedTo(window.minimumSize());
    const auto text = [](QSize size) { return std::to_string(size.width()) + "x" + std::to_string(size.height()); };
    throw Error(ErrorCode::Usage, "--size: the window needs at least " + text(least) + ", got " + text(wanted));
}

void writePicture(MainWindow& window, const Session& session, const ScreenshotOptions& shot) {
    PictureFile file = PictureFile::ofSize(QString::fromStdString(shot.output), shot.size, 1);
    file.title = window.windowTitle().remove(QStringLiteral("[*]"));
    file.carriesOrigin = shot.carriesRecipe;
    file.origin = {session.recipe(), session.shown().step, session.head(), session.currentChannel()};
    writePicture(file, drawingOf(window));
}

int execute(QApplication& application, const ScreenshotOptions& shot) {
    const Interrupt interrupt;
    { AtomicFile probe(shot.output); }  // the place must be writable before the work is done
    const QTemporaryDir noSettings;
    for (const QSettings::Scope scope : {QSettings::UserScope, QSettings::SystemScope})
        QSettings::setPath(QSettings::NativeFormat, scope, noSettings.path());
    const auto language = installLanguage(shot.language);
    prepareApplication(application, shot.preferences);
    Session session(shot.recipe, shot.steps);
    MainWindow window(session);
    window.resize(shot.size);
    window.show();
    if (shot.firstStart) {
        window.looks().showFirstPanels();
        window.looks().showTour();
    } else if (shot.presents) {
        window.looks().presentation().enter();
    }
    waitForStep(session, shot.steps - 1, interrupt);
    if (shot.step < shot.steps - 1) {
        session.goTo(shot.step);
        waitForStep(session, shot.step, interrupt);
    }
    if (shot.channel) {
        selectChannel(session, *shot.channel);
        waitForStep(session, shot.step, interrupt);
    }
    settle();
    requireSize(window, shot.size);
    apply(shot.view, session, window);
    settle();
    waitForHeatMaps(window, interrupt);
    waitForDetails(session, window, interrupt);
    settle();
    writePicture(window, session, shot);
    return status::done;
}

}  // namespace

int screenshotCommand(std::span<const std::string> arguments) {
    return reportingErrors([&] {
        const ParsedOptions options = parseOptions(spec(), arguments);
        if (options.wantsHelp()) {
            printOut(helpText(spec()));
            return int{status::done};
        }
        const ScreenshotOptions shot = screenshotOptions(options);
        OffscreenApplication offscreen;
        return execute(offscreen.application(), shot);
    });
}

}  // namespace bnstudio
