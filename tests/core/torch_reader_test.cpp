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

/// 0, 1, 2, … as float32.
QByteArray counted(int count) {
    QByteArray bytes;
    for (int i = 0; i < count; ++i)
        bytes += pickle::littleEndian(static_cast<float>(i));
    return bytes;
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

QByteArray number64(qint64 value) {
    return pickle::littleEndian(value);
}

std::uint32_t crcOf(const QByteArray& data) {
    return crc32(0, std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size()))));
}

/// The pickle of PyTorch's magic number.
QByteArray magic() {
    return pickle::whole(QByteArray("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12));
}

QByteArray legacyBytes(const QByteArray& objectPickle, const QByteArrayList& keys, const QByteArray& storages) {
    QByteArray list;
    for (const QByteArray& key : keys)
        list += pickle::text(key);
    return magic() + pickle::whole(pickle::number(1001)) + pickle::whole("}") + objectPickle
           + pickle::whole("](" + list + "e") + storages;
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
    void refusesBadTensors_data();
    void refusesBadTensors();
    void refusesBadArchives_data();
    void refusesBadArchives();
    void refusesBadLegacyFiles_data();
    void refusesBadLegacyFiles();
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

void TorchReaderTest::refusesBadTensors_data() {
    QTest::addColumn<QByteArray>("object");
    QTest::addColumn<QString>("part");
    using namespace pickle;
    constexpr qint64 big = std::numeric_limits<qint64>::max();
    const QByteArray six = storage("0", 6);
    const auto shaped = [&](std::initializer_list<qint64> shape, std::initializer_list<qint64> strides, qint64 offset) {
        return dict(text("w") + tensor(six, offset, numbers(shape), numbers(strides)));
    };
    QTest::newRow("too long") << shaped({7}, {1}, 0)
                              << "tensor \"w\": shape (7,) with strides (1,) from element 0 on "
                                 "needs a storage of 7 elements, but it has 6";
    QTest::newRow("offset") << shaped({6}, {1}, 1) << "needs a storage of 7 elements";
    QTest::newRow("stride") << shaped({2, 2}, {5, 1}, 0) << "needs a storage of 7 elements";
    QTest::newRow("negative offset") << shaped({1}, {1}, -1) << "begins at element -1";
    QTest::newRow("negative stride") << shaped({2}, {-1}, 5) << "has the stride -1";
    QTest::newRow("negative dimension") << shaped({-2, -3}, {1, 1}, 0) << "negative dimension -2";
    QTest::newRow("product wraps") << shaped({qint64{1} << 33, qint64{1} << 33}, {0, 0}, 0) << "too large";
    QTest::newRow("extent wraps") << shaped({3, 3}, {big, big}, 0) << "reaches beyond any storage";
    QTest::newRow("offset wraps") << shaped({2}, {1}, big) << "reaches beyond any storage";
    QTest::newRow("repeated beyond memory") << shaped({qint64{1} << 40}, {0}, 0) << "repeats the 6 elements";
    QTest::newRow("axes and strides") << shaped({2}, {1, 1}, 0) << "has 1 axes and 2 strides";
    QTest::newRow("nine axes") << shaped({1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}, 0)
                               << "more than 8 axes";
    QTest::newRow("record too short") << tensor(storage("0", 7), 0, numbers({1}), numbers({1}))
                                      << "member \"a/data/0\": has 24 bytes, expected 28 for 7 elements";
    QTest::newRow("no record") << tensor(storage("1", 1), 0, numbers({1}), numbers({1})) << "no record \"data/1\"";
    QTest::newRow("leaves the archive") << tensor(storage("../0", 1), 0, numbers({1}), numbers({1})) << "no record";
    QTest::newRow("negative number") << tensor(storage("0", -1), 0, numbers({1}), numbers({1})) << "is impossible";
    QTest::newRow("number wraps") << tensor(storage("0", qint64{1} << 62), 0, numbers({1}), numbers({1}))
                                  << "is impossible";
    QTest::newRow("entry of a tensor") << tensor(six, 0, numbers({1}), numbers({1})) + number(0) + number(1) + "s"
                                       << "puts entries into something that is no dict";
    QTest::newRow("state of a tensor") << tensor(six, 0, numbers({1}), numbers({1})) + "}b"
                                       << "sets the state of something that has none";
    QTest::newRow("a text as storage") << tensor(text("0"), 0, numbers({1}), numbers({1}))
                                       << "from something else than a storage";
    QTest::newRow("a text as shape") << tensor(six, 0, text("1"), numbers({1})) << "a tuple as a tensor's shape";
    QTest::newRow("a class is called") << call(global("torch", "FloatStorage"), number(1))
                                       << "torch.FloatStorage is called";
    QTest::newRow("only foreign things") << dict(text("x") + call(global("os", "system"), text("true")))
                                         << "holds no tensor that can be read: \"x\" is made by \"os.system\"";
    QTest::newRow("foreign storage type")
        << tensor(storage("0", 3, "EvilStorage"), 0, numbers({1}), numbers({1})) << "torch.EvilStorage";
}

void TorchReaderTest::refusesBadTensors() {
    QFETCH(QByteArray, object);
    QFETCH(QString, part);
    const std::filesystem::path path = writeZip(object);
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void TorchReaderTest::refusesBadArchives_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("part");
    using namespace pickle;
    const QByteArray object = whole(tensor(storage("0", 1), 0, numbers({1}), numbers({1})));
    const auto archive = [&](const QList<ZipEntry>& more) {
        return zipBytes(QList<ZipEntry>{{"a/data.pkl", object}, {"a/data/0", counted(1)}} + more);
    };
    QTest::newRow("TorchScript") << archive({{"a/constants.pkl", "x"}}) << "torch.jit.save";
    QTest::newRow("two pickles") << archive({{"b/data.pkl", object}}) << "is the second pickle";
    QTest::newRow("byte order") << archive({{"a/byteorder", "middle"}}) << "says \"middle\", expected little or big";
    QTest::newRow("no pickle") << zipBytes({{"a/data/0", "x"}}) << "without the record data.pkl";
    QTest::newRow("deep pickle") << zipBytes({{"a/b/data.pkl", object}}) << "without the record data.pkl";
    ZipEntry damaged{"a/data/0", counted(1)};
    damaged.checksum = 7;
    QTest::newRow("checksum") << zipBytes({{"a/data.pkl", object}, damaged}) << "member \"a/data/0\": is damaged";
    ZipEntry bomb{"a/data/0", deflated(QByteArray(64 << 20, '\0')), 8};
    bomb.size = 4;
    bomb.checksum = 0x2144df1c;  // of four zeros
    QTest::newRow("deflate bomb") << zipBytes({{"a/data.pkl", object}, bomb}) << "a/data/0";
    ZipEntry pickleBomb{"a/data.pkl", deflated(QByteArray(80 << 20, 'N')), 8};
    pickleBomb.size = 80 << 20;
    pickleBomb.checksum = crcOf(QByteArray(80 << 20, 'N'));
    QTest::newRow("pickle bomb") << zipBytes({pickleBomb}) << "expected at most 67108864";
}

void TorchReaderTest::refusesBadArchives() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, part);
    const std::filesystem::path path = write(bytes);
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void TorchReaderTest::refusesBadLegacyFiles_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("part");
    using namespace pickle;
    const QByteArray object = whole(tensor(storage("7", 2), 0, numbers({2}), numbers({1})));
    const QByteArray data = number64(2) + counted(2);
    QTest::newRow("trailing bytes") << legacyBytes(object, {"7"}, data + "xyz") << "has 3 bytes after its last storage";
    QTest::newRow("short storage") << legacyBytes(object, {"7"}, data.chopped(1)) << "needs 8 bytes from byte";
    QTest::newRow("no count") << legacyBytes(object, {"7"}, "abc") << "expected 8 more bytes";
    QTest::newRow("another count") << legacyBytes(object, {"7"}, number64(3) + counted(3)) << "has 3 elements";
    QTest::newRow("negative count") << legacyBytes(object, {"7"}, number64(-2)) << "has -2 elements";
    QTest::newRow("no key") << legacyBytes(object, {}, {}) << "the storage \"7\" is missing";
    QTest::newRow("unknown key") << legacyBytes(object, {"7", "8"}, data + data)
                                 << "storage \"8\": belongs to no tensor";
    QTest::newRow("key twice") << legacyBytes(object, {"7", "7"}, data + data) << "storage \"7\": is there twice";
    QTest::newRow("not torch") << whole(number(1)) << "is a pickle, but none that torch.save wrote";
    QTest::newRow("another version") << magic() + whole(number(1002)) << "expected version 1001";
    QByteArray tar(1024, '\0');
    tar.replace(0, 8, "sys_info").replace(257, 5, "ustar");
    QTest::newRow("tar") << tar << "is a tar archive, as PyTorch before 0.1.10 wrote it";
    QTest::newRow("text") << QByteArray("hello") << "is no PyTorch file";
    QTest::newRow("one byte") << QByteArray("\x80") << "is no PyTorch file";
}

void TorchReaderTest::refusesBadLegacyFiles() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, part);
    const std::filesystem::path path = write(bytes, "case.pth");
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
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
