// SPDX-License-Identifier: GPL-3.0-or-later
// What is no number stands out from the values of a map: by colour to every eye, by hatches and arrows, and by a key.
#include "support/color_vision.h"
#include "ui/flow/flow_marks.h"
#include "ui/flow/flow_scale.h"
#include "ui/flow/heat_picture.h"

#include <QPainter>
#include <QTest>

#include <limits>

using namespace bnstudio;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

ScreenColor screen(const QColor& color) {
    return {color.redF(), color.greenF(), color.blueF()};
}

/// A map of one row.
BinnedMap mapOf(const std::vector<double>& values) {
    const auto columns = static_cast<std::int64_t>(values.size());
    const FlowMatrix matrix{1, columns, 1};
    BinnedMap map{BinGrid::fitting(matrix, CellWindow::all(matrix), static_cast<int>(columns), 1), {}};
    map.bins.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        map.bins[i].add(values[i]);
    return map;
}

QColor pixelOf(const QImage& image, int column, int columns) {
    return image.pixelColor((2 * column + 1) * image.width() / (2 * columns), image.height() / 2);
}

/// How far to the right the key draws anything.
int keyWidth(const NotFinite& what, QSize room, QSize cell) {
    QImage image(room, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    paintNotFiniteKey(painter, Theme::paletteOf(false), QFont(), image.rect(), what, QRect(QPoint(), cell));
    painter.end();
    for (int x = image.width() - 1; x >= 0; --x)
        for (int y = 0; y < image.height(); ++y)
            if (image.pixelColor(x, y) != QColor(Qt::white))
                return x + 1;
    return 0;
}

}  // namespace

class FlowMarksTest : public QObject {
    Q_OBJECT
private slots:
    void coloursAreLikeNoValue_data() {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("vision");
        for (const bool dark : {false, true})
            for (const Vision vision : {Vision::Usual, Vision::Protanopia, Vision::Deuteranopia, Vision::Tritanopia})
                QTest::addRow("%s, %d", dark ? "dark" : "light", int(vision)) << dark << int(vision);
    }

    void coloursAreLikeNoValue() {
        QFETCH(bool, dark);
        QFETCH(int, vision);
        // Six just noticeable differences: told apart at a glance, in single pixels too.
        constexpr double least = 14;
        const auto eye = static_cast<Vision>(vision);
        const Palette palette = Theme::paletteOf(dark);
        const auto apart = [eye](const QColor& a, const QColor& b) {
            return distance(seenBy(eye, screen(a)), seenBy(eye, screen(b)));
        };
        const QColor nan = nanColor(palette), inf = infinityColor(palette);
        QVERIFY(apart(nan, inf) >= least);
        const SignedRamp ramp(palette, 1);
        for (double value = -1; value <= 1; value += 1.0 / 64) {
            const QColor color = QColor::fromRgb(ramp.of(value));
            QVERIFY2(apart(nan, color) >= least && apart(inf, color) >= least, qPrintable(QString::number(value)));
        }
        for (const QColor& ground : {palette.panel, palette.field})
            QVERIFY(apart(nan, ground) >= least && apart(inf, ground) >= least);
    }

    void singlePixelsTakeTheColour_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void singlePixelsTakeTheColour() {
        QFETCH(bool, dark);
        const Palette palette = Theme::paletteOf(dark);
        const BinnedMap map = mapOf({0, notANumber, infinity, -infinity, 1});
        for (const int pixels : {1, 2, 3}) {
            const QImage image = heatPicture(map, {QSize(5 * pixels, pixels), 1, 1, dark});
            QCOMPARE(pixelOf(image, 0, 5), palette.neutral);
            QCOMPARE(pixelOf(image, 1, 5), nanColor(palette));
            QCOMPARE(pixelOf(image, 2, 5), infinityColor(palette));
            QCOMPARE(pixelOf(image, 3, 5), infinityColor(palette));
            QCOMPARE(pixelOf(image, 4, 5), palette.positive);
        }
    }

    void oneOfManyIsEnough() {
        BinnedMap map = mapOf({0, 0});
        QVERIFY(!notFiniteOf(map).any());
        map.bins[1].add(notANumber);
        QCOMPARE(notFiniteOf(map), (NotFinite{true, false, false}));
        map.bins[0].add(-infinity);
        QCOMPARE(notFiniteOf(map), (NotFinite{true, false, true}));
        const QImage image = heatPicture(map, {QSize(2, 1), 1, 1, false});
        QCOMPARE(image.pixelColor(1, 0), nanColor(Theme::paletteOf(false)));
    }

    void binsMayBeMoreThanPixels() {
        const BinnedMap map = mapOf(std::vector<double>(50, 1.0));
        for (const int width : {1, 7, 49}) {
            const QImage image = heatPicture(map, {QSize(width, 3), 1, 1, false});
            QCOMPARE(image.pixelColor(width - 1, 2), Theme::paletteOf(false).positive);
        }
    }

    void marksNeedRoom() {
        QVERIFY(hasRoomForHatch({0, 0, 13, 4}) && !hasRoomForArrow({0, 0, 13, 4}));
        QVERIFY(!hasRoomForHatch({0, 0, 13, 3}) && !hasRoomForHatch({0, 0, 6, 6}));
        QVERIFY(hasRoomForHatch({0, 0, 7, 7}) && hasRoomForArrow({0, 0, 7, 7}));
    }

    void theKeyNamesWhatThereIs() {
        const QSize room(200, 16), small(1, 1), large(20, 20);
        QCOMPARE(keyWidth({}, room, small), 0);
        for (const QSize cell : {small, large}) {
            const int nan = keyWidth({true, false, false}, room, cell);
            const int inf = keyWidth({false, true, false}, room, cell);
            QVERIFY(nan > 0 && inf > 0);
            QVERIFY(keyWidth({true, true, true}, room, cell) > std::max(nan, inf));
        }
        // What does not fit is left out, not cut off.
        QVERIFY(keyWidth({true, true, true}, {20, 16}, small) <= 20);
    }
};

QTEST_MAIN(FlowMarksTest)
#include "flow_marks_test.moc"
