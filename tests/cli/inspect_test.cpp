// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <limits>

using namespace bnstudio;
using namespace bnstudio::testing;

class InspectTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void health();
    void largeTensor();
    void layers();
    void suspiciousLayers();
    void fortranOrder();
    void pickle();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    QJsonObject inspect(const QString& name) const {
        const Finished finished = runCommand({"inspect", name, "--json"}, m_folder->path());
        if (finished.status != 0)
            QTest::qFail(qPrintable(finished.err), __FILE__, __LINE__);
        return QJsonDocument::fromJson(finished.out.toUtf8()).object();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void InspectTest::health() {
    constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    writeNpz(path("f.npz"), {{"x", Tensor::of<float>({2, 4}, {nan, inf, -inf, 0, -1.5f, 2, 3, -0.0f})},
                             {"empty", Tensor(DType::Float64, {0, 3})},
                             {"scalar", Tensor::of<std::int64_t>({}, {7})}});
    const QJsonObject file = inspect("f.npz");
    QCOMPARE(file["format"].toString(), QStringLiteral("npz"));
    const QJsonArray tensors = file["tensors"].toArray();
    QCOMPARE(tensors.size(), 3);
    const QJsonObject x = tensors[0].toObject();
    QCOMPARE(x["name"].toString(), QStringLiteral("x"));
    QCOMPARE(x["dtype"].toString(), QStringLiteral("float32"));
    QCOMPARE(x["shape"].toArray(), (QJsonArray{2, 4}));
    QCOMPARE(x["order"].toString(), QStringLiteral("C"));
    const std::pair<const char*, int> counts[] = {{"nan", 1},      {"neg_inf", 1}, {"pos_inf", 1}, {"negative", 1},
                                                  {"positive", 2}, {"zero", 2},    {"count", 8}};
    for (const auto& [key, count] : counts)
        QVERIFY2(x[QLatin1String(key)].toInt(-1) == count, key);
    QCOMPARE(x["min"].toDouble(), -1.5);
    QCOMPARE(x["max"].toDouble(), 3.0);
    QCOMPARE(tensors[1].toObject()["count"].toInt(-1), 0);
    QVERIFY(tensors[1].toObject()["min"].isNull());
    QCOMPARE(tensors[2].toObject()["shape"].toArray(), QJsonArray());
    QCOMPARE(tensors[2].toObject()["max"].toDouble(), 7.0);
    const Finished plain = runCommand({"inspect", "f.npz"}, m_folder->path());
    QVERIFY2(
        plain.out.contains("x  float32 (2, 4)  order C  min -1.5  max 3  NaN 1  -inf 1  +inf 1  <0 1  =0 2  >0 2\n"),
        qPrintable(plain.out));
}

// More than one slice of 4 MiB: the slices must meet without gap or overlap.
void InspectTest::largeTensor() {
    constexpr std::int64_t rows = 3000, columns = 500;
    Tensor tensor(DType::Float64, {rows, columns});
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        tensor.set(i, static_cast<double>(i) - 10);
    writeBytes(path("big.npy"), QByteArray::fromStdString(npyBytes(tensor)));
    const QJsonObject big = inspect("big.npy")["tensors"].toArray()[0].toObject();
    QCOMPARE(big["count"].toInt(), rows * columns);
    QCOMPARE(big["negative"].toInt(), 10);
    QCOMPARE(big["zero"].toInt(), 1);
    QCOMPARE(big["max"].toDouble(), rows * columns - 11.0);
}

void InspectTest::layers() {
    const Tensor three(DType::Float32, {3});
    writeNpz(path("net.npz"), {{"0.weight", Tensor(DType::Float32, {3, 4})},
                               {"0.bias", three},
                               {"1.weight", three},
                               {"1.bias", three},
                               {"1.running_mean", three},
                               {"1.running_var", three},
                               {"1.num_batches_tracked", Tensor::of<std::int64_t>({}, {5})},
                               {"2.running_mean", three},
                               {"2.running_var", three}});
    const QJsonArray layers = inspect("net.npz")["batch_norm_layers"].toArray();
    QCOMPARE(layers.size(), 2);
    QCOMPARE(layers[0].toObject()["prefix"].toString(), QStringLiteral("1."));
    QCOMPARE(layers[0].toObject()["num_features"].toInt(), 3);
    QCOMPARE(layers[0].toObject()["dtype"].toString(), QStringLiteral("float32"));
    QCOMPARE(layers[0].toObject()["affine"].toBool(), true);
    QCOMPARE(layers[0].toObject()["num_batches_tracked"].toBool(), true);
    QCOMPARE(layers[1].toObject()["affine"].toBool(true), false);
    QCOMPARE(layers[1].toObject()["num_batches_tracked"].toBool(true), false);
}

void InspectTest::suspiciousLayers() {
    const Tensor one = Tensor::of<float>({2}, {1, 1}), zero(DType::Float32, {2});
    const Tensor some = Tensor::of<float>({2}, {0.5f, 2}), counter = Tensor::of<std::int64_t>({}, {9});
    writeNpz(path("net.npz"), {{"good.running_mean", some},
                               {"good.running_var", some},
                               {"good.num_batches_tracked", counter},
                               {"fresh.running_mean", zero},
                               {"fresh.running_var", one},
                               {"fresh.num_batches_tracked", Tensor::of<std::int64_t>({}, {0})},
                               {"bad.running_mean", some},
                               {"bad.running_var", Tensor::of<float>({2}, {3, -1})},
                               {"bad.num_batches_tracked", counter}});
    const QJsonArray layers = inspect("net.npz")["batch_norm_layers"].toArray();
    QCOMPARE(layers[0].toObject()["prefix"].toString(), QStringLiteral("bad."));
    const QJsonObject finding = layers[0].toObject()["findings"].toArray()[0].toObject();
    QCOMPARE(finding["kind"].toString(), QStringLiteral("negative_variance"));
    QCOMPARE(finding["channels"].toArray(), QJsonArray{1});
    QCOMPARE(layers[1].toObject()["prefix"].toString(), QStringLiteral("fresh."));
    QCOMPARE(layers[2].toObject()["findings"].toArray(), QJsonArray());
    const Finished plain = runCommand({"inspect", "net.npz"}, m_folder->path());
    QVERIFY2(plain.out.contains("batch norm at 'bad.': num_features 2, no weight and bias, running statistics\n"
                                "  suspicious: running_var is negative in 1 of 2 channels (1): "),
             qPrintable(plain.out));
}

void InspectTest::fortranOrder() {
    const QString file = QStringLiteral(BNSTUDIO_TEST_DATA "/data/interop/batch_fortran.npy");
    QCOMPARE(inspect(file)["tensors"].toArray()[0].toObject()["order"].toString(), QStringLiteral("Fortran"));
}

void InspectTest::pickle() {
    const QString file = QStringLiteral(BNSTUDIO_TEST_DATA "/data/interop/bn_module.pt");
    const QJsonObject json = inspect(file);
    QCOMPARE(json["format"].toString(), QStringLiteral("pt"));
    QCOMPARE(json["batch_norm_layers"].toArray().size(), 1);
    const QString className = QStringLiteral("torch.nn.modules.batchnorm.BatchNorm1d");
    const QJsonArray globals = json["globals"].toArray();
    QCOMPARE(globals[0].toObject(), (QJsonObject{{"name", className}, {"refused", true}}));
    QCOMPARE(globals[1].toObject(), (QJsonObject{{"name", "collections.OrderedDict"}, {"refused", false}}));
    QCOMPARE(json["refused"].toArray()[0].toObject(), (QJsonObject{{"where", ""}, {"global", className}}));
    const Finished plain = runCommand({"inspect", file}, m_folder->path());
    QVERIFY2(plain.out.contains("global " + className + ": refused, never imported\nglobal collections.OrderedDict\n"),
             qPrintable(plain.out));
    QVERIFY2(plain.out.contains("refused the whole: made by " + className + "\n"), qPrintable(plain.out));
}

QTEST_GUILESS_MAIN(InspectTest)
#include "inspect_test.moc"
