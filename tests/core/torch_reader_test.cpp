// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/crc32.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"
#include "support/pickle_bytes.h"
#include "support/zip_bytes.h"

#include <QTemporaryDir>
#include <QTest>

#include <numeric>
#include <thread>

using namespace bnstudio;

namespace {

using pickle::counted, pickle::legacyBytes, pickle::number64;

std::uint32_t crcOf(const QByteArray& data) {
    return crc32(0, std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size()))));
}

QString refusedText(const TensorFile& file) {
    QStringList list;
    for (const RefusedObject& object : file.refused)
        list += QString::fromStdString(object.where + "=" + object.global);
    return list.join(' ');
}

QString namesText(const TensorFile& file) {
    QStringList list;
    for (const auto& tensor : file.tensors)
        list += QString::fromStdString(tensor->name());
    return list.join(' ');
}

std::vector<double> valuesOf(const Tensor& tensor) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.at(i));
    return values;
}

/// The state that torch.nn.Module gives to BUILD.
QByteArray moduleState(const QByteArray& parameters, const QByteArray& buffers, const QByteArray& modules,
                       const QByteArray& more = {}) {
    using namespace pickle;
    return dict(text("_parameters") + dict(parameters) + text("_buffers") + dict(buffers) + text("_modules")
                + dict(modules) + more);
}

QByteArray module(const QByteArray& name, const QByteArray& state) {
    return pickle::global("my.models", name) + ")\x81" + state + "b";
}

}  // namespace

class TorchReaderTest : public QObject {
    Q_OBJECT

private slots:
    void readsEveryLayout_data();
    void readsEveryLayout();
    void readsLargeViewsInPieces();
    void readsDeflatedStorages();
    void readsBigEndianStorages();
    void readsTypesOfPyTorch2();
    void namesTensorsByTheirPath();
    void namesAModulesTensorsLikeItsStateDict();
    void refusesOnlyWhatDependsOnForeignObjects();
    void tellsModuleVersions();
    void readsLegacyViews();
    void readsLegacyModules();
    void readsFromSeveralThreads();
    void survivesEveryFlippedByte_data();
    void survivesEveryFlippedByte();

private:
    std::filesystem::path write(const QByteArray& bytes, const char* name = "case.pt") {
        const std::filesystem::path path = m_folder.filePath(name).toStdString();
        interop::writeFile(path, bytes);
        return path;
    }
    /// An archive of this object and one storage "0".
    std::filesystem::path writeZip(const QByteArray& object, const QByteArray& data = counted(6)) {
        return write(zipBytes({{"a/data.pkl", pickle::whole(object)}, {"a/data/0", data}, {"a/version", "3\n"}}));
    }
    QTemporaryDir m_folder;
};

void TorchReaderTest::readsEveryLayout_data() {
    QTest::addColumn<QByteArray>("shape");
    QTest::addColumn<QByteArray>("strides");
    QTest::addColumn<int>("offset");
    QTest::addColumn<std::vector<double>>("values");
    using pickle::numbers;
    using Values = std::vector<double>;
    QTest::newRow("contiguous") << numbers({2, 3}) << numbers({3, 1}) << 0 << Values{0, 1, 2, 3, 4, 5};
    QTest::newRow("transposed") << numbers({3, 2}) << numbers({1, 3}) << 0 << Values{0, 3, 1, 4, 2, 5};
    QTest::newRow("with an offset") << numbers({2}) << numbers({1}) << 4 << Values{4, 5};
    QTest::newRow("with steps") << numbers({3}) << numbers({2}) << 1 << Values{1, 3, 5};
    QTest::newRow("a column") << numbers({2, 1}) << numbers({3, 77}) << 2 << Values{2, 5};
    QTest::newRow("repeated") << numbers({2, 3}) << numbers({0, 1}) << 3 << Values{3, 4, 5, 3, 4, 5};
    QTest::newRow("one value") << numbers({2, 2}) << numbers({0, 0}) << 5 << Values{5, 5, 5, 5};
    QTest::newRow("overlapping windows") << numbers({4, 3}) << numbers({1, 1}) << 0
                                         << Values{0, 1, 2, 1, 2, 3, 2, 3, 4, 3, 4, 5};
    QTest::newRow("three axes") << numbers({1, 2, 3}) << numbers({6, 1, 2}) << 0 << Values{0, 2, 4, 1, 3, 5};
    QTest::newRow("rank 0") << numbers({}) << numbers({}) << 5 << Values{5};
    QTest::newRow("empty, from anywhere") << numbers({0, 9}) << numbers({9, 1}) << 100 << Values{};
}

void TorchReaderTest::readsEveryLayout() {
    QFETCH(QByteArray, shape);
    QFETCH(QByteArray, strides);
    QFETCH(int, offset);
    QFETCH(std::vector<double>, values);
    const TensorFile file = openTensorFile(writeZip(pickle::tensor(pickle::storage("0", 6), offset, shape, strides)));
    const LazyTensor& tensor = *file.tensors.at(0);
    QCOMPARE(tensor.name(), "");
    QCOMPARE(valuesOf(tensor.read()), values);
    if (tensor.shape().empty())
        return;
    std::vector<double> byRows;
    for (std::int64_t row = 0; row < tensor.shape()[0]; ++row) {
        Tensor piece;
        tensor.readRows(row, 1, piece);
        for (const double value : valuesOf(piece))
            byRows.push_back(value);
    }
    QCOMPARE(byRows, values);
}

void TorchReaderTest::readsLargeViewsInPieces() {
    // 3 million elements: more than the reader's block in either direction of the transposed view.
    constexpr int rows = 1500, columns = 2000;
    QByteArray data(rows * columns * 4, Qt::Uninitialized);
    for (int i = 0; i < rows * columns; ++i)
        qToLittleEndian(static_cast<float>(i), data.data() + 4 * i);
    using namespace pickle;
    const QByteArray whole = storage("0", rows * columns);
    const TensorFile file =
        openTensorFile(writeZip(dict(text("t") + tensor(whole, 0, numbers({columns, rows}), numbers({1, columns}))
                                     + text("step") + tensor(whole, 7, numbers({2, 2}), numbers({2'000'000, 999'000}))),
                                data));
    const Tensor transposed = file.find("t")->read();
    QCOMPARE(transposed.shape(), (Dims{columns, rows}));
    for (int column = 0; column < columns; ++column)
        for (int row = 0; row < rows; ++row)
            if (transposed.values<float>()[static_cast<std::size_t>(column * rows + row)]
                != static_cast<float>(row * columns + column))
                QFAIL("another value");
    QCOMPARE(valuesOf(file.find("step")->read()), (std::vector<double>{7, 999'007, 2'000'007, 2'999'007}));
}

void TorchReaderTest::readsDeflatedStorages() {
    const QByteArray data = counted(6);
    ZipEntry entry{"a/data/0", deflated(data), 8};
    entry.size = static_cast<std::uint64_t>(data.size());
    entry.checksum = crcOf(data);
    using namespace pickle;
    const QByteArray object = whole(tensor(storage("0", 6), 2, numbers({2}), numbers({1})));
    const TensorFile file = openTensorFile(write(zipBytes({{"a/data.pkl", object}, entry})));
    QCOMPARE(valuesOf(file.tensors.at(0)->read()), (std::vector<double>{2, 3}));
}

void TorchReaderTest::readsBigEndianStorages() {
    using namespace pickle;
    const QByteArray object = whole(tensor(storage("0", 2, "ShortStorage"), 0, numbers({2}), numbers({1})));
    const QList<ZipEntry> records{{"a/data.pkl", object}, {"a/data/0", QByteArray("\x01\x02\xff\xfe", 4)}};
    const TensorFile big = openTensorFile(write(zipBytes(records + QList<ZipEntry>{{"a/byteorder", "big"}})));
    QCOMPARE(valuesOf(big.tensors.at(0)->read()), (std::vector<double>{0x0102, -2}));
    QCOMPARE(big.notes.size(), std::size_t{1});
    const TensorFile little = openTensorFile(write(zipBytes(records + QList<ZipEntry>{{"a/byteorder", "little"}})));
    QCOMPARE(valuesOf(little.tensors.at(0)->read()), (std::vector<double>{0x0201, -257}));
}

void TorchReaderTest::readsTypesOfPyTorch2() {
    using namespace pickle;
    // uint16 has no storage class of its own: an untyped storage of bytes and a dtype.
    const QByteArray untyped =
        tuple(text("storage") + global("torch.storage", "UntypedStorage") + text("0") + text("cpu") + number(4)) + "Q";
    const QByteArray unsignedTensor =
        call(global("torch._utils", "_rebuild_tensor_v3"),
             untyped + number(0) + numbers({2}) + numbers({1}) + "\x89" + orderedDict() + global("torch", "uint16"));
    // A parameter with a Python attribute.
    const QByteArray arguments =
        tuple(storage("1", 1) + number(0) + numbers({1}) + numbers({1}) + "\x89" + orderedDict());
    const QByteArray withAttribute =
        call(global("torch._tensor", "_rebuild_from_type_v2"), global("torch._utils", "_rebuild_tensor_v2")
                                                                   + global("torch.nn.parameter", "Parameter")
                                                                   + arguments + dict(text("tag") + number(1)));
    const QByteArray object = whole(dict(text("u") + unsignedTensor + text("p") + withAttribute));
    const TensorFile file = openTensorFile(write(
        zipBytes({{"a/data.pkl", object}, {"a/data/0", QByteArray("\x01\x01\xff\xff", 4)}, {"a/data/1", counted(1)}})));
    QCOMPARE(file.find("u")->dtype(), DType::UInt16);
    QCOMPARE(valuesOf(file.find("u")->read()), (std::vector<double>{257, 65535}));
    QCOMPARE(valuesOf(file.find("p")->read()), (std::vector<double>{0}));
}

void TorchReaderTest::namesTensorsByTheirPath() {
    using namespace pickle;
    const QByteArray one = tensor(storage("0", 6), 0, numbers({1}), numbers({1}));
    const QByteArray two = tensor(storage("0", 6), 1, numbers({1}), numbers({1}));
    const TensorFile file = openTensorFile(writeZip(
        dict(text("net.0") + dict(text("weight") + one) + text("list") + "](" + one + tuple(two) + "e" + number(3) + one
             + text("epoch") + number(12) + text("a") + dict(text("b") + one) + text("a.b") + two)));
    QCOMPARE(namesText(file), "net.0.weight list.0 list.1.0 3 a.b");
    QCOMPARE(file.find("a.b")->read().at(0), 1.0);  // the last one of a name, as in a dict
    QCOMPARE(file.notes, std::vector<std::string>{"several tensors have the name \"a.b\"; the last one is used"});
    QCOMPARE(file.others.size(), std::size_t{1});
    QCOMPARE(file.others[0].name, "epoch");
    QCOMPARE(file.others[0].type, "int");
}

void TorchReaderTest::namesAModulesTensorsLikeItsStateDict() {
    using namespace pickle;
    const QByteArray one = tensor(storage("0", 6), 0, numbers({1}), numbers({1}));
    const QByteArray transient = call(global("__builtin__", "set"), "](" + text("scratch") + "e");
    const QByteArray norm =
        module("Norm", moduleState(text("weight") + one + text("bias") + "N",
                                   text("running_mean") + one + text("scratch") + one, {},
                                   text("_non_persistent_buffers_set") + transient + text("cache") + one));
    const TensorFile file =
        openTensorFile(writeZip(module("Net", moduleState(text("scale") + one, {}, text("norm") + norm))));
    QCOMPARE(namesText(file), "scale norm.weight norm.running_mean");
    QCOMPARE(refusedText(file), "=my.models.Net norm=my.models.Norm norm._non_persistent_buffers_set=__builtin__.set "
                                "norm.cache=my.models.Norm");
}

void TorchReaderTest::refusesOnlyWhatDependsOnForeignObjects() {
    using namespace pickle;
    const QByteArray one = tensor(storage("0", 6), 0, numbers({1}), numbers({1}));
    const QByteArray foreign =
        global("collections", "defaultdict") + tuple(global("builtins", "list")) + "R(" + text("m") + one + "u";
    const TensorFile file = openTensorFile(writeZip(
        dict(text("x") + one + text("state") + foreign + text("call") + call(global("os", "system"), text("true"))
             + text("c") + tensor(storage("0", 3, "ComplexFloatStorage"), 0, numbers({1}), numbers({1})))));
    QCOMPARE(namesText(file), "x");
    QCOMPARE(refusedText(file), "state=collections.defaultdict state.m=collections.defaultdict call=os.system "
                                "c=torch.ComplexFloatStorage");
    QStringList globals;
    for (const PickledName& global : file.globals)
        globals += QString::fromStdString(global.name) + (global.refused ? "!" : "");
    QCOMPARE(globals.join(' '), "torch._utils._rebuild_tensor_v2 torch.FloatStorage collections.OrderedDict "
                                "collections.defaultdict! builtins.list! os.system! torch.ComplexFloatStorage!");
}

void TorchReaderTest::tellsModuleVersions() {
    using Versions = std::map<std::string, int>;
    QCOMPARE(openTensorFile(interop::goodFile("bn.pt")).moduleVersions, (Versions{{"", 2}}));
    const Versions nested = openTensorFile(interop::goodFile("checkpoint.pt")).moduleVersions;
    QCOMPARE(nested.at("model_state_dict.net.1"), 2);
    QCOMPARE(nested.at("model_state_dict.net.0"), 1);
    QVERIFY(openTensorFile(interop::goodFile("bn_bf16.pt")).moduleVersions.empty());
}

void TorchReaderTest::readsLegacyViews() {
    // PyTorch 0.3 and before: storages that are parts of others.
    using namespace pickle;
    const QByteArray part = storage("7", 6, "FloatStorage", tuple(text("8") + number(2) + number(3)));
    const QByteArray object = whole(tensor(part, 1, numbers({2}), numbers({1})));
    const TensorFile file = openTensorFile(write(legacyBytes(object, {"7"}, number64(6) + counted(6))));
    QCOMPARE(valuesOf(file.tensors.at(0)->read()), (std::vector<double>{3, 4}));
    const QByteArray beyond = whole(tensor(part, 2, numbers({2}), numbers({1})));
    const std::filesystem::path path = write(legacyBytes(beyond, {"7"}, number64(6) + counted(6)));
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains("needs a storage of 4 elements, but it has 3"), qPrintable(message));
}

void TorchReaderTest::readsLegacyModules() {
    // The old format stores the source code of a module's class beside its name.
    using namespace pickle;
    const QByteArray withSource =
        tuple(text("module") + global("my.models", "Net") + text("models.py") + text("class Net: ...")) + "Q";
    const QByteArray one = tensor(storage("7", 2), 1, numbers({1}), numbers({1}));
    const QByteArray object = whole(withSource + ")\x81" + moduleState(text("scale") + one, {}, {}) + "b");
    const TensorFile file = openTensorFile(write(legacyBytes(object, {"7"}, number64(2) + counted(2))));
    QCOMPARE(namesText(file), "scale");
    QCOMPARE(file.find("scale")->read().at(0), 1.0);
    QCOMPARE(refusedText(file), "=my.models.Net");
}

void TorchReaderTest::readsFromSeveralThreads() {
    const TensorFile file = openTensorFile(interop::goodFile("model.pt"));
    std::vector<QByteArray> sums(8);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < sums.size(); ++i)
            threads.emplace_back([&, i] { sums[i] = interop::sha256(file.tensors[i % 2]->read()); });
    }
    for (std::size_t i = 2; i < sums.size(); ++i)
        QCOMPARE(sums[i], sums[i % 2]);
}

void TorchReaderTest::survivesEveryFlippedByte_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"bn.pt", "model_legacy.pt"})
        QTest::newRow(name) << name;
}

void TorchReaderTest::survivesEveryFlippedByte() {
    // Whatever a damaged byte does, the outcome is a file or an Error.
    QFETCH(QString, name);
    QFile original(QString::fromStdString(interop::goodFile(name).string()));
    QVERIFY(original.open(QIODevice::ReadOnly));
    const QByteArray good = original.readAll();
    for (qsizetype at = 0; at < good.size(); ++at) {
        QByteArray bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x41);
        try {
            for (const auto& tensor : openTensorFile(write(bytes)).tensors)
                QCOMPARE(tensor->read().shape(), tensor->shape());
        } catch (const Error&) {
        }
    }
}

QTEST_GUILESS_MAIN(TorchReaderTest)
#include "torch_reader_test.moc"
