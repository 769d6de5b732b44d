// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "support/recipes.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

class RecipeJsonTest : public QObject {
    Q_OBJECT
private slots:
    void everythingSurvives();
    void nanSurvives();
    void anEmptyRecipeSurvives();
    void textIsDeterministicAndReadable();
    void shortFormsAreUnderstood();
    void marksAreReadInOrder();
    void malformed_data();
    void malformed();
    void newerVersionSaysSo();
    void deepNestingIsRefused();
    void everyTruncationIsRefused();
    void everyChangedByteIsSafe();
    void pathsFollowTheFolder();
    void absolutePathIsTheFallback();
    void changedFileOpensWithANote();
    void missingFileOpensAsRecipe();
    void failedSaveLeavesTheOldFile();
};

namespace {

QString errorOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code() == ErrorCode::BadInput ? QString(error.what()) : QString("wrong code: ") + error.what();
    }
    return {};
}

void writeTable(const QString& path, const QByteArray& text) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
}

std::string local(const QString& path) {
    return path.toStdString();
}

const std::string& fileOf(const Recipe& recipe) {
    return std::get<FileSpec>(recipe.data.sources[0]).path;
}

}  // namespace

void RecipeJsonTest::everythingSurvives() {
    const Recipe recipe = recipeWithEverything();
    const Recipe again = recipeFromJson(toJson(recipe));
    QVERIFY(again == recipe);
    // == cannot tell the signs of zeros apart, the text can.
    QCOMPARE(toJson(again), toJson(recipe));
    QVERIFY(recipeFromJson(toJson(defaultRecipe())) == defaultRecipe());
}

void RecipeJsonTest::nanSurvives() {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    Recipe recipe = recipeOn(pasted({2, 40}, std::vector<double>(80, nan)));
    recipe.lanes[0].layer.momentum = nan;
    insertEvent(recipe, {1, 0, EditCell{0, 0, 0, nan}});
    const Recipe again = recipeFromJson(toJson(recipe));
    QCOMPARE(toJson(again), toJson(recipe));
    QVERIFY(std::isnan(*again.lanes[0].layer.momentum));
    QVERIFY(std::isnan(std::get<PastedSpec>(again.data.sources[0]).values[79]));
    QVERIFY(std::isnan(std::get<EditCell>(again.events[0].action).value));
}

void RecipeJsonTest::anEmptyRecipeSurvives() {
    Recipe recipe;
    recipe.lanes.clear();
    QVERIFY(recipeFromJson(toJson(recipe)) == recipe);
}

void RecipeJsonTest::textIsDeterministicAndReadable() {
    Recipe recipe = recipeOn(normal(4, 2, 0.1));
    recipe.name = "Two";
    recipe.lanes[0].layer.momentum.reset();
    insertEvent(recipe, {3, -1, SetMode{false}});
    const char* expected = R"({
  "format": "bnstudio-recipe",
  "version": 1,
  "name": "Two",
  "data": {
    "sources": [
      {"kind": "normal", "n": 4, "c": 2, "mean": [0.1]}
    ]
  },
  "lanes": [
    {
      "layer": {"momentum": "none"}
    }
  ],
  "events": [
    {"step": 3, "action": "mode", "mode": "eval"}
  ],
  "marks": [
    {"step": 0, "name": "zero"}
  ]
}
)";
    setMark(recipe, 0, "zero");
    QCOMPARE(QString::fromStdString(toJson(recipe)), QString(expected));
}

void RecipeJsonTest::shortFormsAreUnderstood() {
    const Recipe recipe = recipeFromJson(
        R"({"format":"bnstudio-recipe","version":1,"data":{"sources":[{"kind":"normal","mean":5,"std":[2]}]}})");
    QCOMPARE(std::get<GeneratorSpec>(recipe.data.sources[0]).mean, std::vector<double>{5});
    QCOMPARE(recipe.lanes.size(), 1U);
}

void RecipeJsonTest::marksAreReadInOrder() {
    const Recipe recipe = recipeFromJson(
        R"({"format":"bnstudio-recipe","version":1,"marks":[{"step":7,"name":"b"},{"step":2,"name":"a"}]})");
    const std::vector<StepMark> expected{{2, "a"}, {7, "b"}};
    QVERIFY(recipe.marks == expected);
    QVERIFY(toJson(defaultRecipe()).find("marks") == std::string::npos);  // written only where there are any
}

void RecipeJsonTest::malformed_data() {
    QTest::addColumn<QString>("body");
    QTest::addColumn<QString>("key");
    const auto row = [](const char* name, const char* body, const char* key) {
        QTest::newRow(name) << QString(body) << QString(key);
    };
    row("unknown key at the top", R"("colour":1)", "colour");
    row("unknown key inside", R"("data":{"sauces":[]})", "data.sauces");
    row("unknown key of a lane", R"("lanes":[{"name":"A"},{"layer":{"epsilon":1}}])", "lanes[1].layer.epsilon");
    row("text for a number", R"("lanes":[{"layer":{"eps":"small"}}])", "lanes[0].layer.eps");
    row("none where None is not allowed", R"("lanes":[{"layer":{"eps":"none"}}])", "lanes[0].layer.eps");
    row("null", R"("lanes":[{"layer":{"momentum":null}}])", "lanes[0].layer.momentum");
    row("number for a flag", R"("lanes":[{"layer":{"affine":1}}])", "lanes[0].layer.affine");
    row("unknown word", R"("lanes":[{"layer":{"dtype":"float16"}}])", "lanes[0].layer.dtype");
    row("object for a list", R"("lanes":{})", "lanes");
    row("list for an object", R"("data":[])", "data");
    row("fraction for a count", R"("data":{"batch_size":1.5})", "data.batch_size");
    row("count beyond 63 bits", R"("data":{"batch_size":18446744073709551615})", "data.batch_size");
    row("count beyond 64 bits", R"("data":{"batch_size":1e30})", "data.batch_size");
    row("negative seed", R"("data":{"shuffle":-1})", "data.shuffle");
    row("lane beyond int", R"("events":[{"step":0,"lane":4294967296,"action":"skip"}])", "events[0].lane");
    row("source without kind", R"("data":{"sources":[{"n":3}]})", "data.sources[0].kind");
    row("source of unknown kind", R"("data":{"sources":[{"kind":"video"}]})", "data.sources[0].kind");
    row("key of another kind", R"("data":{"sources":[{"kind":"pasted","n":3}]})", "data.sources[0].n");
    row("value in a list", R"("data":{"sources":[{"kind":"normal","mean":[1,true]}]})", "data.sources[0].mean[1]");
    row("bad base64", R"("data":{"sources":[{"kind":"pasted","values":{"base64":"AAA*"}}]})",
        "data.sources[0].values.base64");
    row("half a value in base64", R"("data":{"sources":[{"kind":"pasted","values":{"base64":"AAAAAAAA"}}]})",
        "data.sources[0].values.base64");
    row("unknown key beside base64", R"("data":{"sources":[{"kind":"pasted","values":{"base64":"","x":1}}]})",
        "data.sources[0].values.x");
    row("NUL in a path", R"("data":{"sources":[{"kind":"file","path":"a\u0000b"}]})", "data.sources[0].path");
    row("event without action", R"("events":[{"step":0}])", "events[0].action");
    row("unknown action", R"("events":[{"step":0,"action":"dance"}])", "events[0].action");
    row("key of another action", R"("events":[{"step":0,"action":"skip","value":1}])", "events[0].value");
    row("negative step", R"("events":[{"step":-1,"action":"skip"}])", "events[0].step");
    row("mark without a number", R"("marks":[{"step":"first","name":"a"}])", "marks[0].step");
    row("unknown key of a mark", R"("marks":[{"step":1,"colour":"red"}])", "marks[0].colour");
    row("key twice", R"("name":"a","name":"b")", "name");
}

void RecipeJsonTest::malformed() {
    QFETCH(QString, body);
    QFETCH(QString, key);
    const QString text = R"({"format":"bnstudio-recipe","version":1,)" + body + "}";
    const QString message = errorOf([&] { recipeFromJson(text.toStdString()); });
    QVERIFY2(message.startsWith("recipe: " + key + ": "), qPrintable(message));
}

void RecipeJsonTest::newerVersionSaysSo() {
    const QString message = errorOf([] { recipeFromJson(R"({"format":"bnstudio-recipe","version":2,"future":[]})"); });
    QVERIFY2(message.contains("newer BatchNorm1d Studio"), qPrintable(message));
    QVERIFY(!errorOf([] { recipeFromJson(R"({"version":1})"); }).isEmpty());
    QVERIFY(!errorOf([] { recipeFromJson(R"({"format":"other","version":1})"); }).isEmpty());
    QVERIFY(!errorOf([] { recipeFromJson("[]"); }).isEmpty());
    QVERIFY(!errorOf([] { recipeFromJson(""); }).isEmpty());
}

void RecipeJsonTest::deepNestingIsRefused() {
    const QString message = errorOf([] { recipeFromJson(std::string(1000000, '[')); });
    QVERIFY2(message.contains("nested"), qPrintable(message));
}

void RecipeJsonTest::everyTruncationIsRefused() {
    const std::string text = toJson(recipeWithEverything());
    // The last two characters are the closing brace and the line's end.
    for (std::size_t length = 0; length + 1 < text.size(); ++length)
        QVERIFY2(!errorOf([&] { recipeFromJson(text.substr(0, length)); }).isEmpty(),
                 qPrintable(QString::number(length)));
}

void RecipeJsonTest::everyChangedByteIsSafe() {
    const std::string text = toJson(recipeWithEverything());
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
        const QString message = errorOf([&] { recipeFromJson(changed); });
        QVERIFY2(!message.startsWith("wrong code"), qPrintable(message));
    }
}

void RecipeJsonTest::pathsFollowTheFolder() {
    const QTemporaryDir folder;
    QDir(folder.path()).mkpath("old/data");
    const QString table = folder.filePath("old/data/table.csv");
    writeTable(table, "a,b\n1,2\n3,5\n");
    saveRecipe(recipeOn(FileSpec{local(table), "", 0, 0, ""}), local(folder.filePath("old/recipe.json")));
    QVERIFY(QDir(folder.path()).rename("old", "new"));
    const Recipe moved = loadRecipe(local(folder.filePath("new/recipe.json")));
    QCOMPARE(QString::fromStdString(fileOf(moved)), folder.filePath("new/data/table.csv"));
    Run run(moved);
    QVERIFY(run.stream().notes().empty() || QString::fromStdString(run.stream().notes()[0]).contains("float64"));
    QCOMPARE(runTo(run, 1)->batch.mean[0], 2.0);
}

void RecipeJsonTest::absolutePathIsTheFallback() {
    const QTemporaryDir data, first, second;
    const QString table = data.filePath("table.csv");
    writeTable(table, "a\n1\n3\n");
    saveRecipe(recipeOn(FileSpec{local(table), "", 0, 0, ""}), local(first.filePath("r.json")));
    QDir(second.path()).mkpath("deeper/still");
    QVERIFY(QFile::copy(first.filePath("r.json"), second.filePath("deeper/still/r.json")));
    QCOMPARE(QString::fromStdString(fileOf(loadRecipe(local(second.filePath("deeper/still/r.json"))))), table);
}

void RecipeJsonTest::changedFileOpensWithANote() {
    const QTemporaryDir folder;
    const QString table = folder.filePath("table.csv"), saved = folder.filePath("r.json");
    writeTable(table, "a\n1\n3\n");
    saveRecipe(recipeOn(FileSpec{local(table), "", 0, 0, ""}), local(saved));
    const auto saysChanged = [&] {
        const Run run(loadRecipe(local(saved)));
        const auto& notes = run.stream().notes();
        return std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
            return QString::fromStdString(note).contains("has changed since the recipe was saved");
        });
    };
    QVERIFY(!saysChanged());
    writeTable(table, "a\n1\n4\n");  // the same size
    QVERIFY(saysChanged());
    writeTable(table, "a\n1\n4\n5\n");
    QVERIFY(saysChanged());
}

void RecipeJsonTest::missingFileOpensAsRecipe() {
    const QTemporaryDir folder;
    const QString table = folder.filePath("table.csv"), saved = folder.filePath("r.json");
    writeTable(table, "a\n1\n3\n");
    saveRecipe(recipeOn(FileSpec{local(table), "", 0, 0, ""}), local(saved));
    QVERIFY(QFile::remove(table));
    const Recipe recipe = loadRecipe(local(saved));
    QCOMPARE(QString::fromStdString(fileOf(recipe)), table);
    const QString message = errorOf([&] { Run run(recipe); });
    QVERIFY2(message.contains("table.csv: there is no such file"), qPrintable(message));
    // Saved again, it still knows what the file was like.
    saveRecipe(recipe, local(saved));
    QCOMPARE(std::get<FileSpec>(loadRecipe(local(saved)).data.sources[0]).hash,
             std::get<FileSpec>(recipe.data.sources[0]).hash);
}

void RecipeJsonTest::failedSaveLeavesTheOldFile() {
    try {
        saveRecipe(defaultRecipe(), "/nonexistent/folder/r.json");
        QFAIL("was written");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::WriteFailed);
    }
    try {
        loadRecipe("/nonexistent/folder/r.json");
        QFAIL("was read");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::Io);
    }
}

QTEST_GUILESS_MAIN(RecipeJsonTest)
#include "recipe_json_test.moc"
