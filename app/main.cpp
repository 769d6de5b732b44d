// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/compare_command.h"
#include "app/inspect_command.h"
#include "app/recorder_command.h"
#include "app/run_command.h"
#include "app/screenshot_command.h"
#include "app/window_command.h"

#include <QCoreApplication>

#include <clocale>
#include <string>
#include <vector>

int main(int argc, char* argv[]) {
    // Qt takes the locale over when it starts; numbers are read and written the same way in all of them.
    std::setlocale(LC_ALL, "");
    std::setlocale(LC_NUMERIC, "C");
    QCoreApplication::setApplicationName(QStringLiteral("bnstudio"));
    QCoreApplication::setOrganizationName(QStringLiteral("bnstudio"));
    QCoreApplication::setApplicationVersion(QStringLiteral(BNSTUDIO_VERSION));

    std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const std::string command = arguments.empty() ? std::string() : arguments.front();
    const auto rest = std::span<const std::string>(arguments).subspan(arguments.empty() ? 0 : 1);
    if (command == "run")
        return bnstudio::runCommand(rest);
    if (command == "inspect")
        return bnstudio::inspectCommand(rest);
    if (command == "recorder")
        return bnstudio::recorderCommand(rest);
    if (command == "compare")
        return bnstudio::compareCommand(rest);
    if (command == "screenshot")
        return bnstudio::screenshotCommand(rest);
    return bnstudio::windowCommand(arguments);
}
