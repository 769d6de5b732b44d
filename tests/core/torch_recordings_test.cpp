// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/diagnosis.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;

namespace {

const QString python = QStringLiteral("/usr/bin/python3");
constexpr int patienceMs = 300000;  // never reached otherwise

}  // namespace

/// Trainings that PyTorch itself ran and our recorder recorded: whatever their dtype, the diagnosis finds no fault.
class TorchRecordingsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void agrees_data();
    void agrees();

private:
    QTemporaryDir m_folder;
};

void TorchRecordingsTest::initTestCase() {
    QProcess probe;
    probe.start(python, {"-c", "import numpy, torch"});
    if (!probe.waitForFinished(patienceMs) || probe.exitStatus() != QProcess::NormalExit || probe.exitCode() != 0)
        QSKIP("python3-torch is not installed");
    QProcess process;
    process.start(python, {"-B", BNSTUDIO_TEST_DATA "/core/torch_recordings.py",
                           BNSTUDIO_SOURCE_DIR "/resources/python", m_folder.path()});
    QVERIFY(process.waitForFinished(patienceMs));
    QVERIFY2(process.readAllStandardOutput().endsWith("ok\n"), process.readAllStandardError().constData());
}

void TorchRecordingsTest::agrees_data() {
    QTest::addColumn<QString>("file");
    for (const char* name : {"bfloat16", "bfloat16_cumulative", "bfloat16_evaluated", "bfloat16_statistics",
                             "bfloat16_images", "bfloat16_channels_last", "autocast", "autocast_images",
                             "autocast_in_training", "autocast_in_evaluation", "constant_channels", "large_mean"})
        QTest::newRow(name) << m_folder.filePath(QString::fromLatin1(name) + ".npz");
}

void TorchRecordingsTest::agrees() {
    QFETCH(QString, file);
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(file.toStdString()));
    std::string worst = diagnosis.verdict;
    for (const TraceCheck& check : diagnosis.checks) {
        if (check.differs())
            worst += "\n" + std::to_string(check.step) + " " + std::string(traceQuantityName(check.quantity)) + ": "
                     + std::to_string(check.recorded) + ", expected " + std::to_string(check.expected) + ", excess "
                     + std::to_string(check.excess);
    }
    QVERIFY2(diagnosis.agrees(), worst.c_str());
    QCOMPARE(diagnosis.steps, 12);
}

QTEST_GUILESS_MAIN(TorchRecordingsTest)
#include "torch_recordings_test.moc"
