// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/format.h"
#include "ui/models/event_text.h"
#include "ui/models/events_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

using namespace bnstudio;

namespace {

Recipe recipeWithEvents() {
    Recipe recipe;
    recipe.data.sources = {GeneratorSpec{}};
    recipe.lanes.front().layer.momentum = 0.3;
    insertEvent(recipe, {12, -1, SetMomentum{0.1}});
    insertEvent(recipe, {20, 0, SetMode{false}});
    insertEvent(recipe, {5, -1, ResetRunningStats{}});
    insertEvent(recipe, {20, -1, SetMomentum{std::nullopt}});
    insertEvent(recipe, {30, -1, SkipBatch{}});
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

}  // namespace

class EventsModelTest : public QObject {
    Q_OBJECT

private slots:
    void listsStepLaneAndTransition();
    void removalIsOneUndoableEdit();
    void unrelatedEditsKeepTheRows();
    void transitions_data();
    void transitions();
    void manyTextsAreThoseOfEachAlone();
};

void EventsModelTest::listsStepLaneAndTransition() {
    Session session(recipeWithEvents());
    EventsModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(text(model), QString("5 | all | reset_running_stats()\n"
                                  "12 | all | momentum 0.3 → 0.1\n"
                                  "20 | A | train → eval\n"
                                  "20 | all | momentum 0.1 → None\n"
                                  "30 | all | skip this batch"));
    QCOMPARE(model.headerData(0, Qt::Horizontal).toString(), QString("step"));
    QCOMPARE(model.stepAt(4), 30);
}

void EventsModelTest::removalIsOneUndoableEdit() {
    Session session(recipeWithEvents());
    EventsModel model(session);
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const Recipe before = session.recipe();
    model.remove({1, 4, 1});
    QCOMPARE(text(model), QString("5 | all | reset_running_stats()\n"
                                  "20 | A | train → eval\n"
                                  "20 | all | momentum 0.3 → None"));
    QCOMPARE(session.undoStack().count(), 1);
    QCOMPARE(session.undoStack().undoText(), QString("Delete 2 events"));
    session.undoStack().undo();
    QVERIFY(session.recipe() == before);
    QCOMPARE(model.rowCount(), 5);
    session.undoStack().redo();
    QCOMPARE(model.rowCount(), 3);
    model.remove({});
    QCOMPARE(session.undoStack().count(), 1);
}

void EventsModelTest::unrelatedEditsKeepTheRows() {
    Session session(recipeWithEvents());
    EventsModel model(session);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    session.apply(SetEps{1e-3});
    QCOMPARE(resets.count(), 0);
    session.apply(ResetParameters{});
    QCOMPARE(resets.count(), 1);
    QCOMPARE(model.rowCount(), 6);
}

void EventsModelTest::transitions_data() {
    QTest::addColumn<QString>("expected");
    QTest::newRow("eps") << "eps 1e-05 → 0.001";
    QTest::newRow("flag") << "track_running_stats on → off";
    QTest::newRow("rate") << "lr 0.1 → 0.05";
    QTest::newRow("optimizer") << "SGD lr 0.1, momentum 0.9";
    QTest::newRow("same mode") << "train()";
    QTest::newRow("weight") << "γ[3] = 0.5";
}

void EventsModelTest::transitions() {
    QFETCH(QString, expected);
    Recipe recipe;
    recipe.lanes.front().training.optimizer.kind = OptimizerSpec::Kind::Sgd;
    OptimizerSpec slower = recipe.lanes.front().training.optimizer, heavier = slower;
    slower.lr = 0.05;
    heavier.momentum = 0.9;
    const QMap<QString, Action> actions{{"eps", SetEps{1e-3}},          {"flag", SetTrackRunningStats{false}},
                                        {"rate", SetOptimizer{slower}}, {"optimizer", SetOptimizer{heavier}},
                                        {"same mode", SetMode{true}},   {"weight", SetWeight{3, 0.5}}};
    recipe.events = {{7, -1, actions[QTest::currentDataTag()]}};
    QCOMPARE(eventText(recipe, 0), expected);
}

// Three lanes whose settings go ways of their own: what one event sets must not be the old value of another lane.
void EventsModelTest::manyTextsAreThoseOfEachAlone() {
    Recipe recipe;
    recipe.lanes.resize(3);
    for (int i = 0; i < 3; ++i) {
        recipe.lanes[static_cast<std::size_t>(i)].name = std::string(1, static_cast<char>('A' + i));
        recipe.lanes[static_cast<std::size_t>(i)].layer.momentum = 0.1 * (i + 1);
    }
    for (int i = 0; i < 300; ++i) {
        const int lane = i % 4 - 1;
        insertEvent(recipe, {i / 5, lane, SetMomentum{i % 7 == 0 ? std::nullopt : std::optional<double>(i)}});
        insertEvent(recipe, {i / 5, lane, SetMode{i % 3 == 0}});
        insertEvent(recipe, {i / 5, lane, SetEps{i + 0.5}});
        insertEvent(recipe, {i / 5, lane, ResetRunningStats{}});
    }
    const QStringList texts = eventTexts(recipe);
    QCOMPARE(texts.size(), static_cast<qsizetype>(recipe.events.size()));
    for (std::size_t i = 0; i < recipe.events.size(); ++i) {
        Recipe until = recipe;  // nothing that comes later has a say
        until.events.resize(i + 1);
        const EffectiveSettings old = [&] {
            Recipe before = until;
            before.events.pop_back();
            return settingsAt(before, std::max(recipe.events[i].lane, 0), recipe.events[i].step);
        }();
        if (const auto* eps = std::get_if<SetEps>(&recipe.events[i].action))
            QCOMPARE(texts[static_cast<qsizetype>(i)],
                     QString("eps %1 → %2").arg(formatExact(old.layer.eps), formatExact(eps->eps)));
        QCOMPARE(texts[static_cast<qsizetype>(i)], eventText(recipe, i));
        QCOMPARE(texts[static_cast<qsizetype>(i)], eventText(until, i));
    }
    recipe.data.sources = {GeneratorSpec{}};
    Session session(recipe);
    const EventsModel model(session);
    QCOMPARE(model.rowCount(), static_cast<int>(texts.size()));
    for (int row = 0; row < model.rowCount(); ++row)
        QCOMPARE(model.index(row, 2).data().toString(), texts[row]);
}

QTEST_MAIN(EventsModelTest)
#include "events_model_test.moc"
