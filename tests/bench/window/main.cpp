// SPDX-License-Identifier: GPL-3.0-or-later
//
// Measures the real window: bnstudio_window_bench [--profile] [SCENARIO…], with start, 32x8, 256x1024, 1024x1024,
// long and frames32x8x200 (samples, channels, steps) as scenarios; without one, all of them. Every scenario runs in a
// process of its own, so that its memory is its own.
#include "tests/bench/window/report.h"
#include "tests/bench/window/scenarios.h"

#include <QProcess>
#include <QTemporaryDir>

#include <algorithm>
#include <cstdio>
#include <map>

using namespace bnstudio;
using namespace bnstudio::bench;

namespace {

const QStringList scenarios{QStringLiteral("start"),
                            QStringLiteral("32x8"),
                            QStringLiteral("256x1024"),
                            QStringLiteral("1024x1024"),
                            QStringLiteral("long"),
                            QStringLiteral("frames32x8x200"),
                            QStringLiteral("frames1024x1024x500"),
                            QStringLiteral("frames32x8x2000")};
constexpr int starts = 5;

int measure(int argc, char** argv, const QString& scenario, long long spawned, bool profile) {
    if (scenario == QStringLiteral("start")) {
        measureStart(argc, argv, fromNanoseconds(spawned));
        return 0;
    }
    TimedApplication application(argc, argv);
    if (scenario.startsWith(QStringLiteral("frames"))) {
        const QStringList numbers = scenario.mid(6).split(u'x');
        measureFrameTimes(application, {numbers[0].toLongLong(), numbers[1].toLongLong()}, numbers[2].toLongLong(),
                          profile);
    } else if (scenario == QStringLiteral("long")) {
        measureLongRun(application, profile);
    } else {
        const QStringList numbers = scenario.split(u'x');
        measurePlaying(application, {numbers[0].toLongLong(), numbers[1].toLongLong()}, profile);
    }
    return 0;
}

// Settings, autosaved recipes and their locks belong to the user: the children get folders of their own.
QProcessEnvironment environmentOfChildren(const QTemporaryDir& folder) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    if (!environment.contains(QStringLiteral("QT_QPA_PLATFORM")))
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    // The offscreen platform warns of every window function it lacks.
    environment.insert(QStringLiteral("QT_LOGGING_RULES"), QStringLiteral("default.warning=false"));
    environment.insert(QStringLiteral("XDG_CONFIG_HOME"), folder.filePath(QStringLiteral("config")));
    environment.insert(QStringLiteral("XDG_STATE_HOME"), folder.filePath(QStringLiteral("state")));
    return environment;
}

bool runChild(const QString& program, const QString& scenario, const QProcessEnvironment& environment, bool profile) {
    QProcess child;
    child.setProcessEnvironment(environment);
    child.setProcessChannelMode(QProcess::ForwardedChannels);
    QStringList arguments{QStringLiteral("--child"), scenario, QString::number(toNanoseconds(Clock::now()))};
    if (profile)
        arguments << QStringLiteral("--profile");
    child.start(program, arguments);
    child.waitForFinished(-1);
    return child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0;
}

}  // namespace

int main(int argc, char** argv) {
    QStringList arguments;
    for (int i = 1; i < argc; ++i)
        arguments << QString::fromLocal8Bit(argv[i]);
    const bool profile = arguments.removeAll(QStringLiteral("--profile")) > 0;
    if (arguments.value(0) == QStringLiteral("--child"))
        return measure(argc, argv, arguments.value(1), arguments.value(2).toLongLong(), profile);

    for (const QString& wanted : arguments) {
        if (!scenarios.contains(wanted)) {
            std::fprintf(stderr, "%s: no such scenario; there are %s\n", qPrintable(wanted),
                         qPrintable(scenarios.join(QStringLiteral(", "))));
            return 2;
        }
    }
    const QTemporaryDir folder;
    const QProcessEnvironment environment = environmentOfChildren(folder);
    std::printf("The window at 1600x1000 on the platform %s\n",
                qPrintable(environment.value(QStringLiteral("QT_QPA_PLATFORM"))));
    bool allRan = true;
    for (const QString& scenario : arguments.isEmpty() ? scenarios : arguments) {
        printTitle(scenario.toStdString());
        // The first start fills the caches of the system; the others are what a user sees.
        const int times = scenario == QStringLiteral("start") ? starts : 1;
        for (int i = 0; i < times; ++i)
            allRan = runChild(QString::fromLocal8Bit(argv[0]), scenario, environment, profile) && allRan;
    }
    return allRan ? 0 : 1;
}
