// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

#include <sys/stat.h>

using namespace bnstudio;
using namespace bnstudio::testing;

/// What the commands refuse: the exit status, one line on standard error, and nothing left behind.
class ErrorsTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void badOption_data();
    void badOption();
    void badRecipe_data();
    void badRecipe();
    void tooLargeBatch();
    void badFile_data();
    void badFile();
    void badSamples_data();
    void badSamples();
    void badState_data();
    void badState();
    void pipes();
    void oddNames();
    void unwritableOutput_data();
    void unwritableOutput();

private:
    void checkRefused(const QStringList& arguments, int status, const QString& part);
    QString path(const QString& name) const { return m_folder->filePath(name); }
    Finished runShell(const QString& line) const {
        QProcess shell;
        shell.setWorkingDirectory(m_folder->path());
        shell.start(QStringLiteral("/bin/sh"), {"-c", line, QStringLiteral(BNSTUDIO_BINARY)});
        shell.waitForFinished();
        return {shell.exitCode(), QString::fromUtf8(shell.readAllStandardOutput()),
                QString::fromUtf8(shell.readAllStandardError())};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void ErrorsTest::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    writeBytes(path("data.npy"), QByteArray::fromStdString(npyBytes(Tensor::of<float>({2, 2}, {1, 2, 3, 4}))));
}

/// Same files before and after: neither an output nor a temporary file stays.
void ErrorsTest::checkRefused(const QStringList& arguments, int status, const QString& part) {
    const auto files = [this] {
        return QDir(m_folder->path()).entryList(QDir::Files | QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot);
    };
    const QStringList before = files();
    const Finished finished = runCommand(arguments, m_folder->path());
    QVERIFY2(finished.status == status, qPrintable(QString::number(finished.status) + ": " + finished.err));
    QCOMPARE(finished.errorLines().size(), 1);
    QVERIFY2(finished.err.startsWith("bnstudio: "), qPrintable(finished.err));
    QVERIFY2(finished.err.contains(part), qPrintable(finished.err + " lacks " + part));
    QCOMPARE(finished.out, QString());
    QCOMPARE(files(), before);
}

void ErrorsTest::badOption_data() {
    QTest::addColumn<QString>("options");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* options, const char* part) {
        QTest::newRow(options) << QString::fromUtf8(options) << QString::fromUtf8(part);
    };
    row("run --foo", "unknown option '--foo'");
    row("run -x", "unknown option '-x'");
    row("run default --trace x.npz", "--trace: makes a recipe of its own; leave out default");
    row("run a.json b.json", "unexpected argument 'b.json'");
    row("run --eps", "--eps: expected a value");
    row("run --eps --steps 1", "--eps: expected a value");
    row("run --eps abc", "--eps: expected a number, got 'abc'");
    row("run --eps 1,5", "--eps: expected a number, got '1,5'");
    row("run --eps 1e-5x", "--eps: expected a number");
    row("run --eps -1", "--eps: batch_norm eps must be");
    row("run --eps inf", "--eps: batch_norm eps must be");
    row("run --eps nan", "--eps: batch_norm eps must be");
    row("run --momentum x", "--momentum: expected a number");
    row("run --affine yes", "--affine: expected on or off, got 'yes'");
    row("run --track-running-stats 1", "--track-running-stats: expected on or off");
    row("run --dtype float16", "--dtype: expected float32 or float64, got 'float16'");
    row("run --steps -1", "--steps: expected a whole number from 0");
    row("run --steps 1.5", "--steps: expected a whole number");
    row("run --steps 99999999999999999999", "--steps: expected a whole number");
    row("run --batch-size 0", "--batch-size: expected a whole number from 1");
    row("run --shuffle -1", "--shuffle: expected a whole number from 0");
    row("run --threads 0", "--threads: expected a whole number from 1");
    row("run --drop-last=on", "--drop-last: takes no value");
    row("run --mode test", "--mode: expected train or eval");
    row("run --mode train*0", "--mode: train*: expected a whole number from 1");
    row("run --mode train,", "--mode: expected train or eval");
    row("run --generate foo:n=3", "--generate: ");
    row("run --generate normal:n=x", "--generate: ");
    row("run --generate normal:n=-3", "--generate: ");
    row("run --generate normal:n=3 --data data.npy", "--generate: data come from");
    row("run --data data.npy --loss huber", "--loss: expected one of mse, sum, none, got 'huber'");
    row("run --data data.npy --loss mse:goal=1", "--loss: mse has no key 'goal'");
    row("run --data data.npy --loss mse:target=1,target=2", "key 'target' stands there twice");
    row("run --data data.npy --loss mse:teacher=1", "--loss: teacher: expected two numbers");
    row("run --data data.npy --loss mse:target", "--loss: expected KIND:key=value");
    row("run --data data.npy --loss sum --optimizer rprop", "--optimizer: expected one of sgd, adam, none");
    row("run --data data.npy --loss sum --optimizer sgd:lr=-1", "--optimizer: lr: expected a number that is not");
    row("run --data data.npy --loss sum --optimizer sgd:nesterov=true", "--optimizer: Nesterov momentum requires");
    row("run --data data.npy --loss sum --optimizer adam:beta1=1", "--optimizer: beta1: expected a number from 0");
    row("run --data data.npy --optimizer sgd", "--optimizer: there is no gradient");
    row("run --data data.npy --loss sum --grad-output data.npy", "--loss: a loss makes the upstream gradients");
    row("run --save-state s.pt", "--save-state: s.pt: not a format I know; known are .safetensors, .npz");
    row("run --data data.npy --axes NLX",
        "--axes: expected N, C and L in the order of the file, such as NLC, LNC or CN");
    row("run --axes NLC", "--axes: there is no data file");
    row("run --reestimate --data data.npy", "--reestimate: needs a state and data; give --state and --data");
    row("run --reestimate --state s.npz --data data.npy --momentum 0.1", "leave out --momentum");
    row("run --reestimate --state s.npz --data data.npy --keep-going", "leave out --keep-going, or give --drop-last");
    row("run default --reestimate --state s.npz --data data.npy", "leave out default");
    row("run --save-tensors t.txt", "--save-tensors: t.txt: not a format I know");
    row("run --save-tensors a.npz --save-state ./a.npz", "two outputs cannot go to the same file");
    row("run --save-figure f.gif", "--save-figure: f.gif: not a format I know; known are .png, .svg, .pdf");
    row("run --save-figure f.svg --figure tree",
        "--figure: expected one of running, profile, distributions, channels, flow");
    row("run --save-figure f.svg --figure-size big", "--figure-size: ");
    row("run --save-figure f.svg --font-size 0", "--font-size: expected a number of points");
    row("run --save-figure f.svg --channels 0,x", "--channels: expected a whole number");
    row("run --data data.npy --save-figure f.svg --channels 2", "--channels: there is no channel 2, there are 2");
    row("run --save-figure f.svg --figure channels --channels 0", "--channels works for running and distributions");
    row("run --save-figure f.svg --figure profile --channels 0", "--channels works for running and distributions");
    row("run --save-figure f.svg --figure distributions --channels 0,1", "--channels: distributions shows one channel");
    row("run --save-figure f.svg --channels 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "at most 16 channels, got 17");
    row("run --steps 5 --save-figure f.svg --figure-size 40x30mm", "a figure of 40x30mm with text of 8 points needs");
    row("run --steps 5 --save-figure f.svg --font-size 24", "a figure of 85x60mm with text of 24 points needs");
    row("run --generate normal:n=100,c=2 --batch-size 10",
        "--batch-size: the generator's batches have n=100 samples; set n in --generate");
    row("run --figure running", "--figure: expected together with --save-figure");
    row("inspect", "an argument is missing");
    row("inspect data.npy data.npy", "unexpected argument");
    row("inspect data.npy --yaml", "unknown option '--yaml'");
    row("screenshot", "an argument is missing");
    row("screenshot a.jpg", "a.jpg: not a format I know; known are .png");
    row("screenshot a.png --size 10", "--size: expected WIDTHxHEIGHT");
    row("screenshot a.png --size 10x10", "--size: expected a whole number from 100");
    row("screenshot a.png --size 640x400 --step 1", "--size: the window needs at least ");
    row("screenshot a.png --theme blue", "--theme: expected light or dark");
    row("screenshot a.png --step -2", "--step: expected a whole number from -1");
    row("--theme blue", "--theme: expected light, dark or system");
    row("--language xx", "--language: expected one of en");
    row("compare", "an argument is missing");
    row("compare a b c", "unexpected argument 'c'");
    row("compare a b --tolerance 1", "unknown option '--tolerance'");
    row("compare a b --rtol -1", "--rtol: expected a number of at least 0, got '-1'");
    row("compare default default --steps x", "--steps: expected a whole number");
    row("compare default", "default: a recipe is compared with a second operand");
    row("compute a b", "no such command: compute; commands are run, inspect, compare, recorder, screenshot");
    row("--foo", "unknown option '--foo'");
    row("", "there is no display");
}

void ErrorsTest::badOption() {
    QFETCH(QString, options);
    QFETCH(QString, part);
    checkRefused(options.split(u' ', Qt::SkipEmptyParts), 2, part);
}

void ErrorsTest::badRecipe_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("layer");
    QTest::addColumn<QString>("part");
    QTest::newRow("array") << QByteArray() << QByteArray("\"eps\": []") << "got an array";
    QTest::newRow("object") << QByteArray() << QByteArray("\"eps\": {}") << "got an object";
    QTest::newRow("boolean") << QByteArray(", \"n\": true") << QByteArray() << "got a boolean";
    QTest::newRow("no layer") << QByteArray() << QByteArray("\"num_features\": -1") << "num_features";
    QTest::newRow("no batch") << QByteArray(", \"n\": -3") << QByteArray() << "n";
}

// Values of the wrong type, which the reader refuses, and impossible ones, which the check of the whole does.
void ErrorsTest::badRecipe() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, layer);
    QFETCH(QString, part);
    writeBytes(path("r.json"), R"({"format": "bnstudio-recipe", "version": 1, "data": {"sources": [{"kind": "normal")"
                                   + source + R"(}]}, "lanes": [{"layer": {)" + layer + "}}]}");
    checkRefused({"run", "r.json"}, 3, part);
    checkRefused({"run", "r.json"}, 3, "bnstudio: r.json: ");
}

void ErrorsTest::tooLargeBatch() {
    checkRefused({"run", "--generate", "normal:n=1000000,c=100"}, 3, "give a smaller n\n");
}

void ErrorsTest::badFile_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    const std::string good = npyBytes(Tensor::of<float>({2, 2}, {1, 2, 3, 4}));
    const auto npy = [](Dims shape) { return QByteArray::fromStdString(npyBytes(Tensor(DType::Float32, shape))); };
    QByteArray overflow = QByteArray::fromStdString(good);
    overflow.replace("(2, 2)", "(9223372036854775807, 8)");
    QByteArray negative = QByteArray::fromStdString(good);
    negative.replace("(2, 2)", "(-2, 2)");
    QTest::newRow("empty") << "empty.npy" << QByteArray();
    QTest::newRow("empty table") << "empty.csv" << QByteArray();
    QTest::newRow("text") << "text.npy" << QByteArray("The quick brown fox\njumps\n");
    QTest::newRow("ragged") << "ragged.csv" << QByteArray("a,b\n1,2\n3\n");
    QTest::newRow("only labels") << "labels.csv" << QByteArray("a,b\nx,y\nz,w\n");
    QTest::newRow("wrong magic") << "magic.npy" << QByteArray::fromStdString(good).replace(0, 6, "\x93NUMPX");
    QTest::newRow("truncated") << "short.npy" << QByteArray::fromStdString(good).chopped(1);
    QTest::newRow("trailing bytes") << "long.npy" << QByteArray::fromStdString(good) + "x";
    QTest::newRow("shape overflows") << "overflow.npy" << overflow;
    QTest::newRow("negative dimension") << "negative.npy" << negative;
    QTest::newRow("1-D") << "one.npy" << npy({4});
    QTest::newRow("0-D") << "zero.npy" << npy({});
    QTest::newRow("6-D") << "six.npy" << npy({1, 1, 1, 1, 1, 1});
    QTest::newRow("no archive") << "no.npz" << QByteArray("PK\x03\x04 and nothing more");
    QTest::newRow("unknown") << "image.png" << QByteArray("\x89PNG\r\n\x1a\n");
}

void ErrorsTest::badFile() {
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    writeBytes(path(name), bytes);
    checkRefused({"run", "--data", name, "--save-stats", "out.csv"}, 3, name);
}

void ErrorsTest::badSamples_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("part");
    QTest::newRow("missing data") << QStringList{"run", "--data", "none.npy"} << "none.npy";
    QTest::newRow("a folder") << QStringList{"run", "--data", "."} << ".";
    QTest::newRow("no such tensor") << QStringList{"run", "--data", "data.npy::other"} << "other";
    QTest::newRow("missing gradient") << QStringList{"run", "--data", "data.npy", "--grad-output", "g.npy"} << "g.npy";
    QTest::newRow("missing recipe") << QStringList{"run", "none.json"} << "none.json: there is no such file";
    QTest::newRow("a recipe that is data") << QStringList{"run", "data.npy"} << "data.npy";
    QTest::newRow("missing state") << QStringList{"run", "--data", "data.npy", "--state", "s.npz"} << "s.npz";
    QTest::newRow("inspect missing") << QStringList{"inspect", "none.npy"} << "none.npy";
    QTest::newRow("screenshot of nothing") << QStringList{"screenshot", "a.png", "--recipe", "no.json"} << "no.json";
    QTest::newRow("screenshot of bad data") << QStringList{"screenshot", "a.png", "--data", "none.npy"} << "none.npy";
}

void ErrorsTest::badSamples() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, part);
    checkRefused(arguments, 3, part);
}

void ErrorsTest::badState_data() {
    QTest::addColumn<QString>("argument");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("part");
    QTest::newRow("missing keys") << "part.npz" << QStringList()
                                  << "Error(s) in loading state_dict for BatchNorm1d: Missing key(s) in state_dict: "
                                     "\"bias\", \"running_mean\", \"running_var\".";
    QTest::newRow("unexpected keys") << "net.npz::net.1." << QStringList{"--affine", "off"}
                                     << "Unexpected key(s) in state_dict: \"weight\", \"bias\".";
    QTest::newRow("where the layer is") << "net.npz" << QStringList()
                                        << "batch-norm layers in this file are under 'net.1.'";
    QTest::newRow("unknown prefix") << "net.npz::net.2" << QStringList() << "no tensor has the prefix 'net.2.'";
    QTest::newRow("sizes") << "sizes.npz" << QStringList()
                           << "size mismatch for bias: copying a param with shape torch.Size([3]) from checkpoint, the "
                              "shape in current model is torch.Size([2]).";
}

void ErrorsTest::badState() {
    QFETCH(QString, argument);
    QFETCH(QStringList, options);
    QFETCH(QString, part);
    const Tensor two = Tensor::of<float>({2}, {1, 2}), three = Tensor::of<float>({3}, {1, 2, 3});
    writeNpz(path("part.npz"), {{"weight", two}});
    writeNpz(path("net.npz"),
             {{"net.1.weight", two}, {"net.1.bias", two}, {"net.1.running_mean", two}, {"net.1.running_var", two}});
    writeNpz(path("sizes.npz"), {{"weight", two}, {"bias", three}, {"running_mean", two}, {"running_var", two}});
    checkRefused(QStringList{"run", "--data", "data.npy", "--state", argument} + options, 3, part);
}

/// Nobody writes into the pipe: whoever opens it as a file waits for ever.
void ErrorsTest::pipes() {
    QCOMPARE(::mkfifo(path("pipe").toLocal8Bit().constData(), 0600), 0);
    for (const QStringList& arguments : QList<QStringList>{{"run", "pipe"},
                                                           {"run", "--data", "pipe"},
                                                           {"run", "--state", "pipe", "--data", "data.npy"},
                                                           {"run", "--trace", "pipe"},
                                                           {"inspect", "pipe"},
                                                           {"compare", "pipe"},
                                                           {"compare", "data.npy", "pipe"}})
        checkRefused(arguments, 3, "pipe: ");
}

/// What a name says to a terminal stays unsaid, and a recipe is JSON, which is UTF-8.
void ErrorsTest::oddNames() {
    const QString odd = QStringLiteral("a\x1b[31m\x07.npy");
    for (const QStringList& arguments :
         QList<QStringList>{{"run", "--data", odd}, {"inspect", odd}, {"compare", odd, "data.npy"}, {"run", odd}})
        checkRefused(arguments, 3, "a?[31m?.npy");
    QVERIFY(QFile::copy(path("data.npy"), path(odd)));
    for (const QStringList& arguments : QList<QStringList>{{"inspect", odd}, {"compare", odd, "data.npy"}}) {
        const Finished finished = runCommand(arguments, m_folder->path());
        QVERIFY2(finished.out.contains("a?[31m?") && !finished.out.contains(QChar(0x1b)), qPrintable(finished.out));
    }
    const std::filesystem::path notUtf8 = m_folder->path().toStdString() + "/b\xff.npy";
    std::filesystem::copy_file(path("data.npy").toStdString(), notUtf8);
    // QProcess would not pass the name on.
    const Finished finished = runShell("\"$0\" run --data b$(printf '\\377').npy --save-recipe r.json");
    std::filesystem::remove(notUtf8);  // QTemporaryDir cannot
    QCOMPARE(finished.status, 3);
    QCOMPARE(finished.err, "bnstudio: the recipe cannot be written: the name of a file or lane is not UTF-8\n");
}

void ErrorsTest::unwritableOutput_data() {
    QTest::addColumn<QString>("option");
    QTest::addColumn<QString>("target");
    const std::pair<const char*, const char*> outputs[] = {{"--save-tensors", ".npz"},
                                                           {"--save-stats", ".csv"},
                                                           {"--save-state", ".npz"},
                                                           {"--save-recipe", ".json"},
                                                           {"--save-figure", ".svg"}};
    for (const auto& [option, ending] : outputs) {
        QTest::addRow("%s in no folder", option) << option << QString("nowhere/out") + ending;
        QTest::addRow("%s onto a folder", option) << option << QString("folder") + ending;
    }
}

void ErrorsTest::unwritableOutput() {
    QFETCH(QString, option);
    QFETCH(QString, target);
    QDir(m_folder->path()).mkdir(target);  // fails for the row without a folder, as it should
    checkRefused({"run", "--data", "data.npy", "--save-stats", "also.csv", option, target}, 4, target);
}

QTEST_GUILESS_MAIN(ErrorsTest)
#include "errors_test.moc"
