// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/contract.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

/// Σ over the batch of weights · y, for a fresh pass through a copy of the layer: the function whose gradient backward
/// computes.
double loss(BatchNorm1d layer, const Tensor& x, const Tensor& weights) {
    Tensor y;
    layer.forward(x, &y);
    double sum = 0;
    for (std::int64_t i = 0; i < y.size(); ++i)
        sum += weights.at(i) * y.at(i);
    return sum;
}

constexpr double step = 1e-5;

template <class Change>
double centralDifference(Change lossAt) {
    return (lossAt(step) - lossAt(-step)) / (2 * step);
}

}  // namespace

/// Statements 33 to 37: gradients.
class ContractBackwardTest : public QObject {
    Q_OBJECT

private slots:
    /// x̂ = ±1, so with dy = (a, b, a, b) the definition gives S = 2(a + b), Q = 2(b − a) and dy − S/n − x̂·Q/n = 0.
    void s33_exactGradientsInTraining() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 1, .eps = 0, .dtype = dtype});
            layer.mutableState().weight = {{3}};
            const Tensor x = pairsBatch(1, dtype);
            Tensor gradX;
            const ForwardRecord record = layer.forward(x);
            const BackwardRecord same = layer.backward(
                x, makeBatch(dtype, {4, 1}, [](auto n, auto...) { return n % 2 == 0 ? 1.0 : 4.0; }), record, &gradX);
            QVERIFY(*same.gradBias == ChannelVector{10} && *same.gradWeight == ChannelVector{6});
            for (std::int64_t i = 0; i < 4; ++i)
                QVERIFY(gradX.at(i) == 0);
            // dy = (4, 0, 0, 0): S/n = 1, Q/n = −1; times γ·invstd = 3.
            layer.backward(x, makeBatch(dtype, {4, 1}, [](auto n, auto...) { return n == 0 ? 4.0 : 0.0; }), record,
                           &gradX);
            const double expected[] = {(4 - 1 - 1) * 3, 0, (0 - 1 - 1) * 3, 0};
            for (std::int64_t i = 0; i < 4; ++i)
                QVERIFY(gradX.at(i) == expected[i]);
        }
    }

    /// invstd includes eps: variance 1 and eps 3 make it 1/2, and P·invstd²/n no longer cancels.
    void s33_epsIsPartOfTheScale() {
        BatchNorm1d layer({.numFeatures = 1, .eps = 3});
        const Tensor x = pairsBatch(1);
        Tensor gradX;
        const BackwardRecord backward =
            layer.backward(x, Tensor::of<float>({4, 1}, {4, 0, 0, 0}), layer.forward(x), &gradX);
        QVERIFY(*backward.gradWeight == ChannelVector{-2} && *backward.gradBias == ChannelVector{4});
        // x̂ = ±1/2, S/n = 1, Q/n = −1/2: (dy − 1 + x̂/2)/2
        const double expected[] = {(4 - 1 - 0.25) / 2, (-1 + 0.25) / 2, (-1 - 0.25) / 2, (-1 + 0.25) / 2};
        for (std::int64_t i = 0; i < 4; ++i)
            QVERIFY(gradX.at(i) == expected[i]);
    }

    void s33_exactGradientsInEval() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 1, .eps = 0, .dtype = dtype});
            layer.setTraining(false);
            layer.mutableState() = {{{2}}, {{1}}, {{5}}, {{4}}, 7};
            const Tensor x = makeBatch(dtype, {2, 1}, [](auto n, auto...) { return n == 0 ? 5.0 : 9.0; });
            Tensor y, gradX;
            const BatchNorm1d before = layer;
            const ForwardRecord record = layer.forward(x, &y);
            QVERIFY(y.at(0) == 1 && y.at(1) == 5);
            const Tensor dy = makeBatch(dtype, {2, 1}, [](auto n, auto...) { return n == 0 ? 1.0 : 3.0; });
            const BackwardRecord backward = layer.backward(x, dy, record, &gradX);
            QVERIFY(gradX.at(0) == 1 && gradX.at(1) == 3);  // dy·γ/σ
            QVERIFY(*backward.gradBias == ChannelVector{4} && *backward.gradWeight == ChannelVector{6});
            QVERIFY(layer == before);
        }
    }

    void s33_finiteDifferences_data() {
        QTest::addColumn<bool>("training");
        QTest::addColumn<QList<int>>("shape");
        for (const bool training : {true, false})
            for (const QList<int>& shape : {QList<int>{7, 3}, {2, 3}, {3, 3, 4}})
                QTest::addRow("%s %s", training ? "train" : "eval", rowName(shape).constData()) << training << shape;
    }

    /// The derivative by its definition. A central difference errs by step²/6 times the third derivative, here some
    /// tens, and by 2^-53 · |loss| / step: together below 1e-8.
    void s33_finiteDifferences() {
        QFETCH(bool, training);
        QFETCH(QList<int>, shape);
        const Dims dims = dimsOf(shape);
        BatchNorm1d layer({.numFeatures = 3, .eps = 0.25, .dtype = DType::Float64});
        layer.setTraining(training);
        layer.mutableState() = {{{1.5, -0.75, 2}}, {{0.5, 3, -1}}, {{0.25, -1, 1}}, {{0.5, 2, 1}}, 0};
        Tensor x = noiseBatch(DType::Float64, dims, 8), gradX;
        const Tensor dy = noiseBatch(DType::Float64, dims, 9);
        BatchNorm1d passed = layer;
        const BackwardRecord backward = layer.backward(x, dy, passed.forward(x), &gradX);
        for (std::int64_t i = 0; i < x.size(); ++i) {
            const double numeric = centralDifference([&](double shift) {
                Tensor moved = x;
                moved.set(i, x.at(i) + shift);
                return loss(layer, moved, dy);
            });
            QVERIFY(std::fabs(gradX.at(i) - numeric) <= 1e-8);
        }
        for (std::size_t c = 0; c < 3; ++c)
            for (const bool weight : {true, false}) {
                const double numeric = centralDifference([&](double shift) {
                    BatchNorm1d moved = layer;
                    (weight ? *moved.mutableState().weight : *moved.mutableState().bias)[c] += shift;
                    return loss(moved, x, dy);
                });
                QVERIFY(std::fabs((weight ? *backward.gradWeight : *backward.gradBias)[c] - numeric) <= 1e-8);
            }
    }

    /// eps 0 and no variance: invstd is 0, and so are all gradients that contain it.
    void s33_constantChannelWithoutEps() {
        BatchNorm1d layer({.numFeatures = 1, .eps = 0});
        const Tensor x = Tensor::of<float>({3, 1}, {5, 5, 5});
        Tensor gradX;
        const BackwardRecord backward =
            layer.backward(x, Tensor::of<float>({3, 1}, {1, 2, 4}), layer.forward(x), &gradX);
        for (std::int64_t i = 0; i < 3; ++i)
            QVERIFY(gradX.at(i) == 0);
        QVERIFY(*backward.gradWeight == ChannelVector{0} && *backward.gradBias == ChannelVector{7});
    }

    void s33_withoutParameters() {
        BatchNorm1d plain({.numFeatures = 3, .affine = false}), layer({.numFeatures = 3});
        const Tensor x = noiseBatch(DType::Float32, {40, 3}, 1), dy = noiseBatch(DType::Float32, {40, 3}, 2);
        Tensor gradX, expected;
        const BackwardRecord backward = plain.backward(x, dy, plain.forward(x), &gradX);
        QVERIFY(!backward.gradWeight && !backward.gradBias);
        layer.backward(x, dy, layer.forward(x), &expected);
        QVERIFY(sameBytes(gradX, expected));  // as with γ = 1
    }

    /// The loss Σy does not depend on x: what is left is rounding, and none of it in |mean|/std as PyTorch has it.
    void s35_sumOfOutputs() {
        for (const DType dtype : {DType::Float32, DType::Float64})
            for (const double mean : {0.0, 1e4}) {
                const double u = dtype == DType::Float32 ? 0x1p-24 : 0x1p-53;
                BatchNorm1d layer({.numFeatures = 3, .dtype = dtype});
                TestNoise noise(4);
                const Tensor x = makeBatch(dtype, {1000, 3}, [&](auto...) { return mean + noise.normal(); });
                const Tensor ones = makeBatch(dtype, {1000, 3}, [](auto...) { return 1.0; });
                Tensor gradX;
                const ForwardRecord record = layer.forward(x);
                layer.backward(x, ones, record, &gradX);
                for (std::int64_t i = 0; i < gradX.size(); ++i)
                    QVERIFY(std::fabs(gradX.at(i)) <= 4 * u * record.invstd[static_cast<std::size_t>(i % 3)]);
            }
    }

    /// PyTorch's eval backward would read buffers that a later forward has changed. Here a record is a value: gradients
    /// belong to the forward that made it.
    void s36_gradientsBelongToTheirForward() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.setTraining(false);
        const Tensor x = noiseBatch(DType::Float32, {40, 3}, 1), dy = noiseBatch(DType::Float32, {40, 3}, 2);
        const ForwardRecord record = layer.forward(x);
        Tensor before, after;
        const BackwardRecord first = layer.backward(x, dy, record, &before);
        layer.setTraining(true);
        layer.forward(noiseBatch(DType::Float32, {40, 3}, 3));
        QVERIFY(layer.backward(x, dy, record, &after) == first);
        QVERIFY(sameBytes(before, after));
    }

    /// A parameter that is None gets no gradient; the other one still does.
    void s37_gradientsOfPresentParameters() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState().weight.reset();
        const Tensor x = pairsBatch();
        const BackwardRecord backward = layer.backward(x, x, layer.forward(x), nullptr);
        QVERIFY(!backward.gradWeight && *backward.gradBias == three(8));
    }
};

QTEST_GUILESS_MAIN(ContractBackwardTest)
#include "contract_backward_test.moc"
