// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/batch_stream.h"

#include "core/error.h"
#include "core/io/npz_writer.h"
#include "support/recipes.h"

#include <QtTest>

#include <atomic>
#include <set>
#include <thread>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

using Numbers = std::vector<double>;

Numbers valuesOf(const Tensor& tensor) {
    Numbers values;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        values.push_back(tensor.at(i));
    return values;
}

Numbers batchAt(const BatchStream& stream, std::int64_t step) {
    Tensor batch;
    stream.read(step, batch);
    return valuesOf(batch);
}

/// One channel, samples first … first + count − 1 as their own numbers.
PastedSpec counting(std::int64_t count, double first = 0) {
    Numbers values;
    for (std::int64_t i = 0; i < count; ++i)
        values.push_back(first + static_cast<double>(i));
    return pasted({count, 1}, values);
}

Tensor countingTensor(const Dims& shape, DType dtype = DType::Float32, double first = 0) {
    Tensor tensor(DType::Float64, shape);
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        tensor.set(i, first + static_cast<double>(i));
    return dtype == DType::Float64 ? tensor : tensor.convertedTo(dtype);
}

QString refusal(const DataSpec& spec, std::int64_t limit = BatchStream::defaultByteLimit) {
    try {
        BatchStream::open(spec, DType::Float32, limit);
    } catch (const Error& error) {
        return error.code() == ErrorCode::BadInput ? QString(error.what()) : QString("wrong code");
    }
    return {};
}

DataSpec dataOf(std::vector<SourceSpec> sources) {
    DataSpec spec;
    spec.sources = std::move(sources);
    return spec;
}

QString notesOf(const BatchStream& stream) {
    QStringList notes;
    for (const std::string& note : stream.notes())
        notes << QString::fromStdString(note);
    return notes.join('\n');
}

}  // namespace

class BatchStreamTest : public QObject {
    Q_OBJECT
private slots:
    void batchesInOrder();
    void dropLast();
    void withoutBatchSizeATensorIsOneBatch();
    void sourcesFollowEachOther();
    void sourcesAlternate();
    void explicitOrder();
    void repeatedBatches();
    void shuffleIsAnOrderOfAllSamples();
    void shuffleOfWholeTensorsMovesTensors();
    void gradientsAreShuffledAlike();
    void pinnedRows();
    void generatorsAreEndless();
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
    std::string npz(const QString& name, const std::vector<std::pair<std::string, Tensor>>& tensors) {
        const QString path = m_folder.filePath(name);
        NpzWriter writer(path.toStdString());
        for (const auto& [key, tensor] : tensors)
            writer.add(key, tensor);
        writer.commit();
        return path.toStdString();
    }
    QTemporaryDir m_folder;
};

void BatchStreamTest::batchesInOrder() {
    DataSpec spec = dataOf({counting(7)});
    spec.batchSize = 3;
    const auto stream = BatchStream::open(spec, DType::Float32);
    QCOMPARE(*stream->stepsPerEpoch(), 3);
    QCOMPARE(batchAt(*stream, 0), (Numbers{0, 1, 2}));
    QCOMPARE(batchAt(*stream, 2), (Numbers{6}));
    QCOMPARE(stream->shapeAt(2), (Dims{1, 1}));
    QCOMPARE(batchAt(*stream, 4), (Numbers{3, 4, 5}));
    QVERIFY((stream->originAt(4) == BatchOrigin{0, 1, 1}));
    QVERIFY(!stream->populationAt(0));
}

void BatchStreamTest::dropLast() {
    DataSpec spec = dataOf({counting(7)});
    spec.batchSize = 3;
    spec.dropLast = true;
    const auto stream = BatchStream::open(spec, DType::Float64);
    QCOMPARE(*stream->stepsPerEpoch(), 2);
    QCOMPARE(batchAt(*stream, 2), (Numbers{0, 1, 2}));
    spec.batchSize = 8;
    QVERIFY2(refusal(spec).contains("holds no batch"), qPrintable(refusal(spec)));
}

void BatchStreamTest::withoutBatchSizeATensorIsOneBatch() {
    const auto stream = BatchStream::open(dataOf({counting(5)}), DType::Float64);
    QCOMPARE(*stream->stepsPerEpoch(), 1);
    QCOMPARE(batchAt(*stream, 3), (Numbers{0, 1, 2, 3, 4}));
    QCOMPARE(stream->originAt(3).epoch, 3);
}

void BatchStreamTest::sourcesFollowEachOther() {
    DataSpec spec = dataOf({counting(3), counting(2, 10)});
    spec.batchSize = 2;
    const auto stream = BatchStream::open(spec, DType::Float64);
    const std::vector<Numbers> expected{{0, 1}, {2}, {10, 11}, {0, 1}};
    for (std::size_t step = 0; step < expected.size(); ++step)
        QCOMPARE(batchAt(*stream, static_cast<std::int64_t>(step)), expected[step]);
    QVERIFY((stream->originAt(5) == BatchOrigin{1, 0, 1}));
}

void BatchStreamTest::sourcesAlternate() {
    DataSpec spec = dataOf({counting(3), counting(1, 10)});
    spec.batchSize = 1;
    spec.schedule.order = Schedule::Order::Alternating;
    const auto stream = BatchStream::open(spec, DType::Float64);
    const Numbers expected{0, 10, 1, 10, 2, 10, 0, 10};
    for (std::size_t step = 0; step < expected.size(); ++step)
        QCOMPARE(batchAt(*stream, static_cast<std::int64_t>(step)), Numbers{expected[step]});
    QCOMPARE(*stream->stepsPerEpoch(), 6);
}

void BatchStreamTest::explicitOrder() {
    DataSpec spec = dataOf({counting(3), normal(2, 1)});
    spec.batchSize = 1;
    spec.schedule.order = Schedule::Order::Explicit;
    spec.schedule.steps = {{0, 2}, {0, 0}, {1, 7}};
    const auto stream = BatchStream::open(spec, DType::Float64);
    QCOMPARE(batchAt(*stream, 0), Numbers{2});
    QCOMPARE(batchAt(*stream, 1), Numbers{0});
    QCOMPARE(batchAt(*stream, 3), Numbers{2});
    QCOMPARE(batchAt(*stream, 2), batchAt(*stream, 5));
    QCOMPARE(*stream->stepsPerEpoch(), 3);
    spec.schedule.steps = {{0, 3}};
    QVERIFY2(refusal(spec).contains("there is no batch 3 of source 0, which has 3"), qPrintable(refusal(spec)));
}

void BatchStreamTest::repeatedBatches() {
    DataSpec spec = dataOf({counting(2)});
    spec.batchSize = 1;
    spec.schedule.repeat = 3;
    const auto stream = BatchStream::open(spec, DType::Float64);
    for (std::int64_t step = 0; step < 12; ++step)
        QCOMPARE(batchAt(*stream, step), Numbers{step / 3 % 2 == 0 ? 0.0 : 1.0});
    QCOMPARE(*stream->stepsPerEpoch(), 6);
}

void BatchStreamTest::shuffleIsAnOrderOfAllSamples() {
    DataSpec spec = dataOf({counting(50)});
    spec.batchSize = 8;
    spec.shuffleSeed = 3;
    const auto stream = BatchStream::open(spec, DType::Float32);
    std::vector<Numbers> epochs(2);
    for (std::int64_t step = 0; step < 14; ++step) {
        const Numbers batch = batchAt(*stream, step);
        QCOMPARE(batch.size(), step % 7 == 6 ? 2U : 8U);
        auto& epoch = epochs[static_cast<std::size_t>(step / 7)];
        epoch.insert(epoch.end(), batch.begin(), batch.end());
    }
    QVERIFY(epochs[0] != epochs[1]);
    for (const Numbers& epoch : epochs) {
        QCOMPARE(std::set<double>(epoch.begin(), epoch.end()).size(), 50U);
        QVERIFY(!std::is_sorted(epoch.begin(), epoch.end()));
    }
    // Random access: an epoch later, then back.
    const Numbers early = batchAt(*stream, 2);
    batchAt(*stream, 7000);
    QCOMPARE(batchAt(*stream, 2), early);
    QCOMPARE(batchAt(*BatchStream::open(spec, DType::Float32), 2), early);
    spec.shuffleSeed = 4;
    QVERIFY(batchAt(*BatchStream::open(spec, DType::Float32), 2) != early);
}

void BatchStreamTest::shuffleOfWholeTensorsMovesTensors() {
    std::vector<std::pair<std::string, Tensor>> tensors;
    for (int i = 0; i < 20; ++i)
        tensors.emplace_back("x." + std::to_string(i), countingTensor({2 + i, 1}, DType::Float32, i * 100.0));
    DataSpec spec = dataOf({FileSpec{npz("family.npz", tensors), "x", 0, 0, ""}});
    spec.shuffleSeed = 1;
    const auto stream = BatchStream::open(spec, DType::Float32);
    Numbers firsts;
    for (std::int64_t step = 0; step < 20; ++step) {
        const Numbers batch = batchAt(*stream, step);
        QCOMPARE(stream->shapeAt(step)[0], static_cast<std::int64_t>(batch.size()));
        QCOMPARE(batch[1], batch[0] + 1);
        firsts.push_back(batch[0]);
    }
    QVERIFY(!std::is_sorted(firsts.begin(), firsts.end()));
    QCOMPARE(std::set<double>(firsts.begin(), firsts.end()).size(), 20U);
}

void BatchStreamTest::gradientsAreShuffledAlike() {
    DataSpec spec = dataOf({counting(30), counting(10, 1000)});
    spec.gradients = {counting(30, 0.5), counting(10, 1000.5)};
    spec.batchSize = 4;
    spec.shuffleSeed = 9;
    spec.schedule.repeat = 2;
    const auto stream = BatchStream::open(spec, DType::Float64);
    QVERIFY(stream->hasGradients());
    for (std::int64_t step = 0; step < 60; ++step) {
        Tensor gradient;
        stream->readGradient(step, gradient);
        Numbers expected = batchAt(*stream, step);
        for (double& value : expected)
            value += 0.5;
        QCOMPARE(valuesOf(gradient), expected);
    }
}

void BatchStreamTest::pinnedRows() {
    DataSpec spec = dataOf({normal(6, 2)});
    spec.schedule.pinnedRows = {1, 4};
    const auto stream = BatchStream::open(spec, DType::Float32);
    spec.schedule.pinnedRows.clear();
    const auto free = BatchStream::open(spec, DType::Float32);
    const Numbers first = batchAt(*free, 0);
    QCOMPARE(batchAt(*stream, 0), first);
    const Numbers pinned = batchAt(*stream, 9), other = batchAt(*free, 9);
    for (std::size_t i = 0; i < pinned.size(); ++i) {
        const bool isPinned = i / 2 == 1 || i / 2 == 4;
        QCOMPARE(pinned[i], isPinned ? first[i] : other[i]);
    }
    spec.schedule.pinnedRows = {6};
    QVERIFY2(refusal(spec).contains("there is no row 6"), qPrintable(refusal(spec)));
}

void BatchStreamTest::generatorsAreEndless() {
    const auto stream = BatchStream::open(dataOf({normal(5, 3, 2, 4)}), DType::Float32);
    QVERIFY(!stream->stepsPerEpoch());
    QCOMPARE(stream->originAt(1000000).batch, 1000000);
    QCOMPARE(stream->channels(), 3);
    QCOMPARE(stream->populationAt(7)->mean, (Numbers{2, 2, 2}));
    QCOMPARE(stream->populationAt(7)->var, (Numbers{16, 16, 16}));
    QVERIFY(batchAt(*stream, 0) != batchAt(*stream, 1));
}

void BatchStreamTest::familyOfAnArchive() {
    const std::string path = npz("mixed.npz", {{"x.1", countingTensor({2, 1}, DType::Float32, 10)},
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

void BatchStreamTest::emptyTensorsAreBatches() {
    const std::string path =
        npz("empty.npz",
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
void BatchStreamTest::emptyTensorsOfHugeShapesAreRefused() {
    constexpr std::int64_t huge = std::int64_t{1} << 40;
    for (const Dims& shape : {Dims{0, 65537}, Dims{0, huge}, Dims{huge, 0}, Dims{0, 3, huge, huge}}) {
        const std::string path = npz("huge.npz", {{"x", Tensor(DType::Float32, shape)}});
        const QString message = refusal(dataOf({FileSpec{path, "", 0, 0, ""}}));
        QVERIFY2(message.startsWith(QString::fromStdString(path) + "::x has shape (")
                     && message.endsWith(" and no values, expected axes of at most 65536 then"),
                 qPrintable(message));
    }
    for (const char* axes : {"", "NLC", "LNC"}) {
        const std::string path = npz("deep.npz", {{"x", Tensor(DType::Float32, {0, 3, 65536, 65536, 65536})}});
        FileSpec spec{path, "", 0, 0, ""};
        spec.axes = axes;
        const QString message = refusal(dataOf({spec}));
        QVERIFY2(message.endsWith(" and no values, expected a product of the other axes of at most 2^40 then"),
                 qPrintable(message));
    }
    const std::string path = npz("wide.npz", {{"x", Tensor(DType::Float32, {0, 65536})}});
    QCOMPARE(refusal(dataOf({FileSpec{path, "", 0, 0, ""}})), QString());
}

void BatchStreamTest::foldsAndSkipsAreSaid() {
    const std::string path = npz("images.npz", {{"images", countingTensor({2, 3, 2, 2})}});
    const auto stream = BatchStream::open(dataOf({FileSpec{path, "", 0, 0, ""}}), DType::Float32);
    QCOMPARE(stream->shapeAt(0), (Dims{2, 3, 4}));
    QVERIFY2(notesOf(*stream).contains("images (2, 3, 2, 2) is read as (2, 3, 4)"), qPrintable(notesOf(*stream)));
    QCOMPARE(batchAt(*stream, 0)[5], 5.0);
}

void BatchStreamTest::integersAreConverted() {
    const Tensor integers = Tensor::of<std::int64_t>({2, 2}, {1, -2, 3, 16777217});
    const std::string path = npz("integers.npz", {{"x", integers}});
    const auto stream = BatchStream::open(dataOf({FileSpec{path, "x", 0, 0, ""}}), DType::Float64);
    QCOMPARE(batchAt(*stream, 0), (Numbers{1, -2, 3, 16777217}));
    QVERIFY2(notesOf(*stream).contains("int64 values converted to float64"), qPrintable(notesOf(*stream)));
    const auto narrow = BatchStream::open(dataOf({FileSpec{path, "x", 0, 0, ""}}), DType::Float32);
    QCOMPARE(batchAt(*narrow, 0)[3], 16777216.0);
}

void BatchStreamTest::tableColumnsAreChannels() {
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

void BatchStreamTest::refusals() {
    const std::string path =
        npz("vectors.npz", {{"a", countingTensor({4})}, {"b", countingTensor({1, 1, 1, 1, 1, 1})}});
    QVERIFY(refusal(dataOf({FileSpec{path, "", 0, 0, ""}})).contains("holds no tensor that can be a batch"));
    QVERIFY(refusal(dataOf({FileSpec{path, "a", 0, 0, ""}})).contains("a (4,) cannot be a batch"));
    QVERIFY(refusal(dataOf({FileSpec{path, "b", 0, 0, ""}})).contains("cannot be a batch"));
    QVERIFY(refusal(dataOf({FileSpec{path, "c", 0, 0, ""}})).contains("no tensor or family named c"));
    QVERIFY(refusal(dataOf({FileSpec{"/nonexistent.npy", "", 0, 0, ""}})).contains("there is no such file"));
    QVERIFY(refusal(dataOf({})).contains("data.sources is empty"));
}

void BatchStreamTest::gradientShapesAreChecked() {
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

void BatchStreamTest::theLimitNamesTheOption() {
    DataSpec spec = dataOf({counting(1000)});
    QVERIFY(refusal(spec, 4000).isEmpty());
    const QString message = refusal(spec, 3999);
    QVERIFY2(message.contains("--batch-size") && message.contains("(1000, 1)"), qPrintable(message));
    spec.batchSize = 10;
    QVERIFY(refusal(spec, 40).isEmpty());
    QVERIFY(refusal(dataOf({normal(1 << 20, 100)})).contains("give a smaller n"));
}

void BatchStreamTest::severalThreadsMayRead() {
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

QTEST_GUILESS_MAIN(BatchStreamTest)
#include "batch_stream_test.moc"
