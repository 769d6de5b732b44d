// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace bnstudio {

/// Four 32-bit words of Philox4x32-10 for a 128-bit counter and a 64-bit key.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key);

/// Independent sequences under one seed, so that switching one feature on leaves the numbers of the others alone.
/// The ids are part of every number that was ever generated: never renumber them.
namespace stream {
inline constexpr std::uint32_t values = 0;        ///< the values of a batch, in C order
inline constexpr std::uint32_t sharedFactor = 1;  ///< what all channels of a sample and position have in common
inline constexpr std::uint32_t outliers = 2;      ///< which values are outliers
inline constexpr std::uint32_t nans = 3;          ///< which values are NaN
inline constexpr std::uint32_t mixture = 4;       ///< which of the two populations a value comes from
inline constexpr std::uint32_t shuffle = 0xFFFF;  ///< the order of samples in an epoch
}  // namespace stream

/// Standard normal values number first … first + out.size() − 1 of the stream (seed, stream, k). The same bits
/// everywhere: + − × ÷ √ and the polynomials of portable_math.h only. stream < 2¹⁶, value numbers < 2⁴⁸.
void normalValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first,
                  std::span<double> out);
/// Uniform values in (0, 1).
void uniformValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first,
                   std::span<double> out);
/// Values of Student's t distribution with @p df > 0 degrees of freedom; ±∞ where a value leaves the range of double
/// (tiny df). Very large df give the normal distribution.
void studentValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, double df, std::uint64_t first,
                   std::span<double> out);

/// log, exp, exp − 1, cos(2πu) and sin(2πu) for the generators, accurate to a few ulp, with equal bits on every machine.
double portableLog(double x);
double portableExp(double x);
double portableExpMinusOne(double x);
double portableCos2Pi(double u);
double portableSin2Pi(double u);
/// Replaces each value by its portableExp.
void portableExp(std::span<double> values);

/// A permutation of 0 … count − 1 for an epoch: position i holds permutation[i]. Fisher–Yates with Philox.
void shuffledOrder(std::uint64_t seed, std::uint64_t epoch, std::span<std::int64_t> out);

}  // namespace bnstudio
