// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/generator_channels.h"
#include "core/data/random.h"
#include "core/data/shortest_decimal.h"
#include "core/error.h"
#include "core/parallel/parallel.h"
#include "core/standard_arithmetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace bnstudio {

namespace {

using Kind = GeneratorSpec::Kind;

/// Values are worked on in short arrays that stay in the cache, and handed to threads in fixed pieces. Every value is
/// a function of its flat index alone, so neither number shows in the result.
constexpr std::size_t chunkValues = 1024;
constexpr std::int64_t taskValues = 16 * std::int64_t{chunkValues};
/// Up to this L the shared factors of a chunk's samples are made at once, beyond it run by run.
constexpr std::int64_t shortRow = 64;

using Chunk = std::array<double, chunkValues>;

/// Writes any stretch of batch k, in double.
class BatchValues {
public:
    BatchValues(const GeneratorSpec& spec, std::int64_t k)
        : m_spec(spec),
          m_k(static_cast<std::uint64_t>(k)),
          m_c(spec.c),
          m_l(std::max<std::int64_t>(spec.l, 1)),
          m_channels(channelParameters(spec, k)) {}

    /// Values number first … of the batch in C order; at most chunkValues of them.
    void fill(std::int64_t first, std::span<double> x) const {
        fillKind(first, x);
        if (m_spec.outliers > 0)
            addOutliers(first, x);
        if (m_spec.nan > 0)
            addNaNs(first, x);
    }

private:
    void fillKind(std::int64_t first, std::span<double> x) const {
        const auto start = static_cast<std::uint64_t>(first);
        switch (m_spec.kind) {
        case Kind::Normal:
            return fillNormal(first, x);
        case Kind::Uniform:
            uniformValues(m_spec.seed, stream::values, m_k, start, x);
            for (double& value : x)
                value = (2 * value - 1) * 0x1.bb67ae8584caap0;  // √3
            return placeAndScale(first, x);
        case Kind::LogNormal:
            fillNormal(first, x);
            portableExp(x);
            return add(m_channels.shift, first, x);
        case Kind::StudentT:
            studentValues(m_spec.seed, stream::values, m_k, m_spec.df, start, x);
            return placeAndScale(first, x);
        case Kind::Constant:
            return spreadOut(m_channels.location, first, x);
        case Kind::Mixture:
            return fillMixture(first, x);
        }
    }

    /// Standard normal values, correlated over the channels.
    void drawNormal(std::int64_t first, std::span<double> z) const {
        normalValues(m_spec.seed, stream::values, m_k, static_cast<std::uint64_t>(first), z);
        if (m_spec.correlation == 0)
            return;
        Chunk shared;
        drawSharedFactors(first, std::span(shared).first(z.size()));
        const double common = std::sqrt(m_spec.correlation), own = std::sqrt(1 - m_spec.correlation);
        for (std::size_t i = 0; i < z.size(); ++i)
            z[i] = common * shared[i] + own * z[i];
    }

    void fillNormal(std::int64_t first, std::span<double> x) const {
        drawNormal(first, x);
        placeAndScale(first, x);
    }

    void fillMixture(std::int64_t first, std::span<double> x) const {
        Chunk choice, second, location, scale;
        drawNormal(first, x);
        uniformValues(m_spec.seed, stream::mixture, m_k, static_cast<std::uint64_t>(first),
                      std::span(choice).first(x.size()));
        std::copy(x.begin(), x.end(), second.begin());
        placeAndScale(first, x);
        spreadOut(m_channels.location2, first, std::span(location).first(x.size()));
        spreadOut(m_channels.scale2, first, std::span(scale).first(x.size()));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = choice[i] < m_spec.weight2 ? location[i] + scale[i] * second[i] : x[i];
    }

    void addOutliers(std::int64_t first, std::span<double> x) const {
        Chunk choice, centre;
        uniformValues(m_spec.seed, stream::outliers, m_k, static_cast<std::uint64_t>(first),
                      std::span(choice).first(x.size()));
        spreadOut(m_channels.centre, first, std::span(centre).first(x.size()));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = choice[i] < m_spec.outliers ? centre[i] + 10 * (x[i] - centre[i]) : x[i];
    }

    void addNaNs(std::int64_t first, std::span<double> x) const {
        Chunk choice;
        uniformValues(m_spec.seed, stream::nans, m_k, static_cast<std::uint64_t>(first),
                      std::span(choice).first(x.size()));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = choice[i] < m_spec.nan ? std::numeric_limits<double>::quiet_NaN() : x[i];
    }

    /// x = location + scale·x.
    void placeAndScale(std::int64_t first, std::span<double> x) const {
        Chunk location, scale;
        spreadOut(m_channels.location, first, std::span(location).first(x.size()));
        spreadOut(m_channels.scale, first, std::span(scale).first(x.size()));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = location[i] + scale[i] * x[i];
    }

    void add(const std::vector<double>& perChannel, std::int64_t first, std::span<double> x) const {
        Chunk term;
        spreadOut(perChannel, first, std::span(term).first(x.size()));
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] += term[i];
    }

    /// The channel's number for each of the values first … .
    void spreadOut(const std::vector<double>& perChannel, std::int64_t first, std::span<double> out) const {
        std::int64_t channel = (first / m_l) % m_c, position = first % m_l;
        for (std::size_t done = 0; done < out.size();) {
            const std::int64_t left = static_cast<std::int64_t>(out.size() - done);
            double* target = out.data() + done;
            std::int64_t run;
            if (m_c == 1) {
                run = left;
                std::fill_n(target, run, perChannel[0]);
            } else if (m_l == 1) {
                run = std::min(m_c - channel, left);
                std::copy_n(perChannel.data() + channel, run, target);
                channel = 0;
            } else {
                run = std::min(m_l - position, left);
                std::fill_n(target, run, perChannel[static_cast<std::size_t>(channel)]);
                position = 0;
                channel = channel + 1 == m_c ? 0 : channel + 1;
            }
            done += static_cast<std::size_t>(run);
        }
    }

    /// The factor number n·L + l for each of the values first … .
    void drawSharedFactors(std::int64_t first, std::span<double> out) const {
        if (m_l > shortRow)
            return drawSharedFactorsByRun(first, out);
        const std::int64_t perSample = m_c * m_l, last = first + static_cast<std::int64_t>(out.size()) - 1;
        const std::int64_t firstSample = first / perSample, samples = last / perSample - firstSample + 1;
        // At most out.size()/C whole samples' worth of L and one broken sample at either end.
        std::array<double, chunkValues + 2 * shortRow> factors;
        normalValues(m_spec.seed, stream::sharedFactor, m_k, static_cast<std::uint64_t>(firstSample * m_l),
                     std::span(factors).first(static_cast<std::size_t>(samples * m_l)));
        const double* row = factors.data();
        std::int64_t channel = (first / m_l) % m_c, position = first % m_l;
        for (double& value : out) {
            value = row[position];
            if (++position < m_l)
                continue;
            position = 0;
            if (++channel < m_c)
                continue;
            channel = 0;
            row += m_l;
        }
    }

    void drawSharedFactorsByRun(std::int64_t first, std::span<double> out) const {
        for (std::size_t done = 0; done < out.size();) {
            const std::int64_t index = first + static_cast<std::int64_t>(done);
            const std::int64_t sample = index / (m_c * m_l), position = index % m_l;
            const auto run = std::min(static_cast<std::size_t>(m_l - position), out.size() - done);
            normalValues(m_spec.seed, stream::sharedFactor, m_k, static_cast<std::uint64_t>(sample * m_l + position),
                         out.subspan(done, run));
            done += run;
        }
    }

    const GeneratorSpec& m_spec;
    std::uint64_t m_k;
    std::int64_t m_c, m_l;
    ChannelParameters m_channels;
};

template <class T>
void store(const BatchValues& values, std::span<T> out) {
    const auto total = static_cast<std::int64_t>(out.size());
    parallelFor((total + taskValues - 1) / taskValues, [&](std::int64_t task) {
        Chunk chunk;
        const std::int64_t end = std::min(total, (task + 1) * taskValues);
        for (std::int64_t first = task * taskValues; first < end; first += std::int64_t{chunkValues}) {
            const auto count = static_cast<std::size_t>(std::min(end - first, std::int64_t{chunkValues}));
            values.fill(first, std::span(chunk).first(count));
            std::transform(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count), out.begin() + first,
                           [](double value) { return static_cast<T>(value); });
        }
    });
}

}  // namespace

void generateBatch(const GeneratorSpec& spec, std::int64_t k, DType dtype, Tensor& out) {
    const StandardArithmetic arithmetic;
    validate(spec);
    if (k < 0)
        throw Error(ErrorCode::Usage, "generate: batch " + shortestDecimal(k) + " asked for, expected 0 or more");
    const BatchValues values(spec, k);
    out.reshapeFor(dtype, spec.l == 0 ? Dims{spec.n, spec.c} : Dims{spec.n, spec.c, spec.l});
    if (dtype == DType::Float32)
        store(values, out.values<float>());
    else
        store(values, out.values<double>());
}

}  // namespace bnstudio
