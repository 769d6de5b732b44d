// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>

namespace bnstudio {

/// A QApplication that needs no display and looks the same with one. Qt's remarks about the desktop session (a missing
/// XDG_RUNTIME_DIR and the like) stay out of standard error, where scripts expect our lines alone.
class OffscreenApplication {
public:
    OffscreenApplication();
    ~OffscreenApplication();
    OffscreenApplication(const OffscreenApplication&) = delete;
    OffscreenApplication& operator=(const OffscreenApplication&) = delete;
    QApplication& application() { return m_application; }

private:
    QtMessageHandler m_previousHandler;  ///< set before Qt starts
    int m_count = 1;
    char m_program[9] = "bnstudio";
    char* m_arguments[2] = {m_program, nullptr};
    QApplication m_application;
};

}  // namespace bnstudio
