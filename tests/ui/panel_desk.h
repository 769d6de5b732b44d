// SPDX-License-Identifier: GPL-3.0-or-later
// A panel alone, without the window.
#pragma once

#include "ui/session/session.h"

#include <QComboBox>
#include <QDialog>
#include <QLineEdit>
#include <QtTest>

#include <utility>
#include <variant>

namespace bnstudio::test {

inline constexpr int patienceMs = 60000;

inline bool awaitStep(Session& session, std::int64_t step) {
    return QTest::qWaitFor([&] { return session.shown().step == step && session.isCurrent(); }, patienceMs);
}

inline Recipe smallRecipe() {
    Recipe recipe;
    GeneratorSpec generator;
    generator.n = 8;
    generator.c = 5;
    recipe.data.sources = {generator};
    return recipe;
}

/// A session at step 2 and one panel, ready to click.
template <class Panel>
struct Desk {
    explicit Desk(Recipe recipe = smallRecipe(), std::int64_t steps = 3)
        : session(std::move(recipe), steps), panel(session) {
        ready = awaitStep(session, steps - 1);
        panel.resize(240, 600);
        panel.show();
    }
    template <class Widget = QWidget>
    Widget* find(const char* id) const {
        return panel.template findChild<Widget*>(QLatin1String(id));
    }
    /// Types a text over a field and presses Enter.
    void type(const char* id, const QString& text) {
        auto* field = find<QLineEdit>(id);
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
    }
    void click(const char* id) { QTest::mouseClick(find(id), Qt::LeftButton); }
    void choose(const char* id, int index) {
        auto* combo = find<QComboBox>(id);
        combo->setFocus();
        combo->setCurrentIndex(index);
        emit combo->activated(index);
    }
    /// Shortcuts need an active window and the focus.
    bool focus(const char* id) {
        panel.activateWindow();
        find(id)->setFocus();
        return QTest::qWaitForWindowActive(&panel) && QTest::qWaitFor([&] { return find(id)->hasFocus(); }, patienceMs);
    }
    const LaneSpec& lane() const { return session.recipe().lanes.front(); }
    const GeneratorSpec& generator() const { return std::get<GeneratorSpec>(session.recipe().data.sources.front()); }

    Session session;
    Panel panel;
    bool ready = false;
};

inline QDialog* openDialog(QWidget& owner, const char* id) {
    auto* dialog = owner.findChild<QDialog*>(QLatin1String(id));
    return dialog && dialog->isVisible() ? dialog : nullptr;
}

}  // namespace bnstudio::test
