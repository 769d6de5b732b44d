// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_geometry.h"
#include "ui/flow/flow_labels.h"

#include <QtTest>

using namespace bnstudio;

namespace {

FlowFrame frameOf(QSize size, FlowMatrix matrix, CellWindow window = {}) {
    FlowFrame frame;
    frame.size = size;
    frame.matrix = matrix;
    frame.window = window;
    return frame;
}

/// Everything that is written or drawn in a place of its own, with a name.
std::vector<std::pair<QString, QRect>> parts(const FlowGeometry& geometry) {
    std::vector<std::pair<QString, QRect>> all;
    const auto add = [&](const QString& name, const QRect& rect) { all.emplace_back(name, rect); };
    for (std::size_t i = 0; i < 3; ++i) {
        const FlowGeometry::Map& map = geometry.maps()[i];
        const QString name = QStringLiteral("map %1 ").arg(i);
        add(name + "title", map.title);
        add(name + "subtitle", map.subtitle);
        add(name + "cells", map.cells);
        add(name + "rows", map.rowLabels);
        add(name + "columns", map.columnLabels);
        add(name + "scale", map.scale);
        add(name + "key", map.key);
    }
    for (std::size_t i = 0; i < 6; ++i) {
        const FlowGeometry::Bars& bars = i < 4 ? geometry.statistics()[i] : geometry.parameters()[i - 4];
        const QString name = QStringLiteral("bars %1 ").arg(i);
        add(name + "label", bars.label);
        add(name + "plot", bars.plot);
        add(name + "scale", bars.scale);
    }
    add(QStringLiteral("update"), geometry.updateLabel());
    add(QStringLiteral("hint"), geometry.hint());
    add(QStringLiteral("train"), geometry.switchLabel(0));
    add(QStringLiteral("eval"), geometry.switchLabel(1));
    return all;
}

}  // namespace

class FlowGeometryTest : public QObject {
    Q_OBJECT
private slots:
    void nothingOverlapsOrLeaves_data();
    void nothingOverlapsOrLeaves();
    void cellsFillTheirMap_data();
    void cellsFillTheirMap();
    void theMouseFindsWhatIsDrawn_data();
    void theMouseFindsWhatIsDrawn();
    void theMouseFindsBars();
    void aZoomedMapShowsItsPart();
    void theSwitchHasRoomForItsWords();
    void zoomKeepsThePointUnderTheMouse();
    void roomyAxesDoNotZoom();
    void zoomEndsAtTheWholeAndAtSingleCells();
    void panningStopsAtTheEdge();
    void revealing();
    void steps_data();
    void steps();
    void labelsKeepApart_data();
    void labelsKeepApart();
};

void FlowGeometryTest::nothingOverlapsOrLeaves_data() {
    QTest::addColumn<QSize>("size");
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<qint64>("columns");
    QTest::addColumn<bool>("hasKey");
    for (const QSize size : {QSize(880, 320), QSize(560, 250), QSize(420, 180), QSize(1800, 900)})
        for (const auto& [rows, columns] : {std::pair{1, 1}, {32, 8}, {4, 3}, {65536, 1024}})
            for (const bool hasKey : {false, true})
                QTest::addRow("%d x %d, %d x %d%s", size.width(), size.height(), rows, columns, hasKey ? ", key" : "")
                    << size << qint64(rows) << qint64(columns) << hasKey;
}

void FlowGeometryTest::nothingOverlapsOrLeaves() {
    QFETCH(QSize, size);
    QFETCH(qint64, rows);
    QFETCH(qint64, columns);
    QFETCH(bool, hasKey);
    FlowFrame frame = frameOf(size, {rows, columns, 1});
    frame.hasKey = hasKey;
    const FlowGeometry geometry(frame);
    const auto all = parts(geometry);
    const QRect whole(QPoint(0, 0), size);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& [name, rect] = all[i];
        if (rect.isNull())
            continue;
        QVERIFY2(whole.contains(rect), qPrintable(name));
        for (std::size_t j = i + 1; j < all.size(); ++j)
            QVERIFY2(!rect.intersects(all[j].second), qPrintable(name + QStringLiteral(" and ") + all[j].first));
    }
}

void FlowGeometryTest::cellsFillTheirMap_data() {
    QTest::addColumn<qint64>("rows");
    QTest::addColumn<qint64>("columns");
    QTest::newRow("1 x 1") << qint64(1) << qint64(1);
    QTest::newRow("32 x 8") << qint64(32) << qint64(8);
    QTest::newRow("37 x 11") << qint64(37) << qint64(11);
}

void FlowGeometryTest::cellsFillTheirMap() {
    QFETCH(qint64, rows);
    QFETCH(qint64, columns);
    const FlowGeometry geometry(frameOf({880, 320}, {rows, columns, 1}));
    for (int map = 0; map < 3; ++map) {
        QRegion covered;
        qint64 area = 0;
        for (qint64 row = 0; row < rows; ++row)
            for (qint64 column = 0; column < columns; ++column) {
                const QRect cell = geometry.cellRect(map, row, column);
                covered += cell;
                area += qint64(cell.width()) * cell.height();
            }
        const QRect& cells = geometry.maps()[static_cast<std::size_t>(map)].cells;
        QCOMPARE(covered, QRegion(cells));
        QCOMPARE(area, qint64(cells.width()) * cells.height());
    }
}

void FlowGeometryTest::theMouseFindsWhatIsDrawn_data() {
    cellsFillTheirMap_data();
    QTest::newRow("more cells than pixels") << qint64(5000) << qint64(300);
}

void FlowGeometryTest::theMouseFindsWhatIsDrawn() {
    QFETCH(qint64, rows);
    QFETCH(qint64, columns);
    const FlowGeometry geometry(frameOf({880, 320}, {rows, columns, 1}));
    for (int map = 0; map < 3; ++map) {
        const QRect& cells = geometry.maps()[static_cast<std::size_t>(map)].cells;
        for (int y = cells.top(); y <= cells.bottom(); ++y)
            for (int x = cells.left(); x <= cells.right(); x += 3) {
                const auto place = geometry.at({x, y});
                QVERIFY(place && place->map == map);
                QVERIFY(geometry.cellRect(map, place->row, place->column).contains(x, y));
            }
    }
    QVERIFY(!geometry.at({-1, -1}));
    QVERIFY(!geometry.at(geometry.hint().center()));
}

void FlowGeometryTest::theMouseFindsBars() {
    const FlowGeometry geometry(frameOf({880, 320}, {32, 8, 1}));
    for (int row = 0; row < 6; ++row) {
        const QRect& plot = row < 4 ? geometry.statistics()[static_cast<std::size_t>(row)].plot
                                    : geometry.parameters()[static_cast<std::size_t>(row - 4)].plot;
        for (std::int64_t channel = 0; channel < 8; ++channel) {
            const auto place = geometry.at(geometry.columnRect(plot, channel).center());
            QVERIFY(place);
            QCOMPARE(*place, (FlowGeometry::Place{-1, row, -1, channel}));
        }
    }
}

void FlowGeometryTest::aZoomedMapShowsItsPart() {
    const FlowGeometry geometry(frameOf({880, 320}, {1000, 100, 1}, {200, 10, 30, 5}));
    QVERIFY(geometry.cellRect(0, 199, 30).isEmpty());
    QVERIFY(geometry.cellRect(0, 200, 35).isEmpty());
    const QRect first = geometry.cellRect(0, 200, 30);
    QCOMPARE(first.topLeft(), geometry.maps()[0].cells.topLeft());
    const auto place = geometry.at(first.center());
    QVERIFY(place && place->row == 200 && place->column == 30);
}

void FlowGeometryTest::theSwitchHasRoomForItsWords() {
    for (const int word : {20, 60, 120}) {
        FlowFrame frame = frameOf({420, 180}, {32, 8, 1});
        frame.switchWord = word;
        for (const int index : {0, 1})
            QVERIFY(FlowGeometry(frame).switchLabel(index).width() >= word + 12);
    }
}

void FlowGeometryTest::zoomKeepsThePointUnderTheMouse() {
    const FlowMatrix matrix{10000, 10000, 1};
    CellWindow window = CellWindow::all(matrix);
    const auto pointed = [&window] { return double(window.firstRow) + 0.25 * double(window.rows); };
    const double before = pointed();
    for (int i = 0; i < 8; ++i)
        window = zoomed(matrix, window, 1.25, 0.75, 0.25, 200, 200);
    // Eight roundings to whole cells, of half a cell each and as much again for the size.
    QVERIFY2(std::abs(pointed() - before) <= 8, qPrintable(QString::number(pointed())));
    QVERIFY(window.rows < 10000 / 4 && window.rows > 10000 / 8);
}

void FlowGeometryTest::roomyAxesDoNotZoom() {
    const FlowMatrix matrix{10000, 4, 1};
    const CellWindow window = zoomed(matrix, CellWindow::all(matrix), 2, 0.5, 0.5, 100, 200);
    QCOMPARE(window.columns, 4);
    QCOMPARE(window.rows, 5000);
    const FlowMatrix small{5, 4, 1};
    QCOMPARE(zoomed(small, CellWindow::all(small), 2, 0.5, 0.5, 100, 200), CellWindow::all(small));
}

void FlowGeometryTest::zoomEndsAtTheWholeAndAtSingleCells() {
    const FlowMatrix matrix{65536, 1024, 1};
    CellWindow window = CellWindow::all(matrix);
    for (int i = 0; i < 100; ++i)
        window = zoomed(matrix, window, 1.25, 0.3, 0.9, 120, 200);
    QCOMPARE(window.rows, 5);
    QCOMPARE(window.columns, 3);
    for (int i = 0; i < 100; ++i)
        window = zoomed(matrix, window, 0.8, 0.3, 0.9, 120, 200);
    QCOMPARE(window, CellWindow::all(matrix));
}

void FlowGeometryTest::panningStopsAtTheEdge() {
    const FlowMatrix matrix{100, 50, 1};
    const CellWindow window{40, 20, 10, 5};
    QCOMPARE(panned(matrix, window, 3, -2), (CellWindow{43, 20, 8, 5}));
    QCOMPARE(panned(matrix, window, -1000, 1000), (CellWindow{0, 20, 45, 5}));
}

void FlowGeometryTest::revealing() {
    const FlowMatrix matrix{100, 50, 1};
    const CellWindow window{40, 20, 10, 5};
    QCOMPARE(bnstudio::revealing(matrix, window, {45, 12, 0}), window);
    QCOMPARE(bnstudio::revealing(matrix, window, {60, 9, 0}), (CellWindow{41, 20, 9, 5}));
    QCOMPARE(bnstudio::revealing(matrix, CellWindow::all(matrix), {99, 49, 0}), CellWindow::all(matrix));
}

void FlowGeometryTest::steps_data() {
    QTest::addColumn<qint64>("count");
    QTest::addColumn<int>("pixels");
    QTest::addColumn<int>("room");
    QTest::addColumn<qint64>("step");
    QTest::newRow("room for all") << qint64(8) << 120 << 15 << qint64(1);
    QTest::newRow("every fifth") << qint64(32) << 190 << 28 << qint64(5);
    QTest::newRow("many") << qint64(65536) << 190 << 28 << qint64(10000);
    QTest::newRow("no pixels") << qint64(8) << 0 << 28 << qint64(10);
}

void FlowGeometryTest::steps() {
    QFETCH(qint64, count);
    QFETCH(int, pixels);
    QFETCH(int, room);
    QTEST(qint64(labelStep(count, pixels, room)), "step");
}

void FlowGeometryTest::labelsKeepApart_data() {
    QTest::addColumn<qint64>("count");
    QTest::addColumn<qint64>("selected");
    for (const int count : {1, 8, 33, 1024, 65536})
        for (const int selected : {0, count / 3, count - 1})
            QTest::addRow("%d of %d", selected, count) << qint64(count) << qint64(selected);
}

void FlowGeometryTest::labelsKeepApart() {
    QFETCH(qint64, count);
    QFETCH(qint64, selected);
    constexpr int pixels = 200, room = 28;
    const auto labels = columnLabels({0, 1, 0, count}, pixels, room, selected);
    int found = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (labels[i].selected) {
            ++found;
            QCOMPARE(labels[i].text, QString::number(selected));
        }
        for (std::size_t j = 0; j < i; ++j)
            QVERIFY(std::abs(labels[i].at - labels[j].at) * pixels / double(count) >= room - 1e-9);
    }
    QCOMPARE(found, 1);
}

QTEST_GUILESS_MAIN(FlowGeometryTest)
#include "flow_geometry_test.moc"
