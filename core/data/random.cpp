// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/random.h"

#include "core/data/portable_math.h"

#include <Random123/philox.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace bnstudio {

namespace {

/// Two 64-bit words, one Philox output.
struct WordPair {
    std::uint64_t a, b;
};

/// Block number @p block of a stream. The key is the seed. The counter words are: the low half of the block number;
/// its high 16 bits with the stream id below them; k, low and high. No two (stream, k, block) share a counter.
WordPair wordPair(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t block) {
    assert(stream < 0x10000 && block < (std::uint64_t{1} << 48));
    const auto high = static_cast<std::uint32_t>(block >> 32);
    const philox4x32_ctr_t counter{{static_cast<std::uint32_t>(block), (high << 16) | stream,
                                    static_cast<std::uint32_t>(k), static_cast<std::uint32_t>(k >> 32)}};
    const philox4x32_key_t key{{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
    const philox4x32_ctr_t r = philox4x32_R(10, counter, key);
    return {r.v[0] | std::uint64_t{r.v[1]} << 32, r.v[2] | std::uint64_t{r.v[3]} << 32};
}

/// Value pairs are made in groups that stay in the first-level cache; every loop over a group runs on vectors.
constexpr std::size_t groupPairs = 256;

struct Group {
    alignas(64) double a[groupPairs];
    alignas(64) double b[groupPairs];
};

/// @p count pairs of uniform values from block @p firstBlock on.
void fillUniforms(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t firstBlock, Group& group,
                  std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const WordPair words = wordPair(seed, stream, k, firstBlock + i);
        group.a[i] = portable::unitInterval(words.a);
        group.b[i] = portable::unitInterval(words.b);
    }
}

/// Square roots in a loop of their own: std::sqrt may report an error in errno, which keeps a loop from vectorising.
void takeRoots(double* values, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        values[i] = std::sqrt(values[i]);
}

/// Box and Muller 1958: (√(−2 ln a)·cos 2πb, √(−2 ln a)·sin 2πb) are two independent standard normal values.
void makeNormal(Group& group, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        group.a[i] = -2.0 * portable::logOfNormal(group.a[i]);
    takeRoots(group.a, count);
    for (std::size_t i = 0; i < count; ++i) {
        const portable::CosSin turn = portable::cosSin2Pi(group.b[i]);
        const double radius = group.a[i];
        group.a[i] = radius * turn.cos;
        group.b[i] = radius * turn.sin;
    }
}

/// Bailey, "Polar generation of random variates with the t-distribution", Math. Comp. 62 (1994) 779–781:
/// √(ν(a^(−2/ν) − 1))·cos 2πb has Student's t distribution with ν degrees of freedom. (Its partner with the sine
/// has it too, but the two are not independent: it is not used.)
void makeStudent(Group& group, std::size_t count, double df) {
    for (std::size_t i = 0; i < count; ++i)
        group.a[i] = df * portable::expMinusOne(portable::logOfNormal(group.a[i]) * -2.0 / df);
    takeRoots(group.a, count);
    for (std::size_t i = 0; i < count; ++i)
        group.a[i] *= portable::cosSin2Pi(group.b[i]).cos;
}

/// Writes values first … of a sequence that comes in pairs: value 2j is the first of pair j, value 2j + 1 the second.
template <class MakeGroup>
void fillFromPairs(std::uint64_t first, std::span<double> out, MakeGroup makeGroup) {
    Group group;
    std::size_t done = 0;
    while (done < out.size()) {
        const std::uint64_t position = first + done;
        const std::size_t skip = position & 1;
        const std::size_t values = std::min(out.size() - done, 2 * groupPairs - skip);
        const std::size_t pairs = (skip + values + 1) / 2;
        makeGroup(position / 2, group, pairs);
        double* target = out.data() + done;
        done += values;
        if (skip)
            *target++ = group.b[0];
        const std::size_t whole = (values - skip) / 2;
        for (std::size_t i = 0; i < whole; ++i) {
            target[2 * i] = group.a[skip + i];
            target[2 * i + 1] = group.b[skip + i];
        }
        if ((values - skip) & 1)
            target[2 * whole] = group.a[skip + whole];
    }
}

/// 64-bit words of a stream, one after the other.
class WordSequence {
public:
    WordSequence(std::uint64_t seed, std::uint32_t stream, std::uint64_t k) : m_seed(seed), m_k(k), m_stream(stream) {}

    std::uint64_t next() {
        m_second = !m_second;
        if (!m_second)
            return m_words.b;
        m_words = wordPair(m_seed, m_stream, m_k, m_block++);
        return m_words.a;
    }

    /// A whole number below @p bound, each equally likely: words below 2⁶⁴ mod bound are drawn again, so that the rest
    /// splits evenly.
    std::uint64_t below(std::uint64_t bound) {
        const std::uint64_t tooLow = (0 - bound) % bound;
        std::uint64_t word = next();
        while (word < tooLow)
            word = next();
        return word % bound;
    }

private:
    std::uint64_t m_seed, m_k, m_block = 0;
    std::uint32_t m_stream;
    bool m_second = false;
    WordPair m_words{};
};

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key) {
    const philox4x32_ctr_t c{{counter[0], counter[1], counter[2], counter[3]}};
    const philox4x32_key_t k{{static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}};
    const philox4x32_ctr_t r = philox4x32_R(10, c, k);
    return {r.v[0], r.v[1], r.v[2], r.v[3]};
}

void normalValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first,
                  std::span<double> out) {
    fillFromPairs(first, out, [=](std::uint64_t block, Group& group, std::size_t count) {
        fillUniforms(seed, stream, k, block, group, count);
        makeNormal(group, count);
    });
}

void uniformValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first,
                   std::span<double> out) {
    fillFromPairs(first, out, [=](std::uint64_t block, Group& group, std::size_t count) {
        fillUniforms(seed, stream, k, block, group, count);
    });
}

void studentValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, double df, std::uint64_t first,
                   std::span<double> out) {
    Group group;
    for (std::size_t done = 0; done < out.size();) {
        const std::size_t count = std::min(groupPairs, out.size() - done);
        fillUniforms(seed, stream, k, first + done, group, count);
        makeStudent(group, count, df);
        std::copy_n(group.a, count, out.data() + done);
        done += count;
    }
}

double portableLog(double x) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (x == 0)
        return -infinity;
    if (!(x > 0))
        return std::numeric_limits<double>::quiet_NaN();
    if (x == infinity)
        return x;
    if (x < std::numeric_limits<double>::min())
        return portable::logOfNormal(x * 0x1p54) - 54 * (portable::ln2High + portable::ln2Low);
    return portable::logOfNormal(x);
}

double portableExp(double x) {
    return portable::exp(x);
}
double portableExpMinusOne(double x) {
    return portable::expMinusOne(x);
}

void portableExp(std::span<double> values) {
    for (double& value : values)
        value = portable::exp(value);
}

// Whole turns drop out exactly: u − round(u) needs no more bits than u has.
double portableCos2Pi(double u) {
    return portable::cosSin2Pi(u - std::round(u)).cos;
}
double portableSin2Pi(double u) {
    return portable::cosSin2Pi(u - std::round(u)).sin;
}

void shuffledOrder(std::uint64_t seed, std::uint64_t epoch, std::span<std::int64_t> out) {
    std::iota(out.begin(), out.end(), std::int64_t{0});
    WordSequence words(seed, stream::shuffle, epoch);
    for (std::size_t left = out.size(); left > 1; --left)
        std::swap(out[left - 1], out[words.below(left)]);
}

}  // namespace bnstudio
