// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_compare.h"

#include "core/error.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace bnstudio {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

bool isWhole(DType dtype) {
    return dtype != DType::Float32 && dtype != DType::Float64 && dtype != DType::Float16 && dtype != DType::BFloat16;
}

/// torch.testing's default tolerances (torch/testing/_comparison.py).
double defaultRtol(DType dtype) {
    switch (dtype) {
    case DType::Float16:
        return 1e-3;
    case DType::BFloat16:
        return 1.6e-2;
    case DType::Float32:
        return 1.3e-6;
    case DType::Float64:
        return 1e-7;
    default:
        return 0;
    }
}
double defaultAtol(DType dtype) {
    return isWhole(dtype) ? 0 : dtype == DType::Float64 ? 1e-7 : 1e-5;
}

/// Position of a number in the order of all numbers of its type; −0 and 0 are one.
template <class T, class Bits>
double positionOf(T value) {
    const auto bits = std::bit_cast<Bits>(value);
    constexpr Bits sign = Bits{1} << (sizeof(Bits) * 8 - 1);
    return (bits & sign) != 0 ? -static_cast<double>(bits & ~sign) : static_cast<double>(bits);
}

double ulpsBetween(double a, double b, DType dtype) {
    if (isWhole(dtype))
        return std::abs(a - b);
    if (dtype == DType::Float64) {
        // Neighbouring positions beyond 2^53 would become one double: the difference of the bits is formed first.
        const auto x = std::bit_cast<std::int64_t>(a), y = std::bit_cast<std::int64_t>(b);
        if ((x < 0) == (y < 0))
            return static_cast<double>(x > y ? x - y : y - x);
        return std::abs(positionOf<double, std::uint64_t>(a) - positionOf<double, std::uint64_t>(b));
    }
    if (dtype == DType::Float32)
        return std::abs(positionOf<float, std::uint32_t>(static_cast<float>(a))
                        - positionOf<float, std::uint32_t>(static_cast<float>(b)));
    const bool half = dtype == DType::Float16;
    const double largest = std::max(std::abs(a), std::abs(b));
    const int exponent = largest > 0 ? std::max(std::ilogb(largest), half ? -14 : -126) : (half ? -14 : -126);
    return std::abs(a - b) / std::ldexp(1.0, exponent - (half ? 10 : 7));
}

/// The one that tells fewer numbers apart.
DType shorterOf(DType a, DType b) {
    const auto precision = [](DType dtype) { return isWhole(dtype) ? 1e-20 : defaultRtol(dtype); };
    return precision(a) >= precision(b) ? a : b;
}

void keepLargest(LargestDifference& largest, double value, std::int64_t at, double a, double b) {
    if (value > largest.value)
        largest = {value, at, a, b};
}

class Comparing {
public:
    Comparing(TensorComparison& result, bool equalNan)
        : m_result(result), m_equalNan(equalNan), m_ulpType(shorterOf(result.dtypeA, result.dtypeB)) {}

    void slice(const Tensor& a, const Tensor& b, std::int64_t offset) {
        // 64-bit whole numbers beyond 2^53 are not exact as doubles; of one type they differ when their bits do.
        const bool both64 = a.dtype() == b.dtype() && isWhole(a.dtype()) && itemSize(a.dtype()) == sizeof(std::int64_t);
        for (std::int64_t i = 0; i < a.size(); ++i) {
            const std::size_t at = static_cast<std::size_t>(i) * sizeof(std::int64_t);
            const bool unequal = both64 && std::memcmp(a.bytes() + at, b.bytes() + at, sizeof(std::int64_t)) != 0;
            one(a.at(i), b.at(i), offset + i, unequal);
        }
    }

private:
    void one(double a, double b, std::int64_t at, bool unequal) {
        if ((a == b && !unequal) || (m_equalNan && std::isnan(a) && std::isnan(b)))
            return;
        double absolute = std::abs(a - b);
        double relative = absolute / std::abs(b);
        double ulps = infinite;
        if (!std::isfinite(a) || !std::isfinite(b))
            absolute = relative = infinite;
        else
            ulps = std::max(ulpsBetween(a, b, m_ulpType), unequal ? 1.0 : 0.0);
        absolute = std::max(absolute, unequal ? 1.0 : 0.0);
        keepLargest(m_result.absolute, absolute, at, a, b);
        keepLargest(m_result.relative, relative, at, a, b);
        keepLargest(m_result.ulp, ulps, at, a, b);
        if (m_result.kind == TensorComparison::Kind::Same)
            m_result.kind = TensorComparison::Kind::Close;
        if (absolute <= m_result.atol + m_result.rtol * std::abs(b) && std::isfinite(absolute))
            return;
        m_result.kind = TensorComparison::Kind::Different;
        if (m_result.beyond++ == 0)
            m_result.firstBeyond = at;
    }

    TensorComparison& m_result;
    bool m_equalNan;
    DType m_ulpType;
};

TensorComparison oneSide(const LazyTensor& tensor, TensorComparison::Kind kind) {
    TensorComparison result;
    result.name = tensor.name();
    result.kind = kind;
    result.dtypeA = result.dtypeB = tensor.dtype();
    result.shapeA = result.shapeB = tensor.shape();
    return result;
}

}  // namespace

TensorComparison compareTensors(const LazyTensor& a, const LazyTensor& b, const CompareOptions& options,
                                std::stop_token stop) {
    TensorComparison result;
    result.name = a.name();
    result.dtypeA = a.dtype();
    result.dtypeB = b.dtype();
    result.shapeA = a.shape();
    result.shapeB = b.shape();
    result.rtol = options.rtol.value_or(std::max(defaultRtol(a.dtype()), defaultRtol(b.dtype())));
    result.atol = options.atol.value_or(std::max(defaultAtol(a.dtype()), defaultAtol(b.dtype())));
    if (a.shape() != b.shape()) {
        result.kind = TensorComparison::Kind::OtherShape;
        return result;
    }
    Comparing comparing(result, options.equalNan);
    if (a.shape().empty()) {
        comparing.slice(a.read(), b.read(), 0);
        return result;
    }
    constexpr std::int64_t valuesAtOnce = std::int64_t{1} << 20;
    const std::int64_t rows = a.shape()[0];
    const std::int64_t row = rows == 0 ? 0 : checkedElementCount(a.shape(), itemSize(a.dtype())) / rows;
    if (row == 0)
        return result;  // there may be any number of empty rows
    const std::int64_t count = std::max<std::int64_t>(1, valuesAtOnce / std::max<std::int64_t>(1, row));
    Tensor left, right;
    for (std::int64_t first = 0; first < rows; first += count) {
        if (stop.stop_requested())
            throw Error(ErrorCode::Cancelled, "stopped");
        const std::int64_t now = std::min(count, rows - first);
        a.readRows(first, now, left);
        b.readRows(first, now, right);
        comparing.slice(left, right, first * row);
    }
    return result;
}

std::vector<TensorComparison> compareFiles(const TensorFile& a, const TensorFile& b, const CompareOptions& options,
                                           const Progress& progress, std::stop_token stop) {
    std::map<std::string, std::shared_ptr<const LazyTensor>> others;
    for (const auto& tensor : b.tensors)
        others[tensor->name()] = tensor;
    std::vector<TensorComparison> common, alone;
    for (std::size_t i = 0; i < a.tensors.size(); ++i) {
        const auto& tensor = a.tensors[i];
        const auto other = others.find(tensor->name());
        if (other == others.end()) {
            alone.push_back(oneSide(*tensor, TensorComparison::Kind::OnlyA));
        } else {
            common.push_back(compareTensors(*tensor, *other->second, options, stop));
            others.erase(other);
        }
        if (progress)
            progress(static_cast<double>(i + 1) / static_cast<double>(a.tensors.size()));
    }
    for (const auto& tensor : b.tensors) {
        if (others.contains(tensor->name()))
            alone.push_back(oneSide(*tensor, TensorComparison::Kind::OnlyB));
    }
    common.insert(common.end(), std::make_move_iterator(alone.begin()), std::make_move_iterator(alone.end()));
    return common;
}

}  // namespace bnstudio
