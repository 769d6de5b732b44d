// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/interrupt.h"

#include "core/error.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <string>
#include <system_error>

namespace bnstudio {
namespace {

constexpr int handledSignals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr char interruptByte = 'i';
constexpr char endByte = 'e';
std::atomic<int> writeEnd{-1};
static_assert(std::atomic<int>::is_always_lock_free);

void onSignal(int) {
    const int savedErrno = errno;
    [[maybe_unused]] const auto written = write(writeEnd.load(), &interruptByte, 1);
    errno = savedErrno;
}

/// nohup's choice stays: a hang-up that is ignored stays ignored.
bool isIgnoredHangUp(int signal) {
    struct sigaction now {};
    return signal == SIGHUP && sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt() {
    if (pipe2(m_pipe, O_CLOEXEC) != 0)
        throw Error(ErrorCode::Io, "cannot make a pipe: " + std::generic_category().message(errno));
    writeEnd = m_pipe[1];
    m_listener = std::thread([this] {
        char byte = 0;
        while (byte != endByte) {
            const auto count = read(m_pipe[0], &byte, 1);
            if (count == 1 && byte == interruptByte)
                m_stop.request_stop();
            else if (count <= 0 && errno != EINTR)
                return;
        }
    });
    for (const int signal : handledSignals) {
        if (isIgnoredHangUp(signal))
            continue;
        struct sigaction action {};
        action.sa_handler = onSignal;
        action.sa_flags = SA_RESTART;
        sigaction(signal, &action, nullptr);
    }
}

Interrupt::~Interrupt() {
    for (const int signal : handledSignals) {
        if (!isIgnoredHangUp(signal))
            std::signal(signal, SIG_DFL);
    }
    [[maybe_unused]] const auto written = write(m_pipe[1], &endByte, 1);
    m_listener.join();
    writeEnd = -1;
    close(m_pipe[0]);
    close(m_pipe[1]);
}

void Interrupt::check() const {
    if (m_stop.stop_requested())
        throw Error(ErrorCode::Cancelled, "interrupted");
}

}  // namespace bnstudio
