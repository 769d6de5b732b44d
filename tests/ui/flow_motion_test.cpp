// SPDX-License-Identifier: GPL-3.0-or-later
// Values on their way between the maps: when they move, and that nothing of it stays.
#include "flow_fixture.h"

#include "ui/flow/flow_motion.h"
#include "ui/preferences.h"

#include <QPainter>
#include <QSignalSpy>

using namespace bnstudio;

namespace {

/// A desktop that is idle for this long has left the last motion behind.
constexpr int pauseMs = FlowMotion::durationMs + 20;

struct Fixture : FlowFixture {
    explicit Fixture(Motion motion) {
        Preferences wanted = preferences();
        wanted.motion = motion;
        setPreferences(wanted);
    }
    ~Fixture() { setPreferences({}); }
    FlowMotion& motion() { return *flow().findChild<FlowMotion*>(); }
    /// The phase is on the screen; what moves above it may still do so.
    bool show(Phase phase) {
        session.setPhase(phase);
        return await([&] { return content().phase == phase; });
    }
    bool rest() {
        QElapsedTimer timer;
        timer.start();
        return await([&] { return timer.elapsed() > pauseMs && !motion().isRunning(); });
    }
};

std::vector<FlowTravel> travelsOf(Fixture& f) {
    return flowTravels(f.content(), f.flow().geometryOfFlow(), colors(), f.session.selectedCell());
}

/// What paints nothing leaves a clear image as it is.
bool paints(const std::function<void(QPainter&)>& paint, QSize size) {
    QImage image(size, QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    const QImage before = image.copy();
    QPainter painter(&image);
    paint(painter);
    painter.end();
    return image != before;
}

}  // namespace

class FlowMotionTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void aPhaseMovesAndEnds();
    void reducedMotionStartsNothing();
    void goingOnDuringAMotionShowsTheNewestPhase();
    void stepsAndEditsDoNotMove();
    void everyPhaseSendsWhatItComputes_data();
    void everyPhaseSendsWhatItComputes();
    void nothingIsDrawnAtEitherEnd();
};

void FlowMotionTest::aPhaseMovesAndEnds() {
    Fixture f(Motion::Usual);
    QVERIFY(f.ok && f.show(Phase::Mean) && f.rest());
    QSignalSpy started(&f.motion(), &FlowMotion::started);
    for (const Phase phase : {Phase::Variance, Phase::Normalise, Phase::Variance}) {
        QVERIFY(f.show(phase));
        QCOMPARE(started.count(), 1);
        QCOMPARE(int(f.content().phase), int(phase));  // there from the start
        QVERIFY(f.await([&] { return f.flow().isComplete(); }));
        const auto paint = [&](QPainter& painter) { f.motion().paint(painter, colors()); };
        QVERIFY(!paints(paint, f.flow().size()));
        started.clear();
        QVERIFY(f.rest());
    }
    QSignalSpy moved(&f.motion(), &FlowMotion::moved);
    QVERIFY(f.rest());
    QCOMPARE(moved.count(), 0);  // no timer goes on
}

void FlowMotionTest::reducedMotionStartsNothing() {
    Fixture f(Motion::Reduced);
    QVERIFY(f.ok);
    QSignalSpy started(&f.motion(), &FlowMotion::started);
    QSignalSpy moved(&f.motion(), &FlowMotion::moved);
    for (const Phase phase : {Phase::Mean, Phase::Variance, Phase::Normalise, Phase::Affine, Phase::Mean}) {
        QVERIFY(f.show(phase));
        for (const auto* animation : f.flow().findChildren<QAbstractAnimation*>())
            QCOMPARE(int(animation->state()), int(QAbstractAnimation::Stopped));
        QVERIFY(f.rest());
    }
    QCOMPARE(started.count(), 0);
    QCOMPARE(moved.count(), 0);
}

void FlowMotionTest::goingOnDuringAMotionShowsTheNewestPhase() {
    Fixture f(Motion::Usual);
    QVERIFY(f.ok && f.show(Phase::Mean) && f.rest());
    FlowMotion& motion = f.motion();
    QSignalSpy started(&motion, &FlowMotion::started);
    const std::vector<FlowTravel> travels{{QPainterPath(), {Qt::black}}};
    motion.begin(travels);
    QVERIFY(motion.isRunning());
    motion.begin(travels);
    QVERIFY(!motion.isRunning());
    motion.begin(travels);  // as when playing faster than things move
    QVERIFY(!motion.isRunning());
    QCOMPARE(started.count(), 1);
    QVERIFY(f.rest());
    motion.begin(travels);
    QVERIFY(motion.isRunning());
}

void FlowMotionTest::stepsAndEditsDoNotMove() {
    Fixture f(Motion::Usual);
    QVERIFY(f.ok && f.rest());
    QSignalSpy started(&f.motion(), &FlowMotion::started);
    f.session.goTo(2);
    QVERIFY(f.settle());
    f.session.apply(SetMode{false});  // has no running update, so the last phase is another one
    QVERIFY(f.settle());
    f.session.undoStack().undo();
    QVERIFY(f.settle());
    QCOMPARE(started.count(), 0);
}

void FlowMotionTest::everyPhaseSendsWhatItComputes_data() {
    QTest::addColumn<int>("phase");
    QTest::addColumn<int>("arrows");
    QTest::newRow("mean") << int(Phase::Mean) << 1;
    QTest::newRow("normalise") << int(Phase::Normalise) << 1;
    QTest::newRow("affine") << int(Phase::Affine) << 2;
    QTest::newRow("running update") << int(Phase::RunningUpdate) << 1;
    QTest::newRow("gradient of x") << int(Phase::GradInput) << 2;
}

void FlowMotionTest::everyPhaseSendsWhatItComputes() {
    QFETCH(int, phase);
    QFETCH(int, arrows);
    Fixture f(Motion::Usual);
    QVERIFY(f.ok && f.show(static_cast<Phase>(phase)));
    const std::vector<FlowTravel> travels = travelsOf(f);
    QCOMPARE(int(travels.size()), arrows);
    for (const FlowTravel& travel : travels)
        QVERIFY(travel.path.length() > 0 && travel.colors.size() >= 2);
}

void FlowMotionTest::nothingIsDrawnAtEitherEnd() {
    Fixture f(Motion::Usual);
    QVERIFY(f.ok && f.show(Phase::Affine));
    const std::vector<FlowTravel> travels = travelsOf(f);
    const auto paintsAt = [&](double progress) {
        return paints([&](QPainter& painter) { paintTravels(painter, travels, colors(), progress); }, f.flow().size());
    };
    QVERIFY(!paintsAt(0) && paintsAt(0.5) && !paintsAt(1));
}

int main(int argc, char** argv) {
    return runWindowTest<FlowMotionTest>(argc, argv);
}
#include "flow_motion_test.moc"
