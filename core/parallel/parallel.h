// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace bnstudio {

/// Runs body(0) … body(count − 1), each once, on the threads of the current Arena (or TBB's default one).
/// Which thread runs what is not fixed: bodies write to places of their own, and reductions merge them by index
/// afterwards. An exception of a body is rethrown here.
void parallelFor(std::int64_t count, const std::function<void(std::int64_t)>& body);

/// Threads that parallelFor may use here.
int threadsAvailable();

/// A limited set of threads. Work started inside run() stays inside it.
class Arena {
public:
    /// @p threads of 0 means one per hardware thread.
    explicit Arena(int threads = 0);
    ~Arena();
    void run(const std::function<void()>& body);
    int threads() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace bnstudio
