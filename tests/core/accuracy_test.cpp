// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/batch_norm.h"
#include "support/reference.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <map>

using namespace bnstudio;
using namespace bnstudio::testing;

// One step against a reference with 113 bits that starts from the same stored state. The bounds are the project's promise
// (docs/numerics.md) for n from 2 to 1e7, |mean|/std up to 1e7 in float32 and 1e12 in float64, heavy tails and constants;
// u is half an ulp of 1. None has a term in |mean|/std: an output formula that folds the mean into the bias needs one.

namespace {

struct Distribution {
    const char* name;
    double (*value)(TestNoise&, double parameter);
    double parameter;
    bool inSingle = true, inDouble = true;
    double firstValue = 0;  ///< unless 0: the first value of every channel, before the scale of the channel
};

double meanAtStd1(TestNoise& noise, double mean) {
    return mean + noise.normal();
}
double stdAtMean1(TestNoise& noise, double ratio) {
    return 1 + noise.normal() / ratio;
}
double scaled(TestNoise& noise, double scale) {
    return (noise.normal() + 0.3) * scale;
}
double uniform(TestNoise& noise, double largest) {
    return (2 * noise.uniform() - 1) * largest;
}
/// R. Bailey, Math. Comp. 62 (1994): Student's t from two uniform numbers.
double studentT(TestNoise& noise, double degrees) {
    const double radius = std::sqrt(degrees * (std::pow(1 - noise.uniform(), -2 / degrees) - 1));
    return radius * std::cos(6.283185307179586 * noise.uniform());
}
double logNormal(TestNoise& noise, double sigma) {
    return std::exp(sigma * noise.normal());
}
double constant(TestNoise&, double value) {
    return value;
}
double rareStep(TestNoise& noise, double height) {
    return 2.25 + (noise.uniform() < 0.01 ? height : 0);
}
double rareOutlier(TestNoise& noise, double size) {
    return noise.normal() + (noise.uniform() < 0.002 ? size : 0);
}

constexpr Distribution distributions[] = {
    {"mean 0.1, std 1", meanAtStd1, 0.1},
    {"mean 1, std 1", meanAtStd1, 1},
    {"mean 1e2, std 1", meanAtStd1, 1e2},
    {"mean 1e4, std 1", meanAtStd1, 1e4},
    {"mean -1e6, std 1", meanAtStd1, -1e6},
    {"mean 1e7, std 1", meanAtStd1, 1e7},
    {"mean 1e9, std 1", meanAtStd1, 1e9, false},
    {"mean 1e12, std 1", meanAtStd1, 1e12, false},
    {"mean 1, std 1e-2", stdAtMean1, 1e2},
    {"mean 1, std 1e-4", stdAtMean1, 1e4},
    {"mean 1, std 1e-7", stdAtMean1, 1e7},
    {"mean 1, std 1e-12", stdAtMean1, 1e12, false},
    {"Student t 1.5", studentT, 1.5},
    {"log-normal 3", logNormal, 3},
    {"constant 0.1", constant, 0.1},
    {"rare step", rareStep, 0.25},
    {"rare outlier", rareOutlier, 1e6},
    {"first value 30", meanAtStd1, 0, true, true, 30},
    {"first value 1e3", meanAtStd1, 0, true, true, 1e3},
    {"first value -1e9", meanAtStd1, 1, true, true, -1e9},
    {"std 1e30", scaled, 1e30},
    {"std 1e-30", scaled, 1e-30},
    {"up to 3e38", uniform, 3e38, true, false},
    {"below 1e-40", uniform, 1e-40, true, false},
    {"up to 1e150", uniform, 1e150, false},
    {"below 1e-130", uniform, 1e-130, false},
};

constexpr Quad factor = 0.1;  // the double 0.1, as PyTorch's momentum is

double scaleOf(std::int64_t channel) {
    return std::ldexp(1.0, static_cast<int>(-2 * channel));
}

/// x and dy repeat after some samples, so that millions of values cost the reference no more than one period does.
struct Batch {
    Tensor xPeriod, dyPeriod;  ///< (period, C)
    Tensor x, dy;
    double repeats = 1;

    Batch(const Distribution& distribution, DType dtype, const Dims& shape, std::int64_t period) {
        const BatchShape s = BatchShape::of(shape);
        const std::int64_t rows = std::min(period, s.valuesPerChannel());
        repeats = static_cast<double>(s.valuesPerChannel()) / static_cast<double>(rows);
        TestNoise noise(static_cast<std::uint64_t>(&distribution - distributions + 7 * s.n));
        xPeriod = makeBatch(dtype, {rows, s.c}, [&](auto, std::int64_t c, auto) {
            return distribution.value(noise, distribution.parameter) * scaleOf(c);
        });
        for (std::int64_t c = 0; c < s.c && distribution.firstValue != 0; ++c)
            xPeriod.set(c, distribution.firstValue * scaleOf(c));
        dyPeriod = makeBatch(dtype, {rows, s.c}, [&](auto...) { return noise.normal(); });
        const auto repeated = [&](const Tensor& tensor) {
            return makeBatch(dtype, shape, [&](std::int64_t n, std::int64_t c, std::int64_t l) {
                return tensor.at((n * s.l + l) % rows * s.c + c);
            });
        };
        x = repeated(xPeriod);
        dy = repeated(dyPeriod);
    }
};

/// Sample i of channel c of a batch (N, C) or (N, C, L).
double sample(const Tensor& batch, std::int64_t i, std::int64_t c) {
    const std::int64_t l = BatchShape::of(batch.shape()).l;
    return element(batch, i / l, c, i % l);
}

BatchNorm1d layerFor(std::int64_t channels, DType dtype, double eps) {
    BatchNorm1d layer({.numFeatures = channels, .eps = eps, .dtype = dtype});
    const LayerState full{{{1.5, -0.75, 2}}, {{0.5, 0, -1}}, {{0.25, -4, 1}}, {{0.5, 2, 1}}, 0};
    const auto first = [&](const std::optional<ChannelVector>& values) {
        return ChannelVector(values->begin(), values->begin() + channels);
    };
    layer.mutableState() = {first(full.weight), first(full.bias), first(full.runningMean), first(full.runningVar), 0};
    return layer;
}

}  // namespace

class AccuracyTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_failure.clear(); }

    void trainingStep_data() {
        addColumns();
        addRows(1e-5, {{2, 3}, {3, 3}, {32, 3}, {127, 3}, {1025, 3}, {2, 3, 1}, {4, 3, 33}, {3, 3, 700}});
        addRows(0, {{127, 3}, {2, 3}});
    }

    void trainingStep() {
        QFETCH(int, distribution);
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        QFETCH(double, eps);
        const DType dtype = single ? DType::Float32 : DType::Float64;
        const Batch batch(distributions[distribution], dtype, Dims(shape.begin(), shape.end()), 1 << 20);
        checkTraining(batch, layerFor(3, dtype, eps), true);
    }

    void longTrainingStep_data() {
        addColumns();
        const QList<QList<int>> shapes{{100000, 3}, {50, 3, 2000}, {500000, 2}, {10000000, 1}, {100, 1, 100000}};
        for (const bool single : {true, false})
            for (const char* name : {"mean 1e4, std 1", "mean 1e7, std 1", "mean 1e12, std 1", "mean 1, std 1e-7",
                                     "Student t 1.5", "log-normal 3", "constant 0.1", "first value 30"})
                for (const QList<int>& shape : shapes) {
                    const bool largest = BatchShape::of(Dims(shape.begin(), shape.end())).valuesPerChannel() > 1000000;
                    if (!largest || name == std::string(single ? "mean 1e4, std 1" : "mean 1e12, std 1"))
                        addRow(indexOf(name), shape, single, 1e-5);
                }
    }

    void longTrainingStep() {
        QFETCH(int, distribution);
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        const DType dtype = single ? DType::Float32 : DType::Float64;
        const Batch batch(distributions[distribution], dtype, Dims(shape.begin(), shape.end()), 1000);
        checkTraining(batch, layerFor(shape[1], dtype, 1e-5), batch.x.size() < 5000000);
    }

    void evalStep_data() {
        addColumns();
        addRows(1e-5, {{127, 3}, {4, 3, 33}});
    }

    /// The running mean stands 0.3 standard deviations beside the batch's.
    void evalStep() {
        QFETCH(int, distribution);
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        QFETCH(double, eps);
        m_dtype = single ? DType::Float32 : DType::Float64;
        const Batch batch(distributions[distribution], m_dtype, Dims(shape.begin(), shape.end()), 1 << 20);
        BatchNorm1d layer = layerFor(3, m_dtype, eps);
        layer.setTraining(false);
        std::vector<ReferenceChannel> moments = referenceMoments(batch.xPeriod);
        for (std::size_t c = 0; c < 3; ++c) {
            const double std = std::sqrt(static_cast<double>(moments[c].var));
            double& mean = (*layer.mutableState().runningMean)[c];
            double& var = (*layer.mutableState().runningVar)[c];
            mean = roundTo(m_dtype, static_cast<double>(moments[c].mean()) + 0.3 * std);
            var = std::min(roundTo(m_dtype, 1.1 * std * std), static_cast<double>(std::numeric_limits<float>::max()));
            moments[c] = {mean, 0, var, 0};
        }
        Tensor y, gradX;
        const ForwardRecord record = layer.forward(batch.x, &y);
        const BackwardRecord backward = layer.backward(batch.x, batch.dy, record, &gradX);
        checkOutput(batch, moments, layer, y);
        checkGradients(batch, moments, layer, backward, &gradX);
        QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
    }

    void cleanupTestCase() {
        for (const auto& [quantity, part] : m_worst)
            qInfo("%s: at most %.2f of the allowed error", quantity.c_str(), part);
    }

private:
    static void addColumns() {
        QTest::addColumn<int>("distribution");
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<bool>("single");
        QTest::addColumn<double>("eps");
    }

    static void addRow(int distribution, const QList<int>& shape, bool single, double eps) {
        const Distribution& d = distributions[distribution];
        if (single ? d.inSingle : d.inDouble)
            QTest::addRow("%s %s %s eps %g", single ? "float32" : "float64",
                          shapeText(Dims(shape.begin(), shape.end())).c_str(), d.name, eps)
                << distribution << shape << single << eps;
    }

    static void addRows(double eps, const QList<QList<int>>& shapes) {
        for (const bool single : {true, false})
            for (const QList<int>& shape : shapes)
                for (int i = 0; i < static_cast<int>(std::size(distributions)); ++i)
                    addRow(i, shape, single, eps);
    }

    static int indexOf(const std::string& name) {
        int index = 0;
        while (name != distributions[index].name)
            ++index;
        return index;
    }

    double u() const { return m_dtype == DType::Float32 ? 0x1p-24 : 0x1p-53; }
    /// Below the normal range rounding costs half a subnormal, whatever the value.
    Quad subnormal() const { return m_dtype == DType::Float32 ? 0x1p-149 : 0x1p-1074; }

    void checkTraining(const Batch& batch, BatchNorm1d layer, bool withGradientOfInput) {
        m_dtype = layer.options().dtype;
        const LayerState before = layer.state();
        Tensor y, gradX;
        const ForwardRecord record = layer.forward(batch.x, &y);
        const std::vector<ReferenceChannel> moments = referenceMoments(batch.xPeriod);
        const double n = static_cast<double>(record.valuesPerChannel);
        for (std::size_t c = 0; c < moments.size(); ++c) {
            const ReferenceChannel& m = moments[c];
            Quad largest = 0;
            for (std::int64_t i = 0; i < batch.xPeriod.shape()[0]; ++i)
                largest = std::max(largest, magnitude(sample(batch.xPeriod, i, static_cast<std::int64_t>(c))));
            within("mean", roundTo(m_dtype, record.mean[c]), m.mean(), u() * largest);
            within("var", roundTo(m_dtype, record.var[c]), m.var, (isSingle() ? 1 : 2) * u() * m.var);
            checkBlend("running_mean", (*layer.state().runningMean)[c], (*before.runningMean)[c], m.mean());
            checkBlend("running_var", (*layer.state().runningVar)[c], (*before.runningVar)[c],
                       m.sumSquares * batch.repeats / (n - 1));
        }
        checkOutput(batch, moments, layer, y);
        y = Tensor();  // the largest batches would need much memory otherwise
        const BackwardRecord backward =
            layer.backward(batch.x, batch.dy, record, withGradientOfInput ? &gradX : nullptr);
        checkGradients(batch, moments, layer, backward, withGradientOfInput ? &gradX : nullptr);
        QVERIFY2(m_failure.isEmpty(), qPrintable(m_failure));
    }

    void checkBlend(const char* quantity, double actual, double old, Quad value) {
        const Quad kept = (1 - factor) * old, added = factor * value;
        within(quantity, actual, kept + added, 2 * u() * (magnitude(kept) + magnitude(added)));
    }

    void checkOutput(const Batch& batch, const std::vector<ReferenceChannel>& moments, const BatchNorm1d& layer,
                     const Tensor& y) {
        const std::vector<Quad> expected = referenceOutput(batch.xPeriod, moments, layer.options().eps, layer.state());
        eachElement(batch, y, [&](std::size_t at, std::size_t c, double actual) {
            const Quad bias = (*layer.state().bias)[c];
            within("y", actual, expected[at],
                   (isSingle() ? 3 : 4) * u() * (magnitude(expected[at] - bias) + magnitude(bias)));
        });
    }

    void checkGradients(const Batch& batch, const std::vector<ReferenceChannel>& moments, const BatchNorm1d& layer,
                        const BackwardRecord& backward, const Tensor* gradX) {
        const ReferenceGradients expected = referenceGradients(batch.xPeriod, batch.dyPeriod, moments,
                                                               layer.options().eps, layer.state(), layer.training());
        std::vector<Quad> allowedInput;
        for (std::size_t c = 0; c < moments.size(); ++c) {
            const Quad var = moments[c].var + layer.options().eps, invstd = var == 0 ? 0 : inverseRoot(var);
            Quad largestDy = 0, sumDy = 0, sumXhatDy = 0;
            for (std::int64_t i = 0; i < batch.xPeriod.shape()[0]; ++i) {
                const double x = sample(batch.xPeriod, i, static_cast<std::int64_t>(c));
                const Quad dy = magnitude(sample(batch.dyPeriod, i, static_cast<std::int64_t>(c)));
                largestDy = std::max(largestDy, dy);
                sumDy += dy * batch.repeats;
                sumXhatDy += dy * magnitude(moments[c].deviation(x)) * invstd * batch.repeats;
            }
            within("grad_bias", (*backward.gradBias)[c], expected.bias[c] * batch.repeats, u() * sumDy);
            within("grad_weight", (*backward.gradWeight)[c], expected.weight[c] * batch.repeats, 4 * u() * sumXhatDy);
            allowedInput.push_back(4 * u() * largestDy * magnitude((*layer.state().weight)[c]) * invstd);
        }
        if (gradX)
            eachElement(batch, *gradX, [&](std::size_t at, std::size_t c, double actual) {
                within("grad_input", actual, expected.input[at], allowedInput[c]);
            });
    }

    /// Calls check(index in the period, channel, value) for the first period; the others must repeat it to the bit.
    template <class Check>
    void eachElement(const Batch& batch, const Tensor& result, Check check) {
        const BatchShape s = BatchShape::of(result.shape());
        const std::int64_t period = batch.xPeriod.shape()[0];
        for (std::int64_t c = 0; c < s.c; ++c) {
            for (std::int64_t i = 0; i < period; ++i)
                check(static_cast<std::size_t>(i * s.c + c), static_cast<std::size_t>(c), sample(result, i, c));
            for (std::int64_t i = period; i < s.valuesPerChannel(); ++i)
                if (sample(result, i, c) != sample(result, i % period, c))
                    m_failure = QString("equal inputs give different results at sample %1").arg(i);
        }
    }

    bool isSingle() const { return m_dtype == DType::Float32; }

    void within(const char* quantity, double actual, Quad expected, Quad allowed) {
        if (isSingle() && magnitude(expected) >= 0x1.ffffffp127) {  // rounds to infinity
            if (!std::isinf(actual))
                m_failure = QString("%1 is %2 instead of infinite").arg(quantity).arg(actual);
            return;
        }
        const Quad limit = allowed + subnormal() / (std::string("var") == quantity ? 1 : 2);
        const double part = static_cast<double>(magnitude(actual - expected) / limit);
        if (!(part <= 1))
            m_failure = QString("%1 is %2, expected %3: %4 of the allowed error")
                            .arg(quantity)
                            .arg(actual, 0, 'g', 17)
                            .arg(static_cast<double>(expected), 0, 'g', 17)
                            .arg(part);
        double& worst = m_worst[std::string(quantity) + (isSingle() ? ", float32" : ", float64")];
        worst = std::max(worst, part);
    }

    DType m_dtype = DType::Float32;
    QString m_failure;
    std::map<std::string, double> m_worst;
};

QTEST_GUILESS_MAIN(AccuracyTest)
#include "accuracy_test.moc"
