// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers behind the timeline and the flow.
#include "ui/export/panel_tables.h"

#include <QtTest>

using namespace bnstudio;

namespace {

constexpr int patienceMs = 60000;

/// Two samples 1 and 3 of one channel: mean 2, var 1; eps 3 makes invstd 1/√4. The third batch is refused.
Recipe exactRecipe() {
    Recipe recipe;
    recipe.data.sources = {PastedSpec{{2, 1}, {1, 3}}, PastedSpec{{1, 1}, {7}}};
    recipe.data.schedule.order = Schedule::Order::InOrder;
    recipe.lanes.front().layer.eps = 3;
    insertEvent(recipe, {0, -1, SetWeight{-1, 4}});
    insertEvent(recipe, {6, -1, SetMomentum{0.5}});
    setMark(recipe, -1, "here it begins");
    return recipe;
}

bool await(Session& session, std::int64_t step) {
    session.goTo(step);
    return QTest::qWaitFor([&] { return session.shown().step == step && session.isCurrent(); }, patienceMs);
}

QString textOf(const DataTable& table, std::int64_t row) {
    QStringList cells;
    for (int column = 0; column < table.columns.size(); ++column)
        cells << table.cell(row, column).toString();
    return cells.join(QStringLiteral(" | "));
}

}  // namespace

class PanelTablesTest : public QObject {
    Q_OBJECT

private slots:
    void theTimelineAsRows() {
        Session session(exactRecipe());
        QVERIFY(await(session, 1));
        const DataTable table = timelineTable(session);
        QCOMPARE(table.columns.size(), 5);
        QCOMPARE(table.rows, 8);  // the start, steps 0 and 1, and up to what is planned before step 6
        QCOMPARE(textOf(table, 0), QStringLiteral("-1 |  |  |  | here it begins"));
        // Surprise of a mean of 2 where 0 was expected with variance 1 from two values: 2/√(1/2).
        QCOMPARE(table.cell(1, 1).toDouble(), session.series().at(ScalarQuantity::Surprise, 0));
        QVERIFY(qAbs(table.cell(1, 1).toDouble() - std::sqrt(8)) < 1e-6);  // float series
        QCOMPARE(table.cell(1, 3).toString(), QStringLiteral("γ[:] = 4"));
        QCOMPARE(table.cell(2, 2).toString(), QStringLiteral("refused"));
        QCOMPARE(table.cell(1, 2).toString(), QString());
        QCOMPARE(textOf(table, 7), QStringLiteral("6 |  |  | momentum 0.1 → 0.5 | "));
    }

    void theFlowAsRows() {
        Session session(exactRecipe());
        QVERIFY(await(session, 0));
        const DataTable table = flowTable(session);
        QCOMPARE(table.columns.size(), 6);
        QCOMPARE(table.rows, 2);
        QCOMPARE(textOf(table, 0), QStringLiteral("0 | 0 | 0 | 1 | -0.5 | -2"));
        QCOMPARE(textOf(table, 1), QStringLiteral("1 | 0 | 0 | 3 | 0.5 | 2"));
    }

    void aRefusedBatchHasItsInputOnly() {
        Session session(exactRecipe());
        QVERIFY(await(session, 1));
        const DataTable table = flowTable(session);
        QCOMPARE(table.rows, 1);
        QCOMPARE(textOf(table, 0), QStringLiteral("0 | 0 | 0 | 7 |  | "));
    }

    void theStartHasNoFlow() {
        Session session(exactRecipe());
        QVERIFY(await(session, -1));
        QCOMPARE(flowTable(session).rows, 0);
    }
};

QTEST_MAIN(PanelTablesTest)
#include "panel_tables_test.moc"
