// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "core/error.h"
#include "core/run/trace.h"

#include <QDir>
#include <QElapsedTimer>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

const QString python = QStringLiteral("/usr/bin/python3");
const QString script = QStringLiteral(BNSTUDIO_TEST_DATA "/cli/recorder_runs.py");
const QString recorderFolder = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/python");
constexpr int patienceMs = 300000;  // never reached otherwise

/// Readers check every checksum when they open a file.
TensorFile opened(const QString& path) {
    return openTensorFile(path.toStdString());
}

QSet<QString> names(const TensorFile& file) {
    QSet<QString> found;
    for (const auto& tensor : file.tensors)
        found.insert(QString::fromStdString(tensor->name()));
    return found;
}

/// Empty when the two hold the same bits; NaN does not occur.
QString difference(const LazyTensor& expected, const LazyTensor& recorded) {
    const QString name = QString::fromStdString(expected.name());
    if (expected.shape() != recorded.shape() || expected.dtype() != recorded.dtype())
        return name + ": another shape or dtype";
    const Tensor a = expected.read(), b = recorded.read();
    for (std::int64_t i = 0; i < a.size(); ++i) {
        if (a.at(i) != b.at(i))
            return QStringLiteral("%1: element %2 is %3, expected %4").arg(name).arg(i).arg(b.at(i)).arg(a.at(i));
    }
    return {};
}

}  // namespace

/// The recorder script with real trainings in PyTorch; what it writes is read with the program's readers.
class RecorderTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void recordings_data();
    void recordings();
    void statistics();
    void traces();
    void behaviour_data();
    void behaviour();
    void killedAnywhere();
    void killedForReal();
    void fromTheCommandLine();

private:
    /// Runs a scenario of the script; fails the test unless it ends with "ok".
    QByteArray run(const QString& scenario) {
        if (!m_hasTorch)
            return {};
        QProcess process;
        process.start(python, {"-B", script, recorderFolder, scenario, m_folder.path()});
        if (!process.waitForFinished(patienceMs) || process.exitCode() != 0)
            QTest::qFail(process.readAllStandardError().constData(), __FILE__, __LINE__);
        return process.readAllStandardOutput();
    }
    QString path(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
    bool m_hasTorch = false;
};

#define REQUIRE_TORCH()                                                                                                \
    if (!m_hasTorch)                                                                                                   \
    QSKIP("python3-torch is not installed")

void RecorderTest::initTestCase() {
    QProcess probe;
    probe.start(python, {"-c", "import numpy, torch"});
    m_hasTorch =
        probe.waitForFinished(patienceMs) && probe.exitStatus() == QProcess::NormalExit && probe.exitCode() == 0;
}

// A scenario records several files and notes down by other means what must be in them.
void RecorderTest::recordings_data() {
    QTest::addColumn<QStringList>("files");
    QTest::newRow("mlp") << QStringList{"mlp"};
    QTest::newRow("conv") << QStringList{"conv"};
    QTest::newRow("autocast") << QStringList{"autocast"};
    QTest::newRow("shapes") << QStringList{"plain", "untracked", "double", "lazy", "volume"};
}

void RecorderTest::recordings() {
    REQUIRE_TORCH();
    QFETCH(QStringList, files);
    QVERIFY(run(QTest::currentDataTag()).endsWith("ok\n"));
    for (const QString& name : files) {
        const TensorFile recorded = opened(path(name + ".npz")), expected = opened(path(name + ".expected.npz"));
        for (const auto& tensor : expected.tensors) {
            const auto found = recorded.find(tensor->name());
            QVERIFY2(found, qPrintable(name + ": no " + QString::fromStdString(tensor->name())));
            const QString different = difference(*tensor, *found);
            QVERIFY2(different.isEmpty(), qPrintable(name + ": " + different));
        }
        QCOMPARE(recorded.texts.size(), std::size_t{1});
        QCOMPARE(recorded.texts.front().first, std::string("meta"));
        if (name == "mlp")
            QCOMPARE(names(recorded), names(expected));  // nothing besides
    }
}

// PyTorch's var_mean in float32 against NumPy in float64: the mean of 16 values near 100 is right to some units of
// 2^-24 · 100, and the variance near 9, taken around a mean with that error, to some units of its own precision.
void RecorderTest::statistics() {
    REQUIRE_TORCH();
    run("thinned");
    const TensorFile recorded = opened(path("thinned.npz")), expected = opened(path("thinned.expected.npz"));
    QSet<QString> wanted = names(expected);
    for (const int step : {0, 3, 6}) {
        for (const char* key : {"weight", "bias", "grad_weight", "grad_bias", "training", "momentum"})
            wanted.insert(QStringLiteral("%1.%2").arg(key).arg(step));
    }
    for (const char* key : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"})
        wanted.insert(QStringLiteral("init.") + key);
    QCOMPARE(names(recorded), wanted);
    for (const auto& tensor : expected.tensors) {
        const Tensor a = tensor->read(), b = recorded.find(tensor->name())->read();
        const bool computed = tensor->name().starts_with("mean.") || tensor->name().starts_with("var.");
        for (std::int64_t i = 0; i < a.size(); ++i)
            QVERIFY2(std::abs(a.at(i) - b.at(i)) <= (computed ? 16 * 0x1p-24 * std::abs(a.at(i)) : 0.0),
                     tensor->name().c_str());
    }
    QCOMPARE(recorded.find("training.6")->read().at(0), 0.0);
}

void RecorderTest::traces() {
    REQUIRE_TORCH();
    const auto mlp = Trace::open(path("mlp.npz").toStdString());
    QCOMPARE(mlp->length(), std::int64_t{12});
    QCOMPARE(mlp->channels(), std::int64_t{7});
    QCOMPARE(mlp->meta().eps, std::optional(1e-5));
    QCOMPARE(mlp->meta().momentum, std::optional(0.2));
    QCOMPARE(mlp->meta().layer, std::string("net.1"));
    QCOMPARE(mlp->meta().steps.size(), std::size_t{12});
    QVERIFY(!mlp->meta().torchVersion.empty() && mlp->notes().empty());
    const auto thinned = Trace::open(path("thinned.npz").toStdString());
    QVERIFY(!thinned->hasBatches());
    QCOMPARE(thinned->numberOf(2), std::int64_t{6});
    QVERIFY(!thinned->hasBefore(0) && thinned->hasBefore(1) && !thinned->isTraining(2));
    const auto conv = Trace::open(path("conv.npz").toStdString());
    QVERIFY(conv->meta().hasMomentum && !conv->meta().momentum);
    QCOMPARE(Trace::open(path("autocast.npz").toStdString())->meta().autocast, std::string("bfloat16"));
}

// The script itself says what it checks.
void RecorderTest::behaviour_data() {
    QTest::addColumn<QString>("scenario");
    for (const char* scenario : {"autograd", "misfits", "audits"})
        QTest::newRow(scenario) << QString(scenario);
}

void RecorderTest::behaviour() {
    REQUIRE_TORCH();
    QFETCH(QString, scenario);
    QVERIFY(run(scenario).endsWith("ok\n"));
}

// One recording for every operation on a file, killed there; the script checks with NumPy, here our readers follow.
void RecorderTest::killedAnywhere() {
    REQUIRE_TORCH();
    QVERIFY(run("killed_anywhere").endsWith("ok\n"));
    const QFileInfoList left = QDir(m_folder.path()).entryInfoList({"kill.*.npz"}, QDir::Files);
    QVERIFY(left.size() > 50);
    for (const QFileInfo& file : left) {
        const auto trace = Trace::open(file.filePath().toStdString());
        QVERIFY(trace->hasEverywhere(TraceKey::GradWeight));
        QCOMPARE(static_cast<std::int64_t>(trace->meta().steps.size()), trace->length());
    }
}

void RecorderTest::killedForReal() {
    REQUIRE_TORCH();
    for (const int stepsToWait : {1, 40}) {
        QProcess process;
        process.start(python, {"-B", script, recorderFolder, "killed", m_folder.path()});
        QByteArray told;
        QElapsedTimer timer;
        for (timer.start(); told.count('\n') < stepsToWait && timer.elapsed() < patienceMs;) {
            process.waitForReadyRead(1000);
            told += process.readAllStandardOutput();
        }
        process.kill();
        QVERIFY(process.waitForFinished(patienceMs));
        told += process.readAllStandardOutput();
        const std::int64_t complete = told.count('\n');
        QVERIFY(complete >= stepsToWait);
        const auto trace = Trace::open(path("killed.npz").toStdString());
        QVERIFY(trace->length() == complete || trace->length() == complete + 1);
        QVERIFY(trace->hasEverywhere(TraceKey::GradInput) && trace->notes().empty());
    }
}

void RecorderTest::fromTheCommandLine() {
    const QByteArray source = readBytes(recorderFolder + "/bnstudio_recorder.py");
    QVERIFY(source.contains("def record("));
    const Finished printed = runCommand({"recorder"}, m_folder.path());
    QCOMPARE(printed.status, 0);
    QCOMPARE(printed.out, QString::fromUtf8(source));
    QCOMPARE(printed.err, QString());
    QCOMPARE(runCommand({"recorder", "--help"}, m_folder.path()).status, 0);
    QCOMPARE(runCommand({"recorder", "out.py"}, m_folder.path()).status, 2);
}

QTEST_GUILESS_MAIN(RecorderTest)
#include "recorder_test.moc"
