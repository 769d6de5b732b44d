// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace bnstudio {

/// Four 32-bit words of Philox4x32-10 for a 128-bit counter and a 64-bit key.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint64_t key);

/// Standard normal values number first … first + out.size() − 1 of the stream (seed, stream, k). The same bits
/// everywhere: + − × ÷ √ and the polynomials of this file only.
void normalValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first, std::span<double> out);
/// Uniform values in (0, 1).
void uniformValues(std::uint64_t seed, std::uint32_t stream, std::uint64_t k, std::uint64_t first, std::span<double> out);

/// log, exp, cos(2πu) and sin(2πu) for the generators, accurate to a few ulp, with equal bits on every machine.
double portableLog(double x);
double portableExp(double x);
double portableCos2Pi(double u);
double portableSin2Pi(double u);

/// A permutation of 0 … count − 1 for an epoch: position i holds permutation[i]. Fisher–Yates with Philox.
void shuffledOrder(std::uint64_t seed, std::uint64_t epoch, std::span<std::int64_t> out);

}  // namespace bnstudio
