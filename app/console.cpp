// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console.h"

#include "app/exit_status.h"

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <new>

namespace bnstudio {

std::string onOneLine(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for (const char c : text) {
        const bool isBreak = c == '\n' || c == '\r' || c == '\t';
        const bool isControl = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;  // names may command a terminal
        if (!isBreak)
            line += isControl ? '?' : c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    return line;
}

void printError(std::string_view message) {
    printNote("bnstudio: " + onOneLine(message));
}

void printNote(std::string_view line) {
    // One write per line, so that lines of several processes on one terminal do not mix.
    const std::string whole = std::string(line) + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
    std::fflush(stderr);
}

void printOut(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
        throw Error(ErrorCode::WriteFailed, "cannot write to standard output");
}

int reportingErrors(const std::function<int()>& body) {
    try {
        return body();
    } catch (const Error& error) {
        // Whoever noticed the signal first, the words are the same.
        printError(error.code() == ErrorCode::Cancelled ? "interrupted" : error.what());
        return exitStatusOf(error.code());
    } catch (const std::bad_alloc&) {
        printError("not enough memory");
        return status::refused;
    } catch (const std::exception& error) {
        printError(error.what());
        return status::refused;
    }
}

ProgressLine::ProgressLine() : m_onTerminal(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
    clear();
}

void ProgressLine::show(std::string_view what, std::int64_t done, std::int64_t total) {
    if (!m_onTerminal)
        return;
    const auto now = std::chrono::steady_clock::now();
    if (now < m_next)
        return;
    m_next = now + std::chrono::milliseconds(100);
    std::fprintf(stderr, "\r%.*s %lld of %lld\033[K", static_cast<int>(what.size()), what.data(),
                 static_cast<long long>(done), static_cast<long long>(total));
    std::fflush(stderr);
    m_visible = true;
}

void ProgressLine::clear() {
    if (!m_visible)
        return;
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
    m_visible = false;
}

}  // namespace bnstudio
