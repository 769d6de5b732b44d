// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_bins.h"

namespace bnstudio {

inline bool needsGradient(FlowMap map) {
    return map == FlowMap::Dy || map == FlowMap::GradXhat || map == FlowMap::GradX;
}

inline double evaluate(FlowMap map, const ChannelTransform& transform, double x, double dy) {
    switch (map) {
    case FlowMap::X:
        return x;
    case FlowMap::Xhat:
        return transform.xhat(x);
    case FlowMap::Y:
        return transform.y(x);
    case FlowMap::Dy:
        return dy;
    case FlowMap::GradXhat:
        return dy * transform.weight;
    case FlowMap::GradX:
        return transform.gradInput(x, dy);
    }
    return x;
}

/// The elements of a frame, read in whichever type it has; a map that needs no gradient does not touch it.
template <class T>
class Elements {
public:
    explicit Elements(const Frame& frame)
        : m_x(frame.x.values<T>().data()),
          m_dy(frame.gradOutput.size() == frame.x.size() && frame.gradOutput.dtype() == frame.x.dtype()
                   ? frame.gradOutput.values<T>().data()
                   : nullptr),
          m_transforms(frame.transforms.empty() ? nullptr : frame.transforms.data()) {}

    double value(FlowMap map, std::int64_t flat, std::int64_t channel) const {
        const double dy = needsGradient(map) ? static_cast<double>(m_dy[flat]) : 0;
        return evaluate(map, transform(channel), static_cast<double>(m_x[flat]), dy);
    }

    /// What a map that is affine in one tensor is affine in.
    const T* sourceOf(FlowMap map) const { return needsGradient(map) ? m_dy : m_x; }
    const ChannelTransform& transform(std::int64_t channel) const {
        static const ChannelTransform none;
        return m_transforms ? m_transforms[channel] : none;
    }

    /// Adds neighbours in memory, of one channel or of one channel after the other.
    void addRun(FlowMap map, Bin& bin, std::int64_t flat, std::int64_t channel, std::int64_t count,
                bool sameChannel) const {
        switch (map) {  // outside of the loop
        case FlowMap::X:
            return addRunOf<FlowMap::X>(bin, flat, channel, count, sameChannel);
        case FlowMap::Xhat:
            return addRunOf<FlowMap::Xhat>(bin, flat, channel, count, sameChannel);
        case FlowMap::Y:
            return addRunOf<FlowMap::Y>(bin, flat, channel, count, sameChannel);
        case FlowMap::Dy:
            return addRunOf<FlowMap::Dy>(bin, flat, channel, count, sameChannel);
        case FlowMap::GradXhat:
            return addRunOf<FlowMap::GradXhat>(bin, flat, channel, count, sameChannel);
        case FlowMap::GradX:
            return addRunOf<FlowMap::GradX>(bin, flat, channel, count, sameChannel);
        }
    }

private:
    template <FlowMap map>
    void addRunOf(Bin& bin, std::int64_t flat, std::int64_t channel, std::int64_t count, bool sameChannel) const {
        Bin sum = bin;
        for (std::int64_t i = 0; i < count; ++i) {
            const double dy = needsGradient(map) ? static_cast<double>(m_dy[flat + i]) : 0;
            const double x = static_cast<double>(m_x[flat + i]);
            sum.add(evaluate(map, transform(channel + (sameChannel ? 0 : i)), x, dy));
        }
        bin = sum;
    }

    const T* m_x;
    const T* m_dy;
    const ChannelTransform* m_transforms;
};

}  // namespace bnstudio
