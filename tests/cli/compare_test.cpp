// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

const QString sample = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/samples/digits_mlp_trace.npz");
constexpr float nanFloat = std::numeric_limits<float>::quiet_NaN();

}  // namespace

/// `bnstudio compare` from outside.
class CompareTest : public QObject {
    Q_OBJECT

private slots:
    void tolerances_data();
    void tolerances();
    void largestDifferences();
    void sides();
    void shapes();
    void wholeNumbers();
    void emptyRows();
    void firstOfARun();
    void recipes();
    void recipeWithFile();
    void recordedTraining();
    void plantedFault();
    void refusals();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    Finished compare(const QStringList& arguments) {
        return runCommand(QStringList{"compare"} + arguments, m_folder.path());
    }
    QJsonObject json(const QStringList& arguments) {
        return QJsonDocument::fromJson(compare(arguments + QStringList{"--json"}).out.toUtf8()).object();
    }
    void write(const QString& name, const std::vector<float>& values) {
        writeNpz(path(name), {{"t", Tensor::of<float>({static_cast<std::int64_t>(values.size())},
                                                      std::span<const float>(values))}});
    }
    QTemporaryDir m_folder;
};

void CompareTest::tolerances_data() {
    QTest::addColumn<float>("a");
    QTest::addColumn<float>("b");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<int>("status");
    const QStringList none;
    QTest::newRow("equal") << 1.0f << 1.0f << none << 0;
    QTest::newRow("within 1e-5 + 1.3e-6·|b|") << 1.00001f << 1.0f << none << 0;
    QTest::newRow("beyond") << 1.00002f << 1.0f << none << 1;
    QTest::newRow("rtol") << 1.00002f << 1.0f << QStringList{"--rtol", "1e-4"} << 0;
    QTest::newRow("exactly") << 1.0000001f << 1.0f << QStringList{"--rtol", "0", "--atol", "0"} << 1;
    QTest::newRow("atol") << 1.5f << 1.0f << QStringList{"--rtol", "0", "--atol", "0.5"} << 0;
    QTest::newRow("NaN") << nanFloat << nanFloat << none << 1;
    QTest::newRow("NaN equal") << nanFloat << nanFloat << QStringList{"--equal-nan"} << 0;
    QTest::newRow("NaN and 1") << nanFloat << 1.0f << QStringList{"--equal-nan"} << 1;
    QTest::newRow("infinite") << INFINITY << INFINITY << none << 0;
    QTest::newRow("infinite and finite") << INFINITY << 1.0f << QStringList{"--rtol", "1", "--atol", "1e9"} << 1;
    QTest::newRow("signs of zero") << -0.0f << 0.0f << none << 0;
}

void CompareTest::tolerances() {
    QFETCH(float, a);
    QFETCH(float, b);
    QFETCH(QStringList, options);
    write("a.npz", {2, a});
    write("b.npz", {2, b});
    const Finished finished = compare(QStringList{"a.npz", "b.npz"} + options);
    QTEST(finished.status, "status");
    QVERIFY(finished.err.isEmpty());
}

/// Powers of two: differences and steps between neighbouring numbers are exact.
void CompareTest::largestDifferences() {
    write("a.npz", {1, 4.5f, 0.25f, -1});
    write("b.npz", {1, 4, 0.125f, std::nextafter(-1.0f, -2.0f)});
    const QJsonObject report = json({"a.npz", "b.npz"});
    QCOMPARE(report["different"].toBool(), true);
    const QJsonObject tensor = report["tensors"].toArray().at(0).toObject();
    QCOMPARE(tensor["absolute"].toObject()["value"].toDouble(), 0.5);
    QCOMPARE(tensor["absolute"].toObject()["index"].toInt(), 1);
    QCOMPARE(tensor["relative"].toObject()["value"].toDouble(), 1.0);
    QCOMPARE(tensor["relative"].toObject()["index"].toInt(), 2);
    QCOMPARE(tensor["ulp"].toObject()["value"].toDouble(), 8388608.0);  // 2^23 from 0.125 to 0.25
    QCOMPARE(tensor["beyond"].toInt(), 2);
    QVERIFY(compare({"a.npz", "b.npz"}).out.contains("t  differs in 2 values  absolute 0.5 at [1] (4.5, 4)"));
}

void CompareTest::sides() {
    writeNpz(path("a.npz"), {{"t", Tensor::of<float>({1}, {1.0f})}, {"u", Tensor::of<float>({1}, {1.0f})}});
    write("b.npz", {1});
    const Finished finished = compare({"a.npz", "b.npz"});
    QCOMPARE(finished.status, 0);
    QVERIFY(finished.out.contains("u  only in A: float32 (1,)\n"));
    QCOMPARE(compare({"a.npz", "b.npz", "--strict"}).status, 1);
    QCOMPARE(compare({"b.npz", "a.npz"}).status, 0);
}

void CompareTest::shapes() {
    write("a.npz", {1, 2});
    write("b.npz", {1, 2, 3});
    const Finished finished = compare({"a.npz", "b.npz"});
    QCOMPARE(finished.status, 1);
    QVERIFY(finished.out.contains("t  shape (2,) in A, (3,) in B\n"));
}

/// Beyond 2^53 doubles cannot tell them apart.
void CompareTest::wholeNumbers() {
    const std::int64_t large = (std::int64_t{1} << 60) + 1;
    writeNpz(path("a.npz"), {{"t", Tensor::of<std::int64_t>({}, {large})}});
    writeNpz(path("b.npz"), {{"t", Tensor::of<std::int64_t>({}, {large + 1})}});
    QCOMPARE(compare({"a.npz", "b.npz"}).status, 1);
    QCOMPARE(compare({"a.npz", "a.npz"}).status, 0);
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    writeNpz(path("a.npz"), {{"t", Tensor::of<std::uint64_t>({}, {largest})}});
    writeNpz(path("b.npz"), {{"t", Tensor::of<std::uint64_t>({}, {largest - 1})}});
    QCOMPARE(compare({"a.npz", "b.npz"}).status, 1);
    QCOMPARE(compare({"a.npz", "a.npz"}).status, 0);
}

/// There is nothing to compare, however many rows a shape claims.
void CompareTest::emptyRows() {
    writeNpz(path("a.npz"), {{"t", Tensor(DType::Float32, {std::int64_t{1} << 60, 0})}});
    QCOMPARE(compare({"a.npz", "a.npz"}).status, 0);
}

void CompareTest::firstOfARun() {
    const auto pair = [](float a, float b) { return Tensor::of<float>({2}, {a, b}); };
    writeNpz(path("a.npz"), {{"running_var.10", pair(1, 1)}, {"running_var.2", pair(1, 1)}, {"y.2", pair(1, 1)}});
    writeNpz(path("b.npz"), {{"running_var.10", pair(2, 2)}, {"running_var.2", pair(1, 3)}, {"y.2", pair(1, 1)}});
    const Finished finished = compare({"a.npz", "b.npz"});
    QVERIFY(finished.out.endsWith("first difference: step 2, running_var, channel 1\n"));
    const QJsonObject first = json({"a.npz", "b.npz"})["first"].toObject();
    QCOMPARE(first["step"].toInt(), 2);
    QCOMPARE(first["quantity"].toString(), "running_var");
    QCOMPARE(first["channel"].toInt(), 1);
}

void CompareTest::recipes() {
    for (const QString momentum : {"0.1", "0.2"}) {
        const Finished made = runCommand({"run", "--generate", "normal:n=4,c=2,seed=1", "--momentum", momentum,
                                          "--steps", "1", "--save-recipe", momentum + ".json"},
                                         m_folder.path());
        QCOMPARE(made.status, 0);
    }
    QCOMPARE(compare({"0.1.json", "0.1.json", "--steps", "3"}).status, 0);
    const Finished finished = compare({"0.1.json", "0.2.json", "--steps", "3"});
    QCOMPARE(finished.status, 1);
    QVERIFY2(finished.out.contains("first difference: step 0, running_mean"), qPrintable(finished.out));
}

void CompareTest::recipeWithFile() {
    QCOMPARE(runCommand({"run", "default", "--steps", "3", "--save-tensors", "run.npz"}, m_folder.path()).status, 0);
    QCOMPARE(compare({"default", "run.npz", "--steps", "3", "--rtol", "0", "--atol", "0", "--strict"}).status, 0);
}

void CompareTest::recordedTraining() {
    const Finished finished = compare({sample});
    QCOMPARE(finished.status, 0);
    QVERIFY(finished.out.contains("The recording agrees with PyTorch's rule in all 80 steps.\n"));
    QCOMPARE(json({sample})["first"].isNull(), true);
}

void CompareTest::plantedFault() {
    std::vector<std::pair<std::string, Tensor>> members;
    for (const auto& tensor : openTensorFile(sample.toStdString()).tensors) {
        members.emplace_back(tensor->name(), tensor->read());
        Tensor& values = members.back().second;
        for (std::int64_t c = 0; tensor->name() == "running_var.7" && c < values.size(); ++c)
            values.set(c, 1.05 * values.at(c));
    }
    writeNpz(path("scaled.npz"), members);
    const Finished finished = compare({"scaled.npz"});
    QCOMPARE(finished.status, 1);
    QVERIFY(finished.out.contains("In step 7: running_var is 1.05 times what the batch leads to; later steps do not "
                                  "follow from it"));
    const QJsonObject report = json({"scaled.npz"});
    QCOMPARE(report["first"].toObject()["step"].toInt(), 7);
    QCOMPARE(report["parameter"].toDouble(), 1.05);
    QCOMPARE(compare({"scaled.npz", sample}).out.split('\n').at(2), "first difference: step 7, running_var, channel 0");
}

void CompareTest::refusals() {
    write("a.npz", {1});
    const Finished missing = compare({"a.npz", "nothing.npz"});
    QCOMPARE(missing.status, 3);
    QVERIFY(missing.err.startsWith("bnstudio: nothing.npz: "));
    const Finished noTrace = compare({"a.npz"});
    QCOMPARE(noTrace.status, 3);
    QVERIFY(noTrace.err.startsWith("bnstudio: a.npz: is no recorded training"));
    for (const QStringList& ignored :
         QList<QStringList>{{"--rtol", "1"}, {"--atol", "1"}, {"--equal-nan"}, {"--strict"}, {"--steps", "2"}}) {
        const Finished finished = compare(QStringList{sample} + ignored);
        QCOMPARE(finished.status, 2);
        QVERIFY(finished.err.startsWith("bnstudio: " + ignored.front() + ": needs a second operand"));
    }
}

QTEST_GUILESS_MAIN(CompareTest)
#include "compare_test.moc"
