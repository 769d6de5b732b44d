// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>

#include <sys/resource.h>

using namespace bnstudio;

namespace {

QByteArray littleEndian(std::uint64_t value) {
    QByteArray bytes;
    for (int i = 0; i < 8; ++i)
        bytes += static_cast<char>(value >> (8 * i));
    return bytes;
}

QByteArray file(const QByteArray& header, const QByteArray& data = {}) {
    return littleEndian(static_cast<std::uint64_t>(header.size())) + header + data;
}

QByteArray tensor(const QByteArray& dtype, const QByteArray& shape, const QByteArray& offsets) {
    return R"({"dtype":")" + dtype + R"(","shape":[)" + shape + R"(],"data_offsets":[)" + offsets + "]}";
}

/// A file whose one tensor "a" is described like that.
QByteArray one(const QByteArray& dtype, const QByteArray& shape, const QByteArray& offsets, int dataBytes) {
    return file(R"({"a":)" + tensor(dtype, shape, offsets) + "}", QByteArray(dataBytes, '\1'));
}

/// Peak resident memory of this process, in bytes.
std::int64_t peakMemory() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace

class SafetensorsReaderTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_path = m_folder.filePath("case.safetensors").toStdString(); }
    void boundsTheMemoryOfHugeHeaders_data();
    void boundsTheMemoryOfHugeHeaders();
    void acceptsLegalFiles_data();
    void acceptsLegalFiles();
    void ordersByPlace();
    void namesTypesThatAreNotRead();
    void refusesDamagedFiles_data();
    void refusesDamagedFiles();
    void knowsTheFormatByItsContent();
    void normalisesBools();
    void refusesRowsThatAreNotThere();
    void reportsProgress();
    void canBeCancelled();
    void survivesAFileThatShrinks();
    void survivesEveryFlippedByte();

private:
    TensorFile open(const QByteArray& bytes) const {
        interop::writeFile(m_path, bytes);
        return openTensorFile(m_path);
    }
    QTemporaryDir m_folder;
    std::filesystem::path m_path;
};

// First, because the peak of a process never falls again. Each header is close to the 100 MB that the format allows.
void SafetensorsReaderTest::boundsTheMemoryOfHugeHeaders_data() {
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("piece");
    QTest::addColumn<QString>("part");
    QTest::newRow("one text") << QByteArray(R"({"__metadata__":{"k":")") << QByteArray("abcdefgh") << "more than 4 MiB";
    QTest::newRow("one escaped text") << QByteArray(R"({"__metadata__":{"k":")") << QByteArray(R"(\")")
                                      << "more than 4 MiB";
    QTest::newRow("one number") << QByteArray(R"({"a":{"shape":[)") << QByteArray("1") << "more than 4 MiB";
    QTest::newRow("blanks") << QByteArray("{") << QByteArray("        ") << "more than 4 MiB";
    QTest::newRow("brackets") << QByteArray(R"({"a":)") << QByteArray("[[[[") << "expected an object";
    QTest::newRow("objects") << QByteArray("{") << QByteArray(R"("a":{)") << "expected";
    QTest::newRow("axes") << QByteArray(R"({"a":{"shape":[1)") << QByteArray(",1") << "more than 8 axes";
}

void SafetensorsReaderTest::boundsTheMemoryOfHugeHeaders() {
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, piece);
    QFETCH(QString, part);
    constexpr std::int64_t headerBytes = 99'000'000;
    {
        std::ofstream out(m_path, std::ios::binary);
        out << littleEndian(headerBytes).toStdString() << before.toStdString();
        const std::string block = piece.repeated(65536 / piece.size()).toStdString();
        std::int64_t written = before.size();
        for (; written < headerBytes; written += static_cast<std::int64_t>(block.size()))
            out << block;
    }
    const std::int64_t peakBefore = peakMemory();
    const QString message = interop::errorOf([&] { openTensorFile(m_path); }, m_path);
    QVERIFY2(message.contains(part), qPrintable(message));
    QVERIFY2(message.size() < 500, qPrintable(message));
#ifdef __SANITIZE_ADDRESS__  // which keeps what was freed
    constexpr std::int64_t allowed = std::int64_t{2} << 30;
#else
    constexpr std::int64_t allowed = std::int64_t{64} << 20;
#endif
    QVERIFY2(peakMemory() - peakBefore < allowed, qPrintable(QString::number(peakMemory() - peakBefore)));
}

void SafetensorsReaderTest::acceptsLegalFiles_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<Dims>("shape");
    QTest::addColumn<QList<double>>("values");
    const QByteArray two = QByteArray::fromHex("0000803f00000040");
    const auto row = [](const char* name, const QByteArray& bytes, Dims shape, QList<double> values) {
        QTest::newRow(name) << bytes << shape << values;
    };
    row("plain", file(R"({"a":)" + tensor("F32", "2", "0,8") + "}", two), {2}, {1, 2});
    row("padded", file(R"({"a":)" + tensor("F32", "2", "0,8") + "}   \n", two), {2}, {1, 2});
    row("rank 0", file(R"({"a":)" + tensor("F32", "", "0,4") + "}", two.first(4)), {}, {1});
    row("empty", file(R"({"a":)" + tensor("F32", "0,3", "0,0") + "}"), {0, 3}, {});
    row("empty and huge", file(R"({"a":)" + tensor("F32", "9223372036854775807,0,9", "0,0") + "}"),
        {std::numeric_limits<std::int64_t>::max(), 0, 9}, {});
    row("eight axes", file(R"({"a":)" + tensor("F32", "1,1,1,2,1,1,1,1", "0,8") + "}", two), {1, 1, 1, 2, 1, 1, 1, 1},
        {1, 2});
    row("keys in another order", file(R"({ "a" : {"data_offsets": [0, 8], "shape": [2], "dtype": "F32"} })", two), {2},
        {1, 2});
    row("metadata", file(R"({"__metadata__":{"a":"1","b":"\u00e9\n"},"a":)" + tensor("F32", "2", "0,8") + "}", two),
        {2}, {1, 2});
    row("bfloat16", file(R"({"a":)" + tensor("BF16", "2", "0,4") + "}", QByteArray::fromHex("803f0040")), {2}, {1, 2});
    row("U16", file(R"({"a":)" + tensor("U16", "2", "0,4") + "}", QByteArray::fromHex("ffff0100")), {2}, {65535, 1});
    row("U32", file(R"({"a":)" + tensor("U32", "1", "0,4") + "}", QByteArray::fromHex("ffffffff")), {1}, {4294967295.});
    row("U64", file(R"({"a":)" + tensor("U64", "1", "0,8") + "}", QByteArray::fromHex("0000000000000080")), {1},
        {0x1p63});
    row("I8", file(R"({"a":)" + tensor("I8", "2", "0,2") + "}", QByteArray::fromHex("ff80")), {2}, {-1, -128});
    row("I16", file(R"({"a":)" + tensor("I16", "1", "0,2") + "}", QByteArray::fromHex("0080")), {1}, {-32768});
}

void SafetensorsReaderTest::acceptsLegalFiles() {
    QFETCH(QByteArray, bytes);
    QFETCH(Dims, shape);
    QFETCH(QList<double>, values);
    const TensorFile opened = open(bytes);
    QCOMPARE(opened.format, "safetensors");
    const Tensor read = opened.find("a")->read();
    QCOMPARE(read.shape(), shape);
    QCOMPARE(read.size(), values.size());
    for (std::int64_t i = 0; i < read.size(); ++i)
        QCOMPARE(read.at(i), values[i]);
}

void SafetensorsReaderTest::ordersByPlace() {
    const TensorFile opened =
        open(file(R"({"late":)" + tensor("U8", "2", "1,3") + R"(,"none":)" + tensor("F32", "0", "1,1") + R"(,"early":)"
                      + tensor("U8", "1", "0,1") + "}",
                  QByteArray("\1\2\3")));
    QCOMPARE(opened.tensors.size(), std::size_t{3});
    QCOMPARE(opened.tensors[0]->name(), "early");
    QCOMPARE(opened.tensors[1]->name(), "none");
    QCOMPARE(opened.tensors[2]->name(), "late");
    QCOMPARE(opened.tensors[2]->read().at(1), 3.0);
}

void SafetensorsReaderTest::namesTypesThatAreNotRead() {
    const QByteArray eight = tensor("F8_E4M3", "4", "0,4"), four = tensor("F4", "2,3", "4,7");
    const TensorFile opened = open(file(
        R"({"a":)" + eight + R"(,"b":)" + four + R"(,"c":)" + tensor("U8", "1", "7,8") + "}", QByteArray(8, '\1')));
    QCOMPARE(opened.tensors.size(), std::size_t{1});
    QCOMPARE(opened.tensors[0]->name(), "c");
    QCOMPARE(opened.notes.size(), std::size_t{2});
    QCOMPARE(opened.notes[0], R"("a" holds F8_E4M3 values, which are not read; left out)");
    QCOMPARE(opened.notes[1], R"("b" holds F4 values, which are not read; left out)");
    const QString message =
        interop::errorOf([&] { open(file(R"({"a":)" + eight + "}", QByteArray(4, '\1'))); }, m_path);
    QVERIFY2(message.contains("holds no tensor that can be read: \"a\" holds F8_E4M3"), qPrintable(message));
}

void SafetensorsReaderTest::refusesDamagedFiles_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const QByteArray& bytes, const char* part) {
        QTest::newRow(name) << bytes << part;
    };
    const QByteArray good = R"({"a":)" + tensor("U8", "2", "0,2") + "}";
    row("seven bytes", QByteArray(7, '\0'), "ends inside the length of its header, after 7 of 8 bytes");
    row("no header", file(""), "does not start with {");
    row("length 2^64 - 1", QByteArray(8, '\xff') + good, "a header of 18446744073709551615 bytes is announced");
    row("length beyond the file", littleEndian(100) + good, "a header of 100 bytes is announced, but 53 follow");
    row("a list", file("[]"), "does not start with {");
    row("a second value", file(good + "{}", "xx"), "the header is no JSON");
    row("a NUL behind the header", file(good + QByteArray(1, '\0'), "xx"), "control character 0, expected JSON");
    row("bad UTF-8", file("{\"\xff\":" + tensor("U8", "2", "0,2") + "}", "xx"), "no JSON");
    row("a comment", file(good + "//", "xx"), "no JSON");
    row("a trailing comma", file(R"({"a":)" + tensor("U8", "2", "0,2") + ",}", "xx"), "no JSON");
    row("the same name twice",
        file(R"({"a":)" + tensor("U8", "2", "0,2") + R"(,"\u0061":)" + tensor("U8", "2", "2,4") + "}", "xxxx"),
        "two tensors have the name \"a\"");
    row("the same key twice", file(R"({"a":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}})", "xx"),
        "\"a\": \"dtype\" stands there twice");
    row("metadata twice", file(R"({"__metadata__":{},"__metadata__":{}})"), "__metadata__ stands there twice");
    row("a metadata key twice", file(R"({"__metadata__":{"k":"1","k":"2"}})"), "\"k\" stands there twice");
    row("metadata that nest", file(R"({"__metadata__":{"k":{}}})"), "holds an object, expected a text");
    row("an unknown key", file(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":1}})", "xx"),
        "\"x\" is an unknown key, expected dtype, shape and data_offsets");
    row("no dtype", file(R"({"a":{"shape":[2],"data_offsets":[0,2]}})", "xx"), "\"a\" lacks the key \"dtype\"");
    row("no shape", file(R"({"a":{"dtype":"U8","data_offsets":[0,2]}})", "xx"), "\"a\" lacks the key \"shape\"");
    row("no offsets", file(R"({"a":{"dtype":"U8","shape":[2]}})", "xx"), "\"a\" lacks the key \"data_offsets\"");
    row("a dtype that is a number", file(R"({"a":{"dtype":8,"shape":[2],"data_offsets":[0,2]}})", "xx"),
        "\"dtype\" holds the number 8, expected the name of a dtype");
    row("a tensor that is a number", file(R"({"a":1})"), "\"a\" holds the number 1, expected an object");
    row("a shape that is a text", file(R"({"a":{"dtype":"U8","shape":"2","data_offsets":[0,2]}})", "xx"),
        "\"shape\" holds the text \"2\", expected a list");
    row("a shape that nests", one("U8", "[2]", "0,2", 2), "holds a list, expected whole numbers");
    row("a fraction", one("U8", "2.0", "0,2", 2), "holds the number 2.0, expected whole numbers from 0");
    row("a negative axis", one("U8", "-2", "0,2", 2), "holds the number -2, expected whole numbers from 0");
    row("an axis of 2^63", one("U8", "9223372036854775808", "0,2", 2), "the number 9223372036854775808");
    row("an axis beyond 2^64", one("U8", "99999999999999999999", "0,2", 2), "the number 99999999999999999999");
    row("nine axes", one("U8", "1,1,1,1,1,1,1,1,2", "0,2", 2), "more than 8 axes");
    row("a product that wraps", one("U8", "4294967296,4294967296,2", "0,2", 2), "must fit 63 bits");
    row("one offset", one("U8", "2", "0", 2), "has fewer than two numbers");
    row("three offsets", one("U8", "2", "0,2,2", 2), "has more than two numbers");
    row("offsets that end early", one("U8", "2", "2,0", 2), "data_offsets [2, 0] end before they begin");
    row("offsets beyond the data", one("U8", "3", "0,3", 2), "reach beyond the 2 bytes of data");
    row("offsets near 2^63", one("U8", "2", "9223372036854775805,9223372036854775807", 2), "reach beyond the 2 bytes");
    row("too few bytes", one("F32", "1", "0,2", 2), "shape (1,) of F32 needs 4 bytes, but data_offsets [0, 2] hold 2");
    row("half a byte", one("F4", "3", "0,2", 2), "needs no whole number of bytes");
    row("a hole before the first", one("U8", "1", "1,2", 2),
        "leave a hole behind those of the tensor before; expected to begin at 0");
    row("bytes left over", one("U8", "1", "0,1", 2), "1 bytes follow the last tensor");
    row("overlap", file(R"({"a":)" + tensor("U8", "2", "0,2") + R"(,"b":)" + tensor("U8", "2", "1,3") + "}", "xxx"),
        "tensor \"b\": data_offsets [1, 3] overlap those of the tensor before; expected to begin at 2");
}

void SafetensorsReaderTest::refusesDamagedFiles() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, part);
    const QString message = interop::errorOf([&] { open(bytes); }, m_path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void SafetensorsReaderTest::knowsTheFormatByItsContent() {
    m_path = m_folder.filePath("weights.bin").toStdString();
    QCOMPARE(open(one("U8", "2", "0,2", 2)).format, "safetensors");
}

void SafetensorsReaderTest::normalisesBools() {
    const TensorFile opened = open(file(R"({"a":)" + tensor("BOOL", "3", "0,3") + "}", QByteArray("\x02\x00\xff", 3)));
    const Tensor values = opened.tensors[0]->read();
    QCOMPARE(values.bytes()[0], std::byte{1});
    QCOMPARE(values.bytes()[1], std::byte{0});
    QCOMPARE(values.bytes()[2], std::byte{1});
}

void SafetensorsReaderTest::refusesRowsThatAreNotThere() {
    const auto tensor = open(one("U8", "2", "0,2", 2)).tensors[0];
    Tensor out;
    for (const auto& [first, count] : {std::pair<std::int64_t, std::int64_t>{1, 2}, {-1, 1}, {0, -1}, {3, 0}}) {
        const auto read = [&] { tensor->readRows(first, count, out); };
        QVERIFY(interop::errorOf(read, m_path).contains("tensor \"a\": has 2 rows"));
    }
}

void SafetensorsReaderTest::reportsProgress() {
    interop::writeFile(m_path, file(R"({"a":)" + tensor("U8", "2", "0,2") + "}" + QByteArray(300'000, ' '), "xx"));
    std::vector<double> reports;
    openTensorFile(m_path, [&](double share) { reports.push_back(share); });
    QCOMPARE(reports.size(), std::size_t{5});  // blocks of 64 KiB
    QVERIFY(std::is_sorted(reports.begin(), reports.end()));
    QVERIFY(reports.front() >= 0 && reports.back() < 1);
}

void SafetensorsReaderTest::canBeCancelled() {
    interop::writeFile(m_path, one("U8", "2", "0,2", 2));
    std::stop_source stop;
    stop.request_stop();
    try {
        openTensorFile(m_path, {}, stop.get_token());
        QFAIL("was read");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::Cancelled);
    }
}

void SafetensorsReaderTest::survivesAFileThatShrinks() {
    const auto tensor = open(one("U8", "20000", "0,20000", 20000)).tensors[0];
    Tensor out;
    tensor->readRows(19'999, 1, out);
    std::filesystem::resize_file(m_path, 10'000);
    const QString message = interop::errorOf([&] { tensor->readRows(0, 1, out); }, m_path);
    QVERIFY2(message.contains("has changed its size since it was opened"), qPrintable(message));
}

// Whatever a flipped byte does to the header, the file is read or refused, and never read past its end.
void SafetensorsReaderTest::survivesEveryFlippedByte() {
    QFile original(QString::fromStdString(interop::goodFile("dtypes.safetensors").string()));
    QVERIFY(original.open(QIODevice::ReadOnly));
    const QByteArray bytes = original.readAll();
    for (qsizetype at = 0; at < bytes.size(); ++at) {
        for (const int flip : {0x01, 0x10, 0x80}) {
            QByteArray damaged = bytes;
            damaged[at] = static_cast<char>(damaged[at] ^ flip);
            const QString message = interop::errorOf(
                [&] {
                    for (const auto& tensor : open(damaged).tensors)
                        tensor->read();
                },
                m_path);
            QVERIFY2(!message.startsWith("does not") && !message.startsWith("has several"), qPrintable(message));
        }
    }
}

QTEST_GUILESS_MAIN(SafetensorsReaderTest)
#include "safetensors_reader_test.moc"
