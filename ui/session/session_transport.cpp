// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/session.h"

#include <algorithm>
#include <cmath>

// The transport of the session: where the playhead is, and playing.

namespace bnstudio {

namespace {

constexpr std::int64_t stepsAhead = 16;  // computed ahead of the playhead while playing

}  // namespace

void Session::goTo(std::int64_t step) {
    step = std::max<std::int64_t>(step, -1);
    m_wantedHead = std::max(m_wantedHead, step + 1);
    if (std::exchange(m_playhead, step) == step)
        return;
    m_phaseOnArrival = lastPhase;
    post();
    announce(Change::Transport);
}

void Session::stepForward(std::int64_t count) {
    goTo(m_playhead + count);
}
void Session::stepBack(std::int64_t count) {
    goTo(m_playhead - count);
}
void Session::goToLast() {
    goTo(std::max(m_head, m_wantedHead) - 1);
}

void Session::play() {
    if (m_playing)
        return;
    m_playing = true;
    m_owedSteps = 1;
    m_stride = 1;
    m_isLate = false;
    m_playClock.start();
    m_playTimer.start();
    announce(Change::Transport);
}

void Session::pause() {
    if (!m_playing)
        return;
    m_playing = false;
    m_playTimer.stop();
    // What was asked for ahead of the playhead is not needed now.
    m_wantedHead = std::max(m_head, m_playhead + 1);
    post();
    announce(Change::Transport);
}

void Session::setSpeed(double stepsPerSecond) {
    m_speed = std::clamp(stepsPerSecond, 0.1, 1000.0);
    announce(Change::Transport);
}

void Session::setPlaysPhases(bool on) {
    if (std::exchange(m_playsPhases, on) != on)
        announce(Change::Transport);
}

// When a step is not there in time the next stride is half as long, and it grows by one step whenever it was: playing
// shows as many steps a second as it can, and falls behind the chosen speed rather than skipping most of them.
void Session::tick() {
    m_owedSteps += static_cast<double>(m_playClock.restart()) / 1000.0 * m_speed;
    if (!isCurrent()) {
        m_isLate = true;
        return;
    }
    m_stride = std::exchange(m_isLate, false) ? std::max(m_stride / 2, 1.0) : m_stride + 1;
    m_owedSteps = std::min(m_owedSteps, m_stride);
    if (m_owedSteps < 1)
        return;
    const double whole = std::floor(m_owedSteps);
    m_owedSteps -= whole;
    m_wantedHead = std::max(m_wantedHead, m_playhead + 1 + stepsAhead);
    if (m_playsPhases)  // one at a time: each is there to be seen
        return stepPhase(1);
    stepForward(static_cast<std::int64_t>(whole));
}

}  // namespace bnstudio
