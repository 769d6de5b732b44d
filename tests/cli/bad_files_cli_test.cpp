// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "support/interop.h"
#include "support/pickle_bytes.h"
#include "support/zip_bytes.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

using namespace bnstudio;
using namespace bnstudio::testing;

/// The malformed files from the outside: what a user sees, how long it takes and how much memory.
class BadFilesCliTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void refusesInOneLine_data();
    void refusesInOneLine();
    void staysSmall_data();
    void staysSmall();

private:
    /// Largest resident size in KiB of a child so far; it never falls, so the smallest child has to come first.
    static long peakOfChildren() {
        rusage usage{};
        getrusage(RUSAGE_CHILDREN, &usage);
        return usage.ru_maxrss;
    }
    QTemporaryDir m_folder;
    long m_quietPeak = 0;
};

void BadFilesCliTest::initTestCase() {
    const QString good = QString::fromStdString(interop::goodFile("bn.pt").string());
    QCOMPARE(runCommand({"inspect", good}, m_folder.path()).status, 0);
    m_quietPeak = peakOfChildren();
}

void BadFilesCliTest::refusesInOneLine_data() {
    QTest::addColumn<QString>("name");
    for (const char* extension : {"npy", "npz", "safetensors", "pt", "csv"})
        for (const QString& name : interop::badFiles(extension))
            if (interop::expectation(name) == "reject")
                QTest::newRow(qPrintable(name)) << name;
}

void BadFilesCliTest::refusesInOneLine() {
    QFETCH(QString, name);
    const QString file = QString::fromStdString(interop::badFile(name).string());
    const bool isState = name.startsWith("bn_") || name == "npz_state_shape_mismatch.npz";
    const QStringList source = isState ? QStringList{"--state", file} : QStringList{"--data", file};
    QElapsedTimer clock;
    clock.start();
    const Finished finished = runCommand(QStringList{"run"} + source, m_folder.path());
    // Two seconds are asked for on an idle machine; ten times that still tells a loop that does not end.
    QVERIFY2(clock.elapsed() < 20'000, qPrintable(QString::number(clock.elapsed())));
    QCOMPARE(finished.status, 3);
    QCOMPARE(finished.errorLines().size(), 1);
    // A single row is a good file; it is the layer that refuses such a batch, in PyTorch's words.
    QVERIFY2(finished.err.contains(name == "csv_one_row.csv" ? QStringLiteral("step 0") : name),
             qPrintable(finished.err));
}

void BadFilesCliTest::staysSmall_data() {
    QTest::addColumn<QByteArray>("pickle");
    using namespace pickle;
    const auto repeated = [](const QByteArray& piece, int times) { return piece.repeated(times); };
    constexpr int many = 900'000;
    QTest::newRow("lists") << whole(repeated("]", many));
    QTest::newRow("lists in a list") << whole("](" + repeated("]", many) + "e");
    QTest::newRow("lists, each with a list") << whole("](" + repeated("]]a", many / 2) + "e");
    QTest::newRow("dicts with an entry") << whole("](" + repeated("}NNs", many / 3) + "e");
    QTest::newRow("one list many times") << whole("](" + QByteArray("]q") + '\0' + repeated(QByteArray("h\0", 2), many)
                                                  + "e");
    QTest::newRow("memo") << whole("]r" + littleEndian(quint32{999'999}) + "r" + littleEndian(quint32{0xffffffff}));
    QTest::newRow("text beyond the end") << whole("X" + littleEndian(quint32{0xfffffff0}) + "abc");
    QTest::newRow("bytes beyond the end") << whole(QByteArray("\x8e") + littleEndian(qint64{1} << 40));
    QTest::newRow("frame beyond the end") << whole(QByteArray("\x95") + littleEndian(qint64{1} << 40));
    QTest::newRow("one tensor under many names") << whole("](" + tensor(storage("0", 6), 0, numbers({6}), numbers({1}))
                                                          + "q" + '\0' + repeated(QByteArray("h\0", 2), many) + "e");
    QTest::newRow("one long name many times") << whole("](}" + text(QByteArray(990, 'k')) + "q" + '\1' + "Ns"
                                                       + repeated(QByteArray("}h\1Ns", 5), many / 3) + "e");
    QTest::newRow("globals") << whole("](" + repeated("cos\nsystem\n", many / 2) + "e");
}

/// A file of a few megabytes must not make a large program. 64 MiB beyond the file's own size are allowed, and what
/// the allocator keeps beside them.
void BadFilesCliTest::staysSmall() {
    QFETCH(QByteArray, pickle);
    const QByteArray archive = zipBytes({{"a/data.pkl", pickle}, {"a/data/0", QByteArray(24, '\0')}});
    writeBytes(m_folder.filePath("case.pt"), archive);
    const Finished finished = runCommand({"run", "--data", "case.pt"}, m_folder.path());
    QVERIFY2(finished.status == 3, qPrintable(finished.err));
    QCOMPARE(finished.errorLines().size(), 1);
    // Sanitizers keep shadow memory and freed blocks; only an ordinary build tells anything about memory.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    constexpr long allowedKiB = (64 + 8) * 1024;
    const long used = peakOfChildren() - m_quietPeak;
    QVERIFY2(used < allowedKiB + archive.size() / 1024, qPrintable(QString::number(used) + " KiB"));
#endif
}

QTEST_GUILESS_MAIN(BadFilesCliTest)
#include "bad_files_cli_test.moc"
