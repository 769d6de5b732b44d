// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window_command.h"

#include "app/console.h"
#include "app/exit_status.h"
#include "app/language.h"
#include "app/options.h"
#include "app/window.h"
#include "core/error.h"

#include <QApplication>
#include <QFile>

#include <limits>

namespace bnstudio {
namespace {

constexpr std::string_view details =
    R"(Commands that need no display; each has its own --help:
  bnstudio run [RECIPE] …           runs a recipe and saves tensors, statistics, state or figures
  bnstudio inspect FILE             what is in a file
  bnstudio compare A [B]            two files or runs; a recorded training with PyTorch's rule
  bnstudio recorder                 prints a Python module that records a training in PyTorch
  bnstudio screenshot OUT.png …     the main window as a picture

Exit status: 0 done, 2 wrong usage, 3 an input was refused, 4 an output could not be written,
130 interrupted.
)";

const CommandSpec& spec() {
    static const CommandSpec made{"bnstudio [FILE…] [options]",
                                  "Opens the window on a data file, a recipe, or the built-in recipe.",
                                  0,
                                  std::numeric_limits<std::size_t>::max(),
                                  {{"--recipe", "NAME|FILE", "A recipe file, or the built-in recipe 'default'."},
                                   {"--theme", "light|dark|system", "Default: as last time, at first as the system."},
                                   {"--language", "CODE", "Language of the window, such as en. Default: the system's."},
                                   {"--version", "", "Print the version."}},
                                  details};
    return made;
}

Theme::Mode parseTheme(const std::string& text) {
    if (text == "light")
        return Theme::Mode::Light;
    if (text == "dark")
        return Theme::Mode::Dark;
    if (text == "system")
        return Theme::Mode::System;
    throw Error(ErrorCode::Usage, "--theme: expected light, dark or system, got '" + text + "'");
}

/// Qt would abort without a display server; a sentence helps more.
void requireDisplay() {
#ifdef Q_OS_LINUX
    const bool chosen = qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
    if (!chosen && qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY"))
        throw Error(
            ErrorCode::Usage,
            "there is no display for a window; the commands run, inspect, compare, recorder and screenshot need none");
#endif
}

/// A word that is neither a file nor looks like one is a command that does not exist.
void requireNoCommand(std::span<const std::string> arguments) {
    if (arguments.empty() || arguments.front().empty() || arguments.front().front() == '-')
        return;
    const std::string& word = arguments.front();
    if (word.find_first_of("./") == std::string::npos && !QFile::exists(QString::fromStdString(word)))
        throw Error(ErrorCode::Usage,
                    "no such command: " + word + "; commands are run, inspect, compare, recorder, screenshot");
}

int execute(const ParsedOptions& options) {
    WindowOptions window;
    for (const std::string& file : options.operands())
        window.files << QString::fromStdString(file);
    const std::string recipe = options.value("--recipe").value_or("");
    if (recipe != "default" || QFile::exists(QString::fromStdString(recipe)))
        window.recipe = QString::fromStdString(recipe);
    if (const auto theme = options.value("--theme"))
        window.theme = parseTheme(*theme);
    const QString language = options.has("--language") ? parseLanguage(*options.value("--language"))
                                                       : QLocale::system().name().section(u'_', 0, 0);
    requireDisplay();
    int count = 1;
    char program[] = "bnstudio";
    char* values[] = {program, nullptr};
    QApplication application(count, values);
    const auto translator = installLanguage(language);
    return runWindow(application, window);
}

}  // namespace

int windowCommand(std::span<const std::string> arguments) {
    return reportingErrors([&] {
        requireNoCommand(arguments);
        const ParsedOptions options = parseOptions(spec(), arguments);
        if (options.wantsHelp())
            printOut(helpText(spec()));
        else if (options.has("--version"))
            printOut("bnstudio " BNSTUDIO_VERSION "\n");
        else
            return execute(options);
        return int{status::done};
    });
}

}  // namespace bnstudio
