// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/npz_writer.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace bnstudio;

namespace {

/// A .npy file of version 1.0 with this header text and data.
QByteArray npy(const QByteArray& header, const QByteArray& data, char major = 1) {
    QByteArray bytes("\x93NUMPY");
    bytes += major;
    bytes += '\0';
    const int lengthBytes = major == 1 ? 2 : 4;
    for (int i = 0; i < lengthBytes; ++i)
        bytes += static_cast<char>(header.size() >> (8 * i));
    return bytes + header + data;
}

QByteArray headerOf(const QByteArray& descr, const QByteArray& shape, const QByteArray& order = "False") {
    return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

QByteArray littleEndianFloats(std::initializer_list<float> values) {
    QByteArray bytes;
    for (const float value : values)
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    return bytes;
}

}  // namespace

class NpyReaderTest : public QObject {
    Q_OBJECT

private slots:
    void namesTheTensorAfterTheFile();
    void readsRowsInPieces_data();
    void readsRowsInPieces();
    void acceptsLegalHeaders_data();
    void acceptsLegalHeaders();
    void refusesDamagedHeaders_data();
    void refusesDamagedHeaders();
    void normalisesBools();
    void readsATallFortranArrayInPieces();
    void refusesRowsThatAreNotThere();
    void saysWhatIsWrongWithThePath();
    void survivesAFileThatShrinks();

private:
    std::filesystem::path write(const QByteArray& bytes) {
        const std::filesystem::path path = m_folder.filePath("case.npy").toStdString();
        interop::writeFile(path, bytes);
        return path;
    }
    QTemporaryDir m_folder;
};

void NpyReaderTest::namesTheTensorAfterTheFile() {
    const TensorFile file = openTensorFile(interop::goodFile("batch_v2.npy"));
    QCOMPARE(file.tensors.size(), std::size_t{1});
    QCOMPARE(file.tensors[0]->name(), "batch_v2");
}

void NpyReaderTest::readsRowsInPieces_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"batch.npy", "batch_fortran.npy", "batch_be_fortran_f64_ncl.npy", "batch_bool.npy"})
        QTest::newRow(name) << name;
}

void NpyReaderTest::readsRowsInPieces() {
    QFETCH(QString, name);
    const auto tensor = openTensorFile(interop::goodFile(name)).tensors[0];
    const Tensor all = tensor->read();
    const std::int64_t rows = tensor->shape()[0];
    const std::int64_t perRow = all.size() / rows;
    for (std::int64_t count : {std::int64_t{1}, std::int64_t{5}, rows}) {
        for (std::int64_t first = 0; first < rows; first += count) {
            const std::int64_t taken = std::min(count, rows - first);
            Tensor piece;
            tensor->readRows(first, taken, piece);
            Dims expectedShape = tensor->shape();
            expectedShape[0] = taken;
            QCOMPARE(piece.shape(), expectedShape);
            for (std::int64_t i = 0; i < piece.size(); ++i)
                QCOMPARE(piece.at(i), all.at(first * perRow + i));
        }
    }
}

void NpyReaderTest::acceptsLegalHeaders_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<Dims>("shape");
    const QByteArray two = littleEndianFloats({1, 2});
    QTest::newRow("version 1") << npy(headerOf("'<f4'", "(2, 1)"), two) << Dims{2, 1};
    QTest::newRow("version 2") << npy(headerOf("'<f4'", "(2, 1)"), two, 2) << Dims{2, 1};
    QTest::newRow("version 3") << npy(headerOf("'<f4'", "(2, 1)"), two, 3) << Dims{2, 1};
    QTest::newRow("long integers") << npy(headerOf("'<f4'", "(2L, 1L)"), two) << Dims{2, 1};
    QTest::newRow("native order") << npy(headerOf("'=f4'", "(2, 1)"), two) << Dims{2, 1};
    QTest::newRow("no newline, no comma")
        << npy("{'shape':(2,1),'descr':\"<f4\",'fortran_order':False}", two) << Dims{2, 1};
    QTest::newRow("one axis") << npy(headerOf("'<f4'", "(2,)"), two) << Dims{2};
    QTest::newRow("one axis in Fortran order") << npy(headerOf("'<f4'", "(2,)", "True"), two) << Dims{2};
    QTest::newRow("eight axes") << npy(headerOf("'<f4'", "(1,1,1,1,1,1,1,2)"), two) << Dims{1, 1, 1, 1, 1, 1, 1, 2};
    QTest::newRow("no values") << npy(headerOf("'<f4'", "(0, 3)"), "") << Dims{0, 3};
    QTest::newRow("no values in Fortran order") << npy(headerOf("'<f4'", "(3, 0)", "True"), "") << Dims{3, 0};
    QByteArray longHeader = headerOf("'<f4'", "(2, 1)");
    longHeader += QByteArray(10'000 - longHeader.size(), ' ');
    QTest::newRow("10,000 characters") << npy(longHeader, two) << Dims{2, 1};
}

void NpyReaderTest::acceptsLegalHeaders() {
    QFETCH(QByteArray, bytes);
    QFETCH(Dims, shape);
    const Tensor values = openTensorFile(write(bytes)).tensors[0]->read();
    QCOMPARE(values.shape(), shape);
    for (std::int64_t i = 0; i < values.size(); ++i)
        QCOMPARE(values.at(i), static_cast<double>(i + 1));
}

void NpyReaderTest::refusesDamagedHeaders_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("part");
    const QByteArray two = littleEndianFloats({1, 2});
    const auto row = [](const char* name, const QByteArray& bytes, const char* part) {
        QTest::newRow(name) << bytes << part;
    };
    row("nine axes", npy(headerOf("'<f4'", "(1,1,1,1,1,1,1,1,2)"), two), "more than 8 axes");
    row("negative axis", npy(headerOf("'<f4'", "(-2, -1)"), two), "negative axis");
    row("too large for 63 bits", npy(headerOf("'<f4'", "(99999999999999999999, 1)"), two), "larger than 2^63 - 1");
    row("product wraps", npy(headerOf("'<f4'", "(4611686018427387905, 4)"), two), "4611686018427387905");
    row("size that is no number", npy(headerOf("'<fxy'", "(2, 1)"), two), "<fxy");
    row("huge item size", npy(headerOf("'<f99999999999999999999'", "(2, 1)"), two), "elements of type");
    row("long double", npy(headerOf("'<f16'", "(2, 1)"), two), "<f16");
    row("complex", npy(headerOf("'<c8'", "(1, 1)"), two), "complex");
    row("text", npy(headerOf("'<U2'", "(1, 1)"), two), "text");
    row("bfloat16 as raw bytes", npy(headerOf("'|V2'", "(4, 1)"), two), "bfloat16");
    row("objects", npy(headerOf("'|O'", "(1,)"), two), "holds Python objects (a pickle), which is not read");
    row("records", npy(headerOf("[('x', '<f4')]", "(2,)"), two), "structured");
    row("key twice", npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", two), "twice");
    row("key missing", npy("{'descr': '<f4', 'shape': (2,), }\n", two), "lacks the key 'fortran_order'");
    row("unknown key", npy("{'descr': '<f4', 'x': 1, }\n", two), "unknown key 'x'");
    row("no dictionary", npy("2\n", two), "byte 10");
    row("never ends", npy("{'descr': '<f4", two), "string that ends");
    row("no comma in a tuple of one", npy(headerOf("'<f4'", "(2)"), two), "',' after the only axis");
    row("rest after the dictionary", npy(headerOf("'<f4'", "(2,)") + "x", two), "nothing but blanks");
    row("an order that is no bool", npy(headerOf("'<f4'", "(2,)", "1"), two), "True or False");
    row("version 4", npy(headerOf("'<f4'", "(2,)"), two, 4), "version 4.0");
    row("one byte short", npy(headerOf("'<f4'", "(2,)"), two.chopped(1)), "needs 8 bytes");
    row("one byte too many", npy(headerOf("'<f4'", "(2,)"), two + 'x'), "but 9 are there");
    row("only the magic", npy("", "").left(8), "8 bytes");
    row("version 2, cut in the length", npy("", "", 2).left(11), "ends inside its header");
    row("version 2, length of 4 GiB",
        QByteArray("\x93NUMPY\x02\x00", 8) + QByteArray("\xf0\xff\xff\xff", 4) + QByteArray(100, ' '), "4294967280");
    QByteArray longHeader = headerOf("'<f4'", "(2, 1)");
    longHeader += QByteArray(10'001 - longHeader.size(), ' ');
    row("10,001 characters", npy(longHeader, two), "expected at most 10000");
}

void NpyReaderTest::refusesDamagedHeaders() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, part);
    const std::filesystem::path path = write(bytes);
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void NpyReaderTest::normalisesBools() {
    const Tensor values =
        openTensorFile(write(npy(headerOf("'|b1'", "(4,)"), QByteArray("\x00\x01\x02\xff", 4)))).tensors[0]->read();
    QCOMPARE(interop::sha256(values), interop::sha256(Tensor::of<bool>({4}, {false, true, true, true})));
}

void NpyReaderTest::readsATallFortranArrayInPieces() {
    // Longer than one block of 4 MiB in the first axis, so that columns are read in pieces.
    constexpr int rows = 600'000;
    QByteArray data;
    for (int column = 0; column < 2; ++column)
        for (int row = 0; row < rows; ++row) {
            const double value = row + 0.5 * column;
            data.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
    const Tensor values = openTensorFile(write(npy(headerOf("'<f8'", "(600000, 2)", "True"), data))).tensors[0]->read();
    const auto flat = values.values<double>();
    for (int row = 0; row < rows; ++row) {
        const auto at = static_cast<std::size_t>(2 * row);
        QVERIFY(flat[at] == row && flat[at + 1] == row + 0.5);
    }
}

void NpyReaderTest::refusesRowsThatAreNotThere() {
    const auto path = interop::goodFile("batch.npy");
    const auto tensor = openTensorFile(path).tensors[0];
    Tensor out;
    for (const auto& [first, count] : {std::pair{0, 33}, {32, 1}, {-1, 1}, {0, -1}})
        QVERIFY(interop::errorOf([&, f = first, c = count] { tensor->readRows(f, c, out); }, path).contains("32 rows"));
}

void NpyReaderTest::saysWhatIsWrongWithThePath() {
    const auto messageFor = [](const std::filesystem::path& path) {
        return interop::errorOf([&] { openTensorFile(path); }, path);
    };
    const std::filesystem::path folder = m_folder.path().toStdString();
    QVERIFY(messageFor(folder / "missing.npy").contains("no such file"));
    QVERIFY(messageFor(folder).contains("is a folder"));
    QVERIFY(messageFor("/dev/null").contains("regular file"));
    QVERIFY(messageFor(write("")).contains("empty"));
}

void NpyReaderTest::survivesAFileThatShrinks() {
    const std::filesystem::path path = write(npy(headerOf("'<f4'", "(2, 1)"), littleEndianFloats({1, 2})));
    const auto tensor = openTensorFile(path).tensors[0];
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
    try {
        tensor->read();
        QFAIL("read what is gone");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::BadInput);
        QVERIFY(QString(error.what()).contains("changed its size"));
    }
}

QTEST_GUILESS_MAIN(NpyReaderTest)
#include "npy_reader_test.moc"
