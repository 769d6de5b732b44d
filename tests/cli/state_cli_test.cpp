// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "core/io/safetensors_writer.h"

#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;
using namespace bnstudio::testing;

/// State dicts in and out of `bnstudio run`, and data whose axes are in another order.
class StateCliTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void savesTheSameStateInBothFormats();
    void readsAxesInAnotherOrder();
    void hintsAtAxesThatFitTheState();
    void estimatesStatisticsAnew();
    void saysWhatLooksWrongWithAState();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    Finished run(const QStringList& options) const {
        const Finished finished = runCommand(QStringList{"run"} + options, m_folder->path());
        if (finished.status != 0)
            QTest::qFail(qPrintable(finished.err), __FILE__, __LINE__);
        return finished;
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void StateCliTest::savesTheSameStateInBothFormats() {
    run({"default", "--steps", "3", "--save-state", "s.safetensors"});
    run({"default", "--steps", "3", "--save-state", "s.npz"});
    const TensorFile npz = openTensorFile(path("s.npz").toStdString());
    const TensorFile safetensors = openTensorFile(path("s.safetensors").toStdString());
    QCOMPARE(npz.tensors.size(), std::size_t{5});
    QCOMPARE(safetensors.tensors.size(), npz.tensors.size());
    for (const auto& tensor : npz.tensors) {
        const auto other = safetensors.find(tensor->name());
        QVERIFY2(other, tensor->name().c_str());
        QCOMPARE(other->dtype(), tensor->dtype());
        QCOMPARE(other->shape(), tensor->shape());
        QCOMPARE(npzValues(path("s.safetensors"), tensor->name()), npzValues(path("s.npz"), tensor->name()));
    }
    QCOMPARE(safetensors.find("num_batches_tracked")->dtype(), DType::Int64);
    QCOMPARE(safetensors.find("num_batches_tracked")->shape(), Dims());
    // A run goes on from either.
    for (const char* state : {"s.npz", "s.safetensors"})
        run({"default", "--state", state, "--steps", "1", "--save-state", QString(state) + ".next.npz"});
    QCOMPARE(readBytes(path("s.npz.next.npz")), readBytes(path("s.safetensors.next.npz")));
}

void StateCliTest::readsAxesInAnotherOrder() {
    // (N, C, L) = (2, 1, 3) and the same values as (N, L, C), (L, N, C).
    writeBytes(path("ncl.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({2, 1, 3}, {1, 2, 3, 4, 5, 6}))));
    writeBytes(path("NLC.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({2, 3, 1}, {1, 2, 3, 4, 5, 6}))));
    writeBytes(path("LNC.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({3, 2, 1}, {1, 4, 2, 5, 3, 6}))));
    run({"--data", "ncl.npy", "--save-tensors", "ncl.npz"});
    for (const QString axes : {"NLC", "LNC"}) {
        const Finished finished = run({"--data", axes + ".npy", "--axes", axes, "--save-tensors", axes + ".npz"});
        QVERIFY2(finished.err.contains("with axes " + axes + " is read as (N, C, L) = (2, 1, 3)"),
                 qPrintable(finished.err));
        for (const char* tensor : {"x.0", "y.0", "running_var.0"})
            QCOMPARE(npzValues(path(axes + ".npz"), tensor), npzValues(path("ncl.npz"), tensor));
    }
    // The recipe that is saved carries them.
    run({"--data", "NLC.npy", "--axes", "NLC", "--save-recipe", "r.json"});
    run({"r.json", "--save-tensors", "again.npz"});
    QCOMPARE(npzValues(path("again.npz"), "y.0"), npzValues(path("ncl.npz"), "y.0"));
}

void StateCliTest::hintsAtAxesThatFitTheState() {
    const Tensor three(DType::Float32, {3});
    writeNpz(path("s.npz"), {{"weight", three}, {"bias", three}, {"running_mean", three}, {"running_var", three}});
    writeBytes(path("nlc.npy"), QByteArray::fromStdString(npyBytes(Tensor(DType::Float32, {4, 5, 3}))));
    const Finished wrong = runCommand({"run", "--state", "s.npz", "--data", "nlc.npy"}, m_folder->path());
    QCOMPARE(wrong.status, 3);
    QVERIFY2(
        wrong.err.contains("num_features 3 and batches are (4, 5, 3) with 5 channels; if the channels are the last "
                           "axis of the file, --axes NLC reads it so\n"),
        qPrintable(wrong.err));
    run({"--state", "s.npz", "--data", "nlc.npy", "--axes", "NLC"});
}

// Batches 0, 2 and 4, 8: means 1 and 6, unbiased variances 2 and 8; all averages are exact.
void StateCliTest::estimatesStatisticsAnew() {
    SafetensorsWriter model(path("model.safetensors").toStdString());
    model.add("0.weight", Tensor(DType::Float32, {1, 4}));
    model.add("1.weight", Tensor::of<float>({1}, {3}));
    model.add("1.bias", Tensor::of<float>({1}, {4}));
    model.add("1.running_mean", Tensor::of<float>({1}, {-100}));
    model.add("1.running_var", Tensor::of<float>({1}, {1e6f}));
    model.add("1.num_batches_tracked", Tensor::of<std::int64_t>({}, {77}));
    model.commit();
    writeBytes(path("x.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({4, 1}, {0, 2, 4, 8}))));
    const Finished finished = run({"--state", "model.safetensors::1", "--data", "x.npy", "--batch-size", "2",
                                   "--reestimate", "--save-state", "buffers.safetensors"});
    QCOMPARE(finished.out, "model.load_state_dict(safetensors.torch.load_file('buffers.safetensors'), strict=False)\n");
    const TensorFile saved = openTensorFile(path("buffers.safetensors").toStdString());
    QCOMPARE(saved.tensors.size(), std::size_t{3});
    QCOMPARE(npzValues(path("buffers.safetensors"), "1.running_mean"), std::vector<double>{3.5});
    QCOMPARE(npzValues(path("buffers.safetensors"), "1.running_var"), std::vector<double>{5});
    QCOMPARE(npzValues(path("buffers.safetensors"), "1.num_batches_tracked"), std::vector<double>{2});
    // Without an output the table of the last step shows them.
    QVERIFY(run({"--state", "model.safetensors::1", "--data", "x.npy", "--batch-size", "2", "--reestimate"})
                .out.contains("3.5"));
}

void StateCliTest::saysWhatLooksWrongWithAState() {
    const Tensor zero(DType::Float32, {1}), one = Tensor::of<float>({1}, {1});
    writeNpz(path("s.npz"), {{"weight", one},
                             {"bias", zero},
                             {"running_mean", zero},
                             {"running_var", one},
                             {"num_batches_tracked", Tensor::of<std::int64_t>({}, {7})}});
    writeBytes(path("x.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({4, 1}, {0, 2, 4, 8}))));
    const Finished finished = run({"--state", "s.npz", "--data", "x.npy"});
    QVERIFY2(finished.err.contains("bnstudio: note: s.npz: num_batches_tracked is 7, but running_mean is still 0"),
             qPrintable(finished.err));
}

QTEST_GUILESS_MAIN(StateCliTest)
#include "state_cli_test.moc"
