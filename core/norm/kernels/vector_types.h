// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Included by one file per instruction set, each compiled with flags of its own. Everything here has internal linkage,
// and nothing of the standard library's inline code may be used: a linker keeps one copy of an inline function, and
// that copy could hold instructions the processor at hand does not have.

#include "core/norm/kernels/kernel_table.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define BNSTUDIO_INLINE static inline __attribute__((always_inline))
#define BNSTUDIO_INLINE_MEMBER inline __attribute__((always_inline))

namespace bnstudio {
namespace {

#if defined(__AVX512F__)
constexpr int registerBytes = 64;
constexpr const char* pathName = "avx512";
#elif defined(__AVX2__)
constexpr int registerBytes = 32;
constexpr const char* pathName = "avx2";
#else
constexpr int registerBytes = 16;
constexpr const char* pathName = "baseline";
#endif

constexpr int vectorLanes = registerBytes / static_cast<int>(sizeof(double));

/// Arithmetic is done in double, whatever the tensor holds.
typedef double Vec __attribute__((vector_size(registerBytes)));
typedef std::int64_t Mask64 __attribute__((vector_size(registerBytes)));
typedef std::int32_t Mask32 __attribute__((vector_size(registerBytes / 2)));
typedef float FloatVec __attribute__((vector_size(registerBytes / 2)));

// The same in memory: aligned like one element, and allowed to look at any storage.
typedef double VecInMemory __attribute__((vector_size(registerBytes), aligned(8), may_alias));
typedef float FloatsInMemory __attribute__((vector_size(registerBytes / 2), aligned(4), may_alias));
typedef std::uint32_t CountsInMemory __attribute__((vector_size(registerBytes / 2), aligned(4), may_alias));

BNSTUDIO_INLINE Vec load(const double* p) {
    return *reinterpret_cast<const VecInMemory*>(p);
}
BNSTUDIO_INLINE Vec load(const float* p) {
    return __builtin_convertvector(static_cast<FloatVec>(*reinterpret_cast<const FloatsInMemory*>(p)), Vec);
}
BNSTUDIO_INLINE void store(double* p, Vec v) {
    *reinterpret_cast<VecInMemory*>(p) = v;
}
BNSTUDIO_INLINE void store(float* p, Vec v) {
    *reinterpret_cast<FloatsInMemory*>(p) = __builtin_convertvector(v, FloatVec);
}
BNSTUDIO_INLINE Vec all(double value) {
    return value - Vec{};
}

BNSTUDIO_INLINE Vec squareRoot(Vec v) {
#if defined(__AVX512F__)
    return reinterpret_cast<Vec>(_mm512_maskz_sqrt_pd(0xff, reinterpret_cast<__m512d>(v)));
#elif defined(__AVX2__)
    return reinterpret_cast<Vec>(_mm256_sqrt_pd(reinterpret_cast<__m256d>(v)));
#elif defined(__SSE2__)
    return reinterpret_cast<Vec>(_mm_sqrt_pd(reinterpret_cast<__m128d>(v)));
#else
    for (int i = 0; i < vectorLanes; ++i)
        v[i] = __builtin_sqrt(v[i]);
    return v;
#endif
}
/// Lanes where v is neither infinite nor NaN.
BNSTUDIO_INLINE Mask64 isFinite(Vec v) {
    return v - v == 0;
}

/// Past the cache; p must be aligned to a register (for float to half of one).
BNSTUDIO_INLINE void stream(double* p, Vec v) {
#if defined(__AVX512F__)
    _mm512_stream_pd(p, v);
#elif defined(__AVX2__)
    _mm256_stream_pd(p, v);
#elif defined(__SSE2__)
    _mm_stream_pd(p, v);
#else
    store(p, v);
#endif
}
BNSTUDIO_INLINE void stream(float* p, Vec v) {
#if defined(__AVX512F__)
    _mm256_stream_ps(p, reinterpret_cast<__m256>(__builtin_convertvector(v, FloatVec)));
#elif defined(__AVX2__)
    _mm_stream_ps(p, _mm256_cvtpd_ps(v));
#elif defined(__SSE2__)
    _mm_stream_si64(reinterpret_cast<long long*>(p), _mm_cvtsi128_si64(_mm_castps_si128(_mm_cvtpd_ps(v))));
#else
    store(p, v);
#endif
}
/// Asks for the cache line of p and, with a count, for those of the next registers.
template <class T>
BNSTUDIO_INLINE void prefetch(const T* p, int registers) {
    constexpr int perLine = 64 / (vectorLanes * static_cast<int>(sizeof(T)));
    for (int k = 0; k < registers; k += perLine < 1 ? 1 : perLine)
        __builtin_prefetch(p + k * vectorLanes);
}
BNSTUDIO_INLINE void finishStreaming() {
#if defined(__SSE2__)
    _mm_sfence();
#endif
}

/// Lanes of x that are below or above zero, as −1 and 0, and their count added to counters.
BNSTUDIO_INLINE Mask32 below(const float* p) {
    return static_cast<FloatVec>(*reinterpret_cast<const FloatsInMemory*>(p)) < 0;
}
BNSTUDIO_INLINE Mask32 above(const float* p) {
    return static_cast<FloatVec>(*reinterpret_cast<const FloatsInMemory*>(p)) > 0;
}
BNSTUDIO_INLINE Mask64 below(const double* p) {
    return load(p) < 0;
}
BNSTUDIO_INLINE Mask64 above(const double* p) {
    return load(p) > 0;
}
BNSTUDIO_INLINE void addCounts(std::uint32_t* counters, Mask32 minusCounts) {
    *reinterpret_cast<CountsInMemory*>(counters) -= reinterpret_cast<CountsInMemory&>(minusCounts);
}
BNSTUDIO_INLINE void addCounts(std::uint32_t* counters, Mask64 minusCounts) {
    addCounts(counters, __builtin_convertvector(minusCounts, Mask32));
}
template <class T>
struct MaskFor;
template <>
struct MaskFor<float> {
    typedef Mask32 Type;
};
template <>
struct MaskFor<double> {
    typedef Mask64 Type;
};

// Error-free transformations for a register or a number alike; see core/norm/double_double.h for the sources.

template <class V>
struct Pair {
    V high, low;
};
template <class V>
BNSTUDIO_INLINE Pair<V> exactSum(V a, V b) {
    const V sum = a + b, bPart = sum - a;
    return {sum, (a - (sum - bPart)) + (b - bPart)};
}
template <class V>
BNSTUDIO_INLINE Pair<V> exactDifference(V a, V b) {
    const V difference = a - b, bPart = a - difference;
    return {difference, (a - (difference + bPart)) + (bPart - b)};
}
/// The upper 26 bits of the mantissa and the rest, both exact; nothing can overflow.
BNSTUDIO_INLINE Vec upperHalf(Vec v) {
    return reinterpret_cast<Vec>(reinterpret_cast<Mask64>(v) & ~((std::int64_t{1} << 27) - 1));
}
BNSTUDIO_INLINE double upperHalf(double v) {
    std::int64_t bits;
    __builtin_memcpy(&bits, &v, sizeof bits);
    bits &= ~((std::int64_t{1} << 27) - 1);
    __builtin_memcpy(&v, &bits, sizeof bits);
    return v;
}

}  // namespace
}  // namespace bnstudio
