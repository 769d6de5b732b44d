// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>
#include <thread>

namespace bnstudio {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request while it lives. One at a time.
///
/// A signal handler may do next to nothing, and std::stop_source is not on the list: the handler writes a byte into a
/// pipe, and a thread that waits for it makes the request.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;
    std::stop_token token() const { return m_stop.get_token(); }
    /// Throws Error(Cancelled) once a signal has come.
    void check() const;

private:
    int m_pipe[2] = {-1, -1};
    std::stop_source m_stop;
    std::thread m_listener;
};

}  // namespace bnstudio
