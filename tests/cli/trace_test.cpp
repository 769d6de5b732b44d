// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

const QString sample = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/samples/digits_mlp_trace.npz");

}  // namespace

/// `bnstudio run --trace` from outside.
class TraceTest : public QObject {
    Q_OBJECT

private slots:
    void sameBitsOnceMore();
    void savedRecipe();
    void optionsOverride_data();
    void optionsOverride();
    void otherLane();
    void pastTheEnd();
    void statisticsAlone();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    void run(const QStringList& options) {
        const Finished finished = runCommand(QStringList{"run"} + options, m_folder.path());
        QVERIFY2(finished.status == 0, qPrintable(finished.err));
    }
    QTemporaryDir m_folder;
};

/// What --save-tensors writes is a trace; replaying it writes the same file.
void TraceTest::sameBitsOnceMore() {
    run({"--trace", sample, "--save-tensors", "first.npz"});
    run({"--trace", "first.npz", "--save-tensors", "second.npz"});
    QVERIFY(readBytes(path("first.npz")) == readBytes(path("second.npz")));
    QCOMPARE(npzValues(path("first.npz"), "weight.79"), npzValues(sample, "weight.79"));
}

void TraceTest::savedRecipe() {
    run({"--trace", sample, "--steps", "5", "--save-tensors", "direct.npz", "--save-recipe", "recipe.json"});
    run({"recipe.json", "--steps", "5", "--save-tensors", "recipe.npz"});
    QVERIFY(readBytes(path("direct.npz")) == readBytes(path("recipe.npz")));
    QVERIFY(readBytes(path("recipe.json")).contains("\"recording\""));
}

void TraceTest::optionsOverride_data() {
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("key");
    QTest::addColumn<double>("value");  // of channel 0
    QTest::newRow("momentum") << QStringList{"--momentum", "0.5"} << "momentum.2" << 0.5;
    QTest::newRow("mode") << QStringList{"--mode", "eval"} << "training.2" << 0.0;
    QTest::newRow("steps of mode") << QStringList{"--mode", "train*2,eval"} << "training.1" << 1.0;
    QTest::newRow("state") << QStringList{"--state", "state.npz"} << "weight.2" << 4.0;
}

void TraceTest::optionsOverride() {
    QFETCH(QStringList, options);
    QFETCH(QString, key);
    QFETCH(double, value);
    const auto vector = [](float number) {
        std::vector<float> values(24, number);
        return Tensor::of<float>({24}, std::span<const float>(values));
    };
    writeNpz(path("state.npz"), {{"weight", vector(4)},
                                 {"bias", vector(0)},
                                 {"running_mean", vector(0)},
                                 {"running_var", vector(1)},
                                 {"num_batches_tracked", Tensor::of<std::int64_t>({}, {0})}});
    run(QStringList{"--trace", sample, "--steps", "3", "--save-tensors", "out.npz"} + options);
    QCOMPARE(npzValues(path("out.npz"), key.toStdString()).at(0), value);
}

/// Lanes of a recipe are recorded beside one another; each can be replayed.
void TraceTest::otherLane() {
    writeBytes(path("lanes.json"), R"({"format": "bnstudio-recipe", "version": 1,
        "data": {"sources": [{"kind": "normal", "n": 4, "c": 2}]},
        "lanes": [{"name": "A"}, {"name": "B", "layer": {"momentum": 0.5}}]})");
    run({"lanes.json", "--steps", "4", "--save-tensors", "lanes.npz"});
    run({"--trace", "lanes.npz::B/", "--save-tensors", "b.npz"});
    QCOMPARE(npzValues(path("b.npz"), "running_var.3"), npzValues(path("lanes.npz"), "B/running_var.3"));
    QCOMPARE(npzValues(path("b.npz"), "running_var.4"), std::vector<double>());
}

void TraceTest::pastTheEnd() {
    const Finished finished = runCommand({"run", "--trace", sample, "--steps", "82"}, m_folder.path());
    QCOMPARE(finished.status, 3);
    QCOMPARE(finished.errorLines().last(), "bnstudio: step 80: the recording digits_mlp_trace.npz ends with step 79");
}

void TraceTest::statisticsAlone() {
    writeNpz(path("statistics.npz"), {{"mean.0", Tensor::of<float>({1}, {2.0f})},
                                      {"var.0", Tensor::of<float>({1}, {1.0f})},
                                      {"n.0", Tensor::of<std::int64_t>({}, {2})}});
    const Finished finished = runCommand({"run", "--trace", "statistics.npz"}, m_folder.path());
    QCOMPARE(finished.status, 3);
    QVERIFY(finished.err.startsWith("bnstudio: statistics.npz: holds statistics without batches x.k"));
}

QTEST_GUILESS_MAIN(TraceTest)
#include "trace_test.moc"
