// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/parallel.h"

#include <algorithm>
#include <optional>
#include <thread>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace bnstudio {

void parallelFor(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    if (count <= 0)
        return;
    if (count == 1) {
        body(0);
        return;
    }
    tbb::parallel_for(std::int64_t{0}, count, [&body](std::int64_t index) { body(index); });
}

struct Arena::Impl {
    explicit Impl(int threads) : arena(threads > 0 ? threads : tbb::task_arena::automatic) {
        // TBB never starts more workers than there are cores unless it is told that more are welcome.
        const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
        if (threads > cores)
            control.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
    }
    std::optional<tbb::global_control> control;
    tbb::task_arena arena;
};

Arena::Arena(int threads) : m_impl(std::make_unique<Impl>(threads)) {}

Arena::~Arena() = default;

void Arena::run(const std::function<void()>& body) {
    m_impl->arena.execute([&body] { body(); });
}

int Arena::threads() const {
    return m_impl->arena.max_concurrency();
}

}  // namespace bnstudio
