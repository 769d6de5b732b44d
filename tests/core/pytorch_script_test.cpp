// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/pytorch_script.h"

#include "core/error.h"
#include "support/recipes.h"

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <limits>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
const QString python = QStringLiteral("/usr/bin/python3");

// Importing torch takes seconds, so all programs run in one process, each in a namespace of its own.
const QByteArray runner = R"(
import contextlib, glob, io, sys
for path in sorted(glob.glob("*.txt", root_dir=sys.argv[1])):
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(open(sys.argv[1] + "/" + path, encoding="utf-8").read(), path, "exec"), {})
        result = out.getvalue().strip()
    except BaseException as error:
        result = f"{type(error).__name__}: {error}".replace("\n", " ")
    print(path[:-4] + "|" + result)
)";

QString copied(const Recipe& recipe, std::int64_t step) {
    Run run(recipe);
    runTo(run, step + 1);
    return QString::fromStdString(pytorchScript(*run.frame(step)));
}

void expectNoCopy(const Recipe& recipe, std::int64_t step, const char* reason) {
    try {
        copied(recipe, step);
        QFAIL("copied");
    } catch (const Error& error) {
        QVERIFY(error.code() == ErrorCode::Usage);
        QVERIFY2(QString(error.what()).contains(reason), error.what());
    }
}

/// Programs by name, run together by runAll().
class Programs {
public:
    Programs() = default;
    void add(const QString& name, const QString& text) {
        QFile file(m_folder.filePath(name + ".txt"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text.toUtf8());
        m_names << name;
    }
    /// What each program said, by its name.
    QMap<QString, QString> runAll() {
        QProcess process;
        process.start(python, {"-c", runner, m_folder.path()});
        QMap<QString, QString> results;
        if (!process.waitForFinished(300000))
            return results;
        const QString out = QString::fromUtf8(process.readAllStandardOutput());
        for (const QString& line : out.split('\n', Qt::SkipEmptyParts))
            results[line.section('|', 0, 0)] = line.section('|', 1);
        if (results.size() != m_names.size())
            qWarning("%s", process.readAllStandardError().constData());
        return results;
    }
    const QStringList& names() const { return m_names; }

private:
    QTemporaryDir m_folder;
    QStringList m_names;
};

bool hasTorch() {
    return QProcess::execute(python, {"-c", "import torch"}) == 0;
}

Recipe trained(SourceSpec source, OptimizerSpec optimizer, LossSpec::Kind loss) {
    Recipe recipe = recipeOn(std::move(source));
    LaneSpec& lane = recipe.lanes[0];
    lane.training.passes = {true, true};
    lane.training.optimizer = optimizer;
    lane.training.loss = {loss, {0.5}, {1.5}, {-0.25}};
    if (loss == LossSpec::Kind::None)
        lane.training.upstream = {UpstreamSpec::Kind::Random, 5};
    return recipe;
}

const OptimizerSpec sgd{OptimizerSpec::Kind::Sgd, 0.1, 0, 0};
const OptimizerSpec nesterov{OptimizerSpec::Kind::Sgd, 0.1, 0.9, 0.01, true};
const OptimizerSpec adam{OptimizerSpec::Kind::Adam, 0.01, 0, 0.02, false, 0.8, 0.9, 1e-8};

/// Every kind of step in one dtype.
void addSteps(Programs& programs, const QString& prefix, DType dtype) {
    const auto add = [&](const QString& name, Recipe recipe, std::int64_t step) {
        for (LaneSpec& lane : recipe.lanes)
            lane.layer.dtype = dtype;
        programs.add(prefix + name, copied(recipe, step));
    };
    GeneratorSpec sequence = normal(4, 3, 2, 3);
    sequence.l = 5;
    add("train", recipeOn(normal(8, 3, 5, 2)), 2);
    add("sequence", recipeOn(sequence), 1);
    add("sgd", trained(normal(8, 3, 5, 2), sgd, LossSpec::Kind::MseTarget), 2);
    add("nesterov first", trained(sequence, nesterov, LossSpec::Kind::MseTeacher), 0);
    add("nesterov", trained(sequence, nesterov, LossSpec::Kind::MseTeacher), 3);
    add("adam first", trained(sequence, adam, LossSpec::Kind::None), 0);
    add("adam", trained(normal(8, 3), adam, LossSpec::Kind::MseTarget), 4);
    add("sum", trained(normal(8, 3, 5, 2), sgd, LossSpec::Kind::Sum), 1);
    add("large mean", trained(normal(16, 2, 1e4, 0.1), sgd, LossSpec::Kind::None), 1);
    add("big", trained(normal(2000, 3, 1, 2), sgd, LossSpec::Kind::None), 0);

    Recipe eval = trained(sequence, adam, LossSpec::Kind::MseTarget);
    insertEvent(eval, {3, -1, SetMode{false}});
    add("eval", eval, 3);
    Recipe none = recipeOn(normal(8, 3, 5, 2));
    none.lanes[0].layer.momentum.reset();
    add("momentum None", none, 3);
    Recipe plain = trained(normal(8, 3), sgd, LossSpec::Kind::None);
    plain.lanes[0].layer.affine = false;
    plain.lanes[0].layer.trackRunningStats = false;
    add("no affine, no stats", plain, 1);
    Recipe toggled = recipeOn(normal(8, 3));
    insertEvent(toggled, {1, -1, SetTrackRunningStats{false}});
    insertEvent(toggled, {1, -1, SetAffine{false}});
    add("toggled off", toggled, 2);
    Recipe constant = trained(pasted({4, 2}, {3, 1, 3, 2, 3, 3, 3, 5}), sgd, LossSpec::Kind::MseTarget);
    add("constant channel", constant, 0);
    Recipe bad = trained(normal(8, 3), sgd, LossSpec::Kind::None);
    insertEvent(bad, {1, -1, EditCell{2, 1, 0, notANumber}});
    insertEvent(bad, {1, -1, EditCell{3, 2, 0, std::numeric_limits<double>::infinity()}});
    add("NaN and Inf", bad, 1);
    add("after NaN", bad, 2);
    add("empty", trained(pasted({0, 3}, {}), sgd, LossSpec::Kind::None), 0);
    add("refused", recipeOn(normal(1, 3)), 1);
    Recipe mismatch = recipeOn(normal(8, 3));
    mismatch.lanes[0].layer.numFeatures = 4;
    add("refused size", mismatch, 0);
}

}  // namespace

class PytorchScriptTest : public QObject {
    Q_OBJECT
private slots:
    void readsLikeAProgram();
    void whatCannotBeCopied();
    void pytorchAgrees();
    void wrongNumbersAreFound();
};

void PytorchScriptTest::readsLikeAProgram() {
    const QString text = copied(recipeOn(pasted({2, 2}, {1, 0.1, 3, 0.25})), 0);
    QVERIFY2(text.contains("x = tensor([1, 0.1, 3, 0.25], [2, 2], torch.float32).requires_grad_()\n"),
             qPrintable(text));
    QVERIFY(text.contains("layer = torch.nn.BatchNorm1d(2, eps=eps, momentum=0.1, affine=True,\n"));
    QVERIFY(text.contains("eps = 1e-05\n"));
    QVERIFY(text.contains("mean = tensor([2, 0.17500000074505806], [2], torch.float64)\n"));
    for (const QString& line : text.split('\n'))
        QVERIFY2(line.size() <= 120, qPrintable(line));
    // 6000 values are no longer decimals.
    QVERIFY(copied(recipeOn(normal(2000, 3)), 0).contains("x = tensor(\""));
}

void PytorchScriptTest::whatCannotBeCopied() {
    Recipe recipe = recipeOn(normal(8, 2));
    insertEvent(recipe, {0, -1, SkipBatch{}});
    expectNoCopy(recipe, 0, "skipped");
    Recipe groups = recipeOn(normal(8, 2));
    groups.lanes[0].feed = {Feed::Kind::Groups, 0, 0, 4, "NCL", 0};
    expectNoCopy(groups, 0, "2 groups");
    expectNoCopy(recipeOn(normal(65537, 2)), 0, "131074 values");
    Recipe event = recipeOn(normal(8, 2));
    event.lanes[0].layer.affine = false;
    insertEvent(event, {0, -1, SetWeight{0, 1}});
    expectNoCopy(event, 0, "'NoneType' object does not support item assignment");
}

void PytorchScriptTest::pytorchAgrees() {
    if (!hasTorch())
        QSKIP("python3-torch is not installed");
    Programs programs;
    addSteps(programs, "float32 ", DType::Float32);
    addSteps(programs, "float64 ", DType::Float64);
    const QMap<QString, QString> results = programs.runAll();
    QStringList failures;
    for (const QString& name : programs.names()) {
        if (!results.value(name).startsWith("agrees with PyTorch"))
            failures << name + ": " + results.value(name);
    }
    QVERIFY2(failures.isEmpty(), qPrintable(failures.join('\n')));
}

// The programs must be able to fail. Every number that we claim is changed by a relative 1e-3 where float32 rounds at
// 6e-8: the tolerances must not hide that.
void PytorchScriptTest::wrongNumbersAreFound() {
    if (!hasTorch())
        QSKIP("python3-torch is not installed");
    Run run(trained(normal(8, 3, 5, 2), adam, LossSpec::Kind::MseTarget));
    runTo(run, 3);
    const auto frame = run.frame(2);
    const auto tamper = [&](const auto& change) {
        auto step = std::make_shared<LaneSnapshot>(*frame->snapshot);
        auto after = std::make_shared<LaneState>(*step->after);
        Frame changed = *frame;
        change(*step, *after, changed);
        step->after = after;
        changed.snapshot = step;
        return QString::fromStdString(pytorchScript(changed));
    };
    constexpr double off = 1 + 1e-3;
    using Step = LaneSnapshot;
    using State = LaneState;
    Programs programs;
    programs.add("running_mean",
                 tamper([](Step&, State& after, Frame&) { (*after.layer.mutableState().runningMean)[1] *= off; }));
    programs.add("running_var",
                 tamper([](Step&, State& after, Frame&) { (*after.layer.mutableState().runningVar)[1] *= off; }));
    programs.add("num_batches_tracked",
                 tamper([](Step&, State& after, Frame&) { ++*after.layer.mutableState().numBatchesTracked; }));
    programs.add("weight after",
                 tamper([](Step&, State& after, Frame&) { (*after.layer.mutableState().weight)[1] *= off; }));
    programs.add("loss", tamper([](Step& step, State&, Frame&) { *step.loss *= off; }));
    programs.add("grad_bias", tamper([](Step& step, State&, Frame&) { (*step.backward->gradBias)[2] *= off; }));
    programs.add("grad_weight", tamper([](Step& step, State&, Frame&) { (*step.backward->gradWeight)[2] *= off; }));
    programs.add("y", tamper([](Step&, State&, Frame& changed) { changed.transforms[0].bias += 1e-3; }));
    programs.add("grad_x", tamper([](Step&, State&, Frame& changed) { changed.transforms[0].gradMeanTerm += 1e-3; }));
    const QMap<QString, QString> results = programs.runAll();
    for (const QString& name : programs.names())
        QVERIFY2(results.value(name).startsWith("AssertionError: " + name.section(' ', 0, 0)),
                 qPrintable(name + ": " + results.value(name)));
}

QTEST_GUILESS_MAIN(PytorchScriptTest)
#include "pytorch_script_test.moc"
