// SPDX-License-Identifier: GPL-3.0-or-later
// (N, C, L): rows that are strips over L, and the sample that is folded out into a row a position.
#include "ui/flow/flow_geometry.h"
#include "ui/flow/flow_labels.h"
#include "ui/flow/flow_tips.h"

#include <QtTest>

using namespace bnstudio;

namespace {

FlowMatrix matrixOf(Dims shape, std::int64_t unfolded = -1) {
    FlowMatrix matrix = FlowMatrix::of(shape);
    matrix.unfolded = unfolded;
    return matrix;
}

FlowGeometry geometryOf(const FlowMatrix& matrix, CellWindow window = {}) {
    FlowFrame frame;
    frame.size = {880, 320};
    frame.matrix = matrix;
    frame.window = window;
    return FlowGeometry(frame);
}

QStringList textsOf(const std::vector<FlowLabel>& labels) {
    QStringList texts;
    for (const FlowLabel& label : labels)
        texts << label.text;
    return texts;
}

}  // namespace

class FlowFoldTest : public QObject {
    Q_OBJECT
private slots:
    void shapesAsMatrices();
    void rowsAndCells_data();
    void rowsAndCells();
    void firstLook();
    void neighbours();
    void valuesFillTheirCell_data();
    void valuesFillTheirCell();
    void theMouseFindsEveryValue_data();
    void theMouseFindsEveryValue();
    void headsOfSamples();
    void batchesWithoutPositionsDoNotFold();
    void foldingKeepsThePlace();
    void zoomReachesThePositions();
    void labels();
    void labelsOfAPart();
};

void FlowFoldTest::shapesAsMatrices() {
    const FlowMatrix folded = FlowMatrix::of({4, 3, 5});
    QCOMPARE(folded, (FlowMatrix{4, 3, 5}));
    QCOMPARE(folded.rows(), 4);
    QCOMPARE(folded.valuesPerChannel(), 20);
    QCOMPARE(folded.flat({1, 2, 2}), (1 * 3 + 2) * 5 + 2);
    QCOMPARE(folded.cellOf((1 * 3 + 2) * 5 + 2), (Cell{1, 2, 2}));
    QVERIFY(folded.contains({3, 2, 4}) && !folded.contains({4, 0, 0}) && !folded.contains({0, 0, 5}));
    QCOMPARE(FlowMatrix::of({4, 3}), (FlowMatrix{4, 3, 1}));
    QVERIFY(FlowMatrix::of({4, 3, 0}).isEmpty());
    QVERIFY(FlowMatrix::of({4}).isEmpty());
    QVERIFY(FlowMatrix::of({}).isEmpty());
}

void FlowFoldTest::rowsAndCells_data() {
    QTest::addColumn<Dims>("shape");
    QTest::addColumn<qint64>("unfolded");
    QTest::addColumn<qint64>("rows");
    QTest::newRow("(N, C)") << Dims{4, 3} << qint64(-1) << qint64(4);
    QTest::newRow("L = 1 has nothing to fold") << Dims{4, 3, 1} << qint64(2) << qint64(4);
    QTest::newRow("strips") << Dims{4, 3, 5} << qint64(-1) << qint64(4);
    QTest::newRow("the first one unfolded") << Dims{4, 3, 5} << qint64(0) << qint64(8);
    QTest::newRow("one between others") << Dims{4, 3, 5} << qint64(2) << qint64(8);
    QTest::newRow("the last one") << Dims{4, 3, 5} << qint64(3) << qint64(8);
    QTest::newRow("one that this batch does not have") << Dims{4, 3, 5} << qint64(9) << qint64(4);
}

void FlowFoldTest::rowsAndCells() {
    QFETCH(Dims, shape);
    QFETCH(qint64, unfolded);
    const FlowMatrix matrix = matrixOf(shape, unfolded);
    QTEST(qint64(matrix.rows()), "rows");
    std::int64_t values = 0;
    for (std::int64_t row = 0; row < matrix.rows(); ++row) {
        const std::int64_t parts = matrix.rowAt(row).isStrip() ? matrix.positions : 1;
        for (std::int64_t part = 0; part < parts; ++part) {
            const Cell cell = matrix.cellAt(row, 1, part);
            QVERIFY(matrix.contains(cell));
            QCOMPARE(matrix.rowOf(cell), row);
            ++values;
        }
    }
    QCOMPARE(values, matrix.valuesPerChannel());
}

void FlowFoldTest::firstLook() {
    QCOMPARE(unfoldedAtFirst(matrixOf({64, 8, 8}), 3), 3);
    QCOMPARE(unfoldedAtFirst(matrixOf({64, 8, 64}), 3), -1);  // rows of hair's breadth
    QCOMPARE(unfoldedAtFirst(matrixOf({64, 8, 1}), 3), -1);
}

void FlowFoldTest::neighbours() {
    const FlowMatrix matrix = matrixOf({4, 3, 5}, 1);
    QCOMPARE(neighbour(matrix, {2, 1, 3}, 1, 0), (Cell{3, 1, 3}));  // from strip to strip
    QCOMPARE(neighbour(matrix, {0, 1, 3}, 1, 0), (Cell{1, 1, 0}));  // into the unfolded rows from above
    QCOMPARE(neighbour(matrix, {2, 1, 3}, -1, 0), (Cell{1, 1, 4}));
    QCOMPARE(neighbour(matrix, {1, 1, 0}, 1, 0), (Cell{1, 1, 1}));
    QCOMPARE(neighbour(matrix, {1, 1, 4}, 1, 1), (Cell{2, 2, 4}));
    QCOMPARE(neighbour(matrix, {3, 2, 0}, 9, 9), (Cell{3, 2, 0}));  // nothing beyond the edge
    QCOMPARE(neighbour(matrix, {3, 2, 0}, -99, -99), (Cell{0, 0, 0}));
}

void FlowFoldTest::valuesFillTheirCell_data() {
    QTest::addColumn<qint64>("positions");
    for (const int positions : {2, 7, 13})
        QTest::addRow("L = %d", positions) << qint64(positions);
}

void FlowFoldTest::valuesFillTheirCell() {
    QFETCH(qint64, positions);
    const FlowMatrix matrix = matrixOf({6, 5, positions}, 2);
    const FlowGeometry geometry = geometryOf(matrix);
    for (int map = 0; map < 3; ++map)
        for (std::int64_t row = 0; row < matrix.rows(); ++row) {
            const QRect cell = geometry.cellRect(map, row, 3);
            if (!matrix.rowAt(row).isStrip()) {
                QCOMPARE(geometry.valueRect(map, matrix.cellAt(row, 3)), cell);
                continue;
            }
            int next = cell.left();
            for (std::int64_t l = 0; l < positions; ++l) {
                const QRect value = geometry.valueRect(map, matrix.cellAt(row, 3, l));
                QCOMPARE(value.left(), next);
                QVERIFY(cell.contains(value) && value.height() == cell.height());
                next = value.right() + 1;
            }
            QCOMPARE(next, cell.right());  // a pixel remains, the gap between channels
        }
}

void FlowFoldTest::theMouseFindsEveryValue_data() {
    QTest::addColumn<Dims>("shape");
    QTest::addColumn<qint64>("unfolded");
    QTest::newRow("strips") << Dims{6, 5, 7} << qint64(-1);
    QTest::newRow("unfolded") << Dims{6, 5, 7} << qint64(2);
    QTest::newRow("more positions than pixels") << Dims{6, 5, 700} << qint64(-1);
    QTest::newRow("more of all than pixels") << Dims{3000, 500, 7} << qint64(1000);
}

void FlowFoldTest::theMouseFindsEveryValue() {
    QFETCH(Dims, shape);
    QFETCH(qint64, unfolded);
    const FlowMatrix matrix = matrixOf(shape, unfolded);
    const FlowGeometry geometry = geometryOf(matrix);
    for (int map = 0; map < 3; ++map) {
        const QRect& cells = geometry.maps()[static_cast<std::size_t>(map)].cells;
        for (int y = cells.top(); y <= cells.bottom(); y += 3)
            for (int x = cells.left(); x <= cells.right(); ++x) {
                const auto place = geometry.at({x, y});
                QVERIFY(place && place->map == map);
                const Cell cell = matrix.cellAt(place->row, place->column, place->position);
                QVERIFY(matrix.contains(cell));
                QCOMPARE(cell.l, place->position);
                const QRect value = geometry.valueRect(map, cell);
                // The pixel of the gap belongs to the value before it.
                QVERIFY(value.contains(x, y) || value.contains(x - 1, y));
            }
    }
}

void FlowFoldTest::headsOfSamples() {
    const FlowMatrix matrix = matrixOf({6, 5, 7}, 2);
    const FlowGeometry geometry = geometryOf(matrix);
    int next = geometry.maps()[0].cells.top();
    for (std::int64_t sample = 0; sample < 6; ++sample) {
        const QRect head = geometry.headRect(0, sample);
        QCOMPARE(head.top(), next);
        next = head.bottom() + 1;
        QCOMPARE(geometry.headAt(head.center()), std::optional(sample));
        QCOMPARE(geometry.headAt(geometry.headRect(2, sample).center()), std::optional(sample));
    }
    QCOMPARE(next, geometry.maps()[0].cells.bottom() + 1);
    QVERIFY(geometry.headRect(0, 2).height() > 6 * geometry.headRect(0, 1).height());
    QVERIFY(!geometry.headAt(geometry.maps()[0].cells.center()));
    const FlowGeometry below = geometryOf(matrix, {8, 4, 0, 5});
    QVERIFY(below.headRect(0, 0).isEmpty());  // out of sight
    QCOMPARE(below.headRect(0, 2).height(), below.cellRect(0, 8, 0).height());
}

void FlowFoldTest::batchesWithoutPositionsDoNotFold() {
    const FlowGeometry geometry = geometryOf(matrixOf({6, 5}));
    QVERIFY(!geometry.headAt(geometry.maps()[0].rowLabels.center()));
    QCOMPARE(geometry.valueRect(0, {3, 2, 0}), geometry.cellRect(0, 3, 2));
}

void FlowFoldTest::foldingKeepsThePlace() {
    const FlowMatrix none = matrixOf({1000, 50, 20}), one = matrixOf({1000, 50, 20}, 104);
    QCOMPARE(refolded(none, one, CellWindow::all(none)), CellWindow::all(one));
    const CellWindow window{100, 10, 5, 8};
    const CellWindow unfolded = refolded(none, one, window);
    QCOMPARE(unfolded, (CellWindow{100, 10, 5, 8}));  // sample 104 is in sight
    QCOMPARE(refolded(one, none, unfolded), window);
    // One that is far away comes into sight, and folding back from below leaves the samples where they are.
    QCOMPARE(refolded(none, matrixOf({1000, 50, 20}, 300), window).firstRow, 291);
    QCOMPARE(refolded(one, none, {500, 10, 5, 8}).firstRow, 500 - 19);
}

void FlowFoldTest::zoomReachesThePositions() {
    const FlowMatrix matrix = matrixOf({64, 4, 100});
    CellWindow window = CellWindow::all(matrix);
    for (int i = 0; i < 30; ++i)
        window = zoomed(matrix, window, 1.25, 0.5, 0.5, 120, 200);
    // Four channels have room enough, but not for a hundred positions each.
    QCOMPARE(window.columns, 1);
    const FlowMatrix few = matrixOf({64, 4, 2});
    QCOMPARE(zoomed(few, CellWindow::all(few), 1.25, 0.5, 0.5, 120, 200).columns, 4);
}

void FlowFoldTest::labels() {
    const FlowMatrix matrix = matrixOf({40, 3, 8}, 5);
    const auto labels = rowLabels(matrix, CellWindow::all(matrix), 470, 28, 30);
    // 47 rows of 10 pixels: every fifth number, the selected row and the head of the unfolded one before others.
    QCOMPARE(textsOf(labels), QStringList({"23", "5, 0", "0", "10", "15", "20", "30", "35", "5, 5"}));
    QVERIFY(labels.front().selected && !labels[1].selected);
    QCOMPARE(labels.front().at, 30.5);
    QCOMPARE(labels[3].at, 10 + 7 + 0.5);
    for (std::size_t i = 0; i < labels.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            QVERIFY(std::abs(labels[i].at - labels[k].at) * 10 >= 28);
    QCOMPARE(widestRowLabel(matrix, CellWindow::all(matrix)), QStringLiteral("39, 7"));
    QCOMPARE(widestRowLabel(matrix, {20, 5, 0, 3}), QStringLiteral("39"));
}

void FlowFoldTest::labelsOfAPart() {
    const FlowMatrix matrix = matrixOf({12, 3, 4}, 1);
    const auto positions = rowLabels(matrix, {2, 3, 0, 3}, 200, 28, 3);
    QCOMPARE(textsOf(positions), QStringList({"1, 2", "1, 1", "1, 3"}));
    const auto below = rowLabels(matrix, {6, 3, 0, 3}, 200, 28, -1);
    QCOMPARE(textsOf(below), QStringList({"3", "4", "5"}));
}

QTEST_GUILESS_MAIN(FlowFoldTest)
#include "flow_fold_test.moc"
