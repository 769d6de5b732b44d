// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/color_vision.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace bnstudio {

namespace {

using Triple = std::array<double, 3>;
using Matrix = std::array<Triple, 3>;

// G. M. Machado, M. M. Oliveira, L. A. F. Fernandes: A Physiologically-based Model for Simulation of Color Vision
// Deficiency. IEEE Transactions on Visualization and Computer Graphics 15 (2009), pages 1291-1298, table 1, severity 1.
// They act on linear RGB.
constexpr Matrix protanopia{
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Matrix deuteranopia{
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
constexpr Matrix tritanopia{
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}}};
// IEC 61966-2-1: linear sRGB to CIE XYZ, and the white of D65 there.
constexpr Matrix toXyz{{{0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}}};
constexpr Triple white{0.9505, 1.0, 1.0890};

Triple times(const Matrix& matrix, const Triple& vector) {
    Triple product{};
    for (std::size_t row = 0; row < 3; ++row)
        for (std::size_t k = 0; k < 3; ++k)
            product[row] += matrix[row][k] * vector[k];
    return product;
}

double decoded(double value) {
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double encoded(double value) {
    const double inside = std::clamp(value, 0.0, 1.0);
    return inside <= 0.0031308 ? inside * 12.92 : 1.055 * std::pow(inside, 1 / 2.4) - 0.055;
}

Triple linear(const ScreenColor& color) {
    return {decoded(color.red), decoded(color.green), decoded(color.blue)};
}

Triple lab(const ScreenColor& color) {
    const auto bent = [](double t) {
        constexpr double knee = 6.0 / 29;
        return t > knee * knee * knee ? std::cbrt(t) : t / (3 * knee * knee) + 4.0 / 29;
    };
    const Triple xyz = times(toXyz, linear(color));
    const double x = bent(xyz[0] / white[0]), y = bent(xyz[1] / white[1]), z = bent(xyz[2] / white[2]);
    return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double luminance(const ScreenColor& color) {
    return times(toXyz, linear(color))[1];
}

}  // namespace

ScreenColor seenBy(Vision vision, const ScreenColor& color) {
    if (vision == Vision::Usual)
        return color;
    const Matrix& matrix = vision == Vision::Protanopia     ? protanopia
                           : vision == Vision::Deuteranopia ? deuteranopia
                                                            : tritanopia;
    const Triple seen = times(matrix, linear(color));
    return {encoded(seen[0]), encoded(seen[1]), encoded(seen[2])};
}

double distance(const ScreenColor& a, const ScreenColor& b) {
    const Triple p = lab(a), q = lab(b);
    return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

double contrast(const ScreenColor& a, const ScreenColor& b) {
    const double first = luminance(a), second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

}  // namespace bnstudio
