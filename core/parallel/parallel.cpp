// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/parallel/parallel.h"

#include "core/standard_arithmetic.h"

#include <algorithm>
#include <optional>
#include <thread>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#ifdef BNSTUDIO_TSAN
extern "C" {
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace bnstudio {

namespace {

/// What a fork and join of tasks promises, in words ThreadSanitizer understands: it does not see into TBB, which is not
/// instrumented. Everything before the fork happens before the bodies, and they before what follows the join.
class ForkJoin {
#ifdef BNSTUDIO_TSAN
public:
    ForkJoin() {
        __tsan_release(&m_fork);
    }
    ~ForkJoin() {
        __tsan_acquire(&m_join);
    }

    class Body {
    public:
        explicit Body(ForkJoin& owner) : m_owner(owner) { __tsan_acquire(&m_owner.m_fork); }
        ~Body() { __tsan_release(&m_owner.m_join); }

    private:
        ForkJoin& m_owner;
    };

private:
    char m_fork = 0, m_join = 0;
#else
public:
    struct Body {
        explicit Body(ForkJoin&) {}
    };
#endif
};

}  // namespace

void parallelFor(std::int64_t count, const std::function<void(std::int64_t)>& body) {
    if (count <= 0)
        return;
    if (count == 1) {
        const StandardArithmetic arithmetic;
        body(0);
        return;
    }
    ForkJoin forkJoin;
    tbb::parallel_for(std::int64_t{0}, count, [&](std::int64_t index) {
        const ForkJoin::Body scope(forkJoin);
        const StandardArithmetic arithmetic;
        body(index);
    });
}

int threadsAvailable() {
    return tbb::this_task_arena::max_concurrency();
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
    ForkJoin forkJoin;
    m_impl->arena.execute([&] {
        const ForkJoin::Body scope(forkJoin);
        body();
    });
}

int Arena::threads() const {
    return m_impl->arena.max_concurrency();
}

}  // namespace bnstudio
