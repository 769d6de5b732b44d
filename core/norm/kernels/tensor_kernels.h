// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/kernels/sum_kernels.h"

namespace bnstudio {
namespace {

// y = ((x − mean) − meanLow)·slope + bias and its derivative, in double, rounded once to the element type.

template <bool streamed, class T>
BNSTUDIO_INLINE void put(T* p, Vec v) {
    if (streamed)
        stream(p, v);
    else
        store(p, v);
}

/// The values of one lane, or of a register of lanes, that a channel contributes.
template <class T, class V>
struct Normalize {
    V mean, low, slope, bias;
    BNSTUDIO_INLINE_MEMBER V operator()(V x) const {
        const V d = sizeof(T) == sizeof(float) ? x - mean : (x - mean) - low;
        return d * slope + bias;
    }
};
template <class T, class V>
struct InputGradient {
    V mean, low, meanTerm, varTerm, slope;
    BNSTUDIO_INLINE_MEMBER V operator()(V x, V dy) const {
        const V d = sizeof(T) == sizeof(float) ? x - mean : (x - mean) - low;
        return ((dy - meanTerm) - d * varTerm) * slope;
    }
};

template <class T>
BNSTUDIO_INLINE Normalize<T, Vec> termsAt(const AffineTerms& t, std::int64_t lane) {
    return {load(t.mean + lane), lowPart(t.meanLow, lane, static_cast<const T*>(nullptr)), load(t.slope + lane),
            load(t.bias + lane)};
}
template <class T>
BNSTUDIO_INLINE Normalize<T, double> termAt(const AffineTerms& t, std::int64_t lane) {
    return {t.mean[lane], t.meanLow ? t.meanLow[lane] : 0.0, t.slope[lane], t.bias[lane]};
}
template <class T>
BNSTUDIO_INLINE InputGradient<T, Vec> termsAt(const GradientTerms& t, std::int64_t lane) {
    return {load(t.mean + lane), lowPart(t.meanLow, lane, static_cast<const T*>(nullptr)), load(t.meanTerm + lane),
            load(t.varTerm + lane), load(t.slope + lane)};
}
template <class T>
BNSTUDIO_INLINE InputGradient<T, double> termAt(const GradientTerms& t, std::int64_t lane) {
    return {t.mean[lane], t.meanLow ? t.meanLow[lane] : 0.0, t.meanTerm[lane], t.varTerm[lane], t.slope[lane]};
}

constexpr std::int64_t rowsPerBlock = 1;
// How far ahead the inputs are asked for: the hardware's prefetcher stops at the end of each page, which is often the end
// of a row.
constexpr std::int64_t rowsAhead = 2;
template <class T>
constexpr std::int64_t ahead = 4096 / sizeof(T);

template <class T, bool streamed>
BNSTUDIO_INLINE void normalizeTile(const T* x, T* y, Tile tile, const AffineTerms& terms) {
    for (std::int64_t r = 0; r < tile.rows; r += rowsPerBlock) {
        const std::int64_t end = tile.rows - r < rowsPerBlock ? tile.rows : r + rowsPerBlock;
        std::int64_t lane = 0;
        for (; lane + 2 * vectorLanes <= tile.width; lane += 2 * vectorLanes) {
            const Normalize<T, Vec> first = termsAt<T>(terms, lane), second = termsAt<T>(terms, lane + vectorLanes);
            for (std::int64_t i = r; i < end; ++i) {
                const std::int64_t offset = i * tile.stride + lane;
                if (streamed)  // out of a cache it would cost more than it brings
                    prefetch(x + offset + rowsAhead * tile.stride, 2);
                put<streamed>(y + offset, first(load(x + offset)));
                put<streamed>(y + offset + vectorLanes, second(load(x + offset + vectorLanes)));
            }
        }
        for (; lane < tile.width; ++lane) {
            const Normalize<T, double> term = termAt<T>(terms, lane);
            for (std::int64_t i = r; i < end; ++i)
                y[i * tile.stride + lane] = static_cast<T>(term(static_cast<double>(x[i * tile.stride + lane])));
        }
    }
    if (streamed)
        finishStreaming();
}

template <class T>
void normalizeRows(const T* x, T* y, Tile tile, AffineTerms terms, bool streamed) {
    if (streamed)
        normalizeTile<T, true>(x, y, tile, terms);
    else
        normalizeTile<T, false>(x, y, tile, terms);
}

template <class T, bool streamed>
BNSTUDIO_INLINE void normalizeSegment(const T* x, T* y, std::int64_t length, const Normalize<T, double>& t) {
    const Normalize<T, Vec> term{all(t.mean), all(t.low), all(t.slope), all(t.bias)};
    std::int64_t i = 0;
    for (; i + 2 * vectorLanes <= length; i += 2 * vectorLanes) {
        prefetch(x + i + ahead<T>, 2);
        put<streamed>(y + i, term(load(x + i)));
        put<streamed>(y + i + vectorLanes, term(load(x + i + vectorLanes)));
    }
    for (; i < length; ++i)
        y[i] = static_cast<T>(t(static_cast<double>(x[i])));
}

template <class T>
void normalizeSegments(const T* x, T* y, Segments s, AffineTerms terms, bool streamed) {
    for (std::int64_t r = 0; r < s.rows; ++r)
        for (std::int64_t c = 0; c < s.channels; ++c) {
            const std::int64_t offset = r * s.stride + c * s.channelStride;
            if (streamed)
                normalizeSegment<T, true>(x + offset, y + offset, s.length, termAt<T>(terms, c));
            else
                normalizeSegment<T, false>(x + offset, y + offset, s.length, termAt<T>(terms, c));
        }
    if (streamed)
        finishStreaming();
}

template <class T, bool streamed>
BNSTUDIO_INLINE void gradientTile(const T* x, const T* dy, T* out, Tile tile, const GradientTerms& terms) {
    for (std::int64_t r = 0; r < tile.rows; r += rowsPerBlock) {
        const std::int64_t end = tile.rows - r < rowsPerBlock ? tile.rows : r + rowsPerBlock;
        std::int64_t lane = 0;
        for (; lane + 2 * vectorLanes <= tile.width; lane += 2 * vectorLanes) {
            const InputGradient<T, Vec> first = termsAt<T>(terms, lane), second = termsAt<T>(terms, lane + vectorLanes);
            for (std::int64_t i = r; i < end; ++i) {
                const std::int64_t at = i * tile.stride + lane, next = at + vectorLanes;
                prefetch(x + at + rowsAhead * tile.stride, 2);
                prefetch(dy + at + rowsAhead * tile.stride, 2);
                put<streamed>(out + at, first(load(x + at), load(dy + at)));
                put<streamed>(out + next, second(load(x + next), load(dy + next)));
            }
        }
        for (; lane < tile.width; ++lane) {
            const InputGradient<T, double> term = termAt<T>(terms, lane);
            for (std::int64_t i = r; i < end; ++i) {
                const std::int64_t at = i * tile.stride + lane;
                out[at] = static_cast<T>(term(static_cast<double>(x[at]), static_cast<double>(dy[at])));
            }
        }
    }
    if (streamed)
        finishStreaming();
}

template <class T>
void gradientRows(const T* x, const T* dy, T* out, Tile tile, GradientTerms terms, bool streamed) {
    if (streamed)
        gradientTile<T, true>(x, dy, out, tile, terms);
    else
        gradientTile<T, false>(x, dy, out, tile, terms);
}

template <class T, bool streamed>
BNSTUDIO_INLINE void gradientSegment(const T* x, const T* dy, T* out, std::int64_t length,
                                     const InputGradient<T, double>& t) {
    const InputGradient<T, Vec> term{all(t.mean), all(t.low), all(t.meanTerm), all(t.varTerm), all(t.slope)};
    std::int64_t i = 0;
    for (; i + 2 * vectorLanes <= length; i += 2 * vectorLanes) {
        prefetch(x + i + ahead<T>, 2);
        prefetch(dy + i + ahead<T>, 2);
        put<streamed>(out + i, term(load(x + i), load(dy + i)));
        put<streamed>(out + i + vectorLanes, term(load(x + i + vectorLanes), load(dy + i + vectorLanes)));
    }
    for (; i < length; ++i)
        out[i] = static_cast<T>(t(static_cast<double>(x[i]), static_cast<double>(dy[i])));
}

template <class T>
void gradientSegments(const T* x, const T* dy, T* out, Segments s, GradientTerms terms, bool streamed) {
    for (std::int64_t r = 0; r < s.rows; ++r)
        for (std::int64_t c = 0; c < s.channels; ++c) {
            const std::int64_t offset = r * s.stride + c * s.channelStride;
            if (streamed)
                gradientSegment<T, true>(x + offset, dy + offset, out + offset, s.length, termAt<T>(terms, c));
            else
                gradientSegment<T, false>(x + offset, dy + offset, out + offset, s.length, termAt<T>(terms, c));
        }
    if (streamed)
        finishStreaming();
}

template <class T, bool streamed>
BNSTUDIO_INLINE void scaleTile(const T* dy, T* out, Tile tile, const double* slope) {
    for (std::int64_t r = 0; r < tile.rows; ++r) {
        const T* in = dy + r * tile.stride;
        T* to = out + r * tile.stride;
        std::int64_t lane = 0;
        for (; lane + 2 * vectorLanes <= tile.width; lane += 2 * vectorLanes) {
            put<streamed>(to + lane, load(in + lane) * load(slope + lane));
            put<streamed>(to + lane + vectorLanes, load(in + lane + vectorLanes) * load(slope + lane + vectorLanes));
        }
        for (; lane < tile.width; ++lane)
            to[lane] = static_cast<T>(static_cast<double>(in[lane]) * slope[lane]);
    }
    if (streamed)
        finishStreaming();
}

template <class T>
void scaleRows(const T* dy, T* out, Tile tile, const double* slope, bool streamed) {
    if (streamed)
        scaleTile<T, true>(dy, out, tile, slope);
    else
        scaleTile<T, false>(dy, out, tile, slope);
}

template <class T, bool streamed>
BNSTUDIO_INLINE void scaleSegment(const T* dy, T* out, std::int64_t length, double slope) {
    const Vec s = all(slope);
    std::int64_t i = 0;
    for (; i + 2 * vectorLanes <= length; i += 2 * vectorLanes) {
        put<streamed>(out + i, load(dy + i) * s);
        put<streamed>(out + i + vectorLanes, load(dy + i + vectorLanes) * s);
    }
    for (; i < length; ++i)
        out[i] = static_cast<T>(static_cast<double>(dy[i]) * slope);
}

template <class T>
void scaleSegments(const T* dy, T* out, Segments s, const double* slope, bool streamed) {
    for (std::int64_t r = 0; r < s.rows; ++r)
        for (std::int64_t c = 0; c < s.channels; ++c) {
            const std::int64_t offset = r * s.stride + c * s.channelStride;
            if (streamed)
                scaleSegment<T, true>(dy + offset, out + offset, s.length, slope[c]);
            else
                scaleSegment<T, false>(dy + offset, out + offset, s.length, slope[c]);
        }
    if (streamed)
        finishStreaming();
}

}  // namespace
}  // namespace bnstudio
