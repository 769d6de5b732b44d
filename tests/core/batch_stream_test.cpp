// SPDX-License-Identifier: GPL-3.0-or-later
// Which samples a batch has.
#include "core/data/batch_stream.h"

#include "support/streams.h"

#include <QtTest>

#include <set>

using namespace bnstudio;
using namespace bnstudio::test;

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

private:
    const NpzFolder m_folder;
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
    DataSpec spec = dataOf({FileSpec{m_folder.write("family.npz", tensors), "x", 0, 0, ""}});
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

QTEST_GUILESS_MAIN(BatchStreamTest)
#include "batch_stream_test.moc"
