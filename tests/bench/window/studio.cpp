// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/studio.h"

#include "ui/focus_keys.h"
#include "ui/theme.h"

#include <QEventLoop>
#include <QTimer>

namespace bnstudio::bench {

using namespace std::chrono_literals;

void prepareWindow(QApplication& application) {
    application.installEventFilter(new FocusKeys(&application));
    Theme::instance().apply(application, Theme::Mode::Light);
}

void spin(std::chrono::milliseconds time) {
    QEventLoop loop;
    QTimer::singleShot(time, Qt::PreciseTimer, &loop, &QEventLoop::quit);
    loop.exec();
}

bool spinUntil(Session& session, const std::function<bool()>& reached) {
    QEventLoop loop;
    const auto connection = QObject::connect(&session, &Session::changed, &loop, [&] {
        if (reached())
            loop.quit();
    });
    bool late = false;
    QTimer::singleShot(30s, &loop, [&] {
        late = true;
        loop.quit();
    });
    if (!reached())
        loop.exec();
    QObject::disconnect(connection);
    return !late;
}

Clock::time_point spinUntilStill(const PaintWatch& paints) {
    constexpr auto stillness = 250ms;
    while (Clock::now() - paints.lastPaint() < stillness)
        spin(50ms);
    return paints.lastPaint();
}

Recipe recipeFor(const Dims& batch) {
    Recipe recipe = defaultRecipe();
    if (batch == Dims{32, 8})
        return recipe;
    GeneratorSpec source;
    source.n = batch[0];
    source.c = batch[1];
    recipe.data.sources = {source};
    recipe.lanes.front().training = {};
    return recipe;
}

}  // namespace bnstudio::bench
