// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/color_vision.h"
#include "ui/palette.h"

#include <QTest>

using namespace bnstudio;

namespace {

struct Named {
    const char* name;
    QColor color;
};

ScreenColor screen(const QColor& color) {
    return {color.redF(), color.greenF(), color.blueF()};
}

Palette themed(bool dark) {
    return dark ? darkPalette() : lightPalette();
}

/// Marks that stand side by side and mean different things.
QList<QList<Named>> companions(const Palette& p) {
    return {
        // Curves of a plot over steps, bars of the flow.
        {{"batch", p.batch}, {"running", p.running}, {"affine", p.affine}, {"population", p.population}},
        // Distributions.
        {{"batch", p.batch}, {"normalised", p.normalised}, {"affine", p.affine}},
        // Cells of a heat map.
        {{"negative", p.negative}, {"neutral", p.neutral}, {"positive", p.positive}},
    };
}

}  // namespace

class ColorsTest : public QObject {
    Q_OBJECT
private slots:
    void simulationKnowsItsFixedPoints() {
        // White and black look alike to every eye: the rows of the matrices sum to 1, to the six digits they have.
        for (const Vision vision : {Vision::Protanopia, Vision::Deuteranopia, Vision::Tritanopia}) {
            QVERIFY(distance(seenBy(vision, {1, 1, 1}), {1, 1, 1}) < 0.01);
            QCOMPARE(distance(seenBy(vision, {0, 0, 0}), {0, 0, 0}), 0.0);
        }
        // A red and a green that a deuteranope confuses, and blue and orange, which they do not.
        const ScreenColor red{0.80, 0.30, 0.20}, green{0.49, 0.48, 0.20};
        QVERIFY(distance(red, green) > 40);
        QVERIFY(distance(seenBy(Vision::Deuteranopia, red), seenBy(Vision::Deuteranopia, green)) < 12);
        QVERIFY(distance(seenBy(Vision::Deuteranopia, {0, 0, 1}), seenBy(Vision::Deuteranopia, {1, 0.5, 0})) > 100);
        QCOMPARE(qRound(contrast({1, 1, 1}, {0, 0, 0})), 21);
    }

    void marksStayApartForEveryEye_data() {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<int>("vision");
        const std::pair<const char*, Vision> visions[] = {{"usual", Vision::Usual},
                                                          {"protanopia", Vision::Protanopia},
                                                          {"deuteranopia", Vision::Deuteranopia},
                                                          {"tritanopia", Vision::Tritanopia}};
        for (const bool dark : {false, true})
            for (const auto& [name, vision] : visions)
                QTest::addRow("%s, %s", dark ? "dark" : "light", name) << dark << static_cast<int>(vision);
    }

    void marksStayApartForEveryEye() {
        QFETCH(bool, dark);
        QFETCH(int, vision);
        // Six just noticeable differences: told apart at a glance, small marks too.
        constexpr double least = 14;
        const auto eye = static_cast<Vision>(vision);
        for (const QList<Named>& marks : companions(themed(dark)))
            for (qsizetype i = 0; i < marks.size(); ++i)
                for (qsizetype k = i + 1; k < marks.size(); ++k) {
                    const double apart =
                        distance(seenBy(eye, screen(marks[i].color)), seenBy(eye, screen(marks[k].color)));
                    QVERIFY2(apart >= least,
                             qPrintable(QStringLiteral("%1 and %2: %3").arg(marks[i].name, marks[k].name).arg(apart)));
                }
    }

    void contrastIsEnough_data() {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void contrastIsEnough() {
        QFETCH(bool, dark);
        const Palette p = themed(dark);
        const auto check = [](const Named& mark, const Named& ground, double least) {
            const double ratio = contrast(screen(mark.color), screen(ground.color));
            if (ratio < least)
                qWarning("%s on %s: %.2f, expected %.1f", mark.name, ground.name, ratio, least);
            return ratio >= least;
        };
        // WCAG 2.1, 1.4.3: 4.5 for text. Text stands on cards, in fields, on the window, on selected rows.
        const QList<Named> grounds{
            {"panel", p.panel}, {"field", p.field}, {"window", p.window}, {"accentSoft", p.accentSoft}};
        const QList<Named> texts{{"text", p.text},
                                 {"mutedText", p.mutedText},
                                 {"batchText", p.batchText},
                                 {"runningText", p.runningText},
                                 {"affineText", p.affineText}};
        for (const Named& text : texts)
            for (const Named& ground : grounds)
                QVERIFY(check(text, ground, 4.5));
        QVERIFY(check({"accentText", p.accentText}, {"accent", p.accent}, 4.5));
        QVERIFY(check({"warningText", p.warningText}, {"warningSoft", p.warningSoft}, 4.5));
        QVERIFY(check({"text", p.text}, {"differenceSoft", p.differenceSoft}, 4.5));
        // 1.4.11: 3 for marks that carry a meaning, on the card they are drawn on.
        for (const Named& mark : QList<Named>{{"batch", p.batch},
                                              {"running", p.running},
                                              {"affine", p.affine},
                                              {"population", p.population},
                                              {"normalised", p.normalised},
                                              {"negative", p.negative},
                                              {"positive", p.positive},
                                              {"warning", p.warning},
                                              {"difference", p.difference},
                                              {"accent", p.accent}})
            QVERIFY(check(mark, {"panel", p.panel}, 3));
    }
};

QTEST_GUILESS_MAIN(ColorsTest)
#include "colors_test.moc"
