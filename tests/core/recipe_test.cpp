// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "support/recipes.h"

#include <QtTest>

#include <functional>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

using Change = std::function<void(Recipe&)>;
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

}  // namespace
Q_DECLARE_METATYPE(Change)

class RecipeTest : public QObject {
    Q_OBJECT
private slots:
    void insertKeepsTheOrderOfSteps();
    void insertReplacesWhatSetsTheSame_data();
    void insertReplacesWhatSetsTheSame();
    void replacingMovesBehindOtherEventsOfTheStep();
    void marksAreSortedAndFound();
    void settingsFollowTheEvents();
    void firstDifferenceOf_data();
    void firstDifferenceOf();
    void nanIsNoDifference();
    void refusedRecipes_data();
    void refusedRecipes();
    void everythingIsValid();
    void descriptions_data();
    void descriptions();
    void defaultRecipeTrains();
};

void RecipeTest::insertKeepsTheOrderOfSteps() {
    Recipe recipe;
    insertEvent(recipe, {5, -1, SetMomentum{0.5}});
    insertEvent(recipe, {2, 0, SetMode{false}});
    insertEvent(recipe, {5, -1, SetEps{0.1}});
    insertEvent(recipe, {2, -1, SkipBatch{}});
    const std::vector<Event> expected{
        {2, 0, SetMode{false}}, {2, -1, SkipBatch{}}, {5, -1, SetMomentum{0.5}}, {5, -1, SetEps{0.1}}};
    QVERIFY(recipe.events == expected);
}

void RecipeTest::insertReplacesWhatSetsTheSame_data() {
    QTest::addColumn<int>("which");
    QTest::addColumn<bool>("replaced");
    QTest::newRow("same step, lane and type") << 0 << true;
    QTest::newRow("another lane") << 1 << false;
    QTest::newRow("another step") << 2 << false;
    QTest::newRow("same channel") << 3 << true;
    QTest::newRow("another channel") << 4 << false;
    QTest::newRow("same cell") << 5 << true;
    QTest::newRow("another cell") << 6 << false;
    QTest::newRow("weight is not bias") << 7 << false;
}

void RecipeTest::insertReplacesWhatSetsTheSame() {
    QFETCH(int, which);
    QFETCH(bool, replaced);
    const std::vector<std::pair<Event, Event>> pairs{
        {{3, 0, SetMomentum{0.5}}, {3, 0, SetMomentum{std::nullopt}}},
        {{3, 0, SetMomentum{0.5}}, {3, -1, SetMomentum{0.2}}},
        {{3, 0, SetMomentum{0.5}}, {4, 0, SetMomentum{0.5}}},
        {{3, 0, SetWeight{2, 1}}, {3, 0, SetWeight{2, 5}}},
        {{3, 0, SetWeight{2, 1}}, {3, 0, SetWeight{1, 1}}},
        {{3, 0, EditCell{1, 2, 0, 1}}, {3, 0, EditCell{1, 2, 0, notANumber}}},
        {{3, 0, EditCell{1, 2, 0, 1}}, {3, 0, EditCell{1, 1, 0, 1}}},
        {{3, 0, SetWeight{2, 1}}, {3, 0, SetBias{2, 1}}}};
    const auto& [first, second] = pairs[static_cast<std::size_t>(which)];
    Recipe recipe;
    insertEvent(recipe, first);
    insertEvent(recipe, second);
    QCOMPARE(recipe.events.size(), replaced ? 1U : 2U);
    QCOMPARE(recipe.events.back().action.index(), second.action.index());
}

// Reset, then a value: typing another value must not slip in before the reset.
void RecipeTest::replacingMovesBehindOtherEventsOfTheStep() {
    Recipe recipe;
    insertEvent(recipe, {0, -1, SetWeight{0, 2}});
    insertEvent(recipe, {0, -1, ResetParameters{}});
    insertEvent(recipe, {0, -1, SetWeight{0, 3}});
    const std::vector<Event> expected{{0, -1, ResetParameters{}}, {0, -1, SetWeight{0, 3}}};
    QVERIFY(recipe.events == expected);
}

void RecipeTest::marksAreSortedAndFound() {
    Recipe recipe;
    setMark(recipe, 9, "late");
    setMark(recipe, -1, "start");
    setMark(recipe, 4, "middle");
    const std::vector<StepMark> expected{{-1, "start"}, {4, "middle"}, {9, "late"}};
    QVERIFY(recipe.marks == expected);
    QVERIFY(markAt(recipe, 4) && !markAt(recipe, 5) && !markAt(recipe, 10));
    QCOMPARE(nextMark(recipe, 4)->step, std::int64_t{9});
    QCOMPARE(nextMark(recipe, 3)->name, std::string("middle"));
    QVERIFY(!nextMark(recipe, 9));
    QCOMPARE(previousMark(recipe, 4)->step, std::int64_t{-1});
    QCOMPARE(previousMark(recipe, 100)->step, std::int64_t{9});
    QVERIFY(!previousMark(recipe, -1));
    setMark(recipe, 4, "centre");
    QCOMPARE(recipe.marks.size(), 3U);
    QCOMPARE(markAt(recipe, 4)->name, std::string("centre"));
    setMark(recipe, 4, "");
    setMark(recipe, 5, "");
    QCOMPARE(recipe.marks.size(), 2U);
}

void RecipeTest::settingsFollowTheEvents() {
    Recipe recipe = recipeOn(normal(4, 2));
    recipe.lanes.resize(2);
    insertEvent(recipe, {2, 0, SetMomentum{std::nullopt}});
    insertEvent(recipe, {2, -1, SetMode{false}});
    insertEvent(recipe, {4, 1, SetEps{0.5}});
    insertEvent(recipe, {6, -1, SetPasses{{true, true}}});
    QCOMPARE(*settingsAt(recipe, 0, 1).layer.momentum, 0.1);
    QVERIFY(settingsAt(recipe, 0, 1).trainMode);
    QVERIFY(!settingsAt(recipe, 0, 2).layer.momentum);
    QCOMPARE(*settingsAt(recipe, 1, 9).layer.momentum, 0.1);
    QVERIFY(!settingsAt(recipe, 1, 2).trainMode);
    QCOMPARE(settingsAt(recipe, 1, 3).layer.eps, 1e-5);
    QCOMPARE(settingsAt(recipe, 1, 4).layer.eps, 0.5);
    QCOMPARE(settingsAt(recipe, 0, 9).layer.eps, 1e-5);
    QVERIFY(settingsAt(recipe, 0, 6).training.passes.update);
}

void RecipeTest::firstDifferenceOf_data() {
    QTest::addColumn<Change>("change");
    QTest::addColumn<int>("step");  // −1: none
    const auto row = [](const char* name, Change change, int step) { QTest::newRow(name) << change << step; };
    row(
        "nothing", [](Recipe&) {}, -1);
    row(
        "names", [](Recipe& r) { r.name = "other", r.lanes[0].name = "other"; }, -1);
    row(
        "marks", [](Recipe& r) { setMark(r, 3, "here"); }, -1);
    row(
        "an event later",
        [](Recipe& r) {
            insertEvent(r, {20, -1, SkipBatch{}});
        },
        20);
    row(
        "an event between",
        [](Recipe& r) {
            insertEvent(r, {5, -1, SkipBatch{}});
        },
        5);
    row(
        "another value",
        [](Recipe& r) {
            insertEvent(r, {10, -1, SetMomentum{0.3}});
        },
        10);
    row(
        "an event gone", [](Recipe& r) { r.events.pop_back(); }, 10);
    row(
        "an event moved", [](Recipe& r) { r.events[0].step = 7; }, 7);
    row(
        "the sign of zero", [](Recipe& r) { r.events[0].action = SetMomentum{-0.0}; }, 10);
    row(
        "data", [](Recipe& r) { std::get<GeneratorSpec>(r.data.sources[0]).seed = 1; }, 0);
    row(
        "batch size", [](Recipe& r) { r.data.batchSize = 3; }, 0);
    row(
        "layer", [](Recipe& r) { r.lanes[0].layer.affine = false; }, 0);
    row(
        "a lane more", [](Recipe& r) { r.lanes.emplace_back(); }, 0);
}

void RecipeTest::firstDifferenceOf() {
    QFETCH(Change, change);
    QFETCH(int, step);
    Recipe a = recipeOn(normal(4, 2));
    insertEvent(a, {10, -1, SetMomentum{0.0}});
    Recipe b = a;
    change(b);
    QCOMPARE(firstDifference(a, b).value_or(-1), std::int64_t{step});
    QCOMPARE(firstDifference(b, a).value_or(-1), std::int64_t{step});
}

void RecipeTest::nanIsNoDifference() {
    Recipe recipe = recipeOn(pasted({2, 1}, {notANumber, 1}));
    insertEvent(recipe, {3, -1, EditCell{0, 0, 0, notANumber}});
    QVERIFY(!firstDifference(recipe, recipe));
    Recipe negative = recipe;
    std::get<PastedSpec>(negative.data.sources[0]).values[1] = -0.0;
    std::get<PastedSpec>(recipe.data.sources[0]).values[1] = 0.0;
    QCOMPARE(firstDifference(recipe, negative).value_or(-1), std::int64_t{0});
}

void RecipeTest::refusedRecipes_data() {
    QTest::addColumn<Change>("change");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* message, Change change) { QTest::newRow(message) << change << QString(message); };
    row("data.sources: is empty", [](Recipe& r) { r.data.sources.clear(); });
    row("data.sources[0].path: is empty", [](Recipe& r) { r.data.sources[0] = FileSpec{}; });
    row("data.sources[0].values: 3 values, expected 4", [](Recipe& r) {
        r.data.sources[0] = pasted({2, 2}, {1, 2, 3});
    });
    row("data.sources[0].shape: (4,) has 1 axes", [](Recipe& r) { r.data.sources[0] = pasted({4}, {1, 2, 3, 4}); });
    row("data.sources[0]: ", [](Recipe& r) { r.data.sources[0] = normal(-1, 2); });
    row("data.gradients: 2 sources", [](Recipe& r) { r.data.gradients = {normal(4, 2), normal(4, 2)}; });
    row("data.batch_size: got 0", [](Recipe& r) { r.data.batchSize = 0; });
    row("data.schedule.repeat: got 0", [](Recipe& r) { r.data.schedule.repeat = 0; });
    row("data.schedule.steps: is empty", [](Recipe& r) { r.data.schedule.order = Schedule::Order::Explicit; });
    row("data.schedule.steps[0].source: there is no source 1", [](Recipe& r) {
        r.data.schedule.order = Schedule::Order::Explicit, r.data.schedule.steps = {{1, 0}};
    });
    row("data.schedule.pinned_rows[0]: got -1", [](Recipe& r) { r.data.schedule.pinnedRows = {-1}; });
    row("lanes: 0 lanes", [](Recipe& r) { r.lanes.clear(); });
    row("lanes: 33 lanes", [](Recipe& r) { r.lanes.resize(33); });
    row("lanes[0].layer.num_features: got -1", [](Recipe& r) { r.lanes[0].layer.numFeatures = -1; });
    row("lanes[0].layer.eps: got -1", [](Recipe& r) { r.lanes[0].layer.eps = -1; });
    row("lanes[0].layer.eps: got nan", [](Recipe& r) { r.lanes[0].layer.eps = notANumber; });
    row("lanes[0].layer.dtype: got int64", [](Recipe& r) { r.lanes[0].layer.dtype = DType::Int64; });
    row("lanes[0].feed.lane: got 0", [](Recipe& r) { r.lanes[0].feed.kind = Feed::Kind::LaneOutput; });
    row("lanes[0].feed.last: got 2", [](Recipe& r) { r.lanes[0].feed = {Feed::Kind::Rows, 2, 2, 0, "NCL", 0}; });
    row("lanes[0].feed.size: got 0", [](Recipe& r) { r.lanes[0].feed.kind = Feed::Kind::Groups; });
    row("lanes[0].feed.axes: got \"NNC\"",
        [](Recipe& r) { r.lanes[0].feed = {Feed::Kind::AxisRoles, 0, 0, 0, "NNC", 0}; });
    row("lanes[0].training.upstream: takes the upstream gradient from the data",
        [](Recipe& r) { r.lanes[0].training.upstream.kind = UpstreamSpec::Kind::Source; });
    row("lanes[0].training.optimizer.lr: got -1", [](Recipe& r) {
        r.lanes[0].training.optimizer = {OptimizerSpec::Kind::Sgd, -1};
    });
    row("lanes[0].training.loss.target: is empty", [](Recipe& r) {
        r.lanes[0].training.loss = {LossSpec::Kind::MseTarget, {}, {1}, {0}};
    });
    row("events[0].step: got -1", [](Recipe& r) { r.events = {{-1, -1, SkipBatch{}}}; });
    row("events[0].lane: there is no lane 1", [](Recipe& r) { r.events = {{0, 1, SkipBatch{}}}; });
    row("events[0].eps: got -0.5", [](Recipe& r) { r.events = {{0, 0, SetEps{-0.5}}}; });
    row("events[0].channel: got -2", [](Recipe& r) { r.events = {{0, 0, SetWeight{-2, 1}}}; });
    row("marks[0].step: got -2", [](Recipe& r) { r.marks = {{-2, "a"}}; });
    row("marks[1].name: is empty", [](Recipe& r) { r.marks = {{-1, "a"}, {3, ""}}; });
    row("marks[1].step: got 3, expected a later step", [](Recipe& r) { r.marks = {{3, "a"}, {3, "b"}}; });
    row("events[0].rows: got -1", [](Recipe& r) { r.events = {{0, 0, PadBatch{-1, 0}}}; });
}

void RecipeTest::refusedRecipes() {
    QFETCH(Change, change);
    QFETCH(QString, message);
    Recipe recipe = recipeOn(normal(4, 2));
    validate(recipe);
    change(recipe);
    try {
        validate(recipe);
        QFAIL("was accepted");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::BadInput);
        QVERIFY2(QString(error.what()).startsWith(message), error.what());
    }
}

void RecipeTest::everythingIsValid() {
    validate(recipeWithEverything());
    validate(defaultRecipe());
}

void RecipeTest::descriptions_data() {
    QTest::addColumn<int>("index");
    QTest::addColumn<QString>("text");
    const QStringList texts{"momentum None",
                            "momentum -inf",
                            "eps 0",
                            "track_running_stats off",
                            "new weight and bias",
                            "γ[:] = 0.5",
                            "β[3] = -inf",
                            "running_mean = None",
                            "reset_running_stats()",
                            "reset_parameters()",
                            "load_state_dict()",
                            "eval()",
                            "forward, backward",
                            "loss mse, target 4 values",
                            "upstream gradient 1",
                            "SGD lr 1",
                            "x[1, 2, 3] = inf",
                            "pad 5 samples of -0",
                            "x · 1e+06",
                            "skip this batch"};
    for (int i = 0; i < texts.size(); ++i)
        QTest::newRow(qPrintable(texts[i])) << i << texts[i];
}

void RecipeTest::descriptions() {
    QFETCH(int, index);
    QFETCH(QString, text);
    const Recipe recipe = recipeWithEverything();
    QCOMPARE(QString::fromStdString(describe(recipe.events[static_cast<std::size_t>(index)].action)), text);
}

void RecipeTest::defaultRecipeTrains() {
    Run run(defaultRecipe());
    const double first = *runTo(run, 1)->loss;
    const auto last = runTo(run, 200);
    QVERIFY(last->error.empty());
    QVERIFY2(*last->loss < first / 10, "γ and β come close to the teacher's");
}

QTEST_GUILESS_MAIN(RecipeTest)
#include "recipe_test.moc"
