// SPDX-License-Identifier: GPL-3.0-or-later
// The calculation and the phases of a step, used by keys alone and by the mouse alone.
#include "ui/flow/flow_panel.h"
#include "ui/flow/phase_tab.h"
#include "ui/panels/calculation_panel.h"
#include "ui/panels/calculation_view.h"
#include "window_driver.h"

#include <QClipboard>
#include <QComboBox>

using namespace bnstudio;

namespace {

struct CalculationDriver : WindowDriver {
    explicit CalculationDriver(std::int64_t steps = 12) : WindowDriver(steps) {
        ok = ok && await([this] { return !view().text().isEmpty(); });
    }
    CalculationView& view() { return panel<CalculationPanel>().view(); }
    FlowPanel& flow() { return panel<FlowPanel>(); }
    bool isAt(Phase phase) { return session.phase() == phase; }
    bool hasLink(const Link& link) {
        return await([&] { return view().layoutOfRows().find(link).has_value(); });
    }
    QPoint placeOf(const Link& link) {
        const CalculationLayout& layout = view().layoutOfRows();
        return layout.rectOf(*layout.find(link)).center().toPoint();
    }
    std::optional<Link> linkAt(QPoint place) {
        const auto number = view().layoutOfRows().numberAt(place);
        return number ? view().layoutOfRows().piece(*number)->link : std::nullopt;
    }
    /// Turns the wheel until the number is in sight.
    bool scrollTo(const Link& link) {
        constexpr int mostTurns = 100;
        for (int i = 0; i < mostTurns && !isReachable(view(), placeOf(link)); ++i) {
            const QRect seen = view().visibleRegion().boundingRect();
            wheel(view(), seen.center(), placeOf(link).y() < seen.center().y() ? 1 : -1);
        }
        return isReachable(view(), placeOf(link));
    }
    Link link(Origin origin) {
        for (const Line& line : calculate(*session.shown().frame, session.selectedCell()).lines)
            if (line.result.link.origin == origin)
                return line.result.link;
        qFatal("no such line");
    }
    /// Rows that are pale since they have not happened yet.
    int paleRows() {
        int count = 0;
        for (const CalculationRow& row : view().layoutOfRows().rows())
            count += row.happened ? 0 : 1;
        return count;
    }
    PhaseTab& tab(Phase phase) {
        for (auto* each : window.findChildren<PhaseTab*>())
            if (each->phase() == phase && each->isVisible())
                return *each;
        qFatal("no such tab");
    }
};

constexpr int mostNumbersOfARow = 12;
const QString script = QStringLiteral("torch.nn.BatchNorm1d");

}  // namespace

class DriveCalculationTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void numbersLeadToTheirPlaceByKeys();
    void numbersLeadToTheirPlaceByMouse();
    void everyNumberCanBeReachedByKeys();
    void digitsByKeys();
    void digitsByMouse();
    void copiesAProgramByKeys();
    void copiesAProgramByMouse();
    void phasesByKeys();
    void phasesByMouse();
    void playsByPhasesByKeys();
    void playsByPhasesByMouse();
};

void DriveCalculationTest::numbersLeadToTheirPlaceByKeys() {
    CalculationDriver f;
    QVERIFY(f.ok && f.enter("calculation") && (f.view().hasFocus() || f.tabTo(f.view())));
    f.key(Qt::Key_Home);
    QVERIFY(f.view().pointedAt());
    f.key(Qt::Key_Down);
    f.key(Qt::Key_Right);
    QVERIFY(f.view().pointedAt());
    QCOMPARE(f.flow().pointedPlace().has_value(), true);
    f.key(Qt::Key_Home);
    f.key(Qt::Key_Return);
    QVERIFY(f.await([&] { return f.isAt(Phase::Mean); }));
    QVERIFY(f.view().hasFocus());
}

void DriveCalculationTest::numbersLeadToTheirPlaceByMouse() {
    CalculationDriver f;
    QVERIFY(f.ok);
    const Link mean = f.link(Origin::Mean);
    QVERIFY(f.hasLink(mean));
    QVERIFY(f.scrollTo(mean));
    f.move(f.view(), f.placeOf(mean));
    QCOMPARE(f.view().pointedAt(), std::optional(mean));
    QVERIFY(f.flow().pointedPlace());
    QCOMPARE(f.flow().pointedPlace()->column, f.session.currentChannel());
    f.move(*f.window.menuBar(), {5, 5});
    QVERIFY(!f.flow().pointedPlace());
    f.move(f.view(), f.placeOf(mean));
    // What lies under a mouse that rests stays lit when the numbers change.
    const QPoint rests = f.placeOf(mean);
    f.key(Qt::Key_Left);
    QVERIFY(f.awaitStep(10));
    QCOMPARE(f.view().pointedAt(), f.linkAt(rests));
    QVERIFY(f.scrollTo(mean) && f.click(f.view(), f.placeOf(mean)));
    QVERIFY(f.isAt(Phase::Mean));
    // A term of the sum is a cell of x.
    const Link second{Origin::X, Parameter::None, 1, f.session.currentChannel(), 0};
    QVERIFY(f.hasLink(second) && f.scrollTo(second));
    QVERIFY(f.click(f.view(), f.placeOf(second)));
    QCOMPARE(f.session.selectedCell(), (Cell{1, second.c, 0}));
}

void DriveCalculationTest::everyNumberCanBeReachedByKeys() {
    CalculationDriver f;
    QVERIFY(f.ok && f.enter("calculation") && (f.view().hasFocus() || f.tabTo(f.view())));
    const CalculationLayout& layout = f.view().layoutOfRows();
    int links = 0;
    for (int row = 0; row < static_cast<int>(layout.rows().size()); ++row)
        links += static_cast<int>(layout.linksOf(row).size());
    QVERIFY(links > 10);
    // The keys enter a formula at its result, which stands last.
    QSet<QString> seen;
    f.key(Qt::Key_Home);
    for (std::size_t row = 0; row < layout.rows().size(); ++row, f.key(Qt::Key_Down))
        for (int i = 0; i < links; ++i, f.key(Qt::Key_Left)) {
            const qsizetype before = seen.size();
            seen.insert(placeText(*f.view().pointedAt()));
            if (i > mostNumbersOfARow && seen.size() == before)
                break;
        }
    QSet<QString> all;
    for (int row = 0; row < static_cast<int>(layout.rows().size()); ++row)
        for (int i = 0; i < static_cast<int>(layout.linksOf(row).size()); ++i)
            all.insert(placeText(*layout.piece({row, i})->link));
    QCOMPARE(seen, all);
}

void DriveCalculationTest::digitsByKeys() {
    CalculationDriver f;
    QVERIFY(f.ok);
    const QString shortText = f.view().text();
    f.key(Qt::Key_D);
    const QString fullText = f.view().text();
    f.key(Qt::Key_D);
    QVERIFY(f.view().text().contains(QStringLiteral("0x")));
    QVERIFY(fullText.size() > shortText.size());
    f.key(Qt::Key_D);
    QCOMPARE(f.view().text(), shortText);
}

void DriveCalculationTest::digitsByMouse() {
    CalculationDriver f;
    QVERIFY(f.ok);
    const QString shortText = f.view().text();
    QVERIFY(f.clickOn("digitsBits"));
    QVERIFY(f.view().text().contains(QStringLiteral("0x")));
    QVERIFY(f.clickOn("digitsShort"));
    QCOMPARE(f.view().text(), shortText);
}

void DriveCalculationTest::copiesAProgramByKeys() {
    CalculationDriver f;
    QVERIFY(f.ok);
    QApplication::clipboard()->clear();
    QVERIFY(f.enter("calculation") && f.tabTo(*f.find<QWidget>("copyAsPyTorch")));
    f.key(Qt::Key_Space);
    QVERIFY(QApplication::clipboard()->text().contains(script));
}

void DriveCalculationTest::copiesAProgramByMouse() {
    CalculationDriver f;
    QVERIFY(f.ok);
    QApplication::clipboard()->clear();
    QVERIFY(f.clickOn("copyAsPyTorch"));
    QVERIFY(QApplication::clipboard()->text().contains(script));
}

void DriveCalculationTest::phasesByKeys() {
    CalculationDriver f;
    QVERIFY(f.ok);
    const std::vector<Phase> phases = f.session.phases();
    QCOMPARE(f.paleRows(), 0);
    for (std::size_t i = phases.size(); i-- > 1;) {
        f.key(Qt::Key_Comma);
        QCOMPARE(static_cast<int>(f.session.phase()), static_cast<int>(phases[i - 1]));
        QCOMPARE(f.session.playhead(), 11);
    }
    QVERIFY(f.await([&] { return f.paleRows() > 3 && !f.flow().content().maps[2].isShown(); }));
    f.key(Qt::Key_Comma);  // the step before, at its end
    QVERIFY(f.awaitStep(10));
    QCOMPARE(static_cast<int>(f.session.phase()), static_cast<int>(phases.back()));
    f.key(Qt::Key_Period);
    QVERIFY(f.awaitStep(11));
    QVERIFY(f.isAt(phases.front()));
    f.key(Qt::Key_Period);
    QVERIFY(f.isAt(phases[1]));
}

void DriveCalculationTest::phasesByMouse() {
    CalculationDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.click(f.tab(Phase::Normalise)));
    QVERIFY(f.isAt(Phase::Normalise));
    QVERIFY(f.await([&] { return !f.flow().content().maps[2].isShown(); }));
    QVERIFY(f.await([&] { return f.paleRows() > 0; }));
    QVERIFY(f.clickOn("phaseButton"));
    QVERIFY(f.isAt(Phase::Affine));
    QVERIFY(f.click(f.tab(f.session.phases().back())));
    QVERIFY(f.await([&] { return f.paleRows() == 0; }));
}

void DriveCalculationTest::playsByPhasesByKeys() {
    CalculationDriver f;
    QVERIFY(f.ok);
    f.key(Qt::Key_Space, Qt::ShiftModifier);
    QVERIFY(f.session.playsPhases());
    f.session.setSpeed(100);
    QSet<int> seen;
    QObject::connect(&f.session, &Session::changed, &f.window,
                     [&] { seen.insert(static_cast<int>(f.session.phase())); });
    f.window.setFocus();
    f.key(Qt::Key_Space);
    QVERIFY(f.session.isPlaying());
    QVERIFY(f.await([&] { return f.session.playhead() >= 14; }));
    f.key(Qt::Key_Space);
    QVERIFY(!f.session.isPlaying());
    for (const Phase phase : f.session.phases())
        QVERIFY(seen.contains(static_cast<int>(phase)));
}

void DriveCalculationTest::playsByPhasesByMouse() {
    CalculationDriver f;
    QVERIFY(f.ok);
    QVERIFY(f.chooseInMenu({QStringLiteral("Run"), QStringLiteral("Play phase by phase")}));
    QVERIFY(f.session.playsPhases());
    QVERIFY(f.clickOn("playButton"));
    QVERIFY(f.await([&] { return f.session.playhead() == 12 && f.isAt(Phase::Variance); }));
    QVERIFY(f.clickOn("playButton"));
    QVERIFY(!f.session.isPlaying());
}

int main(int argc, char** argv) {
    return runWindowTest<DriveCalculationTest>(argc, argv);
}

#include "drive_calculation_test.moc"
