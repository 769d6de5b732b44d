// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/contract.h"

#include <QTest>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

constexpr const char* divisionByZero = "float division by zero";

std::string tooFewValues(const char* shape) {
    return std::string("Expected more than 1 value per channel when training, got input size torch.Size([") + shape
           + "])";
}

/// What a layer of three channels says to a batch of this shape.
std::string refusal(BatchNorm1d& layer, const Dims& shape, DType dtype = DType::Float32) {
    return messageOf([&] { layer.forward(Tensor(dtype, shape)); });
}

}  // namespace

/// Statements 7 to 14: what a forward refuses, in which order and words, and what is left behind.
class ContractChecksTest : public QObject {
    Q_OBJECT

private slots:
    void s07_rank_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{}, {3}, {0}, {1, 3, 1, 1}, {0, 3, 0, 2, 2}})
            QTest::newRow(rowName(shape)) << shape;
    }

    void s07_rank() {
        QFETCH(QList<int>, shape);
        for (const bool training : {true, false}) {
            BatchNorm1d layer({.numFeatures = 3});
            layer.setTraining(training);
            QCOMPARE(refusal(layer, dimsOf(shape)),
                     "expected 2D or 3D input (got " + std::to_string(shape.size()) + "D input)");
            QVERIFY(layer == [&] {
                BatchNorm1d fresh({.numFeatures = 3});
                fresh.setTraining(training);
                return fresh;
            }());
        }
    }

    void s08_counterAdvancesBeforeTheChecks_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{1, 3}, {4, 2}, {4, 5, 2}, {0, 3}, {1, 0}, {4, 3}})
            QTest::newRow(rowName(shape)) << shape;
    }

    void s08_counterAdvancesBeforeTheChecks() {
        QFETCH(QList<int>, shape);
        BatchNorm1d layer({.numFeatures = 3});
        refusal(layer, dimsOf(shape));
        QVERIFY(layer.state().numBatchesTracked == 1);
        layer.setTrackRunningStats(false);
        refusal(layer, dimsOf(shape));
        layer.setTrackRunningStats(true);
        layer.setTraining(false);
        refusal(layer, dimsOf(shape));
        QVERIFY(layer.state().numBatchesTracked == 1);
    }

    /// The refused and the empty batch have both been counted, so the first good one weighs 1/3.
    void s08_refusedBatchesDiluteTheCumulativeAverage() {
        BatchNorm1d layer({.numFeatures = 3, .momentum = std::nullopt, .dtype = DType::Float64});
        QVERIFY(!refusal(layer, {1, 3}, DType::Float64).empty());
        QVERIFY(refusal(layer, {0, 3}, DType::Float64).empty());
        QVERIFY(layer.forward(pairsBatch(3, DType::Float64)).factor == 1.0 / 3);
        QVERIFY(*layer.state().runningMean == three(2.0 / 3));
    }

    void s08_counterWraps() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState().numBatchesTracked = std::numeric_limits<std::int64_t>::max();
        layer.forward(pairsBatch());
        QVERIFY(layer.state().numBatchesTracked == std::numeric_limits<std::int64_t>::min());
    }

    void s09_oneValuePerChannel() {
        BatchNorm1d layer({.numFeatures = 3});
        QCOMPARE(refusal(layer, {1, 3}), tooFewValues("1, 3"));
        QCOMPARE(refusal(layer, {1, 3, 1}), tooFewValues("1, 3, 1"));
        QCOMPARE(refusal(layer, {1, 0}), tooFewValues("1, 0"));  // the number of channels is not looked at yet
        QCOMPARE(refusal(layer, {1, 0, 1}), tooFewValues("1, 0, 1"));
        QVERIFY(refusal(layer, {1, 3, 2}).empty() && refusal(layer, {2, 3, 1}).empty());
        layer.setTraining(false);
        QVERIFY(refusal(layer, {1, 3}).empty());
    }

    void s09_evalWithoutStatistics() {
        BatchNorm1d layer({.numFeatures = 3, .trackRunningStats = false});
        layer.setTraining(false);
        QCOMPARE(refusal(layer, {1, 3}), tooFewValues("1, 3"));
        BatchNorm1d emptied({.numFeatures = 3});
        emptied.setTraining(false);
        emptied.mutableState().runningMean.reset();
        emptied.mutableState().runningVar.reset();
        QCOMPARE(refusal(emptied, {1, 3, 1}), tooFewValues("1, 3, 1"));
    }

    void s10_emptyBatches_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{0, 3}, {2, 3, 0}, {0, 3, 4}, {0, 7}, {4, 0}, {0, 0, 0}, {1, 3, 0}})
            QTest::newRow(rowName(shape)) << shape;
    }

    void s10_emptyBatches() {
        QFETCH(QList<int>, shape);
        for (const bool training : {true, false}) {
            BatchNorm1d layer({.numFeatures = 3});
            layer.setTraining(training);
            LayerState expected = layer.state();
            expected.numBatchesTracked = training ? 1 : 0;
            const Tensor x(DType::Float32, dimsOf(shape));
            Tensor y, gradX;
            const ForwardRecord record = layer.forward(x, &y);
            QVERIFY(y.shape() == dimsOf(shape) && y.dtype() == DType::Float32 && layer.state() == expected);
            QVERIFY(!record.updatedMean && !record.updatedVar && record.counted == training);
            const BackwardRecord backward = layer.backward(x, x, record, &gradX);
            QVERIFY(gradX.shape() == dimsOf(shape) && gradX.dtype() == DType::Float32);
            QVERIFY(*backward.gradWeight == three(0) && *backward.gradBias == three(0));
        }
    }

    /// The output is x·weight[0] + bias[0]: PyTorch's rules of promotion decide its dtype, and weights of any length do.
    void s10_nothingIsCheckedInEmptyBatches() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 3, .dtype = dtype}), plain({.numFeatures = 3, .affine = false});
            Tensor y;
            for (const DType floating : {DType::Float32, DType::Float64, DType::Float16, DType::BFloat16}) {
                layer.forward(Tensor(floating, {0, 3}), &y);
                QVERIFY(y.dtype() == floating);
            }
            for (const DType integer : {DType::Int64, DType::Bool}) {
                layer.forward(Tensor(integer, {0, 3}), &y);
                QVERIFY(y.dtype() == dtype);
                plain.forward(Tensor(integer, {0, 3}), &y);
                QVERIFY(y.dtype() == integer);
            }
        }
        BatchNorm1d layer({.numFeatures = 3});
        layer.setTraining(false);
        layer.mutableState().runningMean.reset();  // statement 11 would refuse any other batch
        layer.mutableState().weight = {{1, 1}};
        const Tensor x(DType::Float32, {0, 3});
        const BackwardRecord backward = layer.backward(x, x, layer.forward(x), nullptr);
        QVERIFY(*backward.gradWeight == ChannelVector({0, 0}) && *backward.gradBias == three(0));
    }

    void s11_lengthsInOrder() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState() = {{{1, 1}}, {{0}}, {{0, 0}}, {{1, 1}}, 0};
        QCOMPARE(refusal(layer, {4, 3}), std::string("running_mean should contain 3 elements not 2"));
        layer.mutableState().runningMean = three(0);
        QCOMPARE(refusal(layer, {4, 3}), std::string("running_var should contain 3 elements not 2"));
        layer.mutableState().runningVar = three(1);
        QCOMPARE(refusal(layer, {4, 3}), std::string("weight should contain 3 elements not 2"));
        layer.mutableState().weight = three(1);
        QCOMPARE(refusal(layer, {4, 3}), std::string("bias should contain 3 elements not 1"));
        layer.mutableState().bias.reset();
        QVERIFY(refusal(layer, {4, 3}).empty());
        QCOMPARE(refusal(layer, {4, 5, 2}), std::string("running_mean should contain 5 elements not 3"));
    }

    void s11_buffersThatAreNotPassedOnAreNotChecked() {
        BatchNorm1d layer({.numFeatures = 3, .affine = false});
        layer.mutableState().runningMean = {{0}};
        layer.setTrackRunningStats(false);
        QVERIFY(refusal(layer, {4, 3}).empty());
        layer.setTraining(false);
        QCOMPARE(refusal(layer, {4, 3}), std::string("running_mean should contain 3 elements not 1"));
    }

    void s11_missingStatisticsInEval() {
        BatchNorm1d layer({.numFeatures = 3});
        layer.setTraining(false);
        layer.mutableState().runningVar.reset();
        QCOMPARE(refusal(layer, {4, 3}), std::string("running_var must be defined in evaluation mode"));
        QCOMPARE(refusal(layer, {4, 2}), std::string("running_mean should contain 2 elements not 3"));
        layer.mutableState().runningMean.reset();
        layer.mutableState().runningVar = {{1}};  // reported only after the missing mean
        QCOMPARE(refusal(layer, {4, 3}), std::string("running_mean must be defined in evaluation mode"));
    }

    void s11_bareLayerTakesAnyChannels() {
        BatchNorm1d layer({.numFeatures = 3, .affine = false, .trackRunningStats = false});
        for (const std::int64_t channels : {1, 2, 3, 5})
            QVERIFY(refusal(layer, {4, channels}).empty());
    }

    void s12_dtypes_data() {
        QTest::addColumn<int>("layer");
        QTest::addColumn<int>("input");
        QTest::addColumn<QString>("message");
        const auto row = [](DType layer, DType input, const char* message) {
            QTest::addRow("%s into %s", std::string(name(input)).c_str(), std::string(name(layer)).c_str())
                << static_cast<int>(layer) << static_cast<int>(input) << message;
        };
        row(DType::Float32, DType::Float64, "mixed dtype (CPU): expect input to have scalar type of BFloat16");
        row(DType::Float64, DType::Float32, "mixed dtype (CPU): expect parameter to have scalar type of Float");
        for (const DType layer : {DType::Float32, DType::Float64}) {
            row(layer, DType::Float16, "\"batch_norm\" not implemented for 'Half'");
            row(layer, DType::Int64, "\"batch_norm\" not implemented for 'Long'");
            row(layer, DType::Int32, "\"batch_norm\" not implemented for 'Int'");
            row(layer, DType::Int16, "\"batch_norm\" not implemented for 'Short'");
            row(layer, DType::Int8, "\"batch_norm\" not implemented for 'Char'");
            row(layer, DType::UInt8, "\"batch_norm\" not implemented for 'Byte'");
            row(layer, DType::Bool, "\"batch_norm\" not implemented for 'Bool'");
        }
    }

    void s12_dtypes() {
        QFETCH(int, layer);
        QFETCH(int, input);
        QFETCH(QString, message);
        for (const bool training : {true, false}) {
            BatchNorm1d module({.numFeatures = 3, .dtype = static_cast<DType>(layer)});
            module.setTraining(training);
            QCOMPARE(refusal(module, {4, 3}, static_cast<DType>(input)), message.toStdString());
            QVERIFY(module.state().numBatchesTracked == (training ? 1 : 0));
        }
    }

    void s12_layerWithoutTensorsTakesBothDTypes() {
        BatchNorm1d bare({.numFeatures = 3, .affine = false, .trackRunningStats = false});
        BatchNorm1d toggled({.numFeatures = 3, .affine = false});  // in training its buffers are not passed on
        toggled.setTrackRunningStats(false);
        for (BatchNorm1d* layer : {&bare, &toggled})
            for (const DType dtype : {DType::Float32, DType::Float64}) {
                Tensor y;
                layer->forward(pairsBatch(3, dtype), &y);
                QVERIFY(y.dtype() == dtype);
            }
        QCOMPARE(refusal(bare, {4, 3}, DType::Int64), std::string("\"batch_norm\" not implemented for 'Long'"));
    }

    void s12_outputHasTheDTypeOfTheInput() {
        for (const DType dtype : {DType::Float32, DType::Float64}) {
            BatchNorm1d layer({.numFeatures = 3, .dtype = dtype});
            Tensor y;
            layer.forward(pairsBatch(3, dtype), &y);
            QVERIFY(y.dtype() == dtype);
        }
    }

    /// Every check fails for the same layer and batch; mended one by one, the next one speaks.
    void s07to12_order() {
        BatchNorm1d layer({.numFeatures = 2, .momentum = std::nullopt});
        layer.mutableState().numBatchesTracked = -1;
        QCOMPARE(refusal(layer, {3}, DType::Float64), std::string("expected 2D or 3D input (got 1D input)"));
        QVERIFY(layer.state().numBatchesTracked == -1);
        QCOMPARE(refusal(layer, {1, 3}, DType::Float64), std::string(divisionByZero));
        QCOMPARE(refusal(layer, {1, 3}, DType::Float64), tooFewValues("1, 3"));
        QVERIFY(refusal(layer, {0, 3}, DType::Float64).empty());
        QCOMPARE(refusal(layer, {2, 3}, DType::Float64), std::string("running_mean should contain 3 elements not 2"));
        QCOMPARE(refusal(layer, {2, 2}, DType::Float64),
                 std::string("mixed dtype (CPU): expect input to have scalar type of BFloat16"));
        QVERIFY(refusal(layer, {2, 2}).empty());
        QVERIFY(layer.state().numBatchesTracked == 5);
    }

    void s14_nothingElseChanges_data() {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<int>("dtype");
        for (const QList<int>& shape : {QList<int>{1, 3}, {4, 2}, {4, 3}})
            QTest::newRow(rowName(shape)) << shape << static_cast<int>(shape[1] == 2 ? DType::Float32 : DType::Float64);
    }

    void s14_nothingElseChanges() {
        QFETCH(QList<int>, shape);
        QFETCH(int, dtype);
        BatchNorm1d layer({.numFeatures = 3});
        layer.mutableState() = {three(2), three(3), three(4), three(5), 6};
        BatchNorm1d expected = layer;
        expected.mutableState().numBatchesTracked = 7;
        Tensor y = Tensor::of<float>({1}, {42});
        QVERIFY(!messageOf([&] { layer.forward(Tensor(static_cast<DType>(dtype), dimsOf(shape)), &y); }).empty());
        QVERIFY(layer == expected);
        QVERIFY(y.shape() == Dims{1} && y.at(0) == 42);
    }
};

QTEST_GUILESS_MAIN(ContractChecksTest)
#include "contract_checks_test.moc"
