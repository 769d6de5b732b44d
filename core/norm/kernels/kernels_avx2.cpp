// SPDX-License-Identifier: GPL-3.0-or-later
#if defined(__AVX2__)  // given to this file alone by core/CMakeLists.txt
#include "core/norm/kernels/table_body.h"

BNSTUDIO_DEFINE_KERNEL_TABLE(avx2Kernels)
#endif
