// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/state_writer.h"
#include "core/io/tensor_file.h"
#include "core/run/reestimation_recipe.h"
#include "core/run/run.h"
#include "support/interop.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;

namespace {

using Tensors = std::vector<std::pair<std::string, Tensor>>;

BatchNorm1d trainedLayer(DType dtype = DType::Float32) {
    BatchNorm1d layer(LayerOptions{.numFeatures = 3, .dtype = dtype});
    layer.mutableState() = {ChannelVector{1, 0.5, -2}, ChannelVector{0, 0.25, 7}, ChannelVector{0.5, -1, 3},
                            ChannelVector{1, 2, 0.125}, 100};
    return layer;
}

void expectSame(const Tensor& a, const Tensor& b) {
    QCOMPARE(a.dtype(), b.dtype());
    QCOMPARE(a.shape(), b.shape());
    QCOMPARE(interop::sha256(a), interop::sha256(b));
}

/// What a Python program with PyTorch prints; nothing when there is no such Python.
std::optional<QString> torchOutput(const QString& program, const QStringList& arguments) {
    if (QProcess::execute("/usr/bin/python3", {"-c", "import torch, numpy"}) != 0)
        return std::nullopt;
    QProcess process;
    process.start("/usr/bin/python3", QStringList{"-c", program} + arguments);
    if (!process.waitForFinished(120'000))  // importing torch takes its time on a busy machine
        return "never finished";
    return QString::fromUtf8(process.readAllStandardOutput() + process.readAllStandardError());
}

/// Reads a safetensors file with nothing but the format's description, for machines without its package.
const QString readByHand = R"(
import json, struct, sys, numpy, torch
def read(path):
    if path.endswith('.npz'):
        return {k: torch.from_numpy(v) for k, v in numpy.load(path).items()}
    raw = open(path, 'rb').read()
    n = struct.unpack('<Q', raw[:8])[0]
    assert n % 8 == 0
    header = json.loads(raw[8:8 + n])
    assert header.pop('__metadata__') == {'format': 'pt'}
    kinds = {'F32': '<f4', 'F64': '<f8', 'I64': '<i8'}
    def one(e):
        begin, end = e['data_offsets']
        return torch.from_numpy(numpy.frombuffer(raw[8 + n + begin:8 + n + end], kinds[e['dtype']]).reshape(e['shape']).copy())
    return {k: one(e) for k, e in header.items()}
)";

}  // namespace

class StateWriterTest : public QObject {
    Q_OBJECT

private slots:
    void readsBackEveryDType();
    void alignsEveryElement();
    void refusesNamesItCannotWrite();
    void leavesNothingBehindWithoutCommit();
    void pyTorchLoadsIt_data();
    void pyTorchLoadsIt();
    void pyTorchLoadsTheBuffersAlone();
    void quotesTheNameOfTheFile();
    void estimatesStatisticsAnew();
    void refusesToEstimateWhatIsNotThere();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    std::filesystem::path file(const QString& name) const { return path(name).toStdString(); }
    QTemporaryDir m_folder;
};

void StateWriterTest::readsBackEveryDType() {
    Tensors tensors;
    for (const DType dtype :
         {DType::Bool, DType::UInt8, DType::Int8, DType::UInt16, DType::Int16, DType::Float16, DType::BFloat16,
          DType::UInt32, DType::Int32, DType::Float32, DType::UInt64, DType::Int64, DType::Float64}) {
        Tensor tensor(dtype, {2, 3});
        for (std::size_t i = 0; i < tensor.byteSize(); ++i)
            tensor.bytes()[i] = std::byte(i % 2);
        tensors.emplace_back(std::string(name(dtype)), std::move(tensor));
    }
    tensors.emplace_back("scalar", Tensor::of<std::int64_t>({}, {-7}));
    tensors.emplace_back("empty", Tensor(DType::Float32, {0, 3}));
    tensors.emplace_back("größe \"quoted\"", Tensor::of<float>({1}, {1}));
    SafetensorsWriter writer(file("all.safetensors"));
    for (const auto& [name, tensor] : tensors)
        writer.add(name, tensor);
    writer.commit();
    const TensorFile opened = openTensorFile(file("all.safetensors"));
    QCOMPARE(opened.tensors.size(), tensors.size());
    for (const auto& [name, tensor] : tensors)
        expectSame(opened.find(name)->read(), tensor);
}

void StateWriterTest::alignsEveryElement() {
    const Tensors tensors{{"wide", Tensor(DType::Int64, {})}, {"narrow", Tensor(DType::Float32, {3})}};
    QCOMPARE((safetensorsHeader(tensors).size() - 8) % 8, std::size_t{0});
    StateWriter writer(file("bn.SafeTensors"));
    writer.add("net.1.", stateDict(trainedLayer()));
    writer.commit();
    std::vector<std::string> order;
    for (const auto& tensor : openTensorFile(file("bn.SafeTensors")).tensors)
        order.push_back(tensor->name());
    QCOMPARE(order, (std::vector<std::string>{"net.1.num_batches_tracked", "net.1.weight", "net.1.bias",
                                              "net.1.running_mean", "net.1.running_var"}));
}

void StateWriterTest::refusesNamesItCannotWrite() {
    SafetensorsWriter writer(file("x.safetensors"));
    const Tensor tensor(DType::Float32, {1});
    writer.add("a", tensor);
    for (const char* name : {"a", "\xff", "__metadata__"}) {
        try {
            writer.add(name, tensor);
            QFAIL(name);
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::WriteFailed);
        }
    }
}

void StateWriterTest::leavesNothingBehindWithoutCommit() {
    QVERIFY(QDir(m_folder.path()).mkdir("own"));
    {
        StateWriter writer(file("own/state.safetensors"));
        writer.add("", stateDict(trainedLayer()));
    }
    QVERIFY(QDir(path("own")).isEmpty());
}

void StateWriterTest::pyTorchLoadsIt_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isDouble");
    for (const char* name : {"bn.safetensors", "bn.npz"}) {
        QTest::addRow("%s, float32", name) << name << false;
        QTest::addRow("%s, float64", name) << name << true;
    }
}

void StateWriterTest::pyTorchLoadsIt() {
    QFETCH(QString, name);
    QFETCH(bool, isDouble);
    StateWriter writer(file(name));
    writer.add("", stateDict(trainedLayer(isDouble ? DType::Float64 : DType::Float32)));
    writer.commit();
    const auto output = torchOutput(readByHand + R"(
bn = torch.nn.BatchNorm1d(3, dtype=getattr(torch, sys.argv[2]))
state = read(sys.argv[1])
assert state['num_batches_tracked'].dtype == torch.int64 and state['num_batches_tracked'].shape == ()
assert all(v.dtype == bn.weight.dtype for k, v in state.items() if k != 'num_batches_tracked')
print(bn.load_state_dict(state, strict=True))
for key, value in bn.state_dict().items():
    print(key, value.tolist())
)",
                                    {path(name), isDouble ? "float64" : "float32"});
    if (!output)
        QSKIP("no python3 with PyTorch here");
    QCOMPARE(*output, "<All keys matched successfully>\nweight [1.0, 0.5, -2.0]\nbias [0.0, 0.25, 7.0]\n"
                      "running_mean [0.5, -1.0, 3.0]\nrunning_var [1.0, 2.0, 0.125]\nnum_batches_tracked 100\n");
}

void StateWriterTest::pyTorchLoadsTheBuffersAlone() {
    StateWriter writer(file("buffers.npz"));
    writer.add("1.", buffersOf(stateDict(trainedLayer())));
    writer.commit();
    QCOMPARE(openTensorFile(file("buffers.npz")).tensors.size(), std::size_t{3});
    const auto output =
        torchOutput("import numpy, sys, torch\n"
                    "model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))\n"
                        + QString::fromStdString(pythonToLoad(file("buffers.npz").string()))
                        + "\nfor key, value in model[1].state_dict().items():\n    print(key, value.tolist())\n",
                    {});
    if (!output)
        QSKIP("no python3 with PyTorch here");
    QCOMPARE(*output, "weight [1.0, 1.0, 1.0]\nbias [0.0, 0.0, 0.0]\nrunning_mean [0.5, -1.0, 3.0]\n"
                      "running_var [1.0, 2.0, 0.125]\nnum_batches_tracked 100\n");
}

void StateWriterTest::quotesTheNameOfTheFile() {
    QCOMPARE(pythonToLoad("a'b\\c\n.npz"),
             "model.load_state_dict({k: torch.from_numpy(v) for k, v in numpy.load('a\\'b\\\\c\\x0a.npz').items()}, "
             "strict=False)");
    QCOMPARE(pythonToLoad("f.safetensors"),
             "model.load_state_dict(safetensors.torch.load_file('f.safetensors'), strict=False)");
}

// Batches 0, 2 and 4, 8: means 1 and 6, unbiased variances 2 and 8; all averages are exact.
void StateWriterTest::estimatesStatisticsAnew() {
    StateWriter writer(file("net.safetensors"));
    BatchNorm1d layer(LayerOptions{.numFeatures = 1});
    layer.mutableState() = {ChannelVector{3}, ChannelVector{4}, ChannelVector{-100}, ChannelVector{1e6}, 77};
    writer.add("net.1.", stateDict(layer));
    writer.commit();
    DataSpec data;
    data.sources = {PastedSpec{{4, 1}, {0, 2, 4, 8}}};
    data.batchSize = 2;
    const StateFile stateFile(file("net.safetensors").string() + "::net.1");
    Run run(reestimationRecipe(stateFile, data));
    const std::int64_t steps = run.stream().stepsPerEpoch().value();
    QCOMPARE(steps, std::int64_t{2});
    std::shared_ptr<const Snapshot> last;
    for (std::int64_t step = 0; step < steps; ++step)
        last = run.advance();
    const LayerState& state = last->lanes[0]->after->layer.state();
    QCOMPARE(state.runningMean, (std::optional<ChannelVector>{{3.5}}));
    QCOMPARE(state.runningVar, (std::optional<ChannelVector>{{5}}));
    QCOMPARE(state.numBatchesTracked, std::optional<std::int64_t>{2});
    QCOMPARE(state.weight, (std::optional<ChannelVector>{{3}}));
    QCOMPARE(state.bias, (std::optional<ChannelVector>{{4}}));
}

void StateWriterTest::refusesToEstimateWhatIsNotThere() {
    StateWriter writer(file("plain.npz"));
    BatchNorm1d layer(LayerOptions{.numFeatures = 1, .trackRunningStats = false});
    writer.add("", stateDict(layer));
    writer.commit();
    const QString message =
        interop::errorOf([&] { reestimationRecipe(StateFile(file("plain.npz").string()), {}); }, file("plain.npz"));
    QVERIFY2(message.contains("has no running statistics"), qPrintable(message));
}

QTEST_GUILESS_MAIN(StateWriterTest)
#include "state_writer_test.moc"
