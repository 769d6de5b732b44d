// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_file.h"
#include "core/norm/state_dict.h"
#include "core/train/training.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;

// The sample digits_mlp_trace.npz: 80 steps of a network that learns to read digits, recorded around its
// BatchNorm1d(24) with PyTorch's hooks, in float32. Batches are (64, 24).
//
// PyTorch adds the 64 values of a channel one after the other in float32. Such a sum errs by at most 63·u·Σ|terms|, with
// u = 2^-24, and by about √64·u = 8·u of it when the roundings are independent; 16·u leaves room for the few operations
// around the sum. Our own error is below 4·u. So every quantity may differ by 16·u times the sum of the magnitudes it
// is made of; an error of PyTorch's mean reaches y and the gradient of γ through mean|x|·invstd.

namespace {

constexpr std::int64_t steps = 80, batch = 64;
constexpr std::size_t channels = 24;
constexpr double allowedRoundings = 16 * 0x1p-24;
constexpr double momentum = 0.1, eps = 1e-5;

/// The magnitudes that sums over a batch are made of, per channel.
struct Magnitudes {
    ChannelVector x, dy, dyXhat;  ///< mean |x|, Σ|dy|, Σ|dy|·(|x̂| + mean|x|·invstd)
};

Magnitudes magnitudesOf(const Tensor& x, const Tensor& dy, const ForwardRecord& record) {
    Magnitudes result{ChannelVector(channels, 0), ChannelVector(channels, 0), ChannelVector(channels, 0)};
    for (std::int64_t i = 0; i < x.size(); ++i)
        result.x[static_cast<std::size_t>(i) % channels] += std::fabs(x.at(i)) / batch;
    for (std::int64_t i = 0; i < x.size(); ++i) {
        const std::size_t c = static_cast<std::size_t>(i) % channels;
        const double xhat = std::fabs(x.at(i) - record.mean[c]) * record.invstd[c];
        result.dy[c] += std::fabs(dy.at(i));
        result.dyXhat[c] += std::fabs(dy.at(i)) * (xhat + result.x[c] * record.invstd[c]);
    }
    return result;
}

/// What one more batch adds to the error of the running statistics, besides (1 − m) times the error so far.
double meanError(double old, const Magnitudes& sizes, std::size_t c) {
    return allowedRoundings * ((1 - momentum) * std::fabs(old) + momentum * sizes.x[c]);
}
double varError(double old, const ForwardRecord& record, std::size_t c) {
    return allowedRoundings * ((1 - momentum) * std::fabs(old) + momentum * record.var[c] * batch / (batch - 1));
}

}  // namespace

class RecordedTrainingTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { m_file = openTensorFile(BNSTUDIO_SOURCE_DIR "/resources/samples/digits_mlp_trace.npz"); }

    void everyStepFromItsRecordedState_data() {
        QTest::addColumn<int>("step");
        for (int k = 0; k < steps; ++k)
            QTest::addRow("%d", k) << k;
    }

    void everyStepFromItsRecordedState() {
        QFETCH(int, step);
        BatchNorm1d layer({.numFeatures = channels});
        layer.mutableState() = recordedState(step);
        const LayerState before = layer.state();
        const Tensor x = tensor("x", step), dy = tensor("grad_output", step), expectedY = tensor("y", step);
        Tensor y;
        const ForwardRecord record = layer.forward(x, &y);
        const BackwardRecord backward = layer.backward(x, dy, record, nullptr);
        const Magnitudes sizes = magnitudesOf(x, dy, record);

        QVERIFY(y.shape() == expectedY.shape());
        for (std::int64_t i = 0; i < y.size(); ++i) {
            const std::size_t c = static_cast<std::size_t>(i) % channels;
            const double weight = std::fabs((*before.weight)[c]), bias = (*before.bias)[c];
            const double scale = std::fabs(y.at(i) - bias) + weight * sizes.x[c] * record.invstd[c] + std::fabs(bias);
            near(y.at(i), expectedY.at(i), allowedRoundings * scale, "y", c);
        }
        for (std::size_t c = 0; c < channels; ++c) {
            near((*backward.gradWeight)[c], channel("grad_weight", step)[c], allowedRoundings * sizes.dyXhat[c],
                 "grad_weight", c);
            near((*backward.gradBias)[c], channel("grad_bias", step)[c], allowedRoundings * sizes.dy[c], "grad_bias",
                 c);
            near((*layer.state().runningMean)[c], channel("running_mean", step)[c],
                 meanError((*before.runningMean)[c], sizes, c), "running_mean", c);
            near((*layer.state().runningVar)[c], channel("running_var", step)[c],
                 varError((*before.runningVar)[c], record, c), "running_var", c);
        }
        QCOMPARE(*layer.state().numBatchesTracked, step + 1);
        QCOMPARE(tensor("num_batches_tracked", step).at(0), step + 1.0);
    }

    /// The layer of the recording, trained once more from its first state: SGD with lr 0.05 and momentum 0.9 on our own
    /// gradients, the running statistics our own too. Only x and dy are the recorded ones. The allowed differences obey
    /// the recursions of the quantities themselves: they shrink by 1 − m, or 0.9, and gain the error of a step.
    void freeRunFromTheStart() {
        BatchNorm1d layer({.numFeatures = channels});
        layer.mutableState() = recordedState(0);
        QVERIFY(layer == BatchNorm1d({.numFeatures = channels}));
        OptimizerSpec sgd;
        sgd.kind = OptimizerSpec::Kind::Sgd;
        sgd.lr = 0.05;
        sgd.momentum = 0.9;
        OptimizerState optimizer;
        Allowed weight, bias;
        ChannelVector mean(channels, 0), var(channels, 0);
        for (std::int64_t k = 0; k < steps; ++k) {
            const LayerState before = layer.state();
            const Tensor x = tensor("x", k), dy = tensor("grad_output", k);
            const ForwardRecord record = layer.forward(x);
            const BackwardRecord backward = layer.backward(x, dy, record, nullptr);
            const Magnitudes sizes = magnitudesOf(x, dy, record);
            for (std::size_t c = 0; c < channels; ++c) {
                near((*before.weight)[c], channel("weight", k)[c], weight.parameter[c], "weight", c);
                near((*before.bias)[c], channel("bias", k)[c], bias.parameter[c], "bias", c);
                mean[c] = (1 - momentum) * mean[c] + meanError((*before.runningMean)[c], sizes, c);
                var[c] = (1 - momentum) * var[c] + varError((*before.runningVar)[c], record, c);
                near((*layer.state().runningMean)[c], channel("running_mean", k)[c], mean[c], "running_mean", c);
                near((*layer.state().runningVar)[c], channel("running_var", k)[c], var[c], "running_var", c);
                weight.advance(sgd, c, allowedRoundings * sizes.dyXhat[c], (*before.weight)[c]);
                bias.advance(sgd, c, allowedRoundings * sizes.dy[c], (*before.bias)[c]);
            }
            optimizerStep(sgd, optimizer, layer, backward);
        }
        QCOMPARE(*layer.state().numBatchesTracked, steps);
    }

private:
    /// How far a parameter and its momentum buffer may be from the recorded ones.
    struct Allowed {
        ChannelVector buffer = ChannelVector(channels, 0), parameter = ChannelVector(channels, 0);
        void advance(const OptimizerSpec& sgd, std::size_t c, double gradient, double value) {
            buffer[c] = sgd.momentum * buffer[c] + gradient;
            // Each side rounds the new parameter; 2^-24 · 2 per side covers PyTorch's rounded product as well.
            parameter[c] += sgd.lr * buffer[c] + 4 * 0x1p-24 * std::max(std::fabs(value), 0.05);
        }
    };

    Tensor tensor(const std::string& quantity, std::int64_t step) const {
        return m_file.find(quantity + "." + std::to_string(step))->read();
    }

    ChannelVector channel(const std::string& quantity, std::int64_t step) const {
        return valuesOf(tensor(quantity, step));
    }

    /// Before step k: the parameters recorded with it and the buffers of the step before.
    LayerState recordedState(std::int64_t k) const {
        const std::int64_t last = k - 1;
        const auto buffer = [&](const std::string& key) {
            return k == 0 ? m_file.find("init." + key)->read() : tensor(key, last);
        };
        return {channel("weight", k), channel("bias", k), valuesOf(buffer("running_mean")),
                valuesOf(buffer("running_var")), buffer("num_batches_tracked").values<std::int64_t>()[0]};
    }

    static ChannelVector valuesOf(const Tensor& tensor) {
        ChannelVector values;
        for (std::int64_t i = 0; i < tensor.size(); ++i)
            values.push_back(tensor.at(i));
        return values;
    }

    static void near(double actual, double expected, double allowed, const char* what, std::size_t c) {
        const QString text = QString("%1 of channel %2 is %3, recorded %4, allowed ± %5")
                                 .arg(what)
                                 .arg(c)
                                 .arg(actual, 0, 'g', 9)
                                 .arg(expected, 0, 'g', 9)
                                 .arg(allowed);
        QVERIFY2(std::fabs(actual - expected) <= allowed, qPrintable(text));
    }

    TensorFile m_file;
};

QTEST_GUILESS_MAIN(RecordedTrainingTest)
#include "recorded_training_test.moc"
