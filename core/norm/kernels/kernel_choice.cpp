// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/norm/kernels/kernel_table.h"

namespace bnstudio {

extern const KernelTable baselineKernels, avx2Kernels, avx512Kernels;

namespace {

std::vector<const KernelTable*> runnableTables() {
    std::vector<const KernelTable*> tables{&baselineKernels};
#if defined(BNSTUDIO_X86_KERNELS)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2"))
        tables.push_back(&avx2Kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl"))
        tables.push_back(&avx512Kernels);
#endif
    return tables;
}

std::atomic<const KernelTable*> forced{nullptr};

}  // namespace

const std::vector<const KernelTable*>& availableKernels() {
    static const std::vector<const KernelTable*> tables = runnableTables();
    return tables;
}

const KernelTable& kernels() {
    static const KernelTable* const widest = availableKernels().back();
    const KernelTable* table = forced.load(std::memory_order_relaxed);
    if (!table)
        table = widest;
    table->uses.fetch_add(1, std::memory_order_relaxed);
    return *table;
}

ForcedKernels::ForcedKernels(const KernelTable& table) {
    forced = &table;
}

ForcedKernels::~ForcedKernels() {
    forced = nullptr;
}

}  // namespace bnstudio
