// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/crc32.h"
#include "core/io/npz_writer.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"
#include "support/zip_bytes.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <thread>

using namespace bnstudio;

namespace {

QByteArray npy(std::initializer_list<double> values) {
    return QByteArray::fromStdString(npyBytes(Tensor::of<double>({static_cast<std::int64_t>(values.size())}, values)));
}

std::uint32_t checksum(const QByteArray& data) {
    return crc32(0, std::as_bytes(std::span(data.constData(), static_cast<std::size_t>(data.size()))));
}

/// A deflated member that holds @p content and says so truthfully.
ZipEntry deflatedEntry(const QByteArray& name, const QByteArray& content) {
    ZipEntry entry{name, deflated(content), 8};
    entry.size = static_cast<std::uint64_t>(content.size());
    entry.checksum = checksum(content);
    return entry;
}

ZipEntry withFlags(ZipEntry entry, std::uint16_t flags) {
    entry.flags = flags;
    return entry;
}

}  // namespace

class NpzReaderTest : public QObject {
    Q_OBJECT

private slots:
    void keepsTheOrderOfTheFile();
    void readsDeflatedRowsInPieces();
    void acceptsUnusualArchives_data();
    void acceptsUnusualArchives();
    void refusesDamagedArchives_data();
    void refusesDamagedArchives();
    void leavesOutWhatIsNoNumber();
    void readsTexts_data();
    void readsTexts();
    void namesForeignArchives();
    void stopsADeflateBombEarly();
    void reportsProgress();
    void canBeCancelled();
    void survivesAFileThatShrinks();
    void readsFromSeveralThreads();
    void survivesEveryFlippedByte();

private:
    std::filesystem::path write(const QByteArray& bytes) {
        const std::filesystem::path path = m_folder.filePath("case.npz").toStdString();
        interop::writeFile(path, bytes);
        return path;
    }
    QTemporaryDir m_folder;
};

void NpzReaderTest::keepsTheOrderOfTheFile() {
    const TensorFile file = openTensorFile(interop::goodFile("batches.npz"));
    const QJsonArray expected = interop::expectedTensors("batches.npz");
    QCOMPARE(static_cast<qsizetype>(file.tensors.size()), expected.size());
    for (qsizetype i = 0; i < expected.size(); ++i)
        QCOMPARE(QString::fromStdString(file.tensors[static_cast<std::size_t>(i)]->name()),
                 expected[i]["name"].toString());
}

void NpzReaderTest::readsDeflatedRowsInPieces() {
    const auto tensor = openTensorFile(interop::goodFile("batches_compressed.npz")).find("valid");
    QVERIFY(tensor);
    const Tensor all = tensor->read();
    for (std::int64_t row = tensor->shape()[0] - 1; row >= 0; --row) {
        Tensor piece;
        tensor->readRows(row, 1, piece);
        for (std::int64_t i = 0; i < piece.size(); ++i)
            QCOMPARE(piece.at(i), all.at(row * piece.size() + i));
    }
}

void NpzReaderTest::acceptsUnusualArchives_data() {
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray array = npy({1, 2});
    ZipEntry zip64{"x.npy", array};
    zip64.zip64 = true;
    QTest::newRow("stored") << zipBytes({{"x.npy", array}});
    QTest::newRow("deflated") << zipBytes({deflatedEntry("x.npy", array)});
    QTest::newRow("zip64 sizes") << zipBytes({zip64});
    QTest::newRow("a comment") << zipBytes({{"x.npy", array}}, "made by hand");
    QTest::newRow("a comment that looks like an end") << zipBytes({{"x.npy", array}}, "PK\x05\x06 and more text here");
    QTest::newRow("a member without the suffix") << zipBytes({{"x", array}, {"y.npy", array}});
    QTest::newRow("UTF-8 names") << zipBytes({{"x.npy", array}, withFlags({"\xc3\xa4.npy", array}, 1 << 11)});
}

void NpzReaderTest::acceptsUnusualArchives() {
    QFETCH(QByteArray, bytes);
    const auto tensor = openTensorFile(write(bytes)).find("x");
    QVERIFY(tensor);
    const Tensor values = tensor->read();
    QCOMPARE(values.shape(), Dims{2});
    QCOMPARE(values.at(0), 1.0);
    QCOMPARE(values.at(1), 2.0);
}

void NpzReaderTest::refusesDamagedArchives_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("part");
    const QByteArray array = npy({1, 2});
    const auto row = [](const char* name, const QList<ZipEntry>& entries, const char* part) {
        QTest::newRow(name) << zipBytes(entries) << part;
    };
    row("traditional encryption", {withFlags({"x.npy", array}, 1)}, "\"x.npy\": is encrypted");
    row("strong encryption", {withFlags({"x.npy", array}, 1 << 6)}, "is encrypted");
    row("another method", {{"x.npy", array, 12}}, "zip method 12");
    row("duplicate names", {{"x.npy", array}, {"x.npy", array}}, "\"x.npy\": is there twice");
    row("names equal without the suffix", {{"x", array}, {"x.npy", array}}, "two members have this name");
    row("parent folder", {{"../../evil.npy", array}}, "leads out of the archive");
    row("parent folder inside", {{"a/../x.npy", array}}, "leads out of the archive");
    row("parent folder with backslashes", {{"a\\..\\x.npy", array}}, "leads out of the archive");
    row("absolute name", {{"/x.npy", array}}, "leads out of the archive");
    ZipEntry link{"x.npy", array};
    link.externalAttributes = 0120777u << 16;
    row("symbolic link", {link}, "is a symbolic link");
    ZipEntry renamed{"x.npy", array};
    renamed.localName = "y.npy";
    row("local header with another name", {renamed}, "says something else");
    ZipEntry shared{"y.npy", array};
    shared.headerOffset = 0;
    shared.localName = "x.npy";
    row("one local header for two members", {{"x.npy", array}, shared}, "says something else");
    ZipEntry inner{"y.npy", array};
    inner.headerOffset = 35;  // behind the local header of the first member: 30 bytes and the name
    row("a member inside another", {{"x.npy", zipBytes({{"y.npy", array}})}, inner}, "shares bytes with the member");
    ZipEntry nowhere{"y.npy", array};
    nowhere.headerOffset = 3'000'000'000;
    row("a local header beyond the file", {{"x.npy", array}, nowhere}, "beyond the last member");
    ZipEntry wrong{"x.npy", array};
    wrong.checksum = 1;
    row("wrong checksum", {wrong}, "\"x.npy\": is damaged");
    ZipEntry longer = deflatedEntry("x.npy", array);
    longer.size -= 8;
    row("inflates to more than it says", {longer}, "inflates to more than");
    ZipEntry shorter = deflatedEntry("x.npy", array);
    shorter.size += 8;
    row("inflates to less than it says", {shorter}, "x.npy");
    ZipEntry storedLie{"x.npy", array};
    storedLie.size = 1000;
    row("stored, with two sizes", {storedLie}, "is stored, yet");
    ZipEntry absurd = deflatedEntry("x.npy", array);
    absurd.size = 4'000'000'000;
    row("more than deflate can do", {absurd}, "which deflate cannot do");
    row("text", {{"x.npy", "hello"}}, "\"x.npy\"");
    row("long text", {{"x.npy", "hello, this is no array"}}, "is no NumPy array");
    row("empty member", {{"x.npy", ""}}, "has only 0 bytes");
    row("array with trailing bytes", {{"x.npy", array + "123"}}, "but 19 are there");
    row("only an array of objects",
        {{"x.npy", QByteArray("\x93NUMPY\x01\x00", 8) + QByteArray("\x3d\x00", 2)
                       + "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }     \n" + "pickle"}},
        "a pickle");
    const QByteArray good = zipBytes({{"x.npy", array}, {"y.npy", array}});
    QTest::newRow("cut in half") << good.left(good.size() / 2) << "truncated or damaged";
    QTest::newRow("last byte missing") << good.chopped(1) << "truncated or damaged";
    QTest::newRow("bytes after the end") << good + "12345"
                                         << "truncated or damaged";
    QByteArray fewer = good;
    fewer[fewer.size() - 12] = fewer[fewer.size() - 14] = 1;
    QTest::newRow("fewer members than there are") << fewer << "after its last member";
    QByteArray more = good;
    more[more.size() - 12] = more[more.size() - 14] = 3;
    QTest::newRow("more members than there are") << more << "member number 3 is missing";
}

void NpzReaderTest::refusesDamagedArchives() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, part);
    const std::filesystem::path path = write(bytes);
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void NpzReaderTest::leavesOutWhatIsNoNumber() {
    const QByteArray objects = QByteArray("\x93NUMPY\x01\x00", 8) + QByteArray("\x3d\x00", 2)
                               + "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }     \n" + "pickle";
    const TensorFile file = openTensorFile(write(zipBytes({{"meta.npy", objects}, {"x.npy", npy({1})}})));
    QCOMPARE(file.tensors.size(), std::size_t{1});
    QCOMPARE(file.notes,
             std::vector<std::string>{"\"meta\" holds Python objects (a pickle), which is not read; it was left out"});
}

void NpzReaderTest::readsTexts_data() {
    QTest::addColumn<QByteArray>("descr");
    QTest::addColumn<QByteArray>("data");
    QTest::addColumn<QString>("outcome");  // the text, or a part of the error
    const QByteArray little("\xe4\0\0\0b\0\0\0\0\0\0\0", 12);
    const QByteArray big("\0\0\0\xe4\0\0\0b\0\0\0\0", 12);
    QTest::newRow("little-endian") << QByteArray("<U3") << little << "äb";
    QTest::newRow("big-endian") << QByteArray(">U3") << big << "äb";
    QTest::newRow("no character") << QByteArray("<U1") << QByteArray("\0\xd8\0\0", 4) << "\uFFFD";
    QTest::newRow("too short") << QByteArray("<U4") << little << "a text of 4 characters in 12 bytes";
    QTest::newRow("absurd") << QByteArray("<U4611686018427387907") << little << "holds text";
    QTest::newRow("too long") << QByteArray("<U9999999") << little << "a text of 9999999 characters in 12 bytes";
}

void NpzReaderTest::readsTexts() {
    QFETCH(QByteArray, descr);
    QFETCH(QByteArray, data);
    QFETCH(QString, outcome);
    const QByteArray header = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (), }\n";
    const QByteArray member =
        QByteArray("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header + data;
    const std::filesystem::path path = write(zipBytes({{"meta.npy", member}, {"x.npy", npy({1})}}));
    TensorFile file;
    const QString message = interop::errorOf([&] { file = openTensorFile(path); }, path);
    QStringList found{message};
    for (const auto& [name, text] : file.texts)
        found += QString::fromStdString(text);
    for (const std::string& note : file.notes)
        found += QString::fromStdString(note);
    QVERIFY2(found.join("|").contains(outcome), qPrintable(found.join("|")));
}

void NpzReaderTest::namesForeignArchives() {
    const auto messageFor = [&](const QList<ZipEntry>& entries) {
        const std::filesystem::path path = write(zipBytes(entries));
        return interop::errorOf([&] { openTensorFile(path); }, path);
    };
    const QString known = "; known are npy, npz, ";
    QVERIFY(messageFor({{"bn/data.pkl", "x"}}).contains("is a PyTorch archive and no .npz file"));
    QVERIFY(messageFor({{"a.txt", "x"}})
                .contains("not a format I know (it is a zip archive without .npy members)" + known));
    QVERIFY(messageFor({}).contains("not a format I know"));
}

void NpzReaderTest::stopsADeflateBombEarly() {
    // 64 MiB of zeros in 64 KiB, said to be a small array: reading stops one byte after the promised size.
    const QByteArray array = npy({1, 2});
    ZipEntry bomb{"x.npy", deflated(array + QByteArray(64 << 20, '\0')), 8};
    bomb.size = static_cast<std::uint64_t>(array.size());
    bomb.checksum = checksum(array);
    const std::filesystem::path path = write(zipBytes({bomb}));
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains("x.npy"), qPrintable(message));
}

void NpzReaderTest::reportsProgress() {
    std::vector<double> seen;
    openTensorFile(interop::goodFile("batches.npz"), [&](double part) { seen.push_back(part); });
    QVERIFY(seen.size() >= 5);
    QVERIFY(std::is_sorted(seen.begin(), seen.end()));
    QVERIFY(seen.front() > 0 && seen.back() <= 1 && seen.back() > 0.99);
}

void NpzReaderTest::canBeCancelled() {
    std::stop_source stop;
    try {
        openTensorFile(
            interop::goodFile("batches.npz"), [&](double) { stop.request_stop(); }, stop.get_token());
        QFAIL("went on after the request to stop");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::Cancelled);
    }
}

void NpzReaderTest::survivesAFileThatShrinks() {
    const QByteArray array = npy({1, 2});
    for (const ZipEntry& entry : {ZipEntry{"x.npy", array}, deflatedEntry("x.npy", array)}) {
        const std::filesystem::path path = write(zipBytes({entry}));
        const auto tensor = openTensorFile(path).tensors[0];
        std::filesystem::resize_file(path, 20);
        const QString message = interop::errorOf([&] { tensor->read(); }, path);
        QVERIFY2(!message.isEmpty(), "read what is gone");
    }
}

void NpzReaderTest::readsFromSeveralThreads() {
    const TensorFile file = openTensorFile(interop::goodFile("batches_compressed.npz"));
    std::vector<QByteArray> sums(8);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < sums.size(); ++i)
            threads.emplace_back([&, i] { sums[i] = interop::sha256(file.tensors[i % 2]->read()); });
    }
    for (std::size_t i = 2; i < sums.size(); ++i)
        QCOMPARE(sums[i], sums[i % 2]);
}

void NpzReaderTest::survivesEveryFlippedByte() {
    // Whatever a damaged byte does, the outcome is the right values or an Error.
    const QByteArray array = npy({1, 2});
    const QByteArray good = zipBytes({{"x.npy", array}, deflatedEntry("y.npy", array)});
    int refused = 0;
    for (qsizetype at = 0; at < good.size(); ++at) {
        QByteArray bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x41);
        try {
            for (const auto& tensor : openTensorFile(write(bytes)).tensors)
                QCOMPARE(interop::sha256(tensor->read()), interop::sha256(Tensor::of<double>({2}, {1, 2})));
        } catch (const Error&) {
            ++refused;
        }
    }
    QVERIFY(refused > good.size() / 2);
}

QTEST_GUILESS_MAIN(NpzReaderTest)
#include "npz_reader_test.moc"
