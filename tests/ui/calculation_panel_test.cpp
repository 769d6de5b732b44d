// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/calculation_panel.h"

#include "ui/panels/calculation_view.h"
#include "window_fixture.h"

#include <QClipboard>
#include <QLabel>
#include <QStatusBar>

using namespace bnstudio;

namespace {

struct Fixture : WindowFixture {
    explicit Fixture(std::int64_t steps = 12) : WindowFixture(steps) {
        ok = ok && await([this] { return !view().text().isEmpty(); });
    }
    CalculationPanel& panel() { return *window.findChild<CalculationPanel*>(); }
    CalculationView& view() { return panel().view(); }
    bool awaitText(const QString& text) {
        return await([&] { return view().text().contains(text); });
    }
    /// The place of a number in the view.
    QPoint placeOf(const Link& link) {
        const auto number = view().layoutOfRows().find(link);
        return number ? view().layoutOfRows().rectOf(*number).center().toPoint() : QPoint(-1, -1);
    }
    bool awaitLink(const Link& link) {
        return await([&] { return view().layoutOfRows().find(link).has_value(); });
    }
    Calculation calculation() { return calculate(*session.shown().frame, session.selectedCell()); }
    const Line& line(Origin origin) {
        m_calculation = calculation();
        for (const Line& each : m_calculation.lines)
            if (each.result.link.origin == origin)
                return each;
        qFatal("no such line");
    }

private:
    Calculation m_calculation;
};

QString shortText(const Number& number) {
    return QString::fromStdString(numberText(number, Digits::Short));
}

}  // namespace

class CalculationPanelTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void showsTheLinesOfTheSelectedCell() {
        Fixture f;
        QVERIFY(f.ok);
        f.session.selectCell({5, 2, 0});
        QVERIFY(f.await([&] { return f.find<QLabel>("calculationTitle")->text() == QStringLiteral("x[5, 2]"); }));
        const QString mean = QString::fromStdString(lineText(f.line(Origin::Mean), Digits::Short));
        QVERIFY2(f.view().text().split(u'\n').contains(mean), qPrintable(f.view().text()));
        const QString xhat = QString::fromStdString(lineText(f.line(Origin::Xhat), Digits::Short));
        QVERIFY(f.view().text().split(u'\n').contains(xhat));
        QCOMPARE(f.view().accessibleDescription(), f.view().text());
    }

    void whatHasNotHappenedStandsAsSymbols() {
        Fixture f;
        QVERIFY(f.ok);
        f.session.setPhase(Phase::Variance);
        QVERIFY(f.awaitText(QStringLiteral("y = x̂ · ")));
        for (const CalculationRow& row : f.view().layoutOfRows().rows()) {
            QCOMPARE(row.happened, row.phase <= Phase::Variance);
            QCOMPARE(row.current, row.phase == Phase::Variance);
            if (row.phase == Phase::Affine) {
                QVERIFY(!row.text().contains(shortText(f.line(Origin::Xhat).result)));
                QVERIFY(!row.text().contains(shortText(f.line(Origin::Y).result)));
            }
        }
        f.session.setPhase(Phase::Affine);
        QVERIFY(f.awaitText(QStringLiteral("= ") + shortText(f.line(Origin::Y).result)));
    }

    void digitsAreShortFullOrBitsAndAreRemembered() {
        {
            Fixture f;
            QVERIFY(f.ok);
            const Number mean = f.line(Origin::Mean).result;
            f.click("digitsFull");
            QVERIFY(f.view().text().contains(QString::fromStdString(numberText(mean, Digits::Full))));
            f.window.setFocus();
            QTest::keyClick(&f.window, Qt::Key_D);
            QVERIFY(f.view().text().contains(QString::fromStdString(numberText(mean, Digits::Bits))));
        }
        Fixture again;
        QVERIFY(again.ok);
        QCOMPARE(static_cast<int>(again.panel().digits()), static_cast<int>(Digits::Bits));
        QVERIFY(again.find<QAbstractButton>("digitsBits")->isChecked());
    }

    void aClickGoesToThePhaseOfANumber() {
        Fixture f;
        QVERIFY(f.ok);
        const Link mean = f.line(Origin::Mean).result.link;
        QVERIFY(f.awaitLink(mean));
        QTest::mouseClick(&f.view(), Qt::LeftButton, {}, f.placeOf(mean));
        QCOMPARE(static_cast<int>(f.session.phase()), static_cast<int>(Phase::Mean));
        QVERIFY(f.await([&] { return !f.view().currentCard().isEmpty(); }));
    }

    void aClickOnAnotherValueSelectsItsCell() {
        Fixture f;
        QVERIFY(f.ok);
        f.session.setPhase(Phase::Mean);
        const Link second{Origin::X, Parameter::None, 1, f.session.currentChannel(), 0};
        QVERIFY(f.awaitLink(second));
        QTest::mouseClick(&f.view(), Qt::LeftButton, {}, f.placeOf(second));
        QCOMPARE(f.session.selectedCell(), (Cell{1, second.c, 0}));
    }

    void aStateFromBeforeLeadsToTheStepBefore() {
        Fixture f;
        QVERIFY(f.ok);
        const Link before{Origin::RunningMean, Parameter::None, -1, f.session.currentChannel(), -1};
        QVERIFY(f.awaitLink(before));
        QTest::mouseClick(&f.view(), Qt::LeftButton, {}, f.placeOf(before));
        QVERIFY(f.await([&] { return f.session.shown().step == 10 && f.session.isCurrent(); }));
        QVERIFY(f.await([&] { return f.session.phase() == Phase::RunningUpdate; }));
    }

    void aSettingLeadsToItsField() {
        Fixture f;
        QVERIFY(f.ok);
        const Link eps{Origin::Eps, Parameter::None, -1, -1, -1};
        QVERIFY(f.awaitLink(eps));
        QTest::mouseClick(&f.view(), Qt::LeftButton, {}, f.placeOf(eps));
        QCOMPARE(f.window.focusWidget()->objectName(), QStringLiteral("epsField"));
    }

    void keysMoveFromNumberToNumberAndEnterFollows() {
        Fixture f;
        QVERIFY(f.ok);
        const std::int64_t step = f.session.shown().step;
        CalculationView& view = f.view();
        f.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&f.window));
        view.setFocus();
        QTest::keyClick(&view, Qt::Key_Home);
        const QString first = view.currentText();
        QVERIFY(view.pointedAt().has_value());
        QTest::keyClick(&view, Qt::Key_Down);
        QVERIFY(view.currentText() != first);
        const auto result = view.pointedAt();
        QTest::keyClick(&view, Qt::Key_Left);
        QVERIFY(view.pointedAt() != result);
        QTest::keyClick(&view, Qt::Key_Right);
        QVERIFY(view.pointedAt() == result);
        QTest::keyClick(&view, Qt::Key_Up);
        QCOMPARE(view.currentText(), first);
        QTest::keyClick(&view, Qt::Key_Return);
        QCOMPARE(static_cast<int>(f.session.phase()), static_cast<int>(Phase::Mean));
        QCOMPARE(f.session.playhead(), step);  // the arrows were the panel's, not the transport's
        QTest::keyClick(&view, Qt::Key_Escape);
        QVERIFY(!view.hasFocus());
        QVERIFY(!view.pointedAt().has_value());
    }

    void evalSaysWhatTrainingWouldDo() {
        Fixture f;
        QVERIFY(f.ok);
        f.click("evalButton");
        QVERIFY(f.awaitText(QStringLiteral("in training mode x̂ would be")));
        const QString text = f.view().text();
        QVERIFY(text.startsWith(QStringLiteral("running_mean = ")));
        QVERIFY(text.contains(shortText(f.line(Origin::XhatInTraining).result)));
    }

    void nothingIsComputedAtTheStart() {
        Fixture f;
        QVERIFY(f.ok);
        f.session.goToFirst();
        QVERIFY(f.await([&] { return f.find<QLabel>("calculationNotice")->text().startsWith("Before step 0"); }));
        QVERIFY(f.view().text().isEmpty());
        QVERIFY(!f.find<QAbstractButton>("copyAsPyTorch")->isEnabled());
    }

    void copiesTheStepAsAProgram() {
        Fixture f;
        QVERIFY(f.ok);
        QApplication::clipboard()->clear();
        f.click("copyAsPyTorch");
        QVERIFY(QApplication::clipboard()->text().contains(QStringLiteral("BatchNorm1d(")));
        QVERIFY(f.window.statusBar()->currentMessage().contains(QStringLiteral("Step 11")));
    }
};

int main(int argc, char** argv) {
    return runWindowTest<CalculationPanelTest>(argc, argv);
}

#include "calculation_panel_test.moc"
