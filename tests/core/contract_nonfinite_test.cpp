// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/contract.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

const Dims shapes[] = {{40, 3}, {2, 3}, {600, 3}, {4, 3, 50}, {1, 3, 300}};

/// A noise batch whose channel 1 holds one bad value in its last sample.
Tensor poisoned(DType dtype, const Dims& shape, double bad) {
    Tensor x = noiseBatch(dtype, shape, 1);
    const BatchShape s = BatchShape::of(shape);
    x.set(((s.n - 1) * s.c + 1) * s.l, bad);
    return x;
}

void forEveryCase(auto body) {
    for (const DType dtype : {DType::Float32, DType::Float64})
        for (const Dims& shape : shapes)
            for (const double bad : {quietNaN, inf, -inf})
                body(dtype, shape, bad);
}

bool allNaN(const Tensor& tensor, std::int64_t channel) {
    const BatchShape s = BatchShape::of(tensor.shape());
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        if (i / s.l % s.c == channel && !std::isnan(tensor.at(i)))
            return false;
    return true;
}

/// Channels 0 and 2 of both tensors have the same bits.
bool neighboursAgree(const Tensor& a, const Tensor& b) {
    const BatchShape s = BatchShape::of(a.shape());
    for (std::int64_t i = 0; i < a.size(); ++i)
        if (i / s.l % s.c != 1 && a.at(i) != b.at(i))
            return false;
    return true;
}

}  // namespace

/// Statements 31 and 32: how NaN and infinities spread.
class ContractNonFiniteTest : public QObject {
    Q_OBJECT

private slots:
    void s31_oneBadValueInTraining() {
        forEveryCase([](DType dtype, const Dims& shape, double bad) {
            BatchNorm1d layer({.numFeatures = 3, .dtype = dtype}), clean = layer;
            const Tensor x = poisoned(dtype, shape, bad), finite = noiseBatch(dtype, shape, 1);
            const Tensor dy = noiseBatch(dtype, shape, 2);
            Tensor y, gradX, cleanY, cleanGrad;
            const BackwardRecord backward = layer.backward(x, dy, layer.forward(x, &y), &gradX);
            const BackwardRecord expected = clean.backward(finite, dy, clean.forward(finite, &cleanY), &cleanGrad);
            QVERIFY(allNaN(y, 1) && allNaN(gradX, 1));
            const double mean = (*layer.state().runningMean)[1];
            QVERIFY(std::isnan(bad) ? std::isnan(mean) : mean == bad);
            QVERIFY(std::isnan((*layer.state().runningVar)[1]));
            QVERIFY(std::isnan((*backward.gradWeight)[1]));
            QVERIFY(*backward.gradBias == *expected.gradBias);
            QVERIFY(neighboursAgree(y, cleanY) && neighboursAgree(gradX, cleanGrad));
            for (const std::size_t c : {0u, 2u}) {
                QVERIFY((*layer.state().runningMean)[c] == (*clean.state().runningMean)[c]);
                QVERIFY((*layer.state().runningVar)[c] == (*clean.state().runningVar)[c]);
                QVERIFY((*backward.gradWeight)[c] == (*expected.gradWeight)[c]);
            }
        });
    }

    void s31_oppositeInfinities() {
        BatchNorm1d layer({.numFeatures = 1});
        const float infinite = std::numeric_limits<float>::infinity();
        Tensor y;
        layer.forward(Tensor::of<float>({4, 1}, {0, infinite, -infinite, 1}), &y);
        QVERIFY(std::isnan((*layer.state().runningMean)[0]) && std::isnan((*layer.state().runningVar)[0]));
        QVERIFY(allNaN(y, 0));
    }

    /// Buffers once poisoned stay so whatever the momentum, but training never reads them.
    void s31_poisonedBuffersDoNotDisturbTraining() {
        for (const std::optional<double> momentum : {std::optional(0.0), std::optional(0.1), std::optional(1.0), {}}) {
            BatchNorm1d layer({.numFeatures = 3, .momentum = momentum}), clean = layer;
            layer.mutableState().runningMean = three(quietNaN);
            layer.mutableState().runningVar = three(quietNaN);
            Tensor y, expected;
            layer.forward(pairsBatch(), &y);
            clean.forward(pairsBatch(), &expected);
            QVERIFY(sameBytes(y, expected));
            QVERIFY(std::isnan((*layer.state().runningMean)[0]) && std::isnan((*layer.state().runningVar)[0]));
        }
    }

    void s31_nonFiniteGradient() {
        BatchNorm1d layer({.numFeatures = 3});
        const Tensor x = noiseBatch(DType::Float32, {40, 3}, 1);
        Tensor gradX, finiteGrad;
        const ForwardRecord record = layer.forward(x);
        const BackwardRecord backward = layer.backward(x, poisoned(DType::Float32, {40, 3}, inf), record, &gradX);
        layer.backward(x, noiseBatch(DType::Float32, {40, 3}, 1), record, &finiteGrad);
        QVERIFY((*backward.gradBias)[1] == inf && std::isinf((*backward.gradWeight)[1]));
        QVERIFY(!std::isfinite(gradX.at(1)) && neighboursAgree(gradX, finiteGrad));
    }

    void s32_evalIsElementwise() {
        forEveryCase([](DType dtype, const Dims& shape, double bad) {
            BatchNorm1d layer({.numFeatures = 3, .dtype = dtype});
            layer.setTraining(false);
            layer.mutableState().weight = {{1, -2, 1}};
            const Tensor x = poisoned(dtype, shape, bad), finite = noiseBatch(dtype, shape, 1);
            const Tensor dy = makeBatch(dtype, shape, [](auto...) { return 1.0; });
            Tensor y, gradX, cleanY, cleanGrad;
            const BackwardRecord backward = layer.backward(x, dy, layer.forward(x, &y), &gradX);
            layer.backward(finite, dy, layer.forward(finite, &cleanY), &cleanGrad);
            for (std::int64_t i = 0; i < y.size(); ++i)
                if (std::isfinite(x.at(i)))
                    QVERIFY(y.at(i) == cleanY.at(i));
                else
                    QVERIFY(std::isnan(bad) ? std::isnan(y.at(i)) : y.at(i) == -bad);  // γ is −2
            QVERIFY(sameBytes(gradX, cleanGrad));
            const double gradWeight = (*backward.gradWeight)[1];
            QVERIFY(std::isnan(bad) ? std::isnan(gradWeight) : gradWeight == bad);
            QVERIFY((*backward.gradBias)[1] == static_cast<double>(BatchShape::of(shape).valuesPerChannel()));
        });
    }

    void s32_zeroWeightTimesInfinity() {
        BatchNorm1d layer({.numFeatures = 1});
        layer.setTraining(false);
        layer.mutableState().weight = {{0}};
        Tensor y;
        layer.forward(Tensor::of<float>({2, 1}, {std::numeric_limits<float>::infinity(), 7}), &y);
        QVERIFY(std::isnan(y.at(0)) && y.at(1) == 0);
    }

    void s32_variances_data() {
        QTest::addColumn<double>("var");
        QTest::addColumn<double>("eps");
        QTest::addColumn<double>("expected");  // of x = 5, mean 3, bias 9
        QTest::newRow("below -eps") << -1.0 << 0.25 << quietNaN;
        QTest::newRow("between -eps and 0") << -0.75 << 1.0 << 9 + 2 / 0.5;
        QTest::newRow("0") << 0.0 << 0.25 << 9 + 2 / 0.5;
        QTest::newRow("0 and eps 0") << 0.0 << 0.0 << quietNaN;
        QTest::newRow("inf") << inf << 0.25 << 9.0;
        QTest::newRow("NaN") << quietNaN << 0.25 << quietNaN;
    }

    void s32_variances() {
        QFETCH(double, var);
        QFETCH(double, eps);
        QFETCH(double, expected);
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 1, .eps = eps, .dtype = dtype});
            layer.setTraining(false);
            layer.mutableState() = {{{1}}, {{9}}, {{3}}, {{var}}, 0};
            Tensor y;
            layer.forward(makeBatch(dtype, {4, 1}, [](auto...) { return 5.0; }), &y);
            for (std::int64_t i = 0; i < y.size(); ++i)
                QVERIFY(std::isnan(expected) ? std::isnan(y.at(i)) : y.at(i) == expected);
        }
    }

    void s32_infiniteRunningMean() {
        BatchNorm1d layer({.numFeatures = 1});
        layer.setTraining(false);
        layer.mutableState().runningMean = {{inf}};
        Tensor y;
        layer.forward(Tensor::of<float>({2, 1}, {1, std::numeric_limits<float>::infinity()}), &y);
        QVERIFY(y.at(0) == -inf && std::isnan(y.at(1)));
    }
};

QTEST_GUILESS_MAIN(ContractNonFiniteTest)
#include "contract_nonfinite_test.moc"
