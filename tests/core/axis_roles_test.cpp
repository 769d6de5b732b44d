// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/axis_roles.h"
#include "core/data/batch_stream.h"
#include "core/error.h"
#include "core/io/npz_writer.h"
#include "core/io/safetensors_writer.h"
#include "support/interop.h"

#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;

namespace {

constexpr std::int64_t samples = 4, channels = 3;

/// Which number the value of sample n, channel c and place l is.
double valueAt(std::int64_t n, std::int64_t c, std::int64_t l) {
    return static_cast<double>(100 * n + 10 * c + l);
}

/// A tensor with these axes; every L of the order has the next of @p lengths. Places l are counted with the last L
/// running fastest, or the first one.
Tensor inOrder(const std::string& order, const Dims& lengths, bool firstRunsFastest = false) {
    Dims shape;
    std::size_t next = 0;
    for (const char role : order)
        shape.push_back(role == 'N' ? samples : role == 'C' ? channels : lengths[next++]);
    Tensor tensor(DType::Float32, shape);
    for (std::int64_t flat = 0; flat < tensor.size(); ++flat) {
        Dims places;
        std::int64_t rest = flat, n = 0, c = 0, l = 0;
        for (std::size_t axis = order.size(); axis-- > 0; rest /= shape[axis]) {
            const std::int64_t index = rest % shape[axis];
            if (order[axis] == 'L')
                places.push_back(index);
            else
                (order[axis] == 'N' ? n : c) = index;
        }
        for (std::size_t i = 0; i < places.size(); ++i) {  // places and lengths run in opposite directions
            const std::size_t last = places.size() - 1 - i;
            l = firstRunsFastest ? l * lengths[last] + places[i] : l * lengths[i] + places[last];
        }
        tensor.set(flat, valueAt(n, c, l));
    }
    return tensor;
}

/// The same array in Fortran order: the bytes of the array with reversed axes in C order.
QByteArray fortranNpy(const std::string& order, const Dims& lengths) {
    const std::string shape = shapeText(inOrder(order, lengths).shape());
    const Tensor reversed =
        inOrder(std::string(order.rbegin(), order.rend()), Dims(lengths.rbegin(), lengths.rend()), true);
    QByteArray bytes = QByteArray::fromStdString(npyBytes(reversed));
    bytes.replace(bytes.indexOf("False, "), 7, "True,  ");
    return bytes.replace(bytes.indexOf('('), static_cast<qsizetype>(shape.size()), QByteArray::fromStdString(shape));
}

}  // namespace

class AxisRolesTest : public QObject {
    Q_OBJECT

private slots:
    void readsEveryOrder_data();
    void readsEveryOrder();
    void leavesNaturalOrderAlone();
    void refusesAxesThatDoNotFit();
    void knowsOrders();
    void readsBatchesInAnOrder();
    void transposesTables();
    void warnsOfDoubt();
    void travelsInRecipes();
    void guessesAxesFromTheLayer();

private:
    std::filesystem::path path(const char* name) const { return m_folder.filePath(name).toStdString(); }
    QTemporaryDir m_folder;
};

void AxisRolesTest::readsEveryOrder_data() {
    QTest::addColumn<QString>("order");
    QTest::addColumn<QString>("axes");
    QTest::addColumn<Dims>("lengths");
    for (const char* order : {"NC", "CN"})
        QTest::newRow(order) << order << order << Dims{};
    QTest::newRow("CN, said with L") << "CN"
                                     << "CLN" << Dims{};
    QTest::newRow("NC, said with L") << "NC"
                                     << "NLC" << Dims{};
    for (const char* order : {"NCL", "NLC", "CNL", "CLN", "LNC", "LCN"})
        QTest::newRow(order) << order << order << Dims{5};
    const std::pair<const char*, const char*> folded[] = {{"NLLC", "NLC"}, {"LLNC", "LNC"}, {"LLCN", "LCN"},
                                                          {"CLLN", "CLN"}, {"CNLL", "CNL"}, {"NCLL", "NCL"}};
    for (const auto& [order, axes] : folded)
        QTest::newRow(order) << order << axes << Dims{2, 5};
    QTest::newRow("NLLLC") << "NLLLC"
                           << "NLC" << Dims{2, 3, 4};
    QTest::newRow("LLLNC") << "LLLNC"
                           << "LNC" << Dims{2, 3, 4};
}

void AxisRolesTest::readsEveryOrder() {
    QFETCH(QString, order);
    QFETCH(QString, axes);
    QFETCH(Dims, lengths);
    const Tensor tensor = inOrder(order.toStdString(), lengths);
    interop::writeFile(path("c.npy"), QByteArray::fromStdString(npyBytes(tensor)));
    interop::writeFile(path("fortran.npy"), fortranNpy(order.toStdString(), lengths));
    SafetensorsWriter writer(path("s.safetensors"));
    writer.add("pad", Tensor(DType::Float64, {7}));
    writer.add("x", tensor);
    writer.commit();
    NpzWriter npz(path("z.npz"));
    npz.add("x", tensor);
    npz.commit();
    std::int64_t length = 1;
    for (const std::int64_t one : lengths)
        length *= one;
    for (const char* name : {"c.npy", "fortran.npy", "s.safetensors", "z.npz"}) {
        const auto reordered = withAxes(openTensorFile(path(name)).tensors.back(), axes.toStdString(), "x");
        const bool isFolded = reordered->shape().size() <= 3;
        if (isFolded)
            QCOMPARE(reordered->shape(), (lengths.empty() ? Dims{samples, channels} : Dims{samples, channels, length}));
        for (const std::int64_t count : {std::int64_t{1}, std::int64_t{3}, samples}) {
            for (std::int64_t first = 0; first + count <= samples; ++first) {
                Tensor rows;
                reordered->readRows(first, count, rows);
                QCOMPARE(rows.shape()[0], count);
                for (std::int64_t i = 0; i < rows.size(); ++i) {
                    const std::int64_t l = i % length, c = i / length % channels, n = i / length / channels;
                    QCOMPARE(rows.at(i), valueAt(first + n, c, l));
                }
            }
        }
    }
}

void AxisRolesTest::leavesNaturalOrderAlone() {
    interop::writeFile(path("c.npy"), QByteArray::fromStdString(npyBytes(inOrder("NCL", {5}))));
    const auto tensor = openTensorFile(path("c.npy")).tensors[0];
    QCOMPARE(withAxes(tensor, "", "x"), tensor);
    QCOMPARE(withAxes(tensor, "NCL", "x"), tensor);
}

void AxisRolesTest::refusesAxesThatDoNotFit() {
    interop::writeFile(path("c.npy"), QByteArray::fromStdString(npyBytes(inOrder("NCL", {5}))));
    const auto tensor = openTensorFile(path("c.npy")).tensors[0];
    const QString message = interop::errorOf([&] { withAxes(tensor, "CN", "c.npy"); }, "c.npy");
    QCOMPARE(message,
             "c.npy: has 3 axes, but CN names two; expected N, C and L (for all the others) in the order of the file");
    const auto reordered = withAxes(tensor, "LNC", "x");
    Tensor out;
    QVERIFY(interop::errorOf([&] { reordered->readRows(2, 2, out); }, "c").contains("has 3 rows"));
}

void AxisRolesTest::knowsOrders() {
    for (const char* order : {"", "NC", "CN", "NCL", "NLC", "CNL", "CLN", "LNC", "LCN"})
        QVERIFY2(isAxisOrder(order), order);
    for (const char* order : {"N", "C", "NL", "NN", "NCC", "NCLL", "nc", "NCHW", "XYZ"})
        QVERIFY2(!isAxisOrder(order), order);
}

// Converted, gathered by a shuffle and in order: the same samples.
void AxisRolesTest::readsBatchesInAnOrder() {
    interop::writeFile(path("c.npy"), QByteArray::fromStdString(npyBytes(inOrder("LNC", {5}))));
    FileSpec file;
    file.path = path("c.npy").string();
    file.axes = "LNC";
    DataSpec data;
    data.sources = {file};
    data.batchSize = 3;
    for (const DType dtype : {DType::Float32, DType::Float64}) {
        for (const bool isShuffled : {false, true}) {
            data.shuffleSeed = isShuffled ? std::optional<std::uint64_t>{1} : std::nullopt;
            const auto stream = BatchStream::open(data, dtype);
            QCOMPARE(stream->shapeAt(0), (Dims{3, channels, 5}));
            QCOMPARE(stream->shapeAt(1), (Dims{1, channels, 5}));
            QVERIFY(stream->notes().back().ends_with("with axes LNC is read as (N, C, L) = (4, 3, 5)")
                    || dtype == DType::Float64);
            std::vector<double> firsts;
            for (std::int64_t step = 0; step < 2; ++step) {
                Tensor batch;
                stream->read(step, batch);
                for (std::int64_t n = 0; n < batch.shape()[0]; ++n) {
                    const double first = batch.at(n * channels * 5);
                    firsts.push_back(first);
                    for (std::int64_t i = 0; i < channels * 5; ++i)
                        QCOMPARE(batch.at(n * channels * 5 + i), first + valueAt(0, i / 5, i % 5));
                }
            }
            std::sort(firsts.begin(), firsts.end());
            QCOMPARE(firsts, (std::vector<double>{0, 100, 200, 300}));
        }
    }
}

void AxisRolesTest::transposesTables() {
    interop::writeFile(path("t.csv"), "s1,s2\n1,2\n3,4\n5,6\n");
    FileSpec file;
    file.path = path("t.csv").string();
    DataSpec data;
    data.sources = {file};
    QCOMPARE(BatchStream::open(data, DType::Float32)->channelNames().size(), std::size_t{2});
    file.axes = "CN";
    data.sources = {file};
    const auto stream = BatchStream::open(data, DType::Float32);
    QVERIFY(stream->channelNames().empty());  // the columns are samples now
    Tensor batch;
    stream->read(0, batch);
    QCOMPARE(batch.shape(), (Dims{2, 3}));
    const double expected[] = {1, 3, 5, 2, 4, 6};
    for (std::int64_t i = 0; i < 6; ++i)
        QCOMPARE(batch.at(i), expected[i]);
}

void AxisRolesTest::warnsOfDoubt() {
    interop::writeFile(path("square.npy"), QByteArray::fromStdString(npyBytes(inOrder("NCL", {channels}))));
    FileSpec file;
    file.path = path("square.npy").string();
    DataSpec data;
    const auto notes = [&] {
        data.sources = {file};
        return BatchStream::open(data, DType::Float32)->notes();
    };
    QCOMPARE(notes().size(), std::size_t{1});
    QVERIFY(notes()[0].ends_with(
        "square (4, 3, 3) is read as (N, C, L), but could be (N, L, C) just as well; --axes NLC reads it so"));
    file.axes = "NCL";  // said, so there is no doubt
    QVERIFY(notes().empty());
}

void AxisRolesTest::travelsInRecipes() {
    Recipe recipe;
    FileSpec file;
    file.path = "x.npy";
    recipe.data.sources = {file};
    QVERIFY(!QByteArray::fromStdString(toJson(recipe)).contains("axes"));
    file.axes = "NLC";
    recipe.data.sources = {file};
    QVERIFY(QByteArray::fromStdString(toJson(recipe)).contains("\"axes\": \"NLC\""));
    QCOMPARE(recipeFromJson(toJson(recipe)), recipe);
    validate(recipe);
    file.axes = "NHWC";
    recipe.data.sources = {file};
    QVERIFY(
        interop::errorOf([&] { validate(recipe); }, "data.sources[0].axes").contains("got \"NHWC\", expected N and C"));
}

void AxisRolesTest::guessesAxesFromTheLayer() {
    QCOMPARE(axesHint({32, 8}, 8), std::string());
    QCOMPARE(axesHint({32, 9}, 8), std::string());
    QCOMPARE(axesHint({32, 9, 10}, 0), std::string());
    QVERIFY(axesHint({32, 100, 8}, 8).ends_with("are the last axis of the file, --axes NLC reads it so"));
    QVERIFY(axesHint({8, 100}, 8).ends_with("are the first axis of the file, --axes CN reads it so"));
    QVERIFY(axesHint({8, 100, 3}, 8).ends_with("--axes CNL reads it so"));
}

QTEST_GUILESS_MAIN(AxisRolesTest)
#include "axis_roles_test.moc"
