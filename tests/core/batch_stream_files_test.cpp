// SPDX-License-Identifier: GPL-3.0-or-later
// Batches out of files, and what is refused.
#include "core/data/batch_stream.h"

#include "core/error.h"
#include "support/streams.h"

#include <QtTest>

#include <atomic>
#include <thread>

using namespace bnstudio;
using namespace bnstudio::test;

class BatchStreamFilesTest : public QObject {
    Q_OBJECT

private slots:
    void familyOfAnArchive();
    void emptyTensorsAreBatches();
    void emptyTensorsOfHugeShapesAreRefused();
    void foldsAndSkipsAreSaid();
    void integersAreConverted();
    void tableColumnsAreChannels();
    void refusals();
    void gradientShapesAreChecked();
    void theLimitNamesTheOption();
    void severalThreadsMayRead();

private:
    const NpzFolder m_folder;
};

void BatchStreamFilesTest::familyOfAnArchive() {
    const std::string path = m_folder.write("mixed.npz", {{"x.1", countingTensor({2, 1}, DType::Float32, 10)},
                                                          {"x.0", countingTensor({3, 1}, DType::Float64, 0)},
                                                          {"scale", countingTensor({4})},
                                                          {"x.10", countingTensor({1, 1}, DType::Float32, 100)}});
    const auto family = BatchStream::open(dataOf({FileSpec{path, "x", 0, 0, ""}}), DType::Float32);
    QCOMPARE(*family->stepsPerEpoch(), 3);
    QCOMPARE(batchAt(*family, 0), (Numbers{0, 1, 2}));
    QCOMPARE(batchAt(*family, 1), (Numbers{10, 11}));
    QCOMPARE(batchAt(*family, 2), (Numbers{100}));
    QVERIFY2(notesOf(*family).contains("float64 values converted to float32"), qPrintable(notesOf(*family)));
    const auto all = BatchStream::open(dataOf({FileSpec{path, "", 0, 0, ""}}), DType::Float32);
    QCOMPARE(*all->stepsPerEpoch(), 3);
    QCOMPARE(batchAt(*all, 0), (Numbers{10, 11}));  // file order
    QVERIFY2(notesOf(*all).contains("scale (4,)"), qPrintable(notesOf(*all)));
}

void BatchStreamFilesTest::emptyTensorsAreBatches() {
    const std::string path = m_folder.write(
        "empty.npz",
        {{"x.0", countingTensor({0, 3})}, {"x.1", countingTensor({2, 3})}, {"x.2", countingTensor({2, 3, 0})}});
    const auto stream = BatchStream::open(dataOf({FileSpec{path, "x", 0, 0, ""}}), DType::Float32);
    QCOMPARE(*stream->stepsPerEpoch(), 3);
    QCOMPARE(stream->channels(), 3);
    Tensor batch;
    stream->read(0, batch);
    QCOMPARE(batch.shape(), (Dims{0, 3}));
    stream->read(2, batch);
    QCOMPARE(batch.shape(), (Dims{2, 3, 0}));
    // Through the layer: outputs are empty, the counter moves.
    Run run(recipeOn(FileSpec{path, "x", 0, 0, ""}));
    const auto step = runTo(run, 1);
    QVERIFY(step->error.empty());
    QCOMPARE(*stateOf(step->after).numBatchesTracked, 1);
}

/// A few bytes of file must not ask for gigabytes a channel, nor for a shape whose fold overflows.
void BatchStreamFilesTest::emptyTensorsOfHugeShapesAreRefused() {
    constexpr std::int64_t huge = std::int64_t{1} << 40;
    for (const Dims& shape : {Dims{0, 65537}, Dims{0, huge}, Dims{huge, 0}, Dims{0, 3, huge, huge}}) {
        const std::string path = m_folder.write("huge.npz", {{"x", Tensor(DType::Float32, shape)}});
        const QString message = refusal(dataOf({FileSpec{path, "", 0, 0, ""}}));
        QVERIFY2(message.startsWith(QString::fromStdString(path) + "::x has shape (")
                     && message.endsWith(" and no values, expected axes of at most 65536 then"),
                 qPrintable(message));
    }
    for (const char* axes : {"", "NLC", "LNC"}) {
        const std::string path =
            m_folder.write("deep.npz", {{"x", Tensor(DType::Float32, {0, 3, 65536, 65536, 65536})}});
        FileSpec spec{path, "", 0, 0, ""};
        spec.axes = axes;
        const QString message = refusal(dataOf({spec}));
        QVERIFY2(message.endsWith(" and no values, expected a product of the other axes of at most 2^40 then"),
                 qPrintable(message));
    }
    const std::string path = m_folder.write("wide.npz", {{"x", Tensor(DType::Float32, {0, 65536})}});
    QCOMPARE(refusal(dataOf({FileSpec{path, "", 0, 0, ""}})), QString());
}

void BatchStreamFilesTest::foldsAndSkipsAreSaid() {
    const std::string path = m_folder.write("images.npz", {{"images", countingTensor({2, 3, 2, 2})}});
    const auto stream = BatchStream::open(dataOf({FileSpec{path, "", 0, 0, ""}}), DType::Float32);
    QCOMPARE(stream->shapeAt(0), (Dims{2, 3, 4}));
    QVERIFY2(notesOf(*stream).contains("images (2, 3, 2, 2) is read as (2, 3, 4)"), qPrintable(notesOf(*stream)));
    QCOMPARE(batchAt(*stream, 0)[5], 5.0);
}

void BatchStreamFilesTest::integersAreConverted() {
    const Tensor integers = Tensor::of<std::int64_t>({2, 2}, {1, -2, 3, 16777217});
    const std::string path = m_folder.write("integers.npz", {{"x", integers}});
    const auto stream = BatchStream::open(dataOf({FileSpec{path, "x", 0, 0, ""}}), DType::Float64);
    QCOMPARE(batchAt(*stream, 0), (Numbers{1, -2, 3, 16777217}));
    QVERIFY2(notesOf(*stream).contains("int64 values converted to float64"), qPrintable(notesOf(*stream)));
    const auto narrow = BatchStream::open(dataOf({FileSpec{path, "x", 0, 0, ""}}), DType::Float32);
    QCOMPARE(batchAt(*narrow, 0)[3], 16777216.0);
}

void BatchStreamFilesTest::tableColumnsAreChannels() {
    QFile file(m_folder.filePath("table.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("height,width,name\n1,2,a\n3,4,b\n5,6,c\n");
    file.close();
    DataSpec spec = dataOf({FileSpec{file.fileName().toStdString(), "", 0, 0, ""}});
    spec.batchSize = 2;
    const auto stream = BatchStream::open(spec, DType::Float32);
    QCOMPARE(stream->channelNames(), (std::vector<std::string>{"height", "width"}));
    QCOMPARE(batchAt(*stream, 1), (Numbers{5, 6}));
}

void BatchStreamFilesTest::refusals() {
    const std::string path =
        m_folder.write("vectors.npz", {{"a", countingTensor({4})}, {"b", countingTensor({1, 1, 1, 1, 1, 1})}});
    QVERIFY(refusal(dataOf({FileSpec{path, "", 0, 0, ""}})).contains("holds no tensor that can be a batch"));
    QVERIFY(refusal(dataOf({FileSpec{path, "a", 0, 0, ""}})).contains("a (4,) cannot be a batch"));
    QVERIFY(refusal(dataOf({FileSpec{path, "b", 0, 0, ""}})).contains("cannot be a batch"));
    QVERIFY(refusal(dataOf({FileSpec{path, "c", 0, 0, ""}})).contains("no tensor or family named c"));
    QVERIFY(refusal(dataOf({FileSpec{"/nonexistent.npy", "", 0, 0, ""}})).contains("there is no such file"));
    QVERIFY(refusal(dataOf({})).contains("data.sources is empty"));
}

void BatchStreamFilesTest::gradientShapesAreChecked() {
    DataSpec spec = dataOf({counting(6)});
    spec.gradients = {counting(5)};
    QVERIFY2(refusal(spec).contains("data.gradients[0]: batch 0 has shape (5, 1), expected that of the data, (6, 1)"),
             qPrintable(refusal(spec)));
    spec.batchSize = 2;
    QVERIFY2(refusal(spec).contains("batch 2 has shape (1, 1)"), qPrintable(refusal(spec)));
    spec.gradients = {counting(9)};
    QVERIFY2(refusal(spec).contains("5 batches, expected 3"), qPrintable(refusal(spec)));
    spec.gradients = {counting(6), counting(6)};
    QVERIFY2(refusal(spec).contains("2 sources"), qPrintable(refusal(spec)));
    spec.gradients = {normal(2, 1)};
    QVERIFY(refusal(spec).isEmpty());
    // A generator's steps take the gradients round and round.
    DataSpec endless = dataOf({normal(2, 1)});
    endless.gradients = {counting(6)};
    endless.batchSize = 2;
    const auto stream = BatchStream::open(endless, DType::Float32);
    Tensor gradient;
    stream->readGradient(4, gradient);
    QCOMPARE(valuesOf(gradient), (Numbers{2, 3}));
}

void BatchStreamFilesTest::theLimitNamesTheOption() {
    DataSpec spec = dataOf({counting(1000)});
    QVERIFY(refusal(spec, 4000).isEmpty());
    const QString message = refusal(spec, 3999);
    QVERIFY2(message.contains("--batch-size") && message.contains("(1000, 1)"), qPrintable(message));
    spec.batchSize = 10;
    QVERIFY(refusal(spec, 40).isEmpty());
    QVERIFY(refusal(dataOf({normal(1 << 20, 100)})).contains("give a smaller n"));
}

void BatchStreamFilesTest::severalThreadsMayRead() {
    DataSpec spec = dataOf({counting(500)});
    spec.batchSize = 7;
    spec.shuffleSeed = 1;
    const auto stream = BatchStream::open(spec, DType::Float32);
    std::vector<Numbers> expected;
    for (std::int64_t step = 0; step < 200; ++step)
        expected.push_back(batchAt(*stream, step));
    std::atomic<int> wrong = 0;
    const auto readAll = [&] {
        for (std::int64_t step = 199; step >= 0; --step)
            wrong += batchAt(*stream, step) != expected[static_cast<std::size_t>(step)];
    };
    std::thread one(readAll), two(readAll);
    one.join();
    two.join();
    QCOMPARE(wrong.load(), 0);
}

QTEST_GUILESS_MAIN(BatchStreamFilesTest)
#include "batch_stream_files_test.moc"
