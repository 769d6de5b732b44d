// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/kernels/kernel_table.h"
#include "core/parallel/parallel.h"
#include "support/contract.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

constexpr DType layerDTypes[] = {DType::Float32, DType::Float64};

/// Everything a training step gives, for a fresh layer.
struct Step {
    BatchNorm1d layer;
    Tensor y, gradX;
    ForwardRecord record;
    BackwardRecord backward;

    Step(const Tensor& x, const Tensor& dy, bool training = true)
        : layer({.numFeatures = x.shape()[1], .dtype = x.dtype()}) {
        layer.setTraining(training);
        record = layer.forward(x, &y);
        backward = layer.backward(x, dy, record, &gradX);
    }

    bool sameBits(const Step& other) const {
        return sameBytes(y, other.y) && sameBytes(gradX, other.gradX)
               && sameBytes(*layer.state().runningMean, *other.layer.state().runningMean)
               && sameBytes(*layer.state().runningVar, *other.layer.state().runningVar)
               && sameBytes(backward.sumDy, other.backward.sumDy)
               && sameBytes(backward.sumDyXhat, other.backward.sumDyXhat);
    }
};

/// Channel c of a batch (N, C, L), alone.
Tensor channelOf(const Tensor& batch, std::int64_t c) {
    Dims shape = batch.shape();
    shape[1] = 1;
    return makeBatch(batch.dtype(), shape,
                     [&](std::int64_t n, std::int64_t, std::int64_t l) { return element(batch, n, c, l); });
}

}  // namespace

/// Statements 21 to 30 and 38, 39 where PyTorch's arithmetic shows. PyTorch's three ways of adding, with their different
/// bits, are one here; accuracy_test has the bounds that hold instead.
class ContractArithmeticTest : public QObject {
    Q_OBJECT

private slots:
    void s26_constantChannelGivesTheBias_data() {
        QTest::addColumn<double>("value");
        for (const double value : {0.0, 3.0, 0.1, 10000.1, -1e-30, 1e-40, 1e30, 3e38})
            QTest::addRow("%g", value) << value;
    }

    void s26_constantChannelGivesTheBias() {
        QFETCH(double, value);
        for (const DType dtype : layerDTypes)
            for (const double eps : {0.0, 1e-12, 1e-5})
                for (const Dims& shape : {Dims{9, 2}, Dims{700, 2}, Dims{3, 2, 300}}) {
                    BatchNorm1d layer({.numFeatures = 2, .eps = eps, .dtype = dtype});
                    layer.mutableState().bias = {{roundTo(dtype, 0.3), -7}};
                    Tensor y;
                    const Tensor x = makeBatch(dtype, shape, [&](auto...) { return value; });
                    const ForwardRecord record = layer.forward(x, &y);
                    QVERIFY(record.mean[0] == roundTo(dtype, value));
                    QVERIFY(record.var[0] == 0 && (eps > 0 || record.invstd[0] == 0));
                    const std::int64_t l = BatchShape::of(shape).l;
                    for (std::int64_t i = 0; i < y.size(); ++i)
                        QVERIFY(y.at(i) == (*layer.state().bias)[static_cast<std::size_t>(i / l % 2)]);
                }
    }

    /// 2^20 ± 1 in float32: a sum of 2^16 of them needs 36 bits, which a float32 accumulator does not have.
    void s26_largeMeansLoseNothing() {
        for (const Dims& shape : {Dims{65536, 1}, Dims{16, 1, 4096}}) {
            BatchNorm1d layer({.numFeatures = 1, .eps = 0, .momentum = 1});
            const std::int64_t l = BatchShape::of(shape).l;
            const Tensor x = makeBatch(DType::Float32, shape, [&](std::int64_t n, auto, std::int64_t i) {
                return 0x1p20 + ((n * l + i) % 2 == 0 ? 1 : -1);
            });
            Tensor y;
            const ForwardRecord record = layer.forward(x, &y);
            QVERIFY(record.mean[0] == 0x1p20 && record.var[0] == 1);
            for (std::int64_t i = 0; i < y.size(); ++i)
                QVERIFY(y.at(i) == (i % 2 == 0 ? 1 : -1));
        }
    }

    /// PyTorch's float32 squares overflow from 1e19 on and give y = bias; sums of 3e38 overflow to NaN or −Inf.
    void s26_hugeFloat32() {
        for (const double scale : {0x1p64, 0x1p127}) {
            BatchNorm1d layer({.numFeatures = 1, .eps = 0, .momentum = 1});
            Tensor y;
            layer.forward(makeBatch(DType::Float32, {4, 1}, [&](auto n, auto...) { return n < 2 ? scale : -scale; }),
                          &y);
            QVERIFY(y.at(0) == 1 && y.at(3) == -1);
            QVERIFY(*layer.state().runningMean == ChannelVector{0} && *layer.state().runningVar == ChannelVector{inf});
        }
        // Deviations of 2^125 about a mean of 3·2^125: their squares are beyond float32, mean and y are not.
        BatchNorm1d layer({.numFeatures = 1, .eps = 0});
        Tensor y;
        layer.forward(makeBatch(DType::Float32, {4, 1}, [](auto n, auto...) { return n % 2 == 0 ? 0x1p127 : 0x1p126; }),
                      &y);
        QVERIFY(y.at(0) == 1 && y.at(1) == -1);
        QVERIFY(*layer.state().runningMean == ChannelVector{roundTo(DType::Float32, 0.1 * 0x1.8p126)});
    }

    /// Variance 2^126 fits float32, and so do the statistics, although the squares of the values do not.
    void s26_finiteStatisticsNearOverflow() {
        BatchNorm1d layer({.numFeatures = 1, .eps = 0, .momentum = 1});
        Tensor y;
        layer.forward(
            makeBatch(DType::Float32, {4, 1}, [](auto n, auto...) { return 0x1p80 + (n % 2 == 0 ? 0x1p63 : -0x1p63); }),
            &y);
        QVERIFY(*layer.state().runningMean == ChannelVector{0x1p80});
        QVERIFY(*layer.state().runningVar == ChannelVector{roundTo(DType::Float32, 0x1p128 / 3)});
        QVERIFY(y.at(0) == 1 && y.at(1) == -1);
    }

    void s26_denormalsAreKept() {
        BatchNorm1d layer({.numFeatures = 1, .eps = 0, .momentum = 1});
        Tensor y;
        layer.forward(
            makeBatch(DType::Float32, {4, 1}, [](auto n, auto...) { return n % 2 == 0 ? 0x1p-149 : 0x1p-147; }), &y);
        QVERIFY(y.at(0) == -1 && y.at(1) == 1);
        // (1 + 4)/2 = 2.5 units of 2^-149, rounded to even
        QVERIFY(*layer.state().runningMean == ChannelVector{0x1p-148} && *layer.state().runningVar == ChannelVector{0});
        layer.mutableState().weight = {{0x1p-149}};
        layer.forward(pairsBatch(1), &y);
        QVERIFY(y.at(0) == -0x1p-149 && y.at(1) == 0x1p-149);
    }

    void s27_channelsAreIndependent_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape : {QList<int>{40, 7}, {700, 3}, {5, 300}, {6, 5, 9}, {3, 4, 700}})
            QTest::newRow(rowName(shape)) << shape;
    }

    void s27_channelsAreIndependent() {
        QFETCH(QList<int>, shape);
        for (const DType dtype : layerDTypes) {
            const Tensor x = noiseBatch(dtype, dimsOf(shape), 1), dy = noiseBatch(dtype, dimsOf(shape), 2);
            const Step all(x, dy);
            for (const std::int64_t c : {0, shape[1] / 2, shape[1] - 1}) {
                const Step alone(channelOf(x, c), channelOf(dy, c));
                QVERIFY(sameBytes(channelOf(all.y, c), alone.y) && sameBytes(channelOf(all.gradX, c), alone.gradX));
                const auto at = static_cast<std::size_t>(c);
                QVERIFY((*all.layer.state().runningMean)[at] == (*alone.layer.state().runningMean)[0]);
                QVERIFY((*all.layer.state().runningVar)[at] == (*alone.layer.state().runningVar)[0]);
                QVERIFY((*all.backward.gradWeight)[at] == (*alone.backward.gradWeight)[0]);
                QVERIFY((*all.backward.gradBias)[at] == (*alone.backward.gradBias)[0]);
            }
        }
    }

    void s28_bitsDependOnNeitherThreadsNorInstructions_data() {
        QTest::addColumn<QList<int>>("shape");
        for (const QList<int>& shape :
             {QList<int>{2, 3}, {3000, 300}, {20000, 1}, {513, 1000}, {7, 5, 3000}, {50, 8, 400}, {1, 1, 50000}})
            QTest::newRow(rowName(shape)) << shape;
    }

    void s28_bitsDependOnNeitherThreadsNorInstructions() {
        QFETCH(QList<int>, shape);
        for (const DType dtype : layerDTypes) {
            const Tensor x = noiseBatch(dtype, dimsOf(shape), 3), dy = noiseBatch(dtype, dimsOf(shape), 4);
            for (const bool training : {true, false}) {
                std::optional<Step> first;
                for (const KernelTable* table : availableKernels()) {
                    const ForcedKernels forced(*table);
                    for (const int threads : {1, 2, 3, 16}) {
                        std::optional<Step> step;
                        Arena(threads).run([&] { step.emplace(x, dy, training); });
                        if (!first)
                            first = step;
                        QVERIFY(step->sameBits(*first));
                    }
                }
            }
        }
    }

    /// What the caller passes in stays his, y is a new value or takes over the storage offered, and copies of a layer
    /// share nothing.
    void s38_valuesNotReferences() {
        const Tensor x = noiseBatch(DType::Float32, {40, 3}, 5), kept = x;
        BatchNorm1d layer({.numFeatures = 3});
        const BatchNorm1d copy = layer;
        Tensor y(DType::Float64, {100, 100});
        const std::byte* storage = y.bytes();
        layer.forward(x, &y);
        QVERIFY(sameBytes(x, kept) && y.bytes() == storage && y.shape() == x.shape());
        QVERIFY(copy == BatchNorm1d({.numFeatures = 3}) && layer != copy);
        layer.setTraining(false);
        Tensor identity;
        layer.forward(x, &identity);
        QVERIFY(identity.bytes() != x.bytes());
    }

    /// (N, C, 1) is (N, C); in PyTorch both take path A.
    void s39_lengthOneIsNoLength() {
        for (const DType dtype : layerDTypes) {
            const Step flat(noiseBatch(dtype, {700, 5}, 6), noiseBatch(dtype, {700, 5}, 7));
            Step deep(noiseBatch(dtype, {700, 5, 1}, 6), noiseBatch(dtype, {700, 5, 1}, 7));
            deep.y.setShape({700, 5});
            deep.gradX.setShape({700, 5});
            QVERIFY(flat.sameBits(deep));
        }
    }
};

QTEST_GUILESS_MAIN(ContractArithmeticTest)
#include "contract_arithmetic_test.moc"
