// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/findings_panel.h"

#include "ui/models/finding_text.h"
#include "ui/panels/findings_badge.h"
#include "ui/session/run_findings.h"
#include "window_fixture.h"

#include <QDockWidget>
#include <QLabel>

using namespace bnstudio;

namespace {

struct Fixture : WindowFixture {
    explicit Fixture(std::int64_t steps = 12) : WindowFixture(steps) {}
    /// The findings of the whole run have arrived.
    bool awaitFindings() {
        return await([this] {
            return session.isCurrent() && session.findings() && session.findings()->steps == session.head();
        });
    }
    const Finding* find(FindingKind kind) {
        for (const Finding& finding : session.findings()->list)
            if (finding.kind == kind)
                return &finding;
        return nullptr;
    }
    QList<QLabel*> labels(const char* name) {
        QList<QLabel*> shown;
        for (QLabel* label : window.findChildren<QLabel*>(QLatin1String(name)))
            if (label->isVisibleTo(&window))
                shown << label;
        return shown;
    }
    /// Makes channel 1 constant from step 4 on.
    void makeChannelConstant() {
        Recipe recipe = session.recipe();
        auto& generator = std::get<GeneratorSpec>(recipe.data.sources.front());
        generator.std = std::vector<double>(8, 1.0);
        generator.std[1] = 0;
        session.openData(recipe.data, QStringLiteral("constant channel"));
    }
};

}  // namespace

class FindingsPanelTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void aConstantChannelIsFoundAndUndoTakesItBack() {
        Fixture f;
        QVERIFY(f.ok && f.awaitFindings());
        QVERIFY(!f.find(FindingKind::ConstantChannel));
        f.makeChannelConstant();
        QVERIFY(f.await([&] { return f.session.findings() && f.find(FindingKind::ConstantChannel); }));
        const Finding* finding = f.find(FindingKind::ConstantChannel);
        QCOMPARE(finding->channels, std::vector<std::int64_t>{1});
        bool isOnDisplay = false;
        for (const QLabel* label : f.labels("findingSentence"))
            isOnDisplay = isOnDisplay || label->text() == QString::fromStdString(finding->sentence);
        QVERIFY(isOnDisplay);
        QVERIFY(f.window.findChild<FindingsBadge*>()->isVisible());
        f.session.undoStack().undo();
        QVERIFY(f.awaitFindings());
        QVERIFY(f.await([&] { return !f.find(FindingKind::ConstantChannel); }));
    }

    void sinceLeadsToStepAndChannel() {
        Fixture f;
        QVERIFY(f.ok);
        f.makeChannelConstant();
        QVERIFY(f.await([&] { return f.session.findings() && f.find(FindingKind::ConstantChannel); }));
        f.session.selectChannel(5);
        for (QLabel* links : f.labels("findingLinks"))
            if (links->parentWidget()
                    ->findChild<QLabel*>("findingSentence")
                    ->text()
                    .startsWith("Channel 1: all values"))
                emit links->linkActivated(QStringLiteral("step"));
        QCOMPARE(f.session.currentChannel(), 1);
        QCOMPARE(f.session.playhead(), f.find(FindingKind::ConstantChannel)->step);
    }

    void whyTellsTheRuleAndTheRemedy() {
        Fixture f;
        QVERIFY(f.ok);
        f.makeChannelConstant();
        QVERIFY(f.await([&] { return f.session.findings() && f.find(FindingKind::ConstantChannel); }));
        QVERIFY(f.labels("findingWhy").isEmpty());
        QLabel* links = f.labels("findingLinks").front();
        emit links->linkActivated(QStringLiteral("why"));
        QCOMPARE(f.labels("findingWhy").size(), 1);
        const Finding& first = f.session.findings()->list.front();
        QVERIFY(f.labels("findingWhy").front()->text().startsWith(QString::fromStdString(first.remedy)));
        QVERIFY(f.labels("findingWhy").front()->text().contains(ruleText(first.kind)));
        emit links->linkActivated(QStringLiteral("why"));
        QVERIFY(f.labels("findingWhy").isEmpty());
    }

    void theBadgeOpensThePanel() {
        Fixture f;
        QVERIFY(f.ok);
        f.makeChannelConstant();
        QVERIFY(f.await([&] { return f.session.findings() && f.find(FindingKind::ConstantChannel); }));
        auto* dock = f.window.findChild<QDockWidget*>(QStringLiteral("findings"));
        dock->close();
        QVERIFY(!dock->isVisible());
        auto* badge = f.window.findChild<FindingsBadge*>();
        QCOMPARE(badge->text(), countText(f.session.findings()->list.size()));
        QTest::mouseClick(badge, Qt::LeftButton);
        QVERIFY(dock->isVisible());
        QVERIFY(dock->isAncestorOf(f.window.focusWidget()));
    }

    void keysReachTheFindings() {
        Fixture f;
        QVERIFY(f.ok);
        f.makeChannelConstant();
        QVERIFY(f.await([&] { return f.session.findings() && f.find(FindingKind::ConstantChannel); }));
        f.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&f.window));
        f.window.setFocus();
        QTest::keyClick(&f.window, Qt::Key_F);
        QWidget* links = f.labels("findingLinks").front();
        QCOMPARE(f.window.focusWidget(), links);
        QTest::keyClick(links, Qt::Key_Tab);
        QTest::keyClick(links, Qt::Key_Return);
        QCOMPARE(f.session.playhead(), f.session.findings()->list.front().step);
    }

    // The tracker goes back some steps further than the edit and sees them again.
    void anEditOfThePastLeavesTheFindingsOfANewRun() {
        constexpr std::int64_t steps = 70;
        Fixture f(steps);
        QVERIFY(f.ok && f.awaitFindings());
        f.session.goTo(41);
        QVERIFY(f.await([&] { return f.session.isCurrent(); }));
        Recipe next = f.session.recipe();
        insertEvent(next, Event{41, -1, SetMomentum{1.5}});
        f.session.edit(QStringLiteral("momentum"), next);
        QVERIFY(f.await([&] { return f.session.isCurrent() && f.find(FindingKind::MomentumOutside); }));
        f.session.goTo(steps - 1);
        QVERIFY(f.await([&] { return f.session.findings()->steps == steps; }));
        Run run(next);
        FindingsTracker tracker;
        for (std::int64_t k = 0; k < steps; ++k)
            tracker.add(*run.advance());
        const std::vector<Finding> expected = tracker.findings();
        const std::vector<Finding>& found = f.session.findings()->list;
        QCOMPARE(found.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            QCOMPARE(found[i].sentence, expected[i].sentence);
            QCOMPARE(found[i].step, expected[i].step);
            QCOMPARE(found[i].lastStep, expected[i].lastStep);
        }
    }

    void theManualHasARuleForEveryKind() {
        for (int kind = 0; kind < findingKindCount; ++kind)
            QVERIFY2(!ruleText(static_cast<FindingKind>(kind)).isEmpty(),
                     findingId(static_cast<FindingKind>(kind)).data());
        QVERIFY(ruleText(FindingKind::StaleStatistics).contains(QStringLiteral("A drift of δ")));
        QVERIFY(!ruleText(FindingKind::StaleStatistics).contains(QStringLiteral("output-gap")));
        QVERIFY(ruleText(FindingKind::WeightNearZero).startsWith(QStringLiteral("|γ|")));
    }
};

int main(int argc, char** argv) {
    return runWindowTest<FindingsPanelTest>(argc, argv);
}

#include "findings_panel_test.moc"
