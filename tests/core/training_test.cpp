// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/parallel/parallel.h"
#include "core/train/training.h"
#include "support/reference.h"

#include <QTest>

#include <cmath>
#include <cstring>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

/// x̂ of this batch is −1, 1, −1, 1 in both channels, exactly.
Tensor pairsBatch(DType dtype = DType::Float64) {
    return makeBatch(dtype, {4, 2}, [](std::int64_t n, auto, auto) { return n % 2 == 0 ? 1.0 : 3.0; });
}

BatchNorm1d exactLayer(DType dtype = DType::Float64) {
    BatchNorm1d layer({.numFeatures = 2, .eps = 0, .dtype = dtype});
    layer.mutableState().weight = {{2, 1}};
    layer.mutableState().bias = {{0, 3}};
    return layer;
}

/// A layer with one channel and the given parameters; gradients as an optimiser sees them.
BatchNorm1d parameters(double weight, double bias, DType dtype = DType::Float64) {
    BatchNorm1d layer({.numFeatures = 1, .dtype = dtype});
    layer.mutableState().weight = {{weight}};
    layer.mutableState().bias = {{bias}};
    return layer;
}

BackwardRecord gradients(double weight, double bias) {
    BackwardRecord record;
    record.gradWeight = {{weight}};
    record.gradBias = {{bias}};
    return record;
}

bool close(double actual, double expected) {
    // A handful of double operations on values near 1.
    return std::fabs(actual - expected) <= 8 * 0x1p-53 * std::max(1.0, std::fabs(expected));
}

}  // namespace

class TrainingTest : public QObject {
    Q_OBJECT

private slots:
    // --- losses: y is (−2, 2, −2, 2) in channel 0 and (2, 4, 2, 4) in channel 1

    void mseToOneTarget() {
        BatchNorm1d layer = exactLayer();
        const Tensor x = pairsBatch();
        Tensor y, dy;
        const ForwardRecord record = layer.forward(x, &y);
        LossSpec loss{.kind = LossSpec::Kind::MseTarget, .target = {1}};
        // errors −3, 1, −3, 1 and 1, 3, 1, 3: squares sum to 40
        QVERIFY(evaluateLoss(loss, x, y, record, dy) == 5);
        const double expected[] = {-0.75, 0.25, 0.25, 0.75, -0.75, 0.25, 0.25, 0.75};
        for (std::int64_t i = 0; i < 8; ++i)
            QVERIFY(dy.at(i) == expected[i]);
        loss.target = {-2, 2};  // errors 0, 4, 0, 4 and 0, 2, 0, 2
        QVERIFY(evaluateLoss(loss, x, y, record, dy) == 5);
        QVERIFY(dy.at(0) == 0 && dy.at(2) == 1 && dy.at(3) == 0.5);
    }

    void mseToATeacher() {
        BatchNorm1d layer = exactLayer();
        const Tensor x = pairsBatch();
        Tensor y, dy;
        const ForwardRecord record = layer.forward(x, &y);
        // The teacher's outputs are −1, 1 and 1, 5: errors −1, 1 and 1, −1.
        const LossSpec loss{.kind = LossSpec::Kind::MseTeacher, .teacherWeight = {1, 2}, .teacherBias = {0, 3}};
        QVERIFY(evaluateLoss(loss, x, y, record, dy) == 1);
        const double expected[] = {-0.25, 0.25, 0.25, -0.25, -0.25, 0.25, 0.25, -0.25};
        for (std::int64_t i = 0; i < 8; ++i)
            QVERIFY(dy.at(i) == expected[i]);
        const LossSpec itself{.kind = LossSpec::Kind::MseTeacher, .teacherWeight = {2, 1}, .teacherBias = {0, 3}};
        QVERIFY(evaluateLoss(itself, x, y, record, dy) == 0);
    }

    void sumAndNone() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer = exactLayer(dtype);
            const Tensor x = pairsBatch(dtype);
            Tensor y, dy;
            const ForwardRecord record = layer.forward(x, &y);
            QVERIFY(evaluateLoss({.kind = LossSpec::Kind::Sum}, x, y, record, dy) == 12);
            QVERIFY(dy.dtype() == dtype && dy.shape() == y.shape());
            for (std::int64_t i = 0; i < 8; ++i)
                QVERIFY(dy.at(i) == 1);
            QVERIFY(evaluateLoss({}, x, y, record, dy) == 0);
            for (std::int64_t i = 0; i < 8; ++i)
                QVERIFY(dy.at(i) == 0);
        }
    }

    void listLengthsAreChecked_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("message");
        QTest::newRow("target") << static_cast<int>(LossSpec::Kind::MseTarget)
                                << "target has 3 values, but must have 1 or one for each of the 2 channels";
        QTest::newRow("teacher") << static_cast<int>(LossSpec::Kind::MseTeacher)
                                 << "teacherWeight has 3 values, but must have 1 or one for each of the 2 channels";
    }

    void listLengthsAreChecked() {
        QFETCH(int, kind);
        QFETCH(QString, message);
        BatchNorm1d layer = exactLayer();
        const Tensor x = pairsBatch();
        Tensor y, dy;
        const ForwardRecord record = layer.forward(x, &y);
        const LossSpec loss{static_cast<LossSpec::Kind>(kind), {1, 2, 3}, {1, 2, 3}, {1, 2, 3}};
        try {
            evaluateLoss(loss, x, y, record, dy);
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(QString(error.what()), message);
        }
    }

    void perChannelValues() {
        QVERIFY(perChannel({4}, 7) == 4);
        QVERIFY(perChannel({4, 5}, 1) == 5);
    }

    void emptyBatchHasNoMean() {
        BatchNorm1d layer = exactLayer();
        const Tensor x(DType::Float64, {0, 2});
        Tensor y, dy;
        const ForwardRecord record = layer.forward(x, &y);
        QVERIFY(std::isnan(evaluateLoss({.kind = LossSpec::Kind::MseTarget}, x, y, record, dy)));  // 0/0, as in torch
        QVERIFY(evaluateLoss({.kind = LossSpec::Kind::Sum}, x, y, record, dy) == 0);
        QVERIFY(dy.shape() == x.shape());
    }

    void finiteDifferences_data() {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QList<int>>("shape");
        for (const auto& [kind, name] :
             {std::pair(LossSpec::Kind::MseTarget, "target"), std::pair(LossSpec::Kind::Sum, "sum")})
            for (const QList<int>& shape : {QList<int>{6, 3}, {3, 3, 4}})
                QTest::addRow("%s %s", name, shapeText(Dims(shape.begin(), shape.end())).c_str())
                    << static_cast<int>(kind) << shape;
    }

    /// The whole chain loss(forward(x)) against central differences in x, γ and β.
    void finiteDifferences() {
        QFETCH(int, kind);
        QFETCH(QList<int>, shape);
        const LossSpec loss{.kind = static_cast<LossSpec::Kind>(kind), .target = {0.5, -1, 2}};
        TestNoise noise(17);
        Tensor x = makeBatch(DType::Float64, Dims(shape.begin(), shape.end()), [&](auto...) { return noise.normal(); });
        BatchNorm1d layer({.numFeatures = 3, .dtype = DType::Float64});
        layer.mutableState().weight = {{1.5, -0.5, 2}};
        layer.mutableState().bias = {{0.1, 0.2, 0.3}};
        Tensor y, dy, gradX;
        const ForwardRecord record = layer.forward(x, &y);
        evaluateLoss(loss, x, y, record, dy);
        const BackwardRecord backward = layer.backward(x, dy, record, &gradX);

        const auto lossNow = [&] {
            Tensor output, unused;
            const ForwardRecord again = layer.forward(x, &output);
            return evaluateLoss(loss, x, output, again, unused);
        };
        const double h = 1e-5;  // truncation h² = 1e-10 and rounding 2^-53/h = 1e-11, times values up to 100
        const auto slope = [&](auto set, double value) {
            set(value + h);
            const double up = lossNow();
            set(value - h);
            const double down = lossNow();
            set(value);
            return (up - down) / (2 * h);
        };
        for (std::int64_t i = 0; i < x.size(); ++i)
            QVERIFY(std::fabs(slope([&](double v) { x.set(i, v); }, x.at(i)) - gradX.at(i)) <= 1e-8);
        for (std::size_t c = 0; c < 3; ++c) {
            double& weight = (*layer.mutableState().weight)[c];
            double& bias = (*layer.mutableState().bias)[c];
            QVERIFY(std::fabs(slope([&](double v) { weight = v; }, weight) - (*backward.gradWeight)[c]) <= 1e-8);
            QVERIFY(std::fabs(slope([&](double v) { bias = v; }, bias) - (*backward.gradBias)[c]) <= 1e-8);
        }
    }

    void lossDoesNotDependOnThreads() {
        TestNoise noise(2);
        const Tensor x = makeBatch(DType::Float32, {3000, 300}, [&](auto...) { return noise.normal(); });
        BatchNorm1d layer({.numFeatures = 300});
        Tensor y, dy;
        const ForwardRecord record = layer.forward(x, &y);
        double first = 0;
        for (const int threads : {1, 2, 3, 5, 16}) {
            double loss = 0;
            Arena(threads).run(
                [&] { loss = evaluateLoss({.kind = LossSpec::Kind::MseTarget, .target = {0.5}}, x, y, record, dy); });
            if (threads == 1)
                first = loss;
            QVERIFY(loss == first);
        }
    }

    // --- optimisers: figures by hand from the algorithm boxes in PyTorch's documentation

    void sgd_data() {
        QTest::addColumn<double>("momentum");
        QTest::addColumn<double>("weightDecay");
        QTest::addColumn<bool>("nesterov");
        QTest::addColumn<QList<double>>("after");  // γ after steps with gradient 1 then 2, from γ = 1, lr = 0.5
        // g = 1, 2
        QTest::newRow("plain") << 0.0 << 0.0 << false << QList<double>{0.5, -0.5};
        // b = 1, then 0.5·1 + 2 = 2.5
        QTest::newRow("momentum") << 0.5 << 0.0 << false << QList<double>{0.5, -0.75};
        // g + 0.5·b = 1.5, then 2 + 0.5·2.5 = 3.25
        QTest::newRow("nesterov") << 0.5 << 0.0 << true << QList<double>{0.25, -1.375};
        // g = 1 + 0.25·1 = 1.25 → 0.375; g = 2 + 0.25·0.375 = 2.09375 → −0.671875
        QTest::newRow("weight decay") << 0.0 << 0.25 << false << QList<double>{0.375, -0.671875};
        // 1.25 → 0.375; b = 0.625 + 2.09375 = 2.71875 → −0.984375
        QTest::newRow("decay and momentum") << 0.5 << 0.25 << false << QList<double>{0.375, -0.984375};
    }

    void sgd() {
        QFETCH(double, momentum);
        QFETCH(double, weightDecay);
        QFETCH(bool, nesterov);
        QFETCH(QList<double>, after);
        const OptimizerSpec spec{.kind = OptimizerSpec::Kind::Sgd,
                                 .lr = 0.5,
                                 .momentum = momentum,
                                 .weightDecay = weightDecay,
                                 .nesterov = nesterov};
        for (const DType dtype : {DType::Float32, DType::Float64}) {  // every value is a short binary fraction
            BatchNorm1d layer = parameters(1, 1, dtype);
            OptimizerState state;
            for (int step = 0; step < 2; ++step) {
                optimizerStep(spec, state, layer, gradients(step + 1, step + 1));
                QVERIFY((*layer.state().weight)[0] == after[step]);
                QVERIFY((*layer.state().bias)[0] == after[step]);
            }
            QCOMPARE(state.steps, 2);
            QCOMPARE(state.weight.momentum.size(), std::size_t{momentum != 0});
        }
    }

    /// The first bias-corrected step is lr·g/(|g| + eps); by hand for the second.
    void adam() {
        const OptimizerSpec spec{
            .kind = OptimizerSpec::Kind::Adam, .lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 1e-8};
        BatchNorm1d layer = parameters(1, 2);
        OptimizerState state;
        optimizerStep(spec, state, layer, gradients(4, -4));
        const double first = 0.1 * 4 / (4 + 1e-8);
        QVERIFY(close((*layer.state().weight)[0], 1 - first) && close((*layer.state().bias)[0], 2 + first));
        optimizerStep(spec, state, layer, gradients(2, 0));
        // m = 0.5·2 + 0.5·2 = 2, m̂ = 2/0.75; v = 0.75·4 + 0.25·4 = 4, v̂ = 4/0.4375
        const double second = 0.1 * (2 / 0.75) / (std::sqrt(4 / 0.4375) + 1e-8);
        QVERIFY(close((*layer.state().weight)[0], 1 - first - second));
        QVERIFY(state.weight.expAvg == std::vector<double>{2} && state.weight.expAvgSq == std::vector<double>{4});
        // bias: m = −1, m̂ = −1/0.75; v = 3, v̂ = 3/0.4375
        QVERIFY(close((*layer.state().bias)[0], 2 + first + 0.1 / 0.75 / (std::sqrt(3 / 0.4375) + 1e-8)));
    }

    void adamWeightDecay() {
        const OptimizerSpec spec{.kind = OptimizerSpec::Kind::Adam, .weightDecay = 0.5};
        BatchNorm1d layer = parameters(2, 0);
        OptimizerState state;
        optimizerStep(spec, state, layer, gradients(3, 0));
        QVERIFY(close(state.weight.expAvg[0], 0.1 * (3 + 0.5 * 2)));
        QVERIFY((*layer.state().bias)[0] == 0);  // 0/(0 + eps)
    }

    void parametersAreRoundedToTheDType() {
        BatchNorm1d layer = parameters(1, 1, DType::Float32);
        OptimizerState state;
        optimizerStep({.kind = OptimizerSpec::Kind::Sgd, .lr = 0.1}, state, layer, gradients(1, 1));
        QVERIFY((*layer.state().weight)[0] == static_cast<double>(0.9f));
    }

    void absentParametersAndGradientsStay() {
        const OptimizerSpec spec{.kind = OptimizerSpec::Kind::Sgd, .lr = 1};
        BatchNorm1d layer = parameters(1, 1);
        layer.mutableState().bias.reset();
        BackwardRecord record = gradients(1, 1);
        OptimizerState state;
        optimizerStep(spec, state, layer, record);
        QVERIFY((*layer.state().weight)[0] == 0 && !layer.state().bias);
        record.gradWeight.reset();
        optimizerStep(spec, state, layer, record);
        QVERIFY((*layer.state().weight)[0] == 0);
    }

    void noOptimizerDoesNothing() {
        BatchNorm1d layer = parameters(1, 1);
        const BatchNorm1d before = layer;
        OptimizerState state;
        optimizerStep({}, state, layer, gradients(1, 1));
        QVERIFY(layer == before && state == OptimizerState{});
    }

    /// Towards a target mean and spread: γ and β must arrive where the loss is smallest, γ = 0 and β = target.
    void trainingConverges_data() {
        QTest::addColumn<int>("kind");
        QTest::newRow("SGD") << static_cast<int>(OptimizerSpec::Kind::Sgd);
        QTest::newRow("Adam") << static_cast<int>(OptimizerSpec::Kind::Adam);
    }

    void trainingConverges() {
        QFETCH(int, kind);
        const OptimizerSpec spec{.kind = static_cast<OptimizerSpec::Kind>(kind), .lr = 0.1};
        const LossSpec loss{.kind = LossSpec::Kind::MseTarget, .target = {0.75}};
        BatchNorm1d layer({.numFeatures = 2});
        OptimizerState state;
        const Tensor x = pairsBatch(DType::Float32);
        Tensor y, dy;
        for (int step = 0; step < 500; ++step) {
            const ForwardRecord record = layer.forward(x, &y);
            evaluateLoss(loss, x, y, record, dy);
            optimizerStep(spec, state, layer, layer.backward(x, dy, record, nullptr));
        }
        for (std::size_t c = 0; c < 2; ++c) {
            QVERIFY(std::fabs((*layer.state().weight)[c]) < 1e-3);
            QVERIFY(std::fabs((*layer.state().bias)[c] - 0.75) < 1e-3);
        }
    }
};

QTEST_GUILESS_MAIN(TrainingTest)
#include "training_test.moc"
