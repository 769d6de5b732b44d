// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> largest{0};

void* allocate(std::size_t size, std::size_t alignment) {
    std::size_t seen = largest;
    while (size > seen && !largest.compare_exchange_weak(seen, size)) {
    }
    if (void* p = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment))
        return p;
    throw std::bad_alloc();
}

}  // namespace

// Every allocation of the program passes here.
void* operator new(std::size_t size) {
    return allocate(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size) {
    return allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete[](void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
    std::free(p);
}
void operator delete[](void* p, std::align_val_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}

using namespace bnstudio;

/// After the first one, a step asks for no memory that grows with the batch: only for vectors of length C.
class AllocationTest : public QObject {
    Q_OBJECT

private slots:
    void laterStepsAllocateNoTensor_data() {
        QTest::addColumn<int>("samples");
        QTest::addColumn<int>("length");
        QTest::newRow("(4096, 64)") << 4096 << 0;
        QTest::newRow("(64, 64, 64)") << 64 << 64;
        QTest::newRow("(2048, 64, 2)") << 2048 << 2;
    }

    void laterStepsAllocateNoTensor() {
        QFETCH(int, samples);
        QFETCH(int, length);
        constexpr std::int64_t channels = 64;
        Recipe recipe;
        GeneratorSpec generator;
        generator.n = samples;
        generator.c = channels;
        generator.l = length;
        recipe.data.sources = {generator};
        TrainingSpec& training = recipe.lanes[0].training;
        training.passes = {true, true};
        training.loss.kind = LossSpec::Kind::MseTarget;
        training.loss.target = {0.0};
        RunLimits limits;
        limits.keepsSeries = false;  // blocks of many steps
        Run run(recipe, limits);
        const auto visitor = [](int, const Run::StepTensors& tensors) { QVERIFY(tensors.gradInput); };
        run.advanceVisiting(visitor);
        QVERIFY(largest >= static_cast<std::size_t>(samples * std::max(1, length)) * channels * sizeof(float));
        largest = 0;
        for (int step = 0; step < 5; ++step)
            run.advanceVisiting(visitor);
        // A thread whose first task comes late makes its first block for sums then, of 64 KiB whatever the batch
        // (Scratch in core/norm/lane_sums.h); the batch itself has a megabyte.
        QVERIFY2(largest <= std::size_t{1} << 16, qPrintable(QString::number(largest)));
    }
};

QTEST_GUILESS_MAIN(AllocationTest)
#include "allocation_test.moc"
