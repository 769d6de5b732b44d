// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "support/sparse_file.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

/// Runs the program and tells its exit status and its peak resident memory in MiB.
std::pair<int, long> runMeasured(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), BNSTUDIO_BINARY);
    std::vector<char*> raw;
    for (std::string& argument : arguments)
        raw.push_back(argument.data());
    raw.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = 0;
    const int failure = posix_spawn(&child, BNSTUDIO_BINARY, &actions, nullptr, raw.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    rusage usage{};
    if (failure != 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status))
        return {-1, 0};
    return {WEXITSTATUS(status), usage.ru_maxrss / 1024};
}

}  // namespace

class LargeDataTest : public QObject {
    Q_OBJECT

private slots:
    void stepsInLittleMemory_data();
    void stepsInLittleMemory();
};

void LargeDataTest::stepsInLittleMemory_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("16 GiB npy") << "big.npy";
    QTest::newRow("16 GiB safetensors") << "big.safetensors";
}

void LargeDataTest::stepsInLittleMemory() {
    QFETCH(QString, name);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    QSKIP("sanitizers need memory of their own");
#endif
    QTemporaryDir folder;
    const QString path = folder.filePath(name);
    const bool isWritten = name.endsWith("npy") ? writeSparseNpy(path.toStdString(), 1 << 22, 1024)
                                                : writeSparseSafetensors(path.toStdString(), 1 << 22, 1024);
    if (!isWritten)
        QSKIP("the file system has no sparse files of this size");
    const auto [status, mebibytes] =
        runMeasured({"run", "--data", path.toStdString(), "--batch-size", "4096", "--steps", "5"});
    QCOMPARE(status, 0);
    QVERIFY2(mebibytes < 300, qPrintable(QString::number(mebibytes)));
}

QTEST_GUILESS_MAIN(LargeDataTest)
#include "large_data_test.moc"
