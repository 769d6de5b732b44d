// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/kernels/table_body.h"

BNSTUDIO_DEFINE_KERNEL_TABLE(baselineKernels)
