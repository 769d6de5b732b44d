// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/contract.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

/// y of every element is x̂·γ + β for the given mean and variance; 4·u of the terms is the bound of accuracy_test.
bool normalisedWith(const std::vector<ReferenceChannel>& moments, const BatchNorm1d& layer, const Tensor& x,
                    const Tensor& y) {
    const std::vector<Quad> expected = referenceOutput(x, moments, layer.options().eps, layer.state());
    const BatchShape s = BatchShape::of(x.shape());
    const double u = x.dtype() == DType::Float32 ? 0x1p-24 : 0x1p-53;
    for (std::int64_t i = 0; i < y.size(); ++i) {
        const auto c = static_cast<std::size_t>(i / s.l % s.c);
        const Quad bias = layer.state().bias ? (*layer.state().bias)[c] : 0.0;
        const Quad wanted = expected[static_cast<std::size_t>(i)];
        if (magnitude(y.at(i) - wanted) > 4 * u * (magnitude(wanted - bias) + magnitude(bias)))
            return false;
    }
    return y.shape() == x.shape();
}

std::vector<ReferenceChannel> runningMoments(const LayerState& state) {
    std::vector<ReferenceChannel> moments;
    for (std::size_t c = 0; c < state.runningMean->size(); ++c)
        moments.push_back({(*state.runningMean)[c], 0, (*state.runningVar)[c], 0});
    return moments;
}

Tensor uniformBatch(const Dims& shape, std::uint64_t seed) {
    TestNoise noise(seed);
    return makeBatch(DType::Float32, shape, [&](auto...) { return noise.uniform(); });
}

LayerOptions optionsOf(std::int64_t channels, double eps, std::optional<double> momentum, bool affine, bool track) {
    return {.numFeatures = channels, .eps = eps, .momentum = momentum, .affine = affine, .trackRunningStats = track};
}

}  // namespace

Q_DECLARE_METATYPE(bnstudio::LayerOptions)

/// Statement 46: the cases of PyTorch's own tests (common_nn.py, common_methods_invocations.py, test_nn.py) that concern
/// BatchNorm1d. Calls of F.batch_norm become layers whose state is set by hand.
class ContractPyTorchCasesTest : public QObject {
    Q_OBJECT

private slots:
    void s46_modules_data() {
        QTest::addColumn<LayerOptions>("options");
        QTest::addColumn<QList<int>>("shape");
        QTest::newRow("affine") << optionsOf(10, 1e-5, 0.1, true, true) << QList<int>{4, 10};
        QTest::newRow("3d_input") << optionsOf(5, 1e-5, 0.1, true, true) << QList<int>{4, 5, 3};
        QTest::newRow("affine_simple_average") << optionsOf(10, 1e-3, {}, true, true) << QList<int>{4, 10};
        QTest::newRow("not_affine") << optionsOf(10, 1e-3, 0.3, false, true) << QList<int>{4, 10};
        QTest::newRow("not_tracking_stats") << optionsOf(10, 1e-3, 0.3, true, false) << QList<int>{4, 10};
        QTest::newRow("3d_input_not_affine") << optionsOf(5, 1e-3, 0.3, false, true) << QList<int>{4, 5, 3};
        QTest::newRow("zero_batch") << optionsOf(5, 1e-3, 0.3, false, true) << QList<int>{0, 5, 9};
    }

    /// A training step, then check_eval: a forward with what it left behind.
    void s46_modules() {
        QFETCH(LayerOptions, options);
        QFETCH(QList<int>, shape);
        BatchNorm1d layer(options);
        const Tensor x = uniformBatch(dimsOf(shape), 1);
        Tensor y, gradX;
        const ForwardRecord record = layer.forward(x, &y);
        layer.backward(x, x, record, &gradX);
        QVERIFY(y.shape() == x.shape() && gradX.shape() == x.shape());
        QVERIFY(x.size() == 0 || normalisedWith(referenceMoments(x), layer, x, y));
        if (options.trackRunningStats) {
            QVERIFY(layer.state().numBatchesTracked == 1);
            QVERIFY(record.factor == options.momentum.value_or(1.0));
        }
        layer.setTraining(false);
        layer.forward(x, &y);
        QVERIFY(y.shape() == x.shape());
        if (x.size() > 0)
            QVERIFY(normalisedWith(options.trackRunningStats ? runningMoments(layer.state()) : referenceMoments(x),
                                   layer, x, y));
    }

    void s46_functional_data() {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<bool>("training");
        QTest::addColumn<double>("momentum");
        QTest::addColumn<double>("eps");
        QTest::newRow("training, momentum .5, eps .6") << QList<int>{5, 5, 5} << true << 0.5 << 0.6;
        QTest::newRow("eval, momentum -1.2") << QList<int>{3, 2, 4} << false << -1.2 << 1e-5;
        QTest::newRow("training, momentum 0") << QList<int>{3, 1} << true << 0.0 << 1e-5;
        QTest::newRow("defaults") << QList<int>{2, 1} << false << 0.1 << 1e-5;
    }

    void s46_functional() {
        QFETCH(QList<int>, shape);
        QFETCH(bool, training);
        QFETCH(double, momentum);
        QFETCH(double, eps);
        BatchNorm1d layer({.numFeatures = shape[1], .eps = eps, .momentum = momentum});
        layer.setTraining(training);
        for (std::size_t c = 0; c < static_cast<std::size_t>(shape[1]); ++c) {
            (*layer.mutableState().runningMean)[c] = 0.25 * static_cast<double>(c);
            (*layer.mutableState().runningVar)[c] = 1.5 + static_cast<double>(c);
            (*layer.mutableState().weight)[c] = 2 - static_cast<double>(c);
            (*layer.mutableState().bias)[c] = static_cast<double>(c) - 1;
        }
        const LayerState before = layer.state();
        const Tensor x = uniformBatch(dimsOf(shape), 2);
        Tensor y;
        layer.forward(x, &y);
        QVERIFY(normalisedWith(training ? referenceMoments(x) : runningMoments(before), layer, x, y));
        if (!training || momentum == 0)
            QVERIFY(*layer.state().runningMean == *before.runningMean
                    && *layer.state().runningVar == *before.runningVar);
        else
            for (std::size_t c = 0; c < before.runningMean->size(); ++c) {
                const double batchMean = static_cast<double>(referenceMoments(x)[c].mean());
                const double expected = 0.5 * (*before.runningMean)[c] + 0.5 * batchMean;
                QVERIFY(std::fabs((*layer.state().runningMean)[c] - expected) <= 2 * 0x1p-24 * expected);
            }
    }

    /// sample (0,) of F.batch_norm: the module asks for a rank first.
    void s46_functionalEmpty() {
        for (const bool training : {true, false}) {
            BatchNorm1d layer({.numFeatures = 0});
            layer.setTraining(training);
            QCOMPARE(messageOf([&] { layer.forward(Tensor(DType::Float32, {0})); }),
                     std::string("expected 2D or 3D input (got 1D input)"));
        }
    }

    void s46_functionalWithEverythingNone() {
        BatchNorm1d layer({.numFeatures = 2, .affine = false, .trackRunningStats = false});
        const Tensor x = uniformBatch({1, 2, 3}, 3);
        Tensor y;
        layer.forward(x, &y);
        QVERIFY(normalisedWith(referenceMoments(x), layer, x, y));
    }

    void s46_raisesErrorIfLessThanOneValuePerChannel() {
        BatchNorm1d layer({.numFeatures = 10});
        QCOMPARE(messageOf([&] {
                     layer.forward(uniformBatch({1, 10, 1}, 4));
                 }),
                 std::string("Expected more than 1 value per channel when training, got input size "
                             "torch.Size([1, 10, 1])"));
    }

    void s46_raisesErrorIfLengthsDiffer_data() {
        QTest::addColumn<QString>("tensor");
        QTest::addColumn<int>("length");
        for (const char* tensor : {"running_mean", "running_var", "weight", "bias"})
            for (const int length : {9, 11})
                QTest::addRow("%s of %d", tensor, length) << tensor << length;
    }

    void s46_raisesErrorIfLengthsDiffer() {
        QFETCH(QString, tensor);
        QFETCH(int, length);
        for (const bool training : {true, false}) {
            BatchNorm1d layer({.numFeatures = 10});
            layer.setTraining(training);
            LayerState& state = layer.mutableState();
            std::optional<ChannelVector>& wrong = tensor == "running_mean"  ? state.runningMean
                                                  : tensor == "running_var" ? state.runningVar
                                                  : tensor == "weight"      ? state.weight
                                                                            : state.bias;
            wrong->resize(static_cast<std::size_t>(length), 1);
            QCOMPARE(messageOf([&] {
                         layer.forward(uniformBatch({2, 10}, 5));
                     }),
                     tensor.toStdString() + " should contain 10 elements not " + std::to_string(length));
        }
    }

    void s46_buffersWhenStatsAreNotTracked() {
        BatchNorm1d layer({.numFeatures = 4});
        layer.setTrackRunningStats(false);
        const LayerState before = layer.state();
        layer.forward(uniformBatch({32, 4}, 6));
        QVERIFY(layer.state() == before);
    }

    /// Two batches together average what either gives alone. Halves are exact; each mean is rounded once.
    void s46_simpleAverage() {
        BatchNorm1d both({.numFeatures = 3, .momentum = std::nullopt}), first = both, second = both;
        const Tensor one = uniformBatch({2, 3, 4}, 7), two = uniformBatch({2, 3, 4}, 8);
        first.forward(one);
        second.forward(two);
        both.forward(one);
        both.forward(two);
        for (std::size_t c = 0; c < 3; ++c) {
            const auto average = [c](const std::optional<ChannelVector>& a, const std::optional<ChannelVector>& b) {
                return ((*a)[c] + (*b)[c]) / 2;
            };
            const double mean = average(first.state().runningMean, second.state().runningMean);
            const double var = average(first.state().runningVar, second.state().runningVar);
            QVERIFY(std::fabs((*both.state().runningMean)[c] - mean) <= 2 * 0x1p-24 * mean);
            QVERIFY(std::fabs((*both.state().runningVar)[c] - var) <= 2 * 0x1p-24 * var);
        }
        first.resetRunningStats();
        QVERIFY(first == BatchNorm1d({.numFeatures = 3, .momentum = std::nullopt}));
    }

    void s46_batchNormEmpty() {
        BatchNorm1d layer({.numFeatures = 3});
        const Tensor x(DType::Float32, {0, 3, 4});
        Tensor y, gradX;
        const BackwardRecord backward = layer.backward(x, x, layer.forward(x, &y), &gradX);
        QVERIFY(y.shape() == x.shape() && gradX.shape() == x.shape());
        QVERIFY(*layer.state().runningMean == three(0) && *layer.state().runningVar == three(1));
        QVERIFY(*backward.gradWeight == three(0) && *backward.gradBias == three(0));
    }
};

QTEST_GUILESS_MAIN(ContractPyTorchCasesTest)
#include "contract_pytorch_cases_test.moc"
