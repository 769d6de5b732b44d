// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_bins.h"
#include "ui/flow/flow_scale.h"

#include "core/error.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <map>

using namespace bnstudio;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A frame whose cell values are 0, 1, 2, … in the order of memory; x̂ = 2·x − channel, y = x̂·3 + 1, dy = −x.
Frame countingFrame(Dims shape, DType dtype = DType::Float64) {
    Frame frame;
    frame.x = Tensor(dtype, shape);
    frame.gradOutput = Tensor(dtype, shape);
    for (std::int64_t i = 0; i < frame.x.size(); ++i) {
        frame.x.set(i, static_cast<double>(i));
        frame.gradOutput.set(i, static_cast<double>(-i));
    }
    for (std::int64_t c = 0; c < shape[1]; ++c)
        frame.transforms.push_back({static_cast<double>(c) / 2, 0, 2, 3, 1, 0, 0});
    return frame;
}

BinnedMap binned(const Frame& frame, FlowMap map, const BinGrid& grid) {
    return binFrame(frame, std::array{map}, grid).front();
}

BinGrid wholeGrid(const Frame& frame, int columns, int rows) {
    const FlowMatrix matrix = FlowMatrix::of(frame.x.shape());
    return BinGrid::fitting(matrix, CellWindow::all(matrix), columns, rows);
}

}  // namespace

class FlowBinsTest : public QObject {
    Q_OBJECT
private slots:
    void everyCellHasABinOfItsOwnWhereThereIsRoom_data();
    void everyCellHasABinOfItsOwnWhereThereIsRoom();
    void binsCoverTheWindowOnce_data();
    void binsCoverTheWindowOnce();
    void binsEqualAStraightLoop_data();
    void binsEqualAStraightLoop();
    void tallBinsEqualAStraightLoop_data();
    void tallBinsEqualAStraightLoop();
    void aBinKeepsExtremesAndWhatIsNoNumber();
    void meansOfHugeValuesStayFinite();
    void samplesReadNoMoreThanAllowed();
    void samplesOfStripsAreOfTheirBin();
    void cancelling();
    void whatAFrameHas();
    void scales_data();
    void scales();
    void coloursAreSymmetric();
};

void FlowBinsTest::everyCellHasABinOfItsOwnWhereThereIsRoom_data() {
    QTest::addColumn<Dims>("shape");
    QTest::addColumn<int>("dtype");
    QTest::newRow("1 x 1") << Dims{1, 1} << int(DType::Float32);
    QTest::newRow("rank 2") << Dims{5, 3} << int(DType::Float32);
    QTest::newRow("rank 2, double") << Dims{5, 3} << int(DType::Float64);
    QTest::newRow("rank 3") << Dims{2, 3, 4} << int(DType::Float32);
    QTest::newRow("L = 1") << Dims{4, 2, 1} << int(DType::Float64);
}

void FlowBinsTest::everyCellHasABinOfItsOwnWhereThereIsRoom() {
    QFETCH(Dims, shape);
    QFETCH(int, dtype);
    const Frame frame = countingFrame(shape, static_cast<DType>(dtype));
    const FlowMatrix matrix = FlowMatrix::of(shape);
    const BinGrid grid = wholeGrid(frame, 100, 100);
    QVERIFY(grid.isExact());
    for (const FlowMap map : {FlowMap::X, FlowMap::Xhat, FlowMap::Y, FlowMap::Dy, FlowMap::GradXhat, FlowMap::GradX}) {
        const BinnedMap result = binned(frame, map, grid);
        for (int row = 0; row < grid.rows; ++row)
            for (int across = 0; across < grid.width(); ++across) {
                const Bin& bin = result.at(row, across);
                QCOMPARE(bin.finite, 1U);
                // Small integers and halves: exact in either type.
                QCOMPARE(bin.mean(), flowValue(frame, map, matrix.cellOf(row * grid.width() + across)));
                QCOMPARE(bin.low, bin.high);
            }
    }
    const Cell last{shape[0] - 1, shape[1] - 1, matrix.positions - 1};
    const double x = static_cast<double>(frame.x.size() - 1);
    QCOMPARE(flowValue(frame, FlowMap::X, last), x);
    QCOMPARE(flowValue(frame, FlowMap::Xhat, last), 2 * x - static_cast<double>(last.c));
    QCOMPARE(flowValue(frame, FlowMap::Y, last), 3 * (2 * x - static_cast<double>(last.c)) + 1);
    QCOMPARE(flowValue(frame, FlowMap::GradXhat, last), -3 * x);
    QCOMPARE(flowValue(frame, FlowMap::GradX, last), -6 * x);
}

void FlowBinsTest::binsCoverTheWindowOnce_data() {
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<qint64>("columns");
    QTest::addColumn<int>("pixels");
    QTest::newRow("as many") << qint64(7) << qint64(7) << 7;
    QTest::newRow("one more") << qint64(8) << qint64(9) << 7;
    QTest::newRow("one pixel") << qint64(8) << qint64(9) << 1;
    QTest::newRow("no pixel counts as one") << qint64(8) << qint64(9) << 0;
    QTest::newRow("huge") << qint64(65536) * 1000 << qint64(65536) << 1999;
}

void FlowBinsTest::binsCoverTheWindowOnce() {
    QFETCH(qint64, rows);
    QFETCH(qint64, columns);
    QFETCH(int, pixels);
    const BinGrid grid = BinGrid::fitting({3 + rows, 5 + columns, 1}, {3, rows, 5, columns}, pixels, pixels);
    QVERIFY(grid.rows <= std::max(pixels, 1) && grid.columns <= std::max(pixels, 1));
    QCOMPARE(grid.rowStart(0), 3);
    QCOMPARE(grid.rowStart(grid.rows), 3 + rows);
    QCOMPARE(grid.columnStart(0), 5);
    QCOMPARE(grid.columnStart(grid.columns), 5 + columns);
    for (int i = 0; i < grid.rows; ++i)
        QVERIFY(grid.rowStart(i + 1) > grid.rowStart(i));
}

void FlowBinsTest::binsEqualAStraightLoop_data() {
    QTest::addColumn<Dims>("shape");
    QTest::addColumn<qint64>("unfolded");
    QTest::addColumn<qint64>("firstRow");
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<int>("pixels");
    const qint64 none = -1;
    QTest::newRow("rank 2") << Dims{40, 30} << none << qint64(0) << qint64(40) << 5;
    QTest::newRow("rank 2, a part") << Dims{40, 30} << none << qint64(7) << qint64(19) << 5;
    QTest::newRow("many cells, several threads") << Dims{10000, 30} << none << qint64(0) << qint64(10000) << 5;
    QTest::newRow("strips, channels share bins") << Dims{50, 30, 3} << none << qint64(0) << qint64(50) << 5;
    QTest::newRow("strips, a bin a channel") << Dims{50, 30, 3} << none << qint64(0) << qint64(50) << 17;
    QTest::newRow("strips, several bins a channel") << Dims{3, 30, 50} << none << qint64(0) << qint64(3) << 17 * 9;
    QTest::newRow("strips, a bin a value") << Dims{50, 30, 3} << none << qint64(3) << qint64(23) << 17 * 9;
    QTest::newRow("unfolded within the window") << Dims{50, 30, 7} << qint64(20) << qint64(3) << qint64(50) << 5;
    QTest::newRow("unfolded, a bin a row") << Dims{5, 30, 7} << qint64(2) << qint64(0) << qint64(11) << 17 * 9;
    QTest::newRow("unfolded before the window") << Dims{50, 30, 7} << qint64(2) << qint64(5) << qint64(40) << 60;
}

void FlowBinsTest::binsEqualAStraightLoop() {
    QFETCH(Dims, shape);
    QFETCH(qint64, unfolded);
    QFETCH(qint64, firstRow);
    QFETCH(qint64, rows);
    QFETCH(int, pixels);
    const Frame frame = countingFrame(shape);
    FlowMatrix matrix = FlowMatrix::of(shape);
    matrix.unfolded = unfolded;
    const BinGrid grid = BinGrid::fitting(matrix, {firstRow, rows, 4, 17}, pixels, 11);
    const BinnedMap result = binned(frame, FlowMap::Xhat, grid);
    std::map<std::pair<int, int>, Bin> expected;
    for (auto row = firstRow; row < firstRow + rows; ++row)
        for (std::int64_t column = 4; column < 4 + 17; ++column) {
            const std::int64_t parts = matrix.rowAt(row).isStrip() ? matrix.positions : 1;
            for (std::int64_t part = 0; part < parts; ++part) {
                const double value = flowValue(frame, FlowMap::Xhat, matrix.cellAt(row, column, part));
                const int first = grid.acrossBin(column, parts > 1 ? part : 0);
                const int last = parts > 1 ? first : grid.acrossBin(column, matrix.positions - 1);
                for (int across = first; across <= last; ++across)  // a row of one position is as wide as its channel
                    expected[{grid.rowBin(row), across}].add(value);
            }
        }
    QCOMPARE(expected.size(), result.bins.size());
    for (const auto& [place, bin] : expected) {
        const Bin& found = result.at(place.first, place.second);
        QCOMPARE(found.finite, bin.finite);
        QCOMPARE(found.low, bin.low);
        QCOMPARE(found.high, bin.high);
        QCOMPARE(found.sum, bin.sum);  // to 1e-12: the mean of several samples may be rounded
    }
}

/// Tall bins come from sums over samples: what is no number, and slopes that turn extremes round, must not matter.
void FlowBinsTest::tallBinsEqualAStraightLoop_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<Dims>("shape");
    QTest::newRow("float") << int(DType::Float32) << Dims{90, 20};
    QTest::newRow("double") << int(DType::Float64) << Dims{90, 20};
    QTest::newRow("float, strips") << int(DType::Float32) << Dims{90, 5, 8};
    QTest::newRow("double, strips") << int(DType::Float64) << Dims{90, 5, 8};
}

void FlowBinsTest::tallBinsEqualAStraightLoop() {
    QFETCH(int, dtype);
    QFETCH(Dims, shape);
    Frame frame = countingFrame(shape, static_cast<DType>(dtype));
    const double odd[] = {notANumber, infinity, -infinity, 3e38};
    for (std::int64_t i = 0; i < 12; ++i) {
        frame.x.set(i * 97 + 5, odd[i % 4]);
        frame.gradOutput.set(i * 89 + 3, odd[i % 4]);
    }
    frame.transforms[1].weight = -3;
    frame.transforms[2].mean = notANumber;
    frame.transforms[3].invstd = infinity;
    const FlowMatrix matrix = FlowMatrix::of(shape);
    const BinGrid grid = BinGrid::fitting(matrix, {7, 80, 0, matrix.columns}, 40, 6);
    const std::array maps{FlowMap::X, FlowMap::Xhat, FlowMap::Y, FlowMap::Dy, FlowMap::GradXhat, FlowMap::GradX};
    const std::vector<BinnedMap> results = binFrame(frame, maps, grid);
    for (std::size_t m = 0; m < maps.size(); ++m) {
        std::map<std::pair<int, int>, Bin> expected;
        for (std::int64_t row = 7; row < 87; ++row)
            for (std::int64_t place = 0; place < matrix.columns * matrix.positions; ++place) {
                const Cell cell = matrix.cellAt(row, place / matrix.positions, place % matrix.positions);
                const FlowMap map = maps[m];
                // Bins are of what the kernels compute, before it is rounded for storage.
                const ChannelTransform& transform = frame.transforms[static_cast<std::size_t>(cell.c)];
                const double x = frame.x.at(matrix.flat(cell)), dy = frame.gradOutput.at(matrix.flat(cell));
                const double value = map == FlowMap::X          ? x
                                     : map == FlowMap::Xhat     ? transform.xhat(x)
                                     : map == FlowMap::Y        ? transform.y(x)
                                     : map == FlowMap::Dy       ? dy
                                     : map == FlowMap::GradXhat ? dy * transform.weight
                                                                : transform.gradInput(x, dy);
                expected[{grid.rowBin(row), grid.acrossBin(cell.c, cell.l)}].add(value);
            }
        for (const auto& [place, bin] : expected) {
            const Bin& found = results[m].at(place.first, place.second);
            QCOMPARE(found.finite, bin.finite);
            QCOMPARE(found.low, bin.low);
            QCOMPARE(found.high, bin.high);
            QVERIFY(found.nan == bin.nan && found.posInf == bin.posInf && found.negInf == bin.negInf);
            // Means are rounded once or twice on either way; 80 values of which one may be 1e38 times the others.
            if (bin.finite > 0)
                QVERIFY(std::abs(found.mean() - bin.mean()) <= 1e-12 * std::max(std::abs(bin.low), std::abs(bin.high)));
        }
    }
}

void FlowBinsTest::aBinKeepsExtremesAndWhatIsNoNumber() {
    Frame frame = countingFrame({100, 100});
    for (std::int64_t i = 0; i < frame.x.size(); ++i)
        frame.x.set(i, 0.25);
    frame.x.set(0, notANumber);
    frame.x.set(99, infinity);
    frame.x.set(9900, -infinity);
    frame.x.set(9999, -1e6);
    const BinnedMap result = binned(frame, FlowMap::X, wholeGrid(frame, 4, 4));
    QVERIFY(result.at(0, 0).nan);
    QCOMPARE(result.at(0, 0).mean(), 0.25);  // NaN has no part in it
    QVERIFY(result.at(0, 3).posInf && !result.at(0, 3).nan && !result.at(0, 3).negInf);
    QVERIFY(result.at(3, 0).negInf);
    const Bin& outlier = result.at(3, 3);
    QCOMPARE(outlier.extreme(), -1e6);
    QVERIFY(outlier.exceeds(3) && !result.at(1, 1).exceeds(3));
    QVERIFY(!outlier.exceeds(1e6));
    // A bin of many ordinary values has some beyond three standard deviations, which says nothing.
    Bin crowd, single;
    for (const double value : {-0.5, 3.5, 1.0})
        crowd.add(value);
    single.add(3.5);
    QVERIFY(!crowd.exceeds(3) && single.exceeds(3));
    crowd.add(-6.5);
    QVERIFY(crowd.exceeds(3));
}

void FlowBinsTest::meansOfHugeValuesStayFinite() {
    Bin bin;
    bin.add(1.5e308);
    bin.add(1.0e308);
    QVERIFY(std::isfinite(bin.mean()));
    QVERIFY(bin.mean() > 1.0e308 && bin.mean() < 1.5e308);
}

void FlowBinsTest::samplesOfStripsAreOfTheirBin() {
    const Frame frame = countingFrame({40, 6, 50});
    FlowMatrix matrix = FlowMatrix::of(frame.x.shape());
    matrix.unfolded = 10;
    const BinGrid grid = BinGrid::fitting(matrix, CellWindow::all(matrix), 60, 20);
    QCOMPARE(grid.width(), 6 * 9);  // ten pixels a channel, one of them a gap
    const BinnedMap sampled = sampleFrame(frame, std::array{FlowMap::X}, grid, 3000).front();
    const BinnedMap all = binned(frame, FlowMap::X, grid);
    for (std::size_t i = 0; i < sampled.bins.size(); ++i) {
        QVERIFY(sampled.bins[i].finite >= 1);
        QVERIFY(sampled.bins[i].low >= all.bins[i].low && sampled.bins[i].high <= all.bins[i].high);
    }
}

void FlowBinsTest::samplesReadNoMoreThanAllowed() {
    const Frame frame = countingFrame({512, 256});
    const BinGrid grid = wholeGrid(frame, 64, 64);
    const BinnedMap sampled = sampleFrame(frame, std::array{FlowMap::X}, grid, 20000).front();
    const BinnedMap all = binned(frame, FlowMap::X, grid);
    QVERIFY(sampled.isSample && !all.isSample);
    std::int64_t reads = 0;
    for (std::size_t i = 0; i < sampled.bins.size(); ++i) {
        reads += sampled.bins[i].finite;
        QVERIFY(sampled.bins[i].finite >= 1);
        QVERIFY(sampled.bins[i].low >= all.bins[i].low && sampled.bins[i].high <= all.bins[i].high);
    }
    QVERIFY2(reads <= 20000, qPrintable(QString::number(reads)));
    // With fewer reads than bins there is one a bin.
    reads = 0;
    const std::vector<BinnedMap> few = sampleFrame(frame, std::array{FlowMap::X}, grid, 10);
    for (const Bin& bin : few.front().bins)
        reads += bin.finite;
    QCOMPARE(reads, 64 * 64);
}

void FlowBinsTest::cancelling() {
    const Frame frame = countingFrame({10, 10});
    std::stop_source stop;
    stop.request_stop();
    QVERIFY_EXCEPTION_THROWN(binFrame(frame, std::array{FlowMap::X}, wholeGrid(frame, 5, 5), stop.get_token()), Error);
}

void FlowBinsTest::whatAFrameHas() {
    Frame frame = countingFrame({4, 3});
    QVERIFY(hasValues(frame, FlowMap::GradX));
    frame.gradOutput = Tensor();
    QVERIFY(!hasValues(frame, FlowMap::Dy) && hasValues(frame, FlowMap::Y));
    frame.transforms.clear();  // as when the layer refused the batch
    QVERIFY(!hasValues(frame, FlowMap::Xhat) && hasValues(frame, FlowMap::X));
    frame.x = Tensor(DType::Float32, {0, 3});
    QVERIFY(!hasValues(frame, FlowMap::X));
    frame.x = Tensor(DType::Float32, {2, 3, 4, 5});
    QVERIFY(!hasValues(frame, FlowMap::X));
}

void FlowBinsTest::scales_data() {
    QTest::addColumn<double>("bound");
    QTest::addColumn<double>("limit");
    QTest::newRow("zero") << 0.0 << 1.0;
    QTest::newRow("NaN") << notANumber << 1.0;
    QTest::newRow("on a step") << 3.0 << 3.0;
    QTest::newRow("rounding above a step") << 3.00001 << 3.0;
    QTest::newRow("between steps") << 3.1 << 4.0;
    QTest::newRow("up to the next power") << 9.1 << 10.0;
    QTest::newRow("small") << 0.00012 << 0.00015;
}

void FlowBinsTest::scales() {
    QFETCH(double, bound);
    QFETCH(double, limit);
    QCOMPARE(niceLimit(bound), limit);
}

void FlowBinsTest::coloursAreSymmetric() {
    const Palette palette = Theme::paletteOf(false);
    const SignedRamp ramp(palette, 2);
    QCOMPARE(ramp.of(0), palette.neutral.rgb());
    QCOMPARE(ramp.of(2), palette.positive.rgb());
    QCOMPARE(ramp.of(-2), palette.negative.rgb());
    QCOMPARE(ramp.of(100), ramp.of(2));
    QCOMPARE(ramp.of(-infinity), ramp.of(-2));
}

QTEST_GUILESS_MAIN(FlowBinsTest)
#include "flow_bins_test.moc"
