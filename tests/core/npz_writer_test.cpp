// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/npz_writer.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <limits>

#include <sys/resource.h>
#include <unistd.h>

using namespace bnstudio;

namespace {

struct Named {
    const char* name;
    Tensor tensor;
};

/// One tensor of every type and rank NumPy knows, with values that only survive if every byte does.
std::vector<Named> samples() {
    const float tiny = std::numeric_limits<float>::denorm_min();
    const double notANumber = std::numeric_limits<double>::quiet_NaN();
    std::vector<Named> all;
    all.push_back({"x.0", Tensor::of<float>({2, 3}, {1, -0.0f, tiny, 3e38f, -1, 0.1f})});
    all.push_back({"x.1", Tensor::of<double>({1, 2, 2}, {0.1, notANumber, -1e308, 5e-324})});
    all.push_back({"num_batches_tracked.0", Tensor::of<std::int64_t>({}, {std::numeric_limits<std::int64_t>::max()})});
    all.push_back({"empty", Tensor(DType::Float32, {0, 3})});
    all.push_back({"i8", Tensor::of<std::int8_t>({2}, {-128, 127})});
    all.push_back({"i16", Tensor::of<std::int16_t>({2}, {-32768, 32767})});
    all.push_back({"i32", Tensor::of<std::int32_t>({1}, {-7})});
    all.push_back({"u8", Tensor::of<std::uint8_t>({3}, {0, 128, 255})});
    all.push_back({"u16", Tensor::of<std::uint16_t>({1}, {65535})});
    all.push_back({"u32", Tensor::of<std::uint32_t>({1}, {4294967295u})});
    all.push_back({"u64", Tensor::of<std::uint64_t>({1}, {18446744073709551615u})});
    all.push_back({"mask", Tensor::of<bool>({2}, {true, false})});
    return all;
}

QStringList entries(const QString& folder) {
    return QDir(folder).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
}

QByteArray contents(const std::filesystem::path& path) {
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QString failureOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code() == ErrorCode::WriteFailed ? QString::fromUtf8(error.what()) : "another code";
    }
    return {};
}

}  // namespace

class NpzWriterTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void roundTrips();
    void numPyReadsIt();
    void writesTexts();
    void writesTheSameBytesTwice();
    void npyBytesRoundTrip();
    void writesBFloat16AsFloat32();
    void writesMoreMembersThan16BitsCount();
    void leavesNothingWithoutCommit();
    void keepsTheOldFileUntilCommit();
    void keepsPermissionsAndLinks();
    void refusesTheSameNameTwice();
    void refusesWhereItCannotWrite();
    void reportsAFailedWrite();
    void writesText();

private:
    std::filesystem::path target(const char* name) const { return m_folder->filePath(name).toStdString(); }
    std::filesystem::path writeSamples(const char* name) const {
        NpzWriter writer(target(name));
        for (const Named& sample : samples())
            writer.add(sample.name, sample.tensor);
        writer.commit();
        return target(name);
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void NpzWriterTest::roundTrips() {
    const TensorFile file = openTensorFile(writeSamples("out.npz"));
    const std::vector<Named> expected = samples();
    QCOMPARE(file.tensors.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        QCOMPARE(file.tensors[i]->name(), expected[i].name);
        const Tensor values = file.tensors[i]->read();
        QCOMPARE(values.dtype(), expected[i].tensor.dtype());
        QCOMPARE(values.shape(), expected[i].tensor.shape());
        QCOMPARE(interop::sha256(values), interop::sha256(expected[i].tensor));
    }
    QCOMPARE(entries(m_folder->path()), QStringList{"out.npz"});
}

void NpzWriterTest::numPyReadsIt() {
    const QString python = "/usr/bin/python3";
    if (QProcess::execute(python, {"-c", "import numpy"}) != 0)
        QSKIP("no python3 with NumPy here");
    const std::filesystem::path path = writeSamples("out.npz");
    QProcess process;
    process.start(python, {"-c",
                           "import sys, zipfile, hashlib, numpy as np\n"
                           "assert zipfile.ZipFile(sys.argv[1]).testzip() is None\n"
                           "for name, a in np.load(sys.argv[1]).items():\n"
                           "    print(name, a.dtype, a.shape, hashlib.sha256(a.tobytes()).hexdigest())\n",
                           QString::fromStdString(path.string())});
    QVERIFY(process.waitForFinished(60'000));
    QString expected;
    for (const Named& sample : samples())
        expected += QString("%1 %2 %3 %4\n")
                        .arg(sample.name, QString::fromStdString(std::string(name(sample.tensor.dtype()))),
                             QString::fromStdString(shapeText(sample.tensor.shape())),
                             QString::fromLatin1(interop::sha256(sample.tensor)));
    QCOMPARE(QString::fromUtf8(process.readAllStandardOutput()), expected);
    QCOMPARE(process.readAllStandardError(), QByteArray());
}

void NpzWriterTest::writesTexts() {
    const std::string meta = "{\"eps\": 1e-05, \"layer\": \"größe \xf0\x9f\x98\x80\"}";
    {
        NpzWriter writer(target("out.npz"));
        writer.addText("meta", meta);
        writer.addText("nothing", "");
        writer.add("x", Tensor::of<float>({1}, {1}));
        writer.commit();
    }
    const TensorFile file = openTensorFile(target("out.npz"));
    QCOMPARE(file.tensors.size(), std::size_t{1});
    QCOMPARE(file.texts, (std::vector<std::pair<std::string, std::string>>{{"meta", meta}, {"nothing", ""}}));
    QCOMPARE(file.notes.size(), std::size_t{0});
    if (QProcess::execute("/usr/bin/python3", {"-c", "import numpy"}) != 0)
        QSKIP("no python3 with NumPy here");
    QProcess process;
    process.start("/usr/bin/python3", {"-c",
                                       "import sys, numpy as np\n"
                                       "a = np.load(sys.argv[1])\n"
                                       "sys.stdout.buffer.write((str(a['meta']) + str(a['nothing'])).encode())\n",
                                       QString::fromStdString(target("out.npz").string())});
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.readAllStandardOutput(), QByteArray::fromStdString(meta));
}

void NpzWriterTest::writesTheSameBytesTwice() {
    QCOMPARE(contents(writeSamples("a.npz")), contents(writeSamples("b.npz")));
}

void NpzWriterTest::npyBytesRoundTrip() {
    for (const Named& sample : samples()) {
        const std::string bytes = npyBytes(sample.tensor);
        QCOMPARE((bytes.size() - sample.tensor.byteSize()) % 64, std::size_t{0});
        interop::writeFile(target("a.npy"), QByteArray::fromStdString(bytes));
        const Tensor values = openTensorFile(target("a.npy")).tensors[0]->read();
        QCOMPARE(values.shape(), sample.tensor.shape());
        QCOMPARE(interop::sha256(values), interop::sha256(sample.tensor));
    }
}

void NpzWriterTest::writesBFloat16AsFloat32() {
    Tensor half(DType::BFloat16, {2});
    const std::uint16_t bits[] = {0x3f80, 0xc020};  // 1 and −2.5
    std::memcpy(half.bytes(), bits, sizeof bits);
    NpzWriter writer(target("out.npz"));
    writer.add("x", half);
    writer.commit();
    const Tensor values = openTensorFile(target("out.npz")).tensors[0]->read();
    QCOMPARE(values.dtype(), DType::Float32);
    QCOMPARE(values.at(0), 1.0);
    QCOMPARE(values.at(1), -2.5);
}

void NpzWriterTest::writesMoreMembersThan16BitsCount() {
    constexpr int members = 70'000;  // more than 65,535, so that the zip64 records are needed
    {
        NpzWriter writer(target("many.npz"));
        for (int k = 0; k < members; ++k)
            writer.add("x." + std::to_string(k), Tensor::of<std::int32_t>({}, {k}));
        writer.commit();
    }
    const TensorFile file = openTensorFile(target("many.npz"));
    QCOMPARE(file.tensors.size(), std::size_t{members});
    QCOMPARE(file.tensors.back()->read().at(0), double{members - 1});
}

void NpzWriterTest::leavesNothingWithoutCommit() {
    {
        NpzWriter writer(target("out.npz"));
        writer.add("x", Tensor::of<float>({1}, {1}));
        AtomicTextFile text(target("out.csv"));
        text.write("a,b\n");
        QCOMPARE(entries(m_folder->path()).size(), 2);
    }
    QCOMPARE(entries(m_folder->path()), QStringList());
}

void NpzWriterTest::keepsTheOldFileUntilCommit() {
    interop::writeFile(target("out.csv"), "old");
    AtomicTextFile text(target("out.csv"));
    text.write("new");
    QCOMPARE(contents(target("out.csv")), "old");
    text.commit();
    QCOMPARE(contents(target("out.csv")), "new");
    QCOMPARE(entries(m_folder->path()), QStringList{"out.csv"});
}

void NpzWriterTest::keepsPermissionsAndLinks() {
    namespace fs = std::filesystem;
    const auto write = [](const fs::path& path, const char* text) {
        AtomicTextFile file(path);
        file.write(text);
        file.commit();
    };
    const fs::perms privately = fs::perms::owner_read | fs::perms::owner_write;
    interop::writeFile(target("real.csv"), "old");
    fs::permissions(target("real.csv"), privately);
    fs::create_symlink("real.csv", target("link.csv"));
    write(target("link.csv"), "new");
    QVERIFY(fs::is_symlink(target("link.csv")));
    QCOMPARE(contents(target("real.csv")), "new");
    QCOMPARE(fs::status(target("real.csv")).permissions(), privately);

    interop::writeFile(target("usual.csv"), "made the usual way");
    write(target("fresh.csv"), "made by us");
    QCOMPARE(fs::status(target("fresh.csv")).permissions(), fs::status(target("usual.csv")).permissions());
}

void NpzWriterTest::refusesTheSameNameTwice() {
    NpzWriter writer(target("out.npz"));
    writer.add("x", Tensor::of<float>({1}, {1}));
    QVERIFY(failureOf([&] { writer.add("x", Tensor::of<float>({1}, {1})); }).contains("\"x\" is there already"));
}

void NpzWriterTest::refusesWhereItCannotWrite() {
    const auto failure = [](const std::filesystem::path& path) { return failureOf([&] { NpzWriter writer(path); }); };
    QVERIFY(failure(target("missing/out.npz")).startsWith("cannot write " + m_folder->filePath("missing/out.npz: ")));
    QVERIFY(failure(m_folder->path().toStdString()).endsWith("it is a folder"));
    QVERIFY(failure("/dev/null").contains("a device"));
    QVERIFY(failure("/proc/out.npz").startsWith("cannot write /proc/out.npz: "));
    if (geteuid() == 0)
        QSKIP("the superuser may write into a write-protected folder");
    QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::ExeOwner);
    QVERIFY(failure(target("out.npz")).startsWith("cannot write "));
    QFile::setPermissions(m_folder->path(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

void NpzWriterTest::reportsAFailedWrite() {
    // A limit on the size of files makes write() fail half-way, as a full disk does.
    rlimit before{};
    QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{1 << 20, before.rlim_max};
    const auto previous = std::signal(SIGXFSZ, SIG_IGN);
    QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
    const QString message = failureOf([&] {
        NpzWriter writer(target("out.npz"));
        writer.add("x", Tensor(DType::Float64, {1'000'000}));
        writer.commit();
    });
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, previous);
    QVERIFY2(message.startsWith("cannot write " + m_folder->filePath("out.npz: ")), qPrintable(message));
    QCOMPARE(entries(m_folder->path()), QStringList());
}

void NpzWriterTest::writesText() {
    AtomicTextFile text(target("out.csv"));
    const std::string line(1000, 'x');
    for (int i = 0; i < 1000; ++i)
        text.write(line + "\n");
    text.commit();
    const QByteArray written = contents(target("out.csv"));
    QCOMPARE(written.size(), 1'001'000);
    QCOMPARE(written.count('\n'), 1000);
}

QTEST_GUILESS_MAIN(NpzWriterTest)
#include "npz_writer_test.moc"
