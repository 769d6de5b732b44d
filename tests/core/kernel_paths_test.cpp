// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/generator.h"
#include "core/norm/batch_norm.h"
#include "core/norm/kernels/kernel_table.h"
#include "core/parallel/parallel.h"

#include <QList>
#include <QTest>

#include <cstring>
#include <optional>

using namespace bnstudio;

namespace {

Tensor normalBatch(const Dims& shape, DType dtype, std::int64_t k) {
    GeneratorSpec spec;
    spec.kind = GeneratorSpec::Kind::Normal;
    spec.mean = {3};
    spec.n = shape[0];
    spec.c = shape[1];
    spec.l = shape.size() > 2 ? shape[2] : 0;
    Tensor batch;
    generateBatch(spec, k, dtype, batch);
    return batch;
}

/// All that a layer computes from one batch.
struct Results {
    Tensor y, yOfKnown, yEval, gradInput, gradEval;
    Moments moments;
    std::vector<HealthCounts> health;
    ForwardRecord record;
    BackwardRecord backward;
    LayerState state;

    Results(const Tensor& x, const Tensor& dy) {
        LayerOptions options;
        options.numFeatures = x.shape()[1];
        options.dtype = x.dtype();
        BatchNorm1d layer(options);
        record = layer.forward(x, &y);
        backward = layer.backward(x, dy, record, &gradInput);
        computeMoments(x, moments, &health);
        BatchNorm1d other(options);
        other.forward(x, &yOfKnown, &moments);
        layer.setTraining(false);
        const ForwardRecord eval = layer.forward(x, &yEval);
        layer.backward(x, dy, eval, &gradEval);
        state = layer.state();
    }
};

bool sameBytes(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::memcmp(a.bytes(), b.bytes(), a.byteSize()) == 0;
}

/// What differs first, or nothing. The values are finite, so == on doubles tells all bits but the sign of zero.
QString difference(const Results& a, const Results& b) {
    if (!sameBytes(a.y, b.y))
        return "y";
    if (!sameBytes(a.yEval, b.yEval))
        return "y in eval mode";
    if (!sameBytes(a.gradInput, b.gradInput))
        return "grad_input";
    if (!sameBytes(a.gradEval, b.gradEval))
        return "grad_input in eval mode";
    if (a.moments != b.moments || a.record != b.record)
        return "moments";
    if (a.health != b.health)
        return "health";
    if (a.backward != b.backward)
        return "sums of the gradient";
    return a.state == b.state ? QString() : QString("running statistics");
}

}  // namespace

/// Every set of instructions the processor has computes the same bits, for any number of threads.
class KernelPathsTest : public QObject {
    Q_OBJECT

private slots:
    void baselineIsAlwaysThere() {
        QCOMPARE(availableKernels().front()->name, "baseline");
        QCOMPARE(availableKernels().front()->registerBytes, 16);
        for (std::size_t i = 1; i < availableKernels().size(); ++i)
            QVERIFY(availableKernels()[i]->registerBytes > availableKernels()[i - 1]->registerBytes);
#if defined(__x86_64__)
        __builtin_cpu_init();
        const std::size_t expected =
            1u + (__builtin_cpu_supports("avx2") ? 1u : 0u)
            + (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")
                       && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
                   ? 1u
                   : 0u);
        QCOMPARE(availableKernels().size(), expected);
#endif
    }

    /// Unforced the widest path runs, forced the one that was asked for, and no other.
    void forcedPathIsTheOneThatRuns() {
        const Tensor x = normalBatch({40, 7}, DType::Float32, 0);
        const auto usesWhile = [&](auto body) {
            std::vector<std::uint64_t> before, uses;
            for (const KernelTable* table : availableKernels())
                before.push_back(table->uses);
            body();
            for (std::size_t i = 0; i < before.size(); ++i)
                uses.push_back(availableKernels()[i]->uses - before[i]);
            return uses;
        };
        for (std::size_t path = 0; path <= availableKernels().size(); ++path) {
            const bool isForced = path < availableKernels().size();
            const std::vector<std::uint64_t> uses = usesWhile([&] {
                std::optional<ForcedKernels> forced;
                if (isForced)
                    forced.emplace(*availableKernels()[path]);
                Results(x, x);
            });
            for (std::size_t i = 0; i < uses.size(); ++i)
                QCOMPARE(uses[i] > 0, i == (isForced ? path : availableKernels().size() - 1));
        }
    }

    void sameBits_data() {
        QTest::addColumn<QList<int>>("shape");
        QTest::addColumn<bool>("single");
        const QList<QList<int>> shapes{
            // measured shapes
            {20, 100},
            {32, 64},
            {256, 1024},
            {4096, 1024},
            {65536, 256},
            {1000000, 16},
            {64, 256, 1024},
            {1024, 64, 128},
            {8, 4096, 49},
            // around registers of lanes, segments, chunks, tasks and pieces of a long segment
            {2, 1},
            {3, 2},
            {5, 7},
            {9, 15},
            {9, 16},
            {9, 17},
            {31, 33},
            {127, 65},
            {128, 64},
            {129, 63},
            {4095, 3},
            {4096, 8},
            {4097, 9},
            {40000, 1},
            {3, 4, 2},
            {600, 5, 3},
            {7, 3, 15},
            {7, 3, 16},
            {7, 3, 17},
            {130, 3, 31},
            {33, 2, 63},
            {2, 3, 2047},
            {3, 2, 2049},
            {2, 2, 8191},
            {2, 2, 8193},
            {1, 1, 30011},
            {65, 40, 33}};
        for (const QList<int>& shape : shapes)
            for (const bool single : {true, false}) {
                std::int64_t size = 1;
                Dims dims(shape.begin(), shape.end());
                for (const std::int64_t dim : dims)
                    size *= dim;
                if (single || size < 5000000)  // the largest ones once are enough
                    QTest::addRow("%s %s", shapeText(dims).c_str(), single ? "float32" : "float64") << shape << single;
            }
    }

    void sameBits() {
        QFETCH(QList<int>, shape);
        QFETCH(bool, single);
        const DType dtype = single ? DType::Float32 : DType::Float64;
        const Dims dims(shape.begin(), shape.end());
        const Tensor x = normalBatch(dims, dtype, 0), dy = normalBatch(dims, dtype, 1);
        std::optional<Results> first;
        const bool large = x.size() > 5000000;
        for (const KernelTable* table : availableKernels()) {
            const ForcedKernels forced(*table);
            for (const int threads : {1, 2, 3, 5, 16}) {
                if (large && threads != 1 + table->registerBytes / 16)
                    continue;  // 2, 3 and 5 threads, one number for each path
                std::optional<Results> results;
                Arena(threads).run([&] { results.emplace(x, dy); });
                QVERIFY2(sameBytes(results->y, results->yOfKnown), "y differs from y by given moments");
                if (!first)
                    first.emplace(std::move(*results));
                else if (const QString what = difference(*results, *first); !what.isEmpty())
                    QFAIL(qPrintable(QString("%1 differs: %2, %3 threads").arg(what, table->name).arg(threads)));
            }
        }
    }
};

QTEST_GUILESS_MAIN(KernelPathsTest)
#include "kernel_paths_test.moc"
