// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"
#include "core/run/recipe.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <signal.h>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

const QByteArray header =
    "step,channel,mode,n,batch_mean,batch_var_biased,batch_var_unbiased,running_mean,running_var,num_batches_tracked,"
    "weight,bias,grad_weight,grad_bias,y_mean,y_var,error\n";
const QString samples = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/samples/");

using Values = std::vector<double>;

}  // namespace

/// `bnstudio run` from outside. Figures are chosen so that every result is exact: means and variances are small whole
/// numbers, momentum is 0.5 and eps 0.
class RunTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void statistics();
    void tensors();
    void gradients();
    void lossAndOptimizer();
    void modes();
    void refusalEndsTheRun();
    void keepGoing();
    void stateCarriesOn();
    void stateOfALayerInAModel();
    void recipeCarriesTheOptions();
    void optionsOverrideEvents();
    void lanes();
    void defaultSteps();
    void table();
    void notes();
    void sameBitsForEveryThreadCount();
    void interrupt();
    void help_data();
    void help();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    /// Runs on data.npy with the exact settings; fails the test unless the status is 0.
    Finished run(const QStringList& options) {
        const Finished finished = runCommand(
            QStringList{"run", "--data", "data.npy", "--eps", "0", "--momentum", "0.5"} + options, m_folder->path());
        if (finished.status != 0)
            QTest::qFail(qPrintable(finished.err), __FILE__, __LINE__);
        return finished;
    }
    Values values(const std::string& key) const { return npzValues(path("out.npz"), key); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void RunTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    writeBytes(path("data.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({2, 2}, {1, 2, 3, 4}))));
}

// Channel 0 holds 1 and 3: mean 2, Σd² = 2, so 1 for ÷n and 2 for ÷(n−1); running: (0 + 2)/2 and (1 + 2)/2.
void RunTest::statistics() {
    run({"--save-stats", "out.csv"});
    QCOMPARE(readBytes(path("out.csv")), header
                                             + "0,0,train,2,2,1,2,1,1.5,1,1,0,,,0,1,\n"
                                               "0,1,train,2,3,1,2,1.5,1.5,1,1,0,,,0,1,\n");
}

void RunTest::tensors() {
    run({"--save-tensors", "out.npz", "--dtype", "float64"});
    QCOMPARE(values("x.0"), (Values{1, 2, 3, 4}));
    QCOMPARE(values("y.0"), (Values{-1, -1, 1, 1}));
    QCOMPARE(values("mean.0"), (Values{2, 3}));
    QCOMPARE(values("var.0"), (Values{1, 1}));
    QCOMPARE(values("weight.0"), (Values{1, 1}));
    QCOMPARE(values("bias.0"), (Values{0, 0}));
    QCOMPARE(values("running_mean.0"), (Values{1, 1.5}));
    QCOMPARE(values("running_var.0"), (Values{1.5, 1.5}));
    QCOMPARE(values("num_batches_tracked.0"), (Values{1}));
    QCOMPARE(values("init.running_mean"), (Values{0, 0}));
    QCOMPARE(values("init.running_var"), (Values{1, 1}));
    QCOMPARE(values("init.weight"), (Values{1, 1}));
    QCOMPARE(values("init.num_batches_tracked"), (Values{0}));
    QCOMPARE(values("training.0"), (Values{1}));
    QCOMPARE(values("momentum.0"), (Values{0.5}));
    const TensorFile file = openTensorFile(path("out.npz").toStdString());
    QCOMPARE(file.find("x.0")->dtype(), DType::Float64);
    QVERIFY(!file.find("grad_input.0"));
    QVERIFY(!file.find("loss.0"));
    QVERIFY(!file.find("x.1"));
}

// dy is 1 at one place: S = 1, Σdy·x̂ = −1, and grad_x = dy − S/n − x̂·Σdy·x̂/n = (1 − ½ − ½, −½ + ½).
void RunTest::gradients() {
    writeBytes(path("dy.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({2, 2}, {1, 0, 0, 0}))));
    run({"--grad-output", "dy.npy", "--save-tensors", "out.npz", "--save-stats", "out.csv"});
    QCOMPARE(values("grad_output.0"), (Values{1, 0, 0, 0}));
    QCOMPARE(values("grad_weight.0"), (Values{-1, 0}));
    QCOMPARE(values("grad_bias.0"), (Values{1, 0}));
    QCOMPARE(values("grad_input.0"), (Values{0, 0, 0, 0}));
    QVERIFY(readBytes(path("out.csv")).contains("0,0,train,2,2,1,2,1,1.5,1,1,0,-1,1,0,1,\n"));
}

// y = ±1, target 1: loss = mean of {4, 4, 0, 0} = 2; dy = 2(y − 1)/4 = −1 where y is −1. So grad_weight = 1 and
// grad_bias = −1 in each channel, and a step of 0.5 makes 0.5 and 0.5.
void RunTest::lossAndOptimizer() {
    run({"--loss", "mse:target=1", "--optimizer", "sgd:lr=0.5", "--steps", "2", "--save-tensors", "out.npz"});
    QCOMPARE(values("loss.0"), (Values{2}));
    QCOMPARE(values("grad_weight.0"), (Values{1, 1}));
    QCOMPARE(values("grad_bias.0"), (Values{-1, -1}));
    QCOMPARE(values("weight.0"), (Values{1, 1}));
    QCOMPARE(values("weight.1"), (Values{0.5, 0.5}));
    QCOMPARE(values("bias.1"), (Values{0.5, 0.5}));
}

void RunTest::modes() {
    run({"--mode", "train*2,eval,train", "--steps", "5", "--save-tensors", "out.npz"});
    for (const int step : {0, 1, 3, 4})
        QCOMPARE(values("training." + std::to_string(step)), (Values{1}));
    QCOMPARE(values("training.2"), (Values{0}));
    QCOMPARE(values("num_batches_tracked.2"), (Values{2}));
    QCOMPARE(values("num_batches_tracked.4"), (Values{4}));
    QCOMPARE(values("mean.2"), values("running_mean.1"));
}

void RunTest::refusalEndsTheRun() {
    writeNpz(path("data.npz"), {{"x.0", Tensor(DType::Float32, {2, 2})}, {"x.1", Tensor(DType::Float32, {1, 2})}});
    const Finished finished = runCommand(
        {"run", "--data", "data.npz", "--save-tensors", "out.npz", "--save-stats", "out.csv"}, m_folder->path());
    QCOMPARE(finished.status, 3);
    QCOMPARE(finished.err, QStringLiteral("bnstudio: step 1: Expected more than 1 value per channel when training, got "
                                          "input size torch.Size([1, 2])\n"));
    const QStringList left = QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden);
    QCOMPARE(left, (QStringList{"data.npy", "data.npz"}));
}

// The refused step leaves the counter advanced (semantics 8), which the next step records as its start.
void RunTest::keepGoing() {
    const Tensor good = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
    writeNpz(path("data.npz"), {{"x.0", good}, {"x.1", Tensor(DType::Float32, {1, 2})}, {"x.2", good}});
    const Finished finished = runCommand(
        {"run", "--data", "data.npz::x", "--keep-going", "--save-tensors", "out.npz", "--save-stats", "out.csv"},
        m_folder->path());
    QCOMPARE(finished.status, 0);
    const QString message = "Expected more than 1 value per channel when training, got input size torch.Size([1, 2])";
    QCOMPARE(finished.err, "step 1: " + message + "\n");
    for (const auto& tensor : openTensorFile(path("out.npz").toStdString()).tensors)
        QVERIFY2(!QString::fromStdString(tensor->name()).endsWith(".1"), tensor->name().c_str());
    QCOMPARE(values("num_batches_tracked.0"), (Values{1}));
    QCOMPARE(values("num_batches_tracked_before.2"), (Values{2}));
    QCOMPARE(values("num_batches_tracked.2"), (Values{3}));
    QCOMPARE(values("running_mean_before.2"), values("running_mean.0"));
    const QList<QByteArray> lines = readBytes(path("out.csv")).split('\n');
    QCOMPARE(lines.size(), 8);  // header, 3 × 2 rows, and nothing after the last line feed
    QVERIFY(lines[3].startsWith("1,0,train,1,"));
    QVERIFY(lines[3].endsWith(",\"" + message.toUtf8() + "\""));
}

void RunTest::stateCarriesOn() {
    run({"--steps", "3", "--save-state", "whole.npz"});
    run({"--steps", "1", "--save-state", "first.npz"});
    run({"--steps", "2", "--state", "first.npz", "--save-state", "rest.npz"});
    QCOMPARE(readBytes(path("rest.npz")), readBytes(path("whole.npz")));
    std::vector<std::string> names;
    for (const auto& tensor : openTensorFile(path("whole.npz").toStdString()).tensors)
        names.push_back(tensor->name());
    QCOMPARE(names, (std::vector<std::string>{"weight", "bias", "running_mean", "running_var", "num_batches_tracked"}));
    QCOMPARE(npzValues(path("whole.npz"), "num_batches_tracked"), (Values{3}));
}

void RunTest::stateOfALayerInAModel() {
    const Tensor weight = Tensor::of<double>({2}, {2, 3}), mean = Tensor::of<double>({2}, {5, 6});
    writeNpz(path("net.npz"), {{"net.0.weight", Tensor(DType::Float32, {4, 4})},
                               {"net.1.weight", weight},
                               {"net.1.bias", weight},
                               {"net.1.running_mean", mean},
                               {"net.1.running_var", weight}});
    run({"--state", "net.npz::net.1", "--save-tensors", "out.npz", "--mode", "eval"});
    QCOMPARE(values("init.weight"), (Values{2, 3}));
    QCOMPARE(values("mean.0"), (Values{5, 6}));
    QCOMPARE(values("init.num_batches_tracked"), (Values{0}));
}

void RunTest::recipeCarriesTheOptions() {
    run({"--mode", "train,eval", "--steps", "4", "--loss", "sum", "--save-recipe", "r.json", "--save-tensors",
         "a.npz"});
    const Finished again = runCommand({"run", "r.json", "--steps", "4", "--save-tensors", "b.npz"}, m_folder->path());
    QCOMPARE(again.status, 0);
    QCOMPARE(readBytes(path("a.npz")), readBytes(path("b.npz")));
}

void RunTest::optionsOverrideEvents() {
    Recipe recipe;
    recipe.data.sources = {PastedSpec{{2, 2}, {1, 2, 3, 4}}};
    recipe.events = {{1, -1, SetMomentum{0.25}}, {1, -1, SetMode{false}}};
    saveRecipe(recipe, path("r.json").toStdString());
    const Finished finished = runCommand(
        {"run", "r.json", "--momentum", "0.5", "--mode", "train", "--steps", "2", "--save-tensors", "out.npz"},
        m_folder->path());
    QCOMPARE(finished.status, 0);
    QCOMPARE(values("momentum.1"), (Values{0.5}));
    QCOMPARE(values("training.1"), (Values{1}));
}

void RunTest::lanes() {
    Recipe recipe;
    recipe.data.sources = {PastedSpec{{2, 2}, {1, 2, 3, 4}}};
    recipe.lanes = {LaneSpec{}, LaneSpec{}};
    recipe.lanes[1].name = "slow";
    recipe.lanes[1].layer.momentum = 0.25;
    saveRecipe(recipe, path("r.json").toStdString());
    const Finished finished = runCommand(
        {"run", "r.json", "--steps", "1", "--save-tensors", "out.npz", "--save-stats", "out.csv"}, m_folder->path());
    QCOMPARE(finished.status, 0);
    QCOMPARE(values("momentum.0"), (Values{0.1}));
    QCOMPARE(values("slow/running_mean.0"), (Values{0.5, 0.75}));
    QCOMPARE(values("slow/x.0"), values("x.0"));
    const QList<QByteArray> lines = readBytes(path("out.csv")).split('\n');
    QCOMPARE(lines[0] + '\n', "lane," + header);
    QVERIFY(lines[1].startsWith("A,0,0,train,2,2,1,2,"));
    QVERIFY(lines[3].startsWith("slow,0,0,train,2,2,1,2,0.5,1.25,1,"));
}

// 150 rows in batches of 32: five, the last of 22 unless dropped. A generator has no end.
void RunTest::defaultSteps() {
    const auto rows = [this](const QStringList& options) {
        const Finished finished = runCommand(QStringList{"run", "--save-stats", "out.csv"} + options, m_folder->path());
        return finished.status == 0 ? readBytes(path("out.csv")).count('\n') - 1 : -1;
    };
    QCOMPARE(rows({"--data", samples + "iris.csv", "--batch-size", "32"}), 5 * 4);
    QCOMPARE(rows({"--data", samples + "iris.csv", "--batch-size", "32", "--drop-last"}), 4 * 4);
    QCOMPARE(rows({"--data", samples + "iris.csv"}), 4);
    QCOMPARE(rows({"--generate", "normal:n=4,c=1"}), 100);
    QCOMPARE(rows({"--generate", "normal:n=4,c=1", "--steps", "0"}), 0);
}

void RunTest::table() {
    const Finished finished = run({"--steps", "3"});
    QVERIFY(finished.out.startsWith("step 2, train, input (2, 2), n 2, num_batches_tracked 3\n"));
    const QStringList lines = finished.out.split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 4);
    QCOMPARE(lines[2].simplified(), QStringLiteral("0 2 1 2 1.75 1.875 1 0 0 1"));
    // eps 0 and two values a channel are worth a word, on standard error so that the table stays a table.
    const QStringList findings = finished.errorLines();
    QCOMPARE(findings.size(), 2);
    QVERIFY2(findings[0].startsWith("bnstudio: finding: step 0: Batch statistics come from only 2 values"),
             qPrintable(findings[0]));
    QCOMPARE(findings[1], QStringLiteral("bnstudio: finding: step 0: eps is 0; PyTorch 2.10 and later refuse this."));
    const Finished healthy = runCommand({"run", "--generate", "normal:n=32,c=2"}, m_folder->path());
    QCOMPARE(healthy.err, QString());
}

void RunTest::notes() {
    writeNpz(path("mixed.npz"), {{"step", Tensor::of<float>({}, {3})},
                                 {"x", Tensor(DType::Float32, {4, 2})},
                                 {"image", Tensor(DType::Float32, {4, 2, 3, 5})}});
    const Finished finished = runCommand({"run", "--data", "mixed.npz", "--save-stats", "out.csv"}, m_folder->path());
    QCOMPARE(finished.status, 0);
    QVERIFY2(finished.err.contains("step"), qPrintable(finished.err));
    QVERIFY2(finished.err.contains("image"), qPrintable(finished.err));
    for (const QString& line : finished.errorLines())
        QVERIFY(line.startsWith("bnstudio: note: "));
    QVERIFY(readBytes(path("out.csv")).contains("\n1,1,train,60,"));
}

void RunTest::sameBitsForEveryThreadCount() {
    QByteArray first;
    for (const char* threads : {"1", "2", "5"}) {
        const Finished finished = runCommand({"run", "--generate", "lognormal:n=300,c=5,l=70,std=2,seed=7", "--steps",
                                              "3", "--loss", "mse:target=1", "--optimizer", "adam:lr=0.1", "--threads",
                                              threads, "--save-tensors", "out.npz"},
                                             m_folder->path());
        QCOMPARE(finished.status, 0);
        const QByteArray bytes = readBytes(path("out.npz"));
        QVERIFY(bytes.size() > 3 * 300 * 5 * 70 * 4);
        first = first.isEmpty() ? bytes : first;
        QVERIFY2(bytes == first, threads);
    }
}

// A run that would last for hours; the bytes in the output's temporary file tell that it is under way.
void RunTest::interrupt() {
    QTemporaryDir folder;
    QProcess process;
    process.setWorkingDirectory(folder.path());
    process.start(BNSTUDIO_BINARY, {"run", "--steps", "1000000000000", "--save-tensors", "out.npz"});
    QVERIFY(process.waitForStarted());
    const QDir::Filters all = QDir::Files | QDir::Hidden;
    // The probe for writability comes and goes first and is empty.
    QTRY_VERIFY_WITH_TIMEOUT(!QDir(folder.path()).entryInfoList(all).isEmpty()
                                 && QDir(folder.path()).entryInfoList(all).first().size() > 0,
                             60000);
    QCOMPARE(kill(static_cast<pid_t>(process.processId()), SIGINT), 0);
    QVERIFY(process.waitForFinished(60000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 130);
    QCOMPARE(process.readAllStandardError(), QByteArray("bnstudio: interrupted\n"));
    QCOMPARE(QDir(folder.path()).entryList(all), QStringList());
}

void RunTest::help_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("part");
    QTest::newRow("program") << QStringList{"--help"} << "Usage: bnstudio [FILE";
    QTest::newRow("short") << QStringList{"-h"} << "bnstudio run [RECIPE]";
    QTest::newRow("run") << QStringList{"run", "--help"} << "--track-running-stats on|off";
    QTest::newRow("among others") << QStringList{"run", "--steps", "x", "--help"} << "Exit status:";
    QTest::newRow("inspect") << QStringList{"inspect", "--help"} << "--json";
    QTest::newRow("screenshot") << QStringList{"screenshot", "--help"} << "--select C";
    QTest::newRow("version") << QStringList{"--version"} << "bnstudio 0.";
}

void RunTest::help() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, part);
    const Finished finished = runCommand(arguments, m_folder->path());
    QCOMPARE(finished.status, 0);
    QCOMPARE(finished.err, QString());
    QVERIFY2(finished.out.contains(part), qPrintable(finished.out));
    for (const QString& line : finished.out.split(u'\n'))
        QVERIFY2(line.size() <= 120, qPrintable(line));
}

QTEST_GUILESS_MAIN(RunTest)
#include "run_test.moc"
