// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/run/series.h"
#include "core/run/snapshot.h"

#include <QtTest>

#include <atomic>
#include <cmath>
#include <thread>

using namespace bnstudio;

namespace {

/// A snapshot whose every number tells its step, channel and @p mark.
Snapshot marked(std::int64_t step, std::int64_t channels, double mark, DType dtype = DType::Float64) {
    LayerOptions options;
    options.numFeatures = channels;
    options.dtype = dtype;
    auto state = std::make_shared<LaneState>(LaneState{BatchNorm1d(options), true, {}, {}});
    auto lane = std::make_shared<LaneSnapshot>();
    lane->inputShape = {4, channels};
    lane->batch.valuesPerChannel = 4;
    for (std::int64_t c = 0; c < channels; ++c) {
        const double value = mark + static_cast<double>(step) + static_cast<double>(c) / 1024;
        lane->batch.mean.push_back(value);
        lane->batch.var.push_back(value + 0.5);
        lane->batch.sumSquares.push_back(3 * value);
        (*state->layer.mutableState().runningMean)[static_cast<std::size_t>(c)] = -value;
        lane->health.push_back({0, 1, 0, 1, 0, 2});
    }
    lane->loss = static_cast<double>(step) * 2;
    lane->before = lane->after = state;
    Snapshot snapshot;
    snapshot.step = step;
    snapshot.lanes = {lane};
    return snapshot;
}

double expected(std::int64_t step, std::int64_t channel, double mark) {
    return mark + static_cast<double>(step) + static_cast<double>(channel) / 1024;
}

bool holds(const SeriesView& view, std::int64_t first, std::int64_t last, double mark) {
    for (std::int64_t channel = 0; channel < view.channels(); ++channel) {
        for (std::int64_t step = first; step < last; ++step) {
            if (view.at(Quantity::BatchMean, step, channel) != expected(step, channel, mark)
                || view.at(Quantity::RunningMean, step, channel) != -expected(step, channel, mark))
                return false;
        }
    }
    return true;
}

/// Resident pages of files.
long mappedKiB() {
    QFile status("/proc/self/status");
    long sum = 0;
    if (status.open(QIODevice::ReadOnly))
        for (const QByteArray& line : status.readAll().split('\n'))
            if (line.startsWith("RssFile:") || line.startsWith("RssShmem:"))
                sum += line.simplified().split(' ')[1].toLong();
    return sum;
}

constexpr std::size_t ample = std::size_t{1} << 28;

}  // namespace

class SeriesTest : public QObject {
    Q_OBJECT
private slots:
    void everyQuantity();
    void absentValuesAreNan();
    void columnsCrossBlocks();
    void float32IsRounded();
    void viewsOutliveTruncation_data();
    void viewsOutliveTruncation();
    void manyChannelsUseShorterBlocks();
    void spilledSeriesReadsTheSame();
    void spaceOfForgottenStepsIsUsedAgain();
    void aSpilledSeriesStaysOutOfMemory();
    void viewOutlivesItsSpilledSeries();
    void anUnusableCacheFolderIsAnError();
    void viewsStayTrueWhileTheWriterGoesOn();
};

void SeriesTest::everyQuantity() {
    Series series(2, DType::Float64, ample);
    Snapshot snapshot = marked(0, 2, 10);
    auto lane = std::make_shared<LaneSnapshot>(*snapshot.lanes[0]);
    lane->backward = BackwardRecord{{}, {}, ChannelVector{7, 8}, ChannelVector{9, 10}};
    lane->surprise = 1.5;
    snapshot.lanes = {lane};
    snapshot.population = Population{{3, 4}, {5, 6}};
    series.append(snapshot, 0);
    const SeriesView view = series.view();
    QCOMPARE(view.at(Quantity::BatchMean, 0, 0), 10.0);
    QCOMPARE(view.at(Quantity::BatchVar, 0, 0), 10.5);
    QCOMPARE(view.at(Quantity::BatchVarUnbiased, 0, 0), 10.0);  // 3·10/(4 − 1)
    QCOMPARE(view.at(Quantity::RunningMean, 0, 0), -10.0);
    QCOMPARE(view.at(Quantity::RunningVar, 0, 1), 1.0);
    QCOMPARE(view.at(Quantity::Weight, 0, 1), 1.0);
    QCOMPARE(view.at(Quantity::Bias, 0, 1), 0.0);
    QCOMPARE(view.at(Quantity::GradWeight, 0, 1), 8.0);
    QCOMPARE(view.at(Quantity::GradBias, 0, 0), 9.0);
    QCOMPARE(view.at(Quantity::PopulationMean, 0, 1), 4.0);
    QCOMPARE(view.at(Quantity::PopulationVar, 0, 0), 5.0);
    QCOMPARE(view.at(Quantity::NonFinite, 0, 0), 2.0);
    QCOMPARE(view.at(ScalarQuantity::Loss, 0), 0.0);
    QCOMPARE(view.at(ScalarQuantity::Surprise, 0), 1.5);
    QCOMPARE(view.at(ScalarQuantity::TrainMode, 0), 1.0);
    QCOMPARE(view.at(ScalarQuantity::Refused, 0), 0.0);
    QCOMPARE(view.at(ScalarQuantity::BatchesTracked, 0), 0.0);
    QCOMPARE(view.at(ScalarQuantity::ValuesPerChannel, 0), 4.0);
}

void SeriesTest::absentValuesAreNan() {
    Series series(3, DType::Float32, ample, false);
    Snapshot snapshot = marked(0, 2, 0);  // a batch of fewer channels
    auto lane = std::make_shared<LaneSnapshot>(*snapshot.lanes[0]);
    lane->error = "refused";
    lane->loss.reset();
    snapshot.lanes = {lane};
    snapshot.population = Population{{1, 1, 1}, {1, 1, 1}};
    series.append(snapshot, 0);
    const SeriesView view = series.view();
    for (const Quantity quantity :
         {Quantity::BatchMean, Quantity::BatchVar, Quantity::GradWeight, Quantity::PopulationMean})
        QVERIFY(std::isnan(view.at(quantity, 0, 0)));
    QVERIFY(std::isnan(view.at(Quantity::NonFinite, 0, 2)));
    QVERIFY(std::isnan(view.at(ScalarQuantity::Loss, 0)));
    QCOMPARE(view.at(ScalarQuantity::Refused, 0), 1.0);
    QCOMPARE(view.at(Quantity::RunningVar, 0, 1), 1.0);
}

void SeriesTest::columnsCrossBlocks() {
    Series series(3, DType::Float64, ample);
    for (std::int64_t step = 0; step < 300; ++step)
        series.append(marked(step, 3, 0), 0);
    const SeriesView view = series.view();
    QCOMPARE(view.length(), 300);
    for (const auto& [first, count] : {std::pair{0, 300}, {63, 2}, {64, 64}, {100, 150}, {299, 1}, {5, 0}}) {
        std::vector<double> values(static_cast<std::size_t>(count));
        view.column(Quantity::BatchMean, 2, first, values);
        for (int i = 0; i < count; ++i)
            QCOMPARE(values[static_cast<std::size_t>(i)], expected(first + i, 2, 0));
    }
    QCOMPARE(view.at(ScalarQuantity::Loss, 299), 598.0);
}

void SeriesTest::float32IsRounded() {
    Series series(1, DType::Float32, ample);
    series.append(marked(0, 1, 0.1), 0);
    QCOMPARE(series.view().at(Quantity::BatchMean, 0, 0), static_cast<double>(0.1F));
}

void SeriesTest::viewsOutliveTruncation_data() {
    QTest::addColumn<int>("length");
    for (const int length : {0, 1, 63, 64, 65, 127, 150, 199, 200})
        QTest::addRow("%d", length) << length;
}

void SeriesTest::viewsOutliveTruncation() {
    QFETCH(int, length);
    Series series(2, DType::Float64, ample);
    for (std::int64_t step = 0; step < 200; ++step)
        series.append(marked(step, 2, 0), 0);
    const SeriesView old = series.view();
    series.truncate(length);
    QCOMPARE(series.view().length(), length);
    QCOMPARE(series.view().generation() > old.generation(), length < 200);
    for (std::int64_t step = length; step < 260; ++step)
        series.append(marked(step, 2, 1000), 0);
    QVERIFY(holds(old, 0, 200, 0));
    const SeriesView now = series.view();
    QVERIFY(holds(now, 0, length, 0));
    QVERIFY(holds(now, length, 260, 1000));
}

// 12 quantities of 10,000 channels in double are 0.96 MB a step: 16 steps fit into a block.
void SeriesTest::manyChannelsUseShorterBlocks() {
    Series series(10000, DType::Float64, ample);
    for (std::int64_t step = 0; step < 40; ++step)
        series.append(marked(step, 10000, 0), 0);
    QVERIFY(holds(series.view(), 0, 40, 0));
}

void SeriesTest::spilledSeriesReadsTheSame() {
    const QTemporaryDir cache;
    qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
    Series series(20, DType::Float64, 1);  // no block fits into one byte
    for (std::int64_t step = 0; step < 1000; ++step)
        series.append(marked(step, 20, 0), 0);
    const SeriesView old = series.view();
    QVERIFY(QDir(cache.filePath("bnstudio")).exists());
    // The file has no name: nothing stays behind, whatever happens to the process.
    QVERIFY(QDir(cache.filePath("bnstudio")).entryList(QDir::Files | QDir::Hidden).isEmpty());
    series.truncate(500);
    for (std::int64_t step = 500; step < 2000; ++step)
        series.append(marked(step, 20, 7), 0);
    QVERIFY(holds(old, 0, 1000, 0));
    QVERIFY(holds(series.view(), 0, 500, 0));
    QVERIFY(holds(series.view(), 500, 2000, 7));
}

// What was read from a place must not be taken for what is written there later.
void SeriesTest::spaceOfForgottenStepsIsUsedAgain() {
    const QTemporaryDir cache;
    qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
    Series series(20, DType::Float64, 1);
    for (int round = 0; round < 4; ++round) {
        for (std::int64_t step = series.view().length(); step < 400; ++step)
            series.append(marked(step, 20, round * 1000.0), 0);
        QVERIFY(holds(series.view(), 0, 100, 0));
        QVERIFY(holds(series.view(), 100, 400, round * 1000.0));
        series.truncate(100);
    }
}

// 12 quantities of 1000 channels in double: 6 MB a block of 64 steps, 60 MB in all. Mapped files count as memory too.
void SeriesTest::aSpilledSeriesStaysOutOfMemory() {
    const QTemporaryDir cache;
    qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
    const long before = mappedKiB();
    Series series(1000, DType::Float64, 1);
    for (std::int64_t step = 0; step < 640; ++step)
        series.append(marked(step, 1000, 0), 0);
    QVERIFY(holds(series.view(), 0, 640, 0));
    QVERIFY(mappedKiB() - before < 6000);  // code that ran for the first time is far less than a block
}

void SeriesTest::viewOutlivesItsSpilledSeries() {
    const QTemporaryDir cache;
    qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
    SeriesView view;
    {
        Series series(5, DType::Float64, 1);
        for (std::int64_t step = 0; step < 100; ++step)
            series.append(marked(step, 5, 0), 0);
        view = series.view();
    }
    QVERIFY(holds(view, 0, 100, 0));
}

void SeriesTest::anUnusableCacheFolderIsAnError() {
    const QTemporaryDir folder;
    QFile file(folder.filePath("file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    qputenv("XDG_CACHE_HOME", file.fileName().toUtf8());
    Series series(5, DType::Float64, 1);
    try {
        series.append(marked(0, 5, 0), 0);
        QFAIL("was stored");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::WriteFailed);
    }
    QCOMPARE(series.view().length(), 0);
}

// Readers on two threads check that every view holds what the writer meant at its time; the mark is in the last step.
void SeriesTest::viewsStayTrueWhileTheWriterGoesOn() {
    const QTemporaryDir cache;
    qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
    Series series(4, DType::Float64, 40000);  // the first blocks in memory, the rest spilled
    std::atomic<bool> done = false, wrong = false;
    const auto read = [&] {
        while (!done) {
            const SeriesView view = series.view();
            for (std::int64_t step = 0; step < view.length(); ++step) {
                const double first = view.at(Quantity::BatchMean, step, 0);
                // All channels of a step carry the same mark, however often the step was rewritten.
                if (view.at(Quantity::BatchMean, step, 3) != first + 3.0 / 1024
                    || view.at(Quantity::RunningMean, step, 0) != -first)
                    wrong = true;
            }
        }
    };
    std::thread one(read), two(read);
    for (int round = 0; round < 30; ++round) {
        for (std::int64_t step = series.view().length(); step < 300; ++step)
            series.append(marked(step, 4, round * 1000.0), 0);
        series.truncate(37 * round % 290);
    }
    done = true;
    one.join();
    two.join();
    QVERIFY(!wrong);
}

QTEST_GUILESS_MAIN(SeriesTest)
#include "series_test.moc"
