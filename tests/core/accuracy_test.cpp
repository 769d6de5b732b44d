// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/batch_norm.h"
#include "support/reference.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

// One training step against a long double reference that starts from the same stored state. The bounds are the
// project's promise and hold for |mean|/std up to 1e7 (float32) and 1e12 (float64); u is half an ulp of 1. They have no
// term in |mean|/std: an output formula that folds the mean into the bias would need one.

namespace {

struct Case {
    const char* name;
    double (*value)(TestNoise&, std::int64_t channel);
};

double scaled(TestNoise& noise, std::int64_t channel) {
    return (noise.normal() + 0.3) * std::pow(4.0, static_cast<double>(channel));
}
template <int exponent>
double shifted(TestNoise& noise, std::int64_t) {
    return noise.normal() + std::pow(10.0, exponent);
}
double heavy(TestNoise& noise, std::int64_t) {
    const double u = noise.uniform() - 0.5;
    return u / ((0.5 - std::fabs(u)) * (0.5 - std::fabs(u)) + 1e-6);
}
double nearlyConstant(TestNoise& noise, std::int64_t) {
    return noise.uniform() < 0.01 ? 2.5 : 2.25;
}

const Case cases[] = {{"scaled", scaled},          {"ratio 1e4", shifted<4>}, {"ratio 1e7", shifted<7>},
                      {"ratio 1e12", shifted<12>}, {"heavy tails", heavy},    {"nearly constant", nearlyConstant}};

long double magnitude(long double value) {
    return std::fabs(value);
}

}  // namespace

class AccuracyTest : public QObject {
    Q_OBJECT

private slots:
    void trainingStep_data() {
        QTest::addColumn<int>("distribution");
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<bool>("single");
        for (const bool single : {true, false})
            for (const QList<int>& shape : {QList<int>{2, 3},
                                            {3, 3},
                                            {32, 3},
                                            {127, 3},
                                            {3000, 3},
                                            {40000, 3},
                                            {2, 3, 1},
                                            {4, 3, 33},
                                            {30, 3, 1000}})
                for (int i = 0; i < 6; ++i)
                    if (!(single && i == 3))  // 1e12 + N(0, 1) is constant in float32
                        QTest::addRow("%s %s %s", single ? "float32" : "float64",
                                      shapeText(Dims(shape.begin(), shape.end())).c_str(), cases[i].name)
                            << i << shape << single;
    }

    void trainingStep() {
        QFETCH(int, distribution);
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        const DType dtype = single ? DType::Float32 : DType::Float64;
        const long double u = single ? 0x1p-24L : 0x1p-53L;
        const Dims dims(shape.begin(), shape.end());
        TestNoise noise(static_cast<std::uint64_t>(distribution + 7 * shape[0]));
        const Tensor x =
            makeBatch(dtype, dims, [&](auto, auto c, auto) { return cases[distribution].value(noise, c); });
        const Tensor dy = makeBatch(dtype, dims, [&](auto...) { return noise.normal(); });

        BatchNorm1d layer({.numFeatures = 3, .dtype = dtype});
        layer.mutableState() = {{{1.5, -0.75, 2}}, {{0.5, 3, -1}}, {{0.25, -4, 1}}, {{0.5, 2, 1}}, 0};
        const LayerState before = layer.state();
        Tensor y, gradX;
        const ForwardRecord record = layer.forward(x, &y);
        const BackwardRecord backward = layer.backward(x, dy, record, &gradX);

        const std::vector<ReferenceChannel> moments = referenceMoments(x);
        const std::vector<long double> expectedY = referenceOutput(x, moments, 1e-5, before);
        const ReferenceGradients gradients = referenceGradients(x, dy, moments, 1e-5, before);
        const long double n = static_cast<long double>(record.valuesPerChannel);
        for (std::size_t c = 0; c < 3; ++c) {
            const ReferenceChannel& m = moments[c];
            const long double unbiased = m.sumSquares / (n - 1);
            const Largest largest = largestOf(x, dy, m, static_cast<std::int64_t>(c));
            const long double invstd = 1 / std::sqrt(m.var + static_cast<long double>(1e-5));
            const auto within = [&](double actual, long double expected, long double allowed, const char* what) {
                const QString text = QString("%1 of channel %2 is %3 u·scale off")
                                         .arg(what)
                                         .arg(c)
                                         .arg(static_cast<double>(magnitude(actual - expected) / allowed));
                QVERIFY2(magnitude(actual - expected) <= allowed, qPrintable(text));
            };
            within(roundTo(dtype, record.mean[c]), m.mean(), u * largest.x, "mean");
            within(roundTo(dtype, record.var[c]), m.var, (single ? 1 : 2) * u * m.var, "var");
            within((*layer.state().runningMean)[c], blend((*before.runningMean)[c], m.mean()),
                   2 * u * blendScale((*before.runningMean)[c], m.mean()), "running_mean");
            within((*layer.state().runningVar)[c], blend((*before.runningVar)[c], unbiased),
                   2 * u * blendScale((*before.runningVar)[c], unbiased), "running_var");
            within((*backward.gradBias)[c], gradients.bias[c], u * largest.sumDy, "grad_bias");
            within((*backward.gradWeight)[c], gradients.weight[c], 4 * u * largest.sumXcDy * invstd, "grad_weight");
            checkElements(x, y, gradX, expectedY, gradients.input, c, [&](std::size_t i) {
                const long double bias = (*before.bias)[c], scaledX = expectedY[i] - bias;
                return std::pair((single ? 3 : 4) * u * (magnitude(scaledX) + magnitude(bias)),
                                 4 * u * largest.dy * magnitude((*before.weight)[c]) * invstd);
            });
        }
    }

    void evalStep_data() {
        QTest::addColumn<bool>("single");
        QTest::addColumn<double>("mean");
        for (const bool single : {true, false})
            for (const double mean : {0.0, 1.0, 1e4, 1e7, 1e12})
                QTest::addRow("%s mean %g", single ? "float32" : "float64", mean) << single << mean;
    }

    void evalStep() {
        QFETCH(bool, single);
        QFETCH(double, mean);
        const DType dtype = single ? DType::Float32 : DType::Float64;
        TestNoise noise(31);
        const Tensor x = makeBatch(dtype, {500, 2}, [&](auto...) { return mean + noise.normal(); });
        BatchNorm1d layer({.numFeatures = 2, .dtype = dtype});
        layer.setTraining(false);
        layer.mutableState() = {
            {{1.5, -0.75}}, {{0.5, 3}}, {{roundTo(dtype, mean + 0.3), roundTo(dtype, mean)}}, {{0.8125, 3}}, 0};
        Tensor y;
        layer.forward(x, &y);
        std::vector<ReferenceChannel> stored;
        for (std::size_t c = 0; c < 2; ++c)
            stored.push_back({(*layer.state().runningMean)[c], 0, (*layer.state().runningVar)[c], 0});
        const std::vector<long double> expected = referenceOutput(x, stored, 1e-5, layer.state());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const long double bias = (*layer.state().bias)[i % 2];
            const long double allowed =
                (single ? 3 * 0x1p-24L : 4 * 0x1p-53L) * (magnitude(expected[i] - bias) + magnitude(bias));
            QVERIFY(magnitude(y.at(static_cast<std::int64_t>(i)) - expected[i]) <= allowed);
        }
    }

private:
    struct Largest {
        long double x = 0, dy = 0, sumDy = 0, sumXcDy = 0;
    };

    static Largest largestOf(const Tensor& x, const Tensor& dy, const ReferenceChannel& m, std::int64_t channel) {
        const BatchShape s = BatchShape::of(x.shape());
        Largest result;
        for (std::int64_t i = 0; i < x.size(); ++i) {
            if (i / s.l % s.c != channel)
                continue;
            result.x = std::max(result.x, magnitude(x.at(i)));
            result.dy = std::max(result.dy, magnitude(dy.at(i)));
            result.sumDy += magnitude(dy.at(i));
            result.sumXcDy += magnitude(m.deviation(x.at(i)) * dy.at(i));
        }
        return result;
    }

    static constexpr long double factor = 0.1;  // the double 0.1, as PyTorch's momentum is

    static long double blend(double old, long double value) { return (1 - factor) * old + factor * value; }
    static long double blendScale(double old, long double value) {
        return magnitude((1 - factor) * old) + magnitude(factor * value);
    }

    template <class Allowed>
    static void checkElements(const Tensor& x, const Tensor& y, const Tensor& gradX,
                              const std::vector<long double>& expectedY, const std::vector<long double>& expectedGrad,
                              std::size_t channel, Allowed allowed) {
        const BatchShape s = BatchShape::of(x.shape());
        long double worstY = 0, worstGrad = 0;
        for (std::int64_t i = 0; i < x.size(); ++i) {
            if (static_cast<std::size_t>(i / s.l % s.c) != channel)
                continue;
            const std::size_t at = static_cast<std::size_t>(i);
            const auto [allowedY, allowedGrad] = allowed(at);
            worstY = std::max(worstY, magnitude(y.at(i) - expectedY[at]) / allowedY);
            worstGrad = std::max(worstGrad, magnitude(gradX.at(i) - expectedGrad[at]) / allowedGrad);
        }
        QVERIFY2(worstY <= 1, qPrintable(QString("y: %1 of the allowed error").arg(static_cast<double>(worstY))));
        QVERIFY2(worstGrad <= 1, qPrintable(QString("grad_x: %1 of the allowed").arg(static_cast<double>(worstGrad))));
    }
};

QTEST_GUILESS_MAIN(AccuracyTest)
#include "accuracy_test.moc"
