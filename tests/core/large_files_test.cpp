// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/batch_stream.h"
#include "core/error.h"
#include "core/io/tensor_health.h"
#include "core/run/run.h"
#include "support/interop.h"
#include "support/sparse_file.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

using namespace bnstudio;
using namespace bnstudio::testing;

/// Files larger than memory are opened at once and read batch by batch.
class LargeFilesTest : public QObject {
    Q_OBJECT

private slots:
    void looksAtARowInPieces();  // first: the peak of a process never falls
    void opensAtOnceAndReadsBatches_data();
    void opensAtOnceAndReadsBatches();
    void refusesTooLargeBatches();
    void refusesToShuffleTooMuch();
    void refusesSamplesAsChannels();
    void saysWhenTheFileShrinks_data();
    void saysWhenTheFileShrinks();
    void looksAtCountlessEmptyRows();

private:
    std::filesystem::path path(const char* name) const { return m_folder.filePath(name).toStdString(); }
    static DataSpec dataOf(const std::filesystem::path& path) {
        FileSpec file;
        file.path = path.string();
        DataSpec data;
        data.sources = {file};
        data.batchSize = 4096;
        return data;
    }
    QTemporaryDir m_folder;
};

void LargeFilesTest::opensAtOnceAndReadsBatches_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<qlonglong>("rows");
    QTest::newRow("16 GiB npy") << "big.npy" << (1LL << 22);
    QTest::newRow("16 GiB safetensors") << "big.safetensors" << (1LL << 22);
    QTest::newRow("2 GiB npz") << "big.npz" << (1LL << 19);
}

void LargeFilesTest::opensAtOnceAndReadsBatches() {
    QFETCH(QString, name);
    QFETCH(qlonglong, rows);
    constexpr std::int64_t columns = 1024;
    const std::filesystem::path file = path(qPrintable(name));
    const bool isWritten = name.endsWith("npy")   ? writeSparseNpy(file, rows, columns)
                           : name.endsWith("npz") ? writeSparseNpz(file, rows, columns)
                                                  : writeSparseSafetensors(file, rows, columns);
    if (!isWritten)
        QSKIP("the file system has no sparse files of this size");
    QElapsedTimer timer;
    timer.start();
    const auto stream = BatchStream::open(dataOf(file), DType::Float32);
    QVERIFY2(timer.elapsed() < 1000, qPrintable(QString::number(timer.elapsed())));
    QCOMPARE(stream->stepsPerEpoch(), std::optional<std::int64_t>{rows / 4096});
    Tensor batch;
    for (const std::int64_t step : {std::int64_t{0}, std::int64_t{rows / 4096 - 1}}) {
        stream->read(step, batch);
        QCOMPARE(batch.shape(), (Dims{4096, columns}));
        QCOMPARE(batch.at(batch.size() - 1), 0.0);
    }
    QVERIFY(timer.elapsed() < 10'000);
    QCOMPARE(stream->notes().size(), std::size_t{name.endsWith("npz")});
}

void LargeFilesTest::refusesTooLargeBatches() {
    if (!writeSparseNpy(path("big.npy"), 1 << 22, 1024))
        QSKIP("the file system has no sparse files of this size");
    DataSpec data = dataOf(path("big.npy"));
    data.batchSize.reset();
    const QString message =
        interop::errorOf([&] { BatchStream::open(data, DType::Float32); }, path("big.npy").string() + "::big");
    QVERIFY2(message.contains("takes 16384 MiB, more than 256 MiB; give a smaller --batch-size"), qPrintable(message));
}

void LargeFilesTest::refusesToShuffleTooMuch() {
    if (!writeSparseNpy(path("tall.npy"), std::int64_t{1} << 32, 1))
        QSKIP("the file system has no sparse files of this size");
    DataSpec data = dataOf(path("tall.npy"));
    BatchStream::open(data, DType::Float32);
    data.shuffleSeed = 1;
    const QString message =
        interop::errorOf([&] { BatchStream::open(data, DType::Float32); }, path("tall.npy").string() + "::tall");
    QVERIFY2(message.contains("4294967296 samples are too many to shuffle"), qPrintable(message));
}

/// A layer with a channel for every sample of a large table would take gigabytes and minutes.
void LargeFilesTest::refusesSamplesAsChannels() {
    if (!writeSparseNpy(path("table.npy"), (std::int64_t{1} << 22) + 1, 2))
        QSKIP("the file system has no sparse files of this size");
    Recipe recipe;
    recipe.data = dataOf(path("table.npy"));
    std::get<FileSpec>(recipe.data.sources.front()).axes = "CN";
    recipe.data.batchSize = 1;
    recipe.lanes.resize(1);
    try {
        Run run(recipe);
        QFAIL("not refused");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::BadInput);
        QVERIFY2(QString(error.what()).startsWith("data: the batches have 4194305 channels, expected at most 4194304"),
                 error.what());
    }
}

void LargeFilesTest::saysWhenTheFileShrinks_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"shrinks.npy", "shrinks.safetensors", "shrinks.npz"})
        QTest::newRow(name) << name;
}

void LargeFilesTest::saysWhenTheFileShrinks() {
    QFETCH(QString, name);
    const std::filesystem::path file = path(qPrintable(name));
    const bool isWritten = name.endsWith("npy")   ? writeSparseNpy(file, 1 << 17, 1024)
                           : name.endsWith("npz") ? writeSparseNpz(file, 1 << 17, 1024)
                                                  : writeSparseSafetensors(file, 1 << 17, 1024);
    if (!isWritten)
        QSKIP("the file system has no sparse files of this size");
    const auto stream = BatchStream::open(dataOf(file), DType::Float32);
    Tensor batch;
    stream->read(1, batch);
    std::filesystem::resize_file(file, 1 << 20);
    for (const std::int64_t step : {0, 1}) {
        const QString message = interop::errorOf([&] { stream->read(step, batch); }, file);
        QVERIFY2(message.contains("has changed its size since it was opened"), qPrintable(message));
    }
}

void LargeFilesTest::looksAtCountlessEmptyRows() {
    const QByteArray json = R"({"x":{"dtype":"F32","shape":[4611686018427387904,0],"data_offsets":[0,0]}})";
    interop::writeFile(path("rows.safetensors"),
                       QByteArray(1, static_cast<char>(json.size())) + QByteArray(7, '\0') + json);
    const auto tensor = openTensorFile(path("rows.safetensors")).tensors.at(0);
    QCOMPARE(tensorHealth(*tensor, {}).count, std::int64_t{0});
    QCOMPARE(tensor->read().size(), std::int64_t{0});
}

void LargeFilesTest::looksAtARowInPieces() {
    constexpr std::int64_t columns = std::int64_t{1} << 25;  // 128 MiB
    if (!writeSparseNpy(path("row.npy"), 1, columns))
        QSKIP("the file system has no sparse files of this size");
    // The last value, so that every piece is seen to be read.
    QFile file(QString::fromStdString(path("row.npy").string()));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(file.size() - 4));
    const float last = -2;
    QCOMPARE(file.write(reinterpret_cast<const char*>(&last), sizeof last), qint64{4});
    file.close();
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    const TensorHealth health = tensorHealth(*openTensorFile(path("row.npy")).tensors.at(0), {});
    getrusage(RUSAGE_SELF, &after);
    QCOMPARE(health.count, columns);
    QCOMPARE(health.negative, std::int64_t{1});
    QCOMPARE(health.zero, columns - 1);
#ifndef __SANITIZE_ADDRESS__  // which keeps what was freed
    QVERIFY(after.ru_maxrss - before.ru_maxrss < 32 * 1024);
#endif
}

QTEST_GUILESS_MAIN(LargeFilesTest)
#include "large_files_test.moc"
