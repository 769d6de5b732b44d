// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/card_dock.h"
#include "window_fixture.h"

#include <QDragEnterEvent>
#include <QMenu>
#include <QMenuBar>
#include <QMimeData>
#include <QPointer>
#include <QTimer>
#include <QWheelEvent>
#include <QWindow>

#include <deque>
#include <functional>

namespace bnstudio {

/// A user in front of the real window. Keys go to the window in front, which hands them to what has the focus, and the
/// mouse to whatever lies under it, as a window system would deliver them: what is covered, closed or behind a tab cannot
/// be reached.
struct WindowDriver : WindowFixture {
    explicit WindowDriver(std::int64_t steps = 12) : WindowFixture(steps) {
        window.activateWindow();
        ok = ok && QTest::qWaitForWindowActive(&window) && settle();
    }
    ~WindowDriver() { window.hide(); }

    bool settle() {
        return await([this] { return !session.isOpening() && session.isCurrent(); }) && seen();
    }
    bool awaitStep(std::int64_t step) {
        return await([this, step] { return session.isCurrent() && session.shown().step == step; }) && seen();
    }
    bool openRun(Recipe recipe, std::int64_t steps) {
        session.open(std::move(recipe), steps);
        return awaitRun() && session.message().isEmpty() && seen();
    }
    /// Panels take what is new in a queued call.
    static bool seen() {
        QTest::qWait(0);
        return true;
    }
    template <class T>
    T& panel() {
        return *window.findChild<T*>();
    }
    CardDock& dock(const char* name) { return *window.docks()[name]; }

    // --- keys ---------------------------------------------------------------------------------------------------------
    QWindow* front() {
        if (QWidget* popup = QApplication::activePopupWidget())
            return popup->windowHandle();
        // A window manager goes back to the window when a dialog closes; the offscreen platform has none.
        if (!QGuiApplication::focusWindow()) {
            window.activateWindow();
            (void)QTest::qWaitForWindowActive(&window);
        }
        return QGuiApplication::focusWindow();
    }
    void key(int key, Qt::KeyboardModifiers modifiers = {}) {
        const QPointer<QWindow> pressed = front();
        if (pressed)
            QTest::keyPress(pressed.data(), static_cast<Qt::Key>(key), modifiers);
        if (pressed)  // a press may close its window
            QTest::keyRelease(pressed.data(), static_cast<Qt::Key>(key), modifiers);
    }
    void keys(int key, int times) {
        for (int i = 0; i < times; ++i)
            WindowDriver::key(key);
    }
    /// Text of ASCII.
    void type(const QString& text) {
        for (const QChar letter : text)
            QTest::keyClick(front(), letter.toLatin1());
    }
    /// F6 until the panel or bar has the keys.
    bool enter(const QWidget& place) {
        constexpr int mostPanels = 40;
        const auto isIn = [&place] { return place.isAncestorOf(QApplication::focusWidget()); };
        for (int i = 0; i < mostPanels && !isIn(); ++i)
            key(Qt::Key_F6);
        return isIn();
    }
    bool enter(const char* name) { return enter(dock(name)); }
    /// Tab until the control has the keys.
    bool tabTo(const QWidget& control) {
        constexpr int mostControls = 200;
        for (int i = 0; i < mostControls && QApplication::focusWidget() != &control; ++i)
            key(Qt::Key_Tab);
        return QApplication::focusWidget() == &control;
    }

    // --- mouse --------------------------------------------------------------------------------------------------------
    /// Whether a place of the control is what the mouse would hit there.
    static bool isReachable(const QWidget& control, QPoint place) {
        const QWidget* top = control.window();
        const QWidget* hit = control.isVisible() ? top->childAt(control.mapTo(top, place)) : nullptr;
        return hit && (hit == &control || control.isAncestorOf(hit));
    }
    static void move(const QWidget& control, QPoint place) {
        // Where the cursor is counts too: widgets that move under it are told so.
        QCursor::setPos(control.mapToGlobal(place));
        QTest::mouseMove(control.window()->windowHandle(), control.mapTo(control.window(), place));
    }
    static bool click(const QWidget& control, QPoint place, Qt::MouseButton button = Qt::LeftButton) {
        if (!isReachable(control, place))
            return false;
        QTest::mouseClick(control.window()->windowHandle(), button, {}, control.mapTo(control.window(), place));
        return true;
    }
    static bool click(const QWidget& control) { return click(control, control.rect().center()); }
    bool clickOn(const char* name) { return click(*find<QWidget>(name)); }
    static void doubleClick(const QWidget& control, QPoint place) {
        QTest::mouseDClick(control.window()->windowHandle(), Qt::LeftButton, {},
                           control.mapTo(control.window(), place));
    }
    static void drag(const QWidget& control, QPoint from, QPoint to) {
        QWidget* top = control.window();
        QWindow* handle = top->windowHandle();
        QTest::mousePress(handle, Qt::LeftButton, {}, control.mapTo(top, from));
        QTest::mouseMove(handle, control.mapTo(top, (from + to) / 2));
        QTest::mouseMove(handle, control.mapTo(top, to));
        QTest::mouseRelease(handle, Qt::LeftButton, {}, control.mapTo(top, to));
    }
    static void wheel(const QWidget& control, QPoint place, int notches, Qt::KeyboardModifiers modifiers = {}) {
        QWidget* top = control.window();
        QWheelEvent event(control.mapTo(top, place), control.mapToGlobal(place), {}, {0, 120 * notches}, Qt::NoButton,
                          modifiers, Qt::NoScrollPhase, false);
        QApplication::sendEvent(top->windowHandle(), &event);
    }
    void drop(const QString& path) {
        QMimeData files;
        files.setUrls({QUrl::fromLocalFile(path)});
        const QPoint place = window.rect().center();
        QDragEnterEvent enter(place, Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window.windowHandle(), &enter);
        QDropEvent dropped(place, Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(window.windowHandle(), &dropped);
    }
    /// Opens a menu of the menu bar and clicks an entry; further texts go through submenus.
    bool chooseInMenu(const QStringList& texts) {
        QMenuBar* bar = window.menuBar();
        for (QAction* action : bar->actions())
            if (plainText(action->text()) == texts.front())
                click(*bar, bar->actionGeometry(action).center());
        return chooseInPopup(texts.mid(1));
    }
    static bool chooseInPopup(const QStringList& texts) {
        for (const QString& text : texts) {
            auto* menu = qobject_cast<QMenu*>(QApplication::activePopupWidget());
            QAction* wanted = nullptr;
            for (QAction* action : menu ? menu->actions() : QList<QAction*>())
                if (plainText(action->text()) == text && action->isEnabled())
                    wanted = action;
            if (!wanted)
                return false;
            QTest::mouseMove(menu->windowHandle(), menu->actionGeometry(wanted).center());
            QTest::mouseClick(menu->windowHandle(), Qt::LeftButton, {}, menu->actionGeometry(wanted).center());
        }
        return true;
    }

    // --- dialogs that wait --------------------------------------------------------------------------------------------
    using Answer = std::function<void(QDialog& dialog)>;
    /// Answers dialogs and message boxes that keep their caller waiting, in the order in which they come.
    void answer(std::initializer_list<Answer> answers) {
        const bool waits = !m_answers.empty();
        m_answers.insert(m_answers.end(), answers.begin(), answers.end());
        if (!waits)
            lookForDialog();
    }
    bool hasAnsweredAll() const { return m_answers.empty(); }

private:
    /// Each look has a timer of its own, since an answer may bring up the next dialog before it returns.
    void lookForDialog() {
        if (m_answers.empty())
            return;
        QTimer::singleShot(5, &window, [this] { lookForDialog(); });
        auto* dialog = qobject_cast<QDialog*>(QApplication::activeModalWidget());
        if (!dialog || dialog == m_answered || !dialog->isVisible()
            || dialog->objectName() == QStringLiteral("commandPalette"))  // keeps nobody waiting
            return;
        if (QGuiApplication::focusWindow() != dialog->windowHandle())
            return dialog->activateWindow();
        m_answered = dialog;
        const Answer next = m_answers.front();
        m_answers.pop_front();
        next(*dialog);
    }

    std::deque<Answer> m_answers;
    QPointer<QDialog> m_answered;
};

}  // namespace bnstudio
