// SPDX-License-Identifier: GPL-3.0-or-later
// Training, channels and events, and what holds for all panels.
#include "tests/ui/panel_desk.h"
#include "ui/models/channel_columns.h"
#include "ui/panels/channel_panel.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/events_panel.h"
#include "ui/panels/layer_panel.h"
#include "ui/panels/training_panel.h"
#include "ui/theme.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/number_list.h"

#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>

using namespace bnstudio;
using namespace bnstudio::test;

class PanelsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void trainingPasses();
    void lossAndItsFields();
    void optimizerFields();
    void lossValueOfTheStep();
    void tableAndSessionShareTheSelection();
    void columnsHoldTheirNumbers();
    void copyIsTabSeparated();
    void manyChannelsRefreshQuickly();
    void eventsListDeletesAndGoesThere();
    void textsRead_data();
    void textsRead();
    void checkBoxesAreDrawn();
    void everyControlIsNamed();
    void nothingIsWiderThanTheColumn();
};

void PanelsTest::initTestCase() {
    Theme::instance().apply(*qApp, Theme::Mode::Light);
}

void PanelsTest::trainingPasses() {
    Desk<TrainingPanel> desk;
    QVERIFY(desk.find<QCheckBox>("trainingForward")->isChecked());
    QVERIFY(!desk.find("trainingForward")->isEnabled());
    desk.find<QCheckBox>("trainingUpdate")->click();
    QVERIFY(desk.lane().training.passes == (Passes{true, true}));
    desk.find<QCheckBox>("trainingBackward")->click();
    QVERIFY(desk.lane().training.passes == (Passes{false, false}));
    QCOMPARE(desk.session.undoStack().count(), 2);
}

void PanelsTest::lossAndItsFields() {
    Desk<TrainingPanel> desk;
    QVERIFY(desk.find("upstreamCombo")->isVisible());
    desk.choose("upstreamCombo", 2);
    QVERIFY(desk.lane().training.upstream.kind == UpstreamSpec::Kind::Random);
    desk.type("upstreamSeedField", "12");
    QCOMPARE(desk.lane().training.upstream.seed, std::uint64_t(12));
    desk.choose("lossCombo", 2);
    QCOMPARE(desk.lane().training.loss.target.size(), std::size_t(5));
    QVERIFY(!desk.find("upstreamCombo")->isVisible());
    desk.type("targetField", "3");
    QCOMPARE(desk.lane().training.loss.target, std::vector<double>({3}));
    QCOMPARE(desk.find<QComboBox>("lossCombo")->currentIndex(), 1);
    desk.choose("lossCombo", 3);
    desk.type("teacherWeightField", "1/2");
    QVERIFY(desk.find<CommitField>("teacherWeightField")->isMarked());
    desk.type("teacherWeightField", "1/2/3/4/5");
    QCOMPARE(desk.lane().training.loss.teacherWeight, std::vector<double>({1, 2, 3, 4, 5}));
    desk.choose("lossCombo", 0);
    QSignalSpy asked(&desk.panel, &TrainingPanel::openGradientFileRequested);
    desk.choose("upstreamCombo", 3);
    QCOMPARE(asked.count(), 1);
    QVERIFY(desk.lane().training.upstream.kind == UpstreamSpec::Kind::Random);
}

void PanelsTest::optimizerFields() {
    Desk<TrainingPanel> desk;
    desk.choose("optimizerCombo", 1);
    QVERIFY(!desk.find("nesterovSwitch")->isEnabled());
    desk.type("sgdMomentumField", "0.9");
    desk.click("nesterovSwitch");
    QVERIFY(desk.lane().training.optimizer.nesterov);
    desk.type("sgdMomentumField", "0");
    QVERIFY(!desk.lane().training.optimizer.nesterov);
    desk.session.setEditScope(Session::EditScope::FromHere);
    desk.type("sgdLrField", "0.01");
    QCOMPARE(desk.lane().training.optimizer.lr, 0.1);
    QCOMPARE(std::get<SetOptimizer>(desk.session.recipe().events.at(0).action).optimizer.lr, 0.01);
    desk.session.setEditScope(Session::EditScope::FromStart);
    desk.session.undoStack().undo();
    desk.choose("optimizerCombo", 2);
    desk.type("beta1Field", "1");
    QVERIFY(desk.find<CommitField>("beta1Field")->isMarked());
    QCOMPARE(desk.lane().training.optimizer.beta1, 0.9);
}

void PanelsTest::lossValueOfTheStep() {
    Recipe recipe = smallRecipe();
    recipe.data.sources = {PastedSpec{{2, 1}, {-1, 1}}};
    recipe.lanes[0].layer.eps = 0;
    recipe.lanes[0].training.passes.backward = true;
    recipe.lanes[0].training.loss.kind = LossSpec::Kind::MseTarget;
    Desk<TrainingPanel> desk(recipe);
    // y = x = ±1, target 0: the mean square is 1.
    QCOMPARE(desk.find<QLabel>("lossValue")->text(), QString("1"));
}

void PanelsTest::tableAndSessionShareTheSelection() {
    Desk<ChannelPanel> desk;
    auto* table = desk.find<QTableView>("channelTable");
    QCOMPARE(table->currentIndex().row(), 3);
    QSignalSpy changes(&desk.session, &Session::changed);
    desk.session.selectChannels({1, 4}, 4);
    QCOMPARE(changes.count(), 1);
    QCOMPARE(table->selectionModel()->selectedRows().size(), 2);
    QCOMPARE(table->currentIndex().row(), 4);
    table->sortByColumn(0, Qt::DescendingOrder);
    QCOMPARE(table->currentIndex().data().toString(), QString("4"));
    table->selectRow(0);
    QCOMPARE(desk.session.currentChannel(), 4);
    QCOMPARE(desk.session.selectedChannels(), std::vector<std::int64_t>({4}));
    QTest::keyClick(table, Qt::Key_Down);
    QCOMPARE(desk.session.selectedChannels(), std::vector<std::int64_t>({3}));
    QTest::keyClick(table, Qt::Key_Down, Qt::ShiftModifier);
    QCOMPARE(desk.session.selectedChannels(), std::vector<std::int64_t>({2, 3}));
    QCOMPARE(desk.session.currentChannel(), 2);
    QCOMPARE(desk.find<QLabel>("channelOrder")->text(), QString("sorted by index, last first"));
}

void PanelsTest::columnsHoldTheirNumbers() {
    Desk<ChannelPanel> desk;
    auto* table = desk.find<QTableView>("channelTable");
    QFont bold = table->font();
    bold.setWeight(QFont::DemiBold);
    const int margin = 2 * (table->style()->pixelMetric(QStyle::PM_FocusFrameHMargin, nullptr, table) + 1);
    const auto need = [&](const char* number) { return QFontMetrics(bold).horizontalAdvance(number) + margin; };
    for (const ChannelColumn column : {ChannelColumn::BatchMean, ChannelColumn::RunningMean})
        QVERIFY(table->columnWidth(static_cast<int>(column)) >= need("-0.04321"));
    QVERIFY(table->columnWidth(static_cast<int>(ChannelColumn::Distance)) >= need("-0.0432"));
    desk.panel.resize(700, 300);
    for (const ChannelColumn column : {ChannelColumn::BatchMean, ChannelColumn::RunningMean})
        QVERIFY(table->columnWidth(static_cast<int>(column)) >= need("-0.004321"));
    QCOMPARE(table->horizontalHeader()->length(), table->viewport()->width());
}

void PanelsTest::copyIsTabSeparated() {
    Desk<ChannelPanel> desk;
    desk.session.selectChannel(2);
    QVERIFY(desk.focus("channelTable"));
    QTest::keySequence(desk.find("channelTable"), QKeySequence::Copy);
    const QStringList lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].startsWith("channel\tbatch mean\trunning mean\t"));
    QVERIFY(lines[1].startsWith("2\t"));
    QCOMPARE(lines[1].count('\t'), 10);
    desk.panel.copyAll();
    QCOMPARE(QApplication::clipboard()->text().count('\n'), 6);
}

void PanelsTest::manyChannelsRefreshQuickly() {
    Recipe recipe = smallRecipe();
    std::get<GeneratorSpec>(recipe.data.sources[0]).c = 4096;
    Desk<ChannelPanel> desk(recipe);
    auto* table = desk.find<QTableView>("channelTable");
    QCOMPARE(table->model()->rowCount(), 4096);
    QSignalSpy resets(table->model(), &QAbstractItemModel::modelReset),
        rows(table->model(), &QAbstractItemModel::dataChanged);
    desk.session.goTo(1);
    QVERIFY(awaitStep(desk.session, 1));
    QCOMPARE(resets.count(), 0);
    // Only what is on screen is announced: far fewer than the 4096 rows.
    QVERIFY(rows.count() >= 1);
    for (const QList<QVariant>& change : rows)
        QVERIFY(change[1].toModelIndex().row() - change[0].toModelIndex().row() < 100);
    table->selectAll();
    QCOMPARE(desk.session.selectedChannels().size(), std::size_t(4096));
}

void PanelsTest::eventsListDeletesAndGoesThere() {
    Recipe recipe = smallRecipe();
    insertEvent(recipe, {1, -1, SetMomentum{0.3}});
    insertEvent(recipe, {2, -1, ResetRunningStats{}});
    Desk<EventsPanel> desk(recipe);
    auto* table = desk.find<QTableView>("eventsTable");
    QVERIFY(!desk.find("deleteEventButton")->isEnabled());
    table->selectRow(0);
    QTest::mouseClick(desk.find("goToEventButton"), Qt::LeftButton);
    QCOMPARE(desk.session.playhead(), 1);
    QVERIFY(desk.focus("eventsTable"));
    QTest::keyClick(table, Qt::Key_Delete);
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, ResetRunningStats{}}}));
    desk.session.undoStack().undo();
    QCOMPARE(table->model()->rowCount(), 2);
}

void PanelsTest::textsRead_data() {
    QTest::addColumn<QString>("rows");
    QTest::addColumn<bool>("ok");
    QTest::addColumn<QString>("back");
    QTest::newRow("empty") << "" << true << "";
    QTest::newRow("single") << "4" << true << "4";
    QTest::newRow("mixed") << " 0,1, 4-7 ,9" << true << "0, 1, 4-7, 9";
    QTest::newRow("backwards") << "5-3" << false << "";
    QTest::newRow("words") << "all" << false << "";
    QTest::newRow("absurd") << "0-999999999" << false << "";
}

void PanelsTest::textsRead() {
    QFETCH(QString, rows);
    QFETCH(bool, ok);
    QFETCH(QString, back);
    std::vector<std::int64_t> read;
    QCOMPARE(parseRowList(rows, read), ok);
    QCOMPARE(rowListText(read), back);
}

void PanelsTest::checkBoxesAreDrawn() {
    for (const Theme::Mode mode : {Theme::Mode::Dark, Theme::Mode::Light}) {
        Theme::instance().apply(*qApp, mode);
        const QString border = QStringLiteral("border: 1px solid ") + colors().mutedText.name();
        const QString sheet = qApp->styleSheet();
        const auto indicator = sheet.indexOf("QCheckBox::indicator {");
        QVERIFY(indicator >= 0);
        QVERIFY(sheet.mid(indicator, 160).contains(border));
        static const QRegularExpression image("indicator:checked \\{[^}]*url\\(([^)]*)\\)");
        const QRegularExpressionMatch match = image.match(sheet);
        QVERIFY(match.hasMatch());
        QVERIFY2(!QImage(match.captured(1)).isNull(), match.captured(1).toUtf8());
    }
}

void PanelsTest::everyControlIsNamed() {
    Session session(smallRecipe(), 1);
    QVERIFY(awaitStep(session, 0));
    DataPanel data(session);
    LayerPanel layer(session);
    TrainingPanel training(session);
    ChannelPanel channels(session);
    EventsPanel events(session);
    QSet<QString> ids;
    for (const QWidget* panel : std::initializer_list<QWidget*>{&data, &layer, &training, &channels, &events})
        for (const QWidget* control : panel->findChildren<QWidget*>()) {
            const bool isControl = control->focusPolicy() != Qt::NoFocus && !control->objectName().startsWith("qt_")
                                   && !control->inherits("QHeaderView") && !control->inherits("QMenu")
                                   && !control->inherits("QComboBoxPrivateContainer")
                                   && !qobject_cast<const QAbstractItemView*>(control->parentWidget())
                                   && !control->parentWidget()->inherits("QComboBoxPrivateContainer");
            if (!isControl)
                continue;
            const QByteArray where =
                control->metaObject()->className() + QByteArray(" ") + control->objectName().toLatin1();
            QVERIFY2(!control->objectName().isEmpty(), where);
            QVERIFY2(!control->accessibleName().isEmpty(), where);
            QVERIFY2(!control->toolTip().isEmpty(), where);
            QVERIFY2(!control->whatsThis().isEmpty(), where);
            QVERIFY2(!ids.contains(control->objectName()), where);
            ids.insert(control->objectName());
        }
    QVERIFY(ids.contains("momentumField"));
    QVERIFY(ids.size() > 40);
}

void PanelsTest::nothingIsWiderThanTheColumn() {
    Recipe recipe = defaultRecipe();
    Session session(recipe, 1);
    QVERIFY(awaitStep(session, 0));
    DataPanel data(session);
    LayerPanel layer(session);
    TrainingPanel training(session);
    // The narrowest dock is 240 pixels wide, with 10 pixels of margin on either side and perhaps a scroll bar of 10.
    for (QWidget* panel : std::initializer_list<QWidget*>{&data, &layer, &training})
        QVERIFY2(panel->minimumSizeHint().width() <= 210,
                 QByteArray(panel->metaObject()->className()) + QByteArray::number(panel->minimumSizeHint().width()));
}

QTEST_MAIN(PanelsTest)
#include "panels_test.moc"
