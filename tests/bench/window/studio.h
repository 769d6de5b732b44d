// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/window/paint_watch.h"
#include "ui/main_window.h"

#include <QApplication>

#include <chrono>
#include <functional>

namespace bnstudio::bench {

/// What the program does to its application before it makes a window, in the light theme.
void prepareWindow(QApplication& application);
/// Lets the event loop run, as QApplication::exec() would.
void spin(std::chrono::milliseconds time);
/// Lets the event loop run until the session says something after which @p reached holds; false after half a minute.
bool spinUntil(Session& session, const std::function<bool()>& reached);
/// Lets the event loop run until nothing was painted for a while; returns when the last thing was painted.
Clock::time_point spinUntilStill(const PaintWatch& paints);
/// Steps of batches of a shape; that of the default recipe is the default recipe.
Recipe recipeFor(const Dims& batch);

/// The window of the program with all its panels, on a run of so many steps.
struct Studio {
    Studio(const Dims& batch, std::int64_t steps) : session(recipeFor(batch), steps), window(session) {
        window.resize(1600, 1000);
        window.show();
        window.activateWindow();
    }
    Session session;
    MainWindow window;
    PaintWatch paints{session, window};
};

}  // namespace bnstudio::bench
