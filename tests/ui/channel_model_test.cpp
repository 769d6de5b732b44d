// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/channel_table_model.h"
#include "ui/models/value_table_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <limits>

using namespace bnstudio;

namespace {

constexpr int patienceMs = 60000;

bool awaitStep(Session& session, std::int64_t step) {
    return QTest::qWaitFor([&] { return session.shown().step == step && session.isCurrent(); }, patienceMs);
}

/// Five samples of three channels. Channel 0: mean 4, Σd² = 10, so ÷n gives 2 and ÷(n−1) gives 2.5. Channel 1 is
/// constant. Channel 2 holds a NaN.
Recipe exactRecipe() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    Recipe recipe;
    recipe.data.sources = {PastedSpec{{5, 3}, {2, 7, 1, 3, 7, 2, 4, 7, nan, 5, 7, 4, 6, 7, 5}}};
    recipe.lanes.front().layer.momentum = 0.5;
    return recipe;
}

Recipe randomRecipe(std::int64_t channels) {
    Recipe recipe;
    GeneratorSpec generator;
    generator.n = 4;
    generator.c = channels;
    recipe.data.sources = {generator};
    return recipe;
}

QString text(const QAbstractItemModel& model) {
    QStringList lines;
    for (int row = 0; row < model.rowCount(); ++row) {
        QStringList cells;
        for (int column = 0; column < model.columnCount(); ++column)
            cells << model.index(row, column).data().toString();
        lines << cells.join(" | ");
    }
    return lines.join('\n');
}

QStringList firstColumn(const QAbstractItemModel& model) {
    QStringList names;
    for (int row = 0; row < model.rowCount(); ++row)
        names << model.index(row, 0).data().toString();
    return names;
}

}  // namespace

class ChannelModelTest : public QObject {
    Q_OBJECT

private slots:
    void theStartShowsTheInitialState();
    void showsBatchAndRunningStatistics();
    void refusedBatchShowsDashes();
    void gradientsAreShownAfterABackwardPass();
    void everyColumnHasNamesAndASentence();
    void copiesInFullPrecision();
    void sortsByNumberWithNanLast();
    void rowsWithoutNumbersComeAfterNan();
    void aStepKeepsTheRows();
    void otherDataMakesOtherRows();
    void valueTableTakesNumbersOnly();
};

void ChannelModelTest::theStartShowsTheInitialState() {
    Session session(exactRecipe(), 1);
    QVERIFY(awaitStep(session, 0));
    session.goTo(-1);
    QVERIFY(awaitStep(session, -1));
    ChannelTableModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(text(model), QString("0 | – | 0 | – | 1 | 1 | – | 0 | – | – | –\n"
                                  "1 | – | 0 | – | 1 | 1 | – | 0 | – | – | –\n"
                                  "2 | – | 0 | – | 1 | 1 | – | 0 | – | – | –"));
}

void ChannelModelTest::showsBatchAndRunningStatistics() {
    Session session(exactRecipe(), 1);
    QVERIFY(awaitStep(session, 0));
    ChannelTableModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    // running_mean = ½·0 + ½·4, running_var = ½·1 + ½·2.5; the distance takes the 0 and 1 that the batch met.
    QCOMPARE(text(model), QString("0 | 4 | 2 | 2 | 1.75 | 1 | 4 | 0 | – | – | 0\n"
                                  "1 | 7 | 3.500 | 0 | 0.500 | 1 | 7 | 0 | – | – | 0\n"
                                  "2 | nan | nan | nan | nan | 1 | nan | 0 | – | – | 1"));
    QVERIFY(model.index(0, 2).data(Qt::ToolTipRole).toString().startsWith("0 → 2\n"));
}

void ChannelModelTest::refusedBatchShowsDashes() {
    Recipe recipe = exactRecipe();
    recipe.data.sources = {PastedSpec{{1, 3}, {1, 2, 3}}};
    Session session(recipe, 1);
    QVERIFY(awaitStep(session, 0));
    QVERIFY(session.shown().lane->refused());
    ChannelTableModel model(session);
    // The layer stays as it was.
    QCOMPARE(text(model), QString("0 | – | 0 | – | 1 | 1 | – | 0 | – | – | 0\n"
                                  "1 | – | 0 | – | 1 | 1 | – | 0 | – | – | 0\n"
                                  "2 | – | 0 | – | 1 | 1 | – | 0 | – | – | 0"));
}

void ChannelModelTest::gradientsAreShownAfterABackwardPass() {
    Recipe recipe = exactRecipe();
    recipe.lanes.front().training.passes.backward = true;
    recipe.lanes.front().training.upstream.kind = UpstreamSpec::Kind::Ones;
    Session session(recipe, 1);
    QVERIFY(awaitStep(session, 0));
    ChannelTableModel model(session);
    // Σ dy over five values of 1.
    QCOMPARE(model.index(0, static_cast<int>(ChannelColumn::GradBias)).data().toString(), QString("5"));
}

void ChannelModelTest::everyColumnHasNamesAndASentence() {
    Session session(exactRecipe(), 1);
    ChannelTableModel model(session);
    QSet<QString> names;
    for (int column = 0; column < model.columnCount(); ++column) {
        QVERIFY(!model.headerData(column, Qt::Horizontal).toString().isEmpty());
        QVERIFY(model.headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString().endsWith('.'));
        names.insert(model.headerData(column, Qt::Horizontal, Qt::AccessibleTextRole).toString());
    }
    QCOMPARE(names.size(), channelColumnCount);
}

void ChannelModelTest::copiesInFullPrecision() {
    Recipe recipe = exactRecipe();
    recipe.lanes.front().layer.momentum = 0.1;
    Session session(recipe, 1);
    QVERIFY(awaitStep(session, 0));
    ChannelTableModel model(session);
    const int column = static_cast<int>(ChannelColumn::RunningVar);
    // 0.9 + 0.1·2.5 rounded to float32.
    QCOMPARE(model.tabSeparated({0, 2}, {0, 1, column, 8}),
             QString("channel\tbatch mean\trunning var ÷(n−1)\tgrad γ\n0\t4\t1.149999976158142\t\n2\tnan\tnan\t\n"));
}

void ChannelModelTest::sortsByNumberWithNanLast() {
    Session session(exactRecipe(), 1);
    QVERIFY(awaitStep(session, 0));
    ChannelTableModel model(session);
    ChannelSortModel sorted(model);
    QAbstractItemModelTester tester(&sorted, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const int mean = static_cast<int>(ChannelColumn::BatchMean);
    sorted.sort(mean, Qt::AscendingOrder);
    QCOMPARE(firstColumn(sorted), QStringList({"0", "1", "2"}));
    sorted.sort(mean, Qt::DescendingOrder);
    QCOMPARE(firstColumn(sorted), QStringList({"1", "0", "2"}));
    sorted.sort(0, Qt::DescendingOrder);
    QCOMPARE(firstColumn(sorted), QStringList({"2", "1", "0"}));
}

void ChannelModelTest::rowsWithoutNumbersComeAfterNan() {
    // More rows than buffers: running_mean given by hand for two of three channels, the first of them NaN.
    Recipe recipe = exactRecipe();
    recipe.lanes.front().trainMode = false;
    LayerState state;
    state.runningMean = {std::numeric_limits<double>::quiet_NaN(), 3};
    state.runningVar = {1, 1};
    recipe.lanes.front().initialState = state;
    Session session(recipe, 1);
    QVERIFY(awaitStep(session, 0));
    ChannelTableModel model(session);
    ChannelSortModel sorted(model);
    const int mean = static_cast<int>(ChannelColumn::RunningMean);
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        sorted.sort(mean, order);
        QCOMPARE(firstColumn(sorted), QStringList({"1", "0", "2"}));
    }
}

void ChannelModelTest::aStepKeepsTheRows() {
    Session session(randomRecipe(4096), 2);
    QVERIFY(awaitStep(session, 1));
    ChannelTableModel model(session);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset), changes(&model, &QAbstractItemModel::dataChanged);
    const QString before = model.index(7, 1).data().toString();
    session.goTo(0);
    QVERIFY(awaitStep(session, 0));
    QVERIFY(model.index(7, 1).data().toString() != before);
    model.announceRows({4, 5, 6, 9});
    QCOMPARE(resets.count(), 0);
    QCOMPARE(changes.count(), 2);
    QCOMPARE(changes[0][0].toModelIndex().row(), 4);
    QCOMPARE(changes[0][1].toModelIndex().row(), 6);
    QCOMPARE(changes[1][0].toModelIndex().row(), 9);
}

void ChannelModelTest::otherDataMakesOtherRows() {
    Session session(randomRecipe(4), 1);
    QVERIFY(awaitStep(session, 0));
    ChannelTableModel model(session);
    ChannelSortModel sorted(model);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QAbstractItemModelTester sortedTester(&sorted, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(sorted.rowCount(), 4);
    session.edit("channels", randomRecipe(9));
    QVERIFY(QTest::qWaitFor([&] { return model.rowCount() == 9; }, patienceMs));
    QCOMPARE(sorted.rowCount(), 9);
}

void ChannelModelTest::valueTableTakesNumbersOnly() {
    ValueTableModel model({"0", "1 alcohol"}, {{"mean", {1, 2.5}}, {"std", {1, 0.1}}});
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy refused(&model, &ValueTableModel::refused);
    QVERIFY(model.setData(model.index(1, 0), "1e-3"));
    QVERIFY(!model.setData(model.index(0, 1), "1,5"));
    QCOMPARE(refused.count(), 1);
    QCOMPARE(text(model), QString("1 | 1\n0.001 | 0.1"));
    QCOMPARE(model.headerData(1, Qt::Vertical).toString(), QString("1 alcohol"));
}

QTEST_MAIN(ChannelModelTest)
#include "channel_model_test.moc"
