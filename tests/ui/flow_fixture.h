// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_panel.h"
#include "window_fixture.h"

namespace bnstudio {

/// The main window with its flow.
struct FlowFixture : WindowFixture {
    explicit FlowFixture(std::int64_t steps = 6) : WindowFixture(steps) { ok = ok && settle(); }
    FlowPanel& flow() { return *window.findChild<FlowPanel*>(); }
    const FlowContent& content() { return flow().content(); }
    /// The flow has drawn what the session shows.
    bool settle() {
        return await([this] {
            return session.isCurrent() && flow().isComplete() && content().frame == session.displayedFrame();
        });
    }
    bool openRun(Recipe recipe, std::int64_t steps) {
        session.open(std::move(recipe), steps);
        return awaitRun() && session.message().isEmpty() && settle();
    }
    bool setPhase(Phase phase) {
        session.setPhase(phase);
        return session.phase() == phase && await([this] { return flow().isComplete(); });
    }
    QPoint middleOf(int map, Cell cell) { return flow().geometryOfFlow().valueRect(map, cell).center(); }
    void clickCell(int map, Cell cell) { QTest::mouseClick(&flow(), Qt::LeftButton, {}, middleOf(map, cell)); }
    void move(QPoint to) { QTest::mouseMove(&flow(), to); }
    void focus() {
        window.activateWindow();
        flow().setFocus();
    }
    double valueOfX(Cell cell) { return session.shown().frame->x.at(content().matrix.flat(cell)); }
    std::size_t events() { return session.recipe().events.size(); }
};

inline Recipe pasted(Dims shape, std::vector<double> values) {
    Recipe recipe;
    recipe.data.sources = {PastedSpec{std::move(shape), std::move(values)}};
    return recipe;
}

inline std::vector<double> counting(std::size_t count) {
    std::vector<double> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = static_cast<double>(i % 7) - 3;
    return values;
}

}  // namespace bnstudio
