// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/crc32.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"
#include "support/pickle_bytes.h"
#include "support/zip_bytes.h"

#include <QTemporaryDir>
#include <QTest>

#include <limits>

using namespace bnstudio;

namespace {

using pickle::counted, pickle::legacyBytes, pickle::magic, pickle::number64;

std::uint32_t crcOf(const QByteArray& data) {
    return crc32(0, std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size()))));
}

}  // namespace

/// What is wrong with a .pt file is refused with the place and what was expected.
class TorchRefusalsTest : public QObject {
    Q_OBJECT

private slots:
    void refusesBadTensors_data();
    void refusesBadTensors();
    void refusesBadArchives_data();
    void refusesBadArchives();
    void refusesBadLegacyFiles_data();
    void refusesBadLegacyFiles();

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

void TorchRefusalsTest::refusesBadTensors_data() {
    QTest::addColumn<QByteArray>("object");
    QTest::addColumn<QString>("part");
    using namespace pickle;
    constexpr qint64 big = std::numeric_limits<qint64>::max();
    const QByteArray six = storage("0", 6);
    const auto shaped = [&](std::initializer_list<qint64> shape, std::initializer_list<qint64> strides, qint64 offset) {
        return dict(text("w") + tensor(six, offset, numbers(shape), numbers(strides)));
    };
    QTest::newRow("empty stack") << QByteArray("a") << "byte 2 of the pickle: takes an object from an empty stack";
    QTest::newRow("below a mark") << QByteArray("](a") << "byte 4 of the pickle: takes an object from an empty stack";
    QTest::newRow("no mark") << QByteArray("]t") << "ends a container that was not begun";
    QTest::newRow("key alone") << dict(text("x")) << "a key without a value";
    QTest::newRow("memo") << QByteArray("h\7") << "memo entry 7 was never set";
    QTest::newRow("protocol 0") << QByteArray("I1\n") << "the operation 0x49 is not read";
    QTest::newRow("cycle") << QByteArray("]q\0h\0a", 6) << "contains itself";
    QTest::newRow("deep") << QByteArray(200, ']') + QByteArray(199, 'a') << "is nested too deep";
    QTest::newRow("unknown persistent id") << tuple(text("thing") + number(1)) + "Q"
                                           << "expected the persistent id";
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

void TorchRefusalsTest::refusesBadTensors() {
    QFETCH(QByteArray, object);
    QFETCH(QString, part);
    const std::filesystem::path path = writeZip(object);
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void TorchRefusalsTest::refusesBadArchives_data() {
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

void TorchRefusalsTest::refusesBadArchives() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, part);
    const std::filesystem::path path = write(bytes);
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void TorchRefusalsTest::refusesBadLegacyFiles_data() {
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

void TorchRefusalsTest::refusesBadLegacyFiles() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, part);
    const std::filesystem::path path = write(bytes, "case.pth");
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

QTEST_GUILESS_MAIN(TorchRefusalsTest)
#include "torch_refusals_test.moc"
