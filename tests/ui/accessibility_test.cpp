// SPDX-License-Identifier: GPL-3.0-or-later
// Every control of the window says what it is, explains itself and can be reached by keys.
#include "tests/ui/control_faults.h"
#include "tests/ui/window_fixture.h"
#include "ui/export/table_windows.h"
#include "ui/flow/flow_panel.h"
#include "ui/format.h"
#include "ui/models/channel_columns.h"
#include "ui/panel_round.h"
#include "ui/plots/plot_table.h"
#include "ui/plots/running_stat_view.h"

#include <QAccessible>
#include <QClipboard>
#include <QMenu>
#include <QSet>
#include <QSignalSpy>
#include <QTableView>

#include <algorithm>
#include <functional>

using namespace bnstudio;

namespace {

QPixmap pictureOf(QWidget* widget) {
    return widget->grab();
}

}  // namespace

class AccessibilityTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void controlsOfTheWindow() {
        WindowFixture f;
        QVERIFY(f.ok);
        const QStringList found = faults(&f.window);
        QVERIFY2(found.isEmpty(), qPrintable(u'\n' + found.join(u'\n')));
    }

    void panelsExplainThemselves() {
        WindowFixture f;
        QVERIFY(f.ok);
        QStringList silent;
        std::map<QString, QString> said;
        for (const auto* dock : f.window.findChildren<CardDock*>()) {
            if (dock->whatsThis().size() < 30)
                silent << dock->objectName();
            else if (!said.emplace(dock->whatsThis(), dock->objectName()).second)
                silent << dock->objectName() + QStringLiteral(": says what another one says");
        }
        QVERIFY2(silent.isEmpty(), qPrintable(silent.join(u'\n')));
    }

    // --- without a mouse -------------------------------------------------------------------------------------------

    void goesRoundThePanels() {
        WindowFixture f;
        QVERIFY(f.ok);
        const QList<QWidget*> round = panelRound(f.window);
        for (const auto* dock : f.window.findChildren<CardDock*>())
            QVERIFY2(dock->isHidden() || round.contains(dock), qPrintable(dock->objectName()));
        if (QWidget* focus = QApplication::focusWidget())
            focus->clearFocus();
        for (QWidget* panel : round) {
            QTest::keyClick(&f.window, Qt::Key_F6);
            QVERIFY2(panel == QApplication::focusWidget() || panel->isAncestorOf(QApplication::focusWidget()),
                     qPrintable(panel->objectName()));
            QVERIFY2(panel->isVisible(), qPrintable(panel->objectName()));
        }
        QTest::keyClick(&f.window, Qt::Key_F6);
        QVERIFY(round.front()->isAncestorOf(QApplication::focusWidget()));
        QTest::keyClick(&f.window, Qt::Key_F6, Qt::ShiftModifier);
        QVERIFY(round.back() == QApplication::focusWidget() || round.back()->isAncestorOf(QApplication::focusWidget()));
    }

    void comesBackToTheControlOfAPanelThatHadTheKeysLast() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* eps = f.find<QLineEdit>("epsField");
        eps->setFocus();
        QTest::keyClick(&f.window, Qt::Key_F6);
        QVERIFY(QApplication::focusWidget() != eps);
        QTest::keyClick(&f.window, Qt::Key_F6, Qt::ShiftModifier);
        QCOMPARE(QApplication::focusWidget(), eps);
    }

    void leavesOutClosedPanels() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* dock = f.window.findChild<CardDock*>(QStringLiteral("layer"));
        dock->close();
        QVERIFY(!panelRound(f.window).contains(dock));
    }

    void escapeGivesTheKeysBack_data() {
        QTest::addColumn<QString>("control");
        for (const char* control : {"channelTable", "epsField", "stepField", "momentumSlider", "affineSwitch"})
            QTest::newRow(control) << QString::fromLatin1(control);
    }
    void escapeGivesTheKeysBack() {
        QFETCH(QString, control);
        WindowFixture f;
        QVERIFY(f.ok);
        auto* widget = f.window.findChild<QWidget*>(control);
        widget->setFocus();
        QCOMPARE(QApplication::focusWidget(), widget);
        QTest::keyClick(widget, Qt::Key_Escape);
        QVERIFY(QApplication::focusWidget() != widget);
        const std::int64_t step = f.session.playhead();
        QTest::keyClick(&f.window, Qt::Key_Left);
        QCOMPARE(f.session.playhead(), step - 1);
    }

    void focusCanBeSeen() {
        WindowFixture f;
        QVERIFY(f.ok);
        QStringList unseen;
        for (auto* widget : f.window.findChildren<QWidget*>()) {
            if (!isInteractive(widget) || !(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible()
                || !widget->isEnabled() || widget->visibleRegion().isEmpty())
                continue;
            f.window.setFocus();
            const QImage without = pictureOf(widget).toImage();
            widget->setFocus(Qt::TabFocusReason);
            if (pictureOf(widget).toImage() == without)
                unseen << describeWidget(widget);
        }
        QVERIFY2(unseen.isEmpty(), qPrintable(u'\n' + unseen.join(u'\n')));
    }

    // --- plots in words and numbers --------------------------------------------------------------------------------

    void plotsSayWhatTheyShow() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* plot = f.window.findChild<RunningStatView*>();
        plot->refresh();
        QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(plot);
        QCOMPARE(spoken->role(), QAccessible::Chart);
        QCOMPARE(spoken->text(QAccessible::Name), QStringLiteral("running_mean"));
        const QString words = spoken->text(QAccessible::Description);
        QVERIFY2(words.startsWith(QStringLiteral("4 rows by step, in")), qPrintable(words));
        QVERIFY2(words.contains(
                     QStringLiteral("1 of 8 channels selected, current channel %1.").arg(f.session.currentChannel())),
                 qPrintable(words));
        const double last = f.session.series().at(Quantity::RunningMean, 3, f.session.currentChannel());
        QVERIFY2(words.contains(formatNumber(last)), qPrintable(words));
        f.session.selectChannels({0, 2, 5}, 2);
        QVERIFY(spoken->text(QAccessible::Description).contains(QStringLiteral("3 of 8 channels selected")));
    }

    void everyPlotSaysSomething() {
        WindowFixture f;
        QVERIFY(f.ok);
        for (auto* plot : f.window.findChildren<PlotView*>()) {
            plot->refresh();
            QVERIFY2(plot->spokenDescription().size() > 20, qPrintable(plot->title()));
        }
    }

    void showsTheNumbersOfAPlotAsATable() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* plot = f.window.findChild<RunningStatView*>();
        for (auto* dock : f.window.findChildren<CardDock*>())
            if (dock->isAncestorOf(plot))
                enterPanel(*dock);
        QTest::keyClick(plot, Qt::Key_T, Qt::ControlModifier);
        auto* table = f.awaitDialog<PlotTable>();
        QVERIFY(table);
        QVERIFY2(faults(table).isEmpty(), qPrintable(faults(table).join(u'\n')));
        auto* view = table->findChild<QTableView*>();
        QAbstractItemModel* model = view->model();
        QCOMPARE(model->rowCount(), 4);
        int column = 1;
        while (column < model->columnCount()
               && model->index(3, column).data().toString()
                      != formatExact(f.session.series().at(Quantity::RunningMean, 3, f.session.currentChannel())))
            ++column;
        QVERIFY(column < model->columnCount());

        table->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(table));
        view->setFocus();
        view->selectionModel()->setCurrentIndex(model->index(1, 0),
                                                QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
        QTest::keyClick(view, Qt::Key_C, Qt::ControlModifier);
        const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
        QVERIFY2(lines.size() == 2, qPrintable(QApplication::clipboard()->text()));
        QCOMPARE(lines[0].section(u'\t', 0, 0), QStringLiteral("step"));
        QCOMPARE(lines[1].section(u'\t', 0, 0), QStringLiteral("1"));
        QCOMPARE(lines[1].section(u'\t', column, column), model->index(1, column).data().toString());

        f.session.stepForward();
        QVERIFY(f.await([&] { return model->rowCount() == 5; }));
        QCOMPARE(view->currentIndex().row(), 1);
    }

    void everyPictureHasATableBehindIt_data() {
        QTest::addColumn<QString>("name");
        WindowFixture f;
        for (const ExportItem& item : TableWindows::choices(f.window, f.session))
            if (item.owner)
                QTest::newRow(qPrintable(item.name)) << item.name;
    }
    void everyPictureHasATableBehindIt() {
        QFETCH(QString, name);
        WindowFixture f;
        QVERIFY(f.ok);
        QWidget* picture = nullptr;
        for (const ExportItem& item : TableWindows::choices(f.window, f.session))
            if (item.name == name)
                picture = item.owner;
        QVERIFY(picture);
        for (auto* dock : f.window.findChildren<CardDock*>())
            if (dock->isAncestorOf(picture))
                enterPanel(*dock);
        picture->setFocus();
        QTest::keyClick(picture, Qt::Key_T, Qt::ControlModifier);
        auto* table = f.awaitDialog<PlotTable>();
        QVERIFY(table);
        QVERIFY2(table->windowTitle().contains(name), qPrintable(table->windowTitle()));
        QVERIFY(table->findChild<QTableView*>()->model()->rowCount() > 0);
    }

    // Whatever the window paints with a coordinate system, a colour scale or a time axis.
    void noPictureIsWithoutATable() {
        WindowFixture f;
        QVERIFY(f.ok);
        QSet<QWidget*> owners;
        for (const ExportItem& item : TableWindows::choices(f.window, f.session))
            owners.insert(item.owner);
        for (auto* plot : f.window.findChildren<PlotView*>())
            QVERIFY2(owners.contains(plot), qPrintable(plot->title()));
        QVERIFY(owners.contains(f.window.findChild<Timeline*>()));
        QVERIFY(owners.contains(f.window.findChild<FlowPanel*>()));
    }

    void sortsTheChannelsByKeys() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* table = f.find<QTableView>("channelTable");
        const auto numbers = [&](ChannelColumn column) {
            std::vector<double> found;
            for (int row = 0; row < table->model()->rowCount(); ++row)
                found.push_back(
                    channelNumber(f.session.shown(), column,
                                  table->model()->index(row, 0).data().toString().section(u' ', 0, 0).toInt())
                        .value_or(-1));
            return found;
        };
        table->setFocus();
        QTest::keyClick(table, Qt::Key_S);
        const std::vector<double> means = numbers(ChannelColumn::BatchMean);
        QCOMPARE(means.size(), std::size_t{8});
        QVERIFY(std::is_sorted(means.begin(), means.end(), std::greater<>()));
        QVERIFY(table->accessibleDescription().contains(QStringLiteral("batch mean, greatest first")));
        QTest::keyClick(table, Qt::Key_S, Qt::ShiftModifier);
        const std::vector<double> turned = numbers(ChannelColumn::BatchMean);
        QVERIFY(std::is_sorted(turned.begin(), turned.end()));
        QVERIFY(table->accessibleDescription().contains(QStringLiteral("least first")));
        QTest::keyClick(table, Qt::Key_S);
        const std::vector<double> running = numbers(ChannelColumn::RunningMean);
        QVERIFY(std::is_sorted(running.begin(), running.end(), std::greater<>()));
        int visible = 0;
        for (int column = 0; column < table->model()->columnCount(); ++column)
            visible += table->isColumnHidden(column) ? 0 : 1;
        for (int i = 2; i < visible; ++i)
            QTest::keyClick(table, Qt::Key_S);  // once round: by index again
        QCOMPARE(table->accessibleDescription(), QStringLiteral("sorted by index"));
    }

    void theTimelineSaysWhereItIs() {
        WindowFixture f;
        QVERIFY(f.ok);
        f.session.setEditScope(Session::EditScope::FromHere);
        f.session.goTo(2);
        QVERIFY(f.await([&] { return f.session.isCurrent() && f.session.shown().step == 2; }));
        f.session.apply(SetMomentum{0.5});
        auto* timeline = f.window.findChild<Timeline*>();
        const QSignalSpy announced(timeline, &Timeline::announced);
        timeline->clearFocus();
        f.session.goTo(1);
        QVERIFY(f.await([&] { return f.session.shown().step == 1; }));
        QCOMPARE(announced.count(), 0);
        timeline->setFocus();
        f.session.goTo(2);
        QVERIFY(f.await([&] { return f.session.shown().step == 2; }));
        QVERIFY(announced.count() > 0);
        const QString words = QAccessible::queryAccessibleInterface(timeline)->text(QAccessible::Description);
        QVERIFY2(words.startsWith(QStringLiteral("Step 2. Before it: momentum 0.1 → 0.5.")), qPrintable(words));
    }

    void theTimelineIsASlider() {
        WindowFixture f;
        QVERIFY(f.ok);
        QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(f.window.findChild<Timeline*>());
        QCOMPARE(spoken->role(), QAccessible::Slider);
        QAccessibleValueInterface* value = spoken->valueInterface();
        QVERIFY(value);
        QCOMPARE(value->currentValue().toDouble(), 3.0);
        QCOMPARE(value->minimumValue().toDouble(), -1.0);
        QCOMPARE(value->maximumValue().toDouble(), 3.0);
        value->setCurrentValue(1);
        QVERIFY(f.await([&] { return f.session.shown().step == 1; }));
    }

    void plotsOpenTheirMenuByKeys() {
        WindowFixture f;
        QVERIFY(f.ok);
        for (auto* plot : f.window.findChildren<PlotView*>()) {
            f.window.activateWindow();
            QVERIFY(QTest::qWaitForWindowActive(&f.window));
            for (auto* dock : f.window.findChildren<CardDock*>())
                if (dock->isAncestorOf(plot))
                    enterPanel(*dock);
            QCOMPARE(QApplication::focusWidget(), plot);
            bool opened = false;
            QTimer closing;
            connect(&closing, &QTimer::timeout, &closing, [&] {
                if (auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget())) {
                    opened = !menu->actions().isEmpty();
                    menu->close();
                }
            });
            closing.start(5);
            QTest::keyClick(plot, Qt::Key_F10, Qt::ShiftModifier);
            QVERIFY2(opened, qPrintable(plot->title()));
        }
    }
};

int main(int argc, char** argv) {
    return runWindowTest<AccessibilityTest>(argc, argv);
}

#include "accessibility_test.moc"
