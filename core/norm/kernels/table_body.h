// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/norm/kernels/channel_kernels.h"
#include "core/norm/kernels/sum_kernels.h"
#include "core/norm/kernels/tensor_kernels.h"

namespace bnstudio {
namespace {

template <class T>
constexpr TensorKernels<T> tensorKernels{
    &addRows<T>,           &addSegments<T>,  &addGradientRows<T>,  &addGradientSegments<T>, &normalizeRows<T>,
    &normalizeSegments<T>, &gradientRows<T>, &gradientSegments<T>, &scaleRows<T>,           &scaleSegments<T>,
};

}  // namespace
}  // namespace bnstudio

/// Defines the table of this file's instruction set under the given name.
#define BNSTUDIO_DEFINE_KERNEL_TABLE(table)                                                                            \
    namespace bnstudio {                                                                                               \
    extern const KernelTable table;                                                                                    \
    const KernelTable table{pathName,                                                                                  \
                            registerBytes,                                                                             \
                            tensorKernels<float>,                                                                      \
                            tensorKernels<double>,                                                                     \
                            &mergeSums,                                                                                \
                            &foldSegments,                                                                             \
                            &finishMoments,                                                                            \
                            &finishGradients,                                                                          \
                            &inverseStd,                                                                               \
                            &blend,                                                                                    \
                            &slopes,                                                                                   \
                            {}};                                                                                       \
    }
