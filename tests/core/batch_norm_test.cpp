// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/batch_norm.h"
#include "support/contract.h"

#include <QTest>

using namespace bnstudio;
using namespace bnstudio::testing;

/// What the layer has beyond torch.nn.BatchNorm1d; the contract_… tests hold it against PyTorch.
class BatchNormTest : public QObject {
    Q_OBJECT

private slots:
    void affineSwitch() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState().weight = three(5);
        layer.setAffine(true);
        QVERIFY(*layer.state().weight == three(5));  // present ones stay
        layer.setAffine(false);
        QVERIFY(!layer.state().weight && !layer.state().bias && !layer.options().affine);
        layer.setAffine(true);
        QVERIFY(*layer.state().weight == three(1) && *layer.state().bias == three(0));
    }

    void transformsAreTheKernels_data() {
        QTest::addColumn<bool>("single");
        QTest::addColumn<bool>("training");
        QTest::addColumn<QList<int>>("shape");
        for (const bool single : {true, false})
            for (const bool training : {true, false})
                for (const QList<int>& shape : {QList<int>{37, 5}, {600, 300}, {3, 5, 41}})
                    QTest::addRow("%s %s %s", single ? "float32" : "float64", training ? "train" : "eval",
                                  shapeText(Dims(shape.begin(), shape.end())).c_str())
                        << single << training << shape;
    }

    /// What the window shows for one cell must be the very number the kernels computed.
    void transformsAreTheKernels() {
        QFETCH(bool, single);
        QFETCH(bool, training);
        QFETCH(QList<int>, shape);
        const DType dtype = single ? DType::Float32 : DType::Float64;
        const Dims dims(shape.begin(), shape.end());
        BatchNorm1d layer({.numFeatures = dims[1], .dtype = dtype});
        layer.setTraining(training);
        const Tensor x = noiseBatch(dtype, dims, 1), dy = noiseBatch(dtype, dims, 2);
        Tensor y, gradX;
        const ForwardRecord record = layer.forward(x, &y);
        const BackwardRecord backward = layer.backward(x, dy, record, &gradX);
        const std::vector<ChannelTransform> transforms = channelTransforms(record, layer.state(), &backward);
        const BatchShape s = BatchShape::of(dims);
        for (std::int64_t i = 0; i < x.size(); ++i) {
            const ChannelTransform& t = transforms[static_cast<std::size_t>(i / s.l % s.c)];
            QVERIFY(roundTo(dtype, t.y(x.at(i))) == y.at(i));
            QVERIFY(roundTo(dtype, t.gradInput(x.at(i), dy.at(i))) == gradX.at(i));
        }
    }

    void knownMomentsChangeNothing() {
        const Tensor x = noiseBatch(DType::Float64, {50, 3}, 9);
        BatchNorm1d one({.numFeatures = 3, .dtype = DType::Float64}), two = one;
        Tensor y1, y2;
        const Moments moments = computeMoments(x);
        QVERIFY(one.forward(x, &y1) == two.forward(x, &y2, &moments));
        QVERIFY(sameBytes(y1, y2) && one == two);
    }

    void outputIsOptional() {
        const Tensor x = noiseBatch(DType::Float32, {50, 3}, 9);
        BatchNorm1d one({.numFeatures = 3}), two = one;
        Tensor y;
        QVERIFY(one.forward(x) == two.forward(x, &y));
        QVERIFY(one == two);
    }

    void backwardChecksItsArguments() {
        BatchNorm1d layer({.numFeatures = 3});
        const Tensor x = pairsBatch();
        const ForwardRecord record = layer.forward(x);
        QCOMPARE(messageOf([&] { layer.backward(x, pairsBatch(2), record, nullptr); }),
                 std::string("dy is float32 of shape (4, 2), but must be float32 of shape (4, 3) like the input"));
        QCOMPARE(messageOf([&] { layer.backward(x, pairsBatch(3, DType::Float64), record, nullptr); }),
                 std::string("dy is float64 of shape (4, 3), but must be float32 of shape (4, 3) like the input"));
        QVERIFY(!messageOf([&] { layer.backward(pairsBatch(2), pairsBatch(2), record, nullptr); }).empty());
        layer.mutableState().weight = {{1}};
        QCOMPARE(messageOf([&] { layer.backward(x, x, record, nullptr); }),
                 std::string("weight should contain 3 elements not 1"));
    }
};

QTEST_GUILESS_MAIN(BatchNormTest)
#include "batch_norm_test.moc"
