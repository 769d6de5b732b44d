// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bnstudio {

/// The text on one line: PyTorch's messages with several lines ("\n\t") become one with blanks.
std::string onOneLine(std::string_view text);
/// "bnstudio: message" on standard error, on one line.
void printError(std::string_view message);
/// A line on standard error as it is, for notes and refusals that do not end the program.
void printNote(std::string_view line);
/// Text on standard output; throws Error(WriteFailed) when that is closed or full.
void printOut(std::string_view text);
/// Runs @p body and turns what it throws into a line on standard error and an exit status.
int reportingErrors(const std::function<int()>& body);

/// "step 12 of 400" on standard error when that is a terminal, redrawn at most ten times a second and removed at the
/// end; nothing at all otherwise.
class ProgressLine {
public:
    ProgressLine();
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    void show(std::string_view what, std::int64_t done, std::int64_t total);
    /// Removes the line, so that something else can be printed.
    void clear();

private:
    bool m_onTerminal;
    bool m_visible = false;
    std::chrono::steady_clock::time_point m_next{};
};

}  // namespace bnstudio
