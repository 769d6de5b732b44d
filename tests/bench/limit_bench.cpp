// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/parallel.h"
#include "layer_bench.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <type_traits>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

// Each function is compiled for several sets of instructions, of which the widest is taken at run time.
#if defined(__x86_64__)
#define EVERY_WIDTH __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define EVERY_WIDTH
#endif

namespace bnstudio::bench {

namespace {

constexpr std::int64_t block = 16384;  // elements a task moves
/// Outputs from here on are written past the cache, which then need not read them first.
constexpr std::size_t streamedBytes = std::size_t{12} << 20;

template <class T>
T sumOf(const T* x, std::int64_t count) {
    constexpr int lanes = 64;  // enough independent sums to wait for memory only
    T sums[lanes] = {};
    std::int64_t i = 0;
    for (; i + lanes <= count; i += lanes)
        for (int k = 0; k < lanes; ++k)
            sums[k] += x[i + k];
    for (; i < count; ++i)
        sums[0] += x[i];
    T sum = 0;
    for (const T part : sums)
        sum += part;
    return sum;
}
EVERY_WIDTH float readOne(const float* x, std::int64_t count) {
    return sumOf(x, count);
}
EVERY_WIDTH double readOne(const double* x, std::int64_t count) {
    return sumOf(x, count);
}
EVERY_WIDTH void scale(const float* x, float* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        y[i] = x[i] * 2.0f;
}
EVERY_WIDTH void scale(const double* x, double* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        y[i] = x[i] * 2.0;
}
EVERY_WIDTH void add(const float* a, const float* b, float* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        y[i] = a[i] + b[i];
}
EVERY_WIDTH void add(const double* a, const double* b, double* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i)
        y[i] = a[i] + b[i];
}

#if defined(__SSE2__)
void streamScaled(const float* x, float* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; i += 4)
        _mm_stream_ps(y + i, _mm_mul_ps(_mm_loadu_ps(x + i), _mm_set1_ps(2.0f)));
    _mm_sfence();
}
void streamScaled(const double* x, double* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; i += 2)
        _mm_stream_pd(y + i, _mm_mul_pd(_mm_loadu_pd(x + i), _mm_set1_pd(2.0)));
    _mm_sfence();
}
void streamSum(const float* a, const float* b, float* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; i += 4)
        _mm_stream_ps(y + i, _mm_add_ps(_mm_loadu_ps(a + i), _mm_loadu_ps(b + i)));
    _mm_sfence();
}
void streamSum(const double* a, const double* b, double* y, std::int64_t count) {
    for (std::int64_t i = 0; i < count; i += 2)
        _mm_stream_pd(y + i, _mm_add_pd(_mm_loadu_pd(a + i), _mm_loadu_pd(b + i)));
    _mm_sfence();
}
#else
template <class T>
void streamScaled(const T* x, T* y, std::int64_t count) {
    scale(x, y, count);
}
template <class T>
void streamSum(const T* a, const T* b, T* y, std::int64_t count) {
    add(a, b, y, count);
}
#endif

/// What a pass reads and writes: one tensor or two, and an output or none.
template <class T>
class Mover {
public:
    Mover(const Dims& shape, DType dtype)
        : m_first(normalBatch(shape, dtype, 0)),
          m_second(normalBatch(shape, dtype, 1)),
          m_out(dtype, shape),
          m_size(m_first.size()),
          m_streams(m_out.byteSize() >= streamedBytes) {}

    void readFirst() {
        const T* x = m_first.template values<T>().data();
        forBlocks([&](std::int64_t at, std::int64_t count) { benchmark::DoNotOptimize(readOne(x + at, count)); });
    }
    void readBoth() {
        const T *a = m_first.template values<T>().data(), *b = m_second.template values<T>().data();
        forBlocks([&](std::int64_t at, std::int64_t count) {
            benchmark::DoNotOptimize(readOne(a + at, count) + readOne(b + at, count));
        });
    }
    void writeFromFirst() {
        const T* x = m_first.template values<T>().data();
        T* y = m_out.template values<T>().data();
        forBlocks([&](std::int64_t at, std::int64_t count) {
            if (m_streams && count % 4 == 0)
                streamScaled(x + at, y + at, count);
            else
                scale(x + at, y + at, count);
        });
        benchmark::ClobberMemory();
    }
    void writeFromBoth() {
        const T *a = m_first.template values<T>().data(), *b = m_second.template values<T>().data();
        T* y = m_out.template values<T>().data();
        forBlocks([&](std::int64_t at, std::int64_t count) {
            if (m_streams && count % 4 == 0)
                streamSum(a + at, b + at, y + at, count);
            else
                add(a + at, b + at, y + at, count);
        });
        benchmark::ClobberMemory();
    }
    std::int64_t size() const { return m_size; }

private:
    template <class Body>
    void forBlocks(Body body) const {
        parallelFor((m_size + block - 1) / block,
                    [&](std::int64_t index) { body(index * block, std::min(block, m_size - index * block)); });
    }

    Tensor m_first, m_second, m_out;
    std::int64_t m_size;
    bool m_streams;
};

template <class T>
void registerFor(const Dims& shape) {
    const DType dtype = dtypeOf<T>();
    const auto add = [&](const std::string& pass, auto body) {
        const std::string name = "limit_" + pass + "/" + std::string(bnstudio::name(dtype)) + "/" + shapeLabel(shape);
        benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
            Mover<T> mover(shape, dtype);
            body(mover);
            for (auto _ : state)
                body(mover);
            state.SetItemsProcessed(state.iterations() * mover.size());
        })->UseRealTime();
    };
    add("train", [](Mover<T>& mover) {
        mover.readFirst();
        mover.writeFromFirst();
    });
    add("eval", [](Mover<T>& mover) { mover.writeFromFirst(); });
    add("backward", [](Mover<T>& mover) {
        mover.readBoth();
        mover.writeFromBoth();
    });
}

}  // namespace

void registerLimits() {
    for (const Dims& shape : layerShapes()) {
        registerFor<float>(shape);
        registerFor<double>(shape);
    }
}

}  // namespace bnstudio::bench
