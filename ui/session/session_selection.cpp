// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/session.h"

#include <algorithm>

// What is selected within the displayed step: channels, one cell, and the phase that the views stand at.

namespace bnstudio {

// --- channels and the cell -----------------------------------------------------------------------------------------

void Session::selectChannel(std::int64_t channel) {
    selectChannels({channel}, channel);
}

void Session::selectChannels(std::vector<std::int64_t> selected, std::int64_t current) {
    selectWithin(std::move(selected), {m_cell.n, current, m_cell.l});
}

void Session::selectWithin(std::vector<std::int64_t> selected, Cell cell) {
    std::erase_if(selected, [this](std::int64_t c) { return c < 0 || c >= channels(); });
    if (cell.c < 0 || cell.c >= channels())
        return;
    if (std::find(selected.begin(), selected.end(), cell.c) == selected.end())
        selected.push_back(cell.c);
    std::sort(selected.begin(), selected.end());
    selected.erase(std::unique(selected.begin(), selected.end()), selected.end());
    if (selected == m_selectedChannels && cell.c == m_currentChannel && cell.n == m_cell.n && cell.l == m_cell.l)
        return;
    m_selectedChannels = std::move(selected);
    m_cell = cell;
    const bool newHistogram = std::exchange(m_currentChannel, cell.c) != cell.c;
    announce(Change::Selection);
    if (newHistogram)
        post();
}

// Kept as it was chosen: a smaller batch on the way does not forget it.
Cell Session::selectedCell() const {
    Cell cell{m_cell.n, m_currentChannel, m_cell.l};
    if (!m_shown.frame || m_shown.frame->x.rank() < 2)
        return cell;
    const BatchShape shape = BatchShape::of(m_shown.frame->x.shape());
    const auto within = [](std::int64_t index, std::int64_t count) {
        return std::clamp<std::int64_t>(index, 0, std::max<std::int64_t>(count - 1, 0));
    };
    return {within(cell.n, shape.n), within(cell.c, shape.c), within(cell.l, shape.l)};
}

void Session::selectCell(Cell cell) {
    if (m_shown.frame && m_shown.frame->x.rank() >= 2) {
        const BatchShape shape = BatchShape::of(m_shown.frame->x.shape());
        cell.n = std::clamp<std::int64_t>(cell.n, 0, std::max<std::int64_t>(shape.n - 1, 0));
        cell.l = std::clamp<std::int64_t>(cell.l, 0, std::max<std::int64_t>(shape.l - 1, 0));
    }
    cell.c = std::clamp<std::int64_t>(cell.c, 0, std::max<std::int64_t>(channels() - 1, 0));
    const auto& chosen = m_selectedChannels;
    const bool isChosen = std::find(chosen.begin(), chosen.end(), cell.c) != chosen.end();
    selectWithin(isChosen ? chosen : std::vector{cell.c}, cell);
}

// --- peeking -------------------------------------------------------------------------------------------------------

void Session::setPeeking(bool on) {
    if (std::exchange(m_peeking, on) == on)
        return;
    if (m_peeking && !hasPeeked())
        post();
    announce(Change::Peek);
}

bool Session::hasPeeked() const {
    return m_peeked && m_peekedId == m_shown.recipeId && m_peeked->step == m_shown.step;
}

std::shared_ptr<const Frame> Session::displayedFrame() const {
    return m_peeking && hasPeeked() ? m_peeked : m_shown.frame;
}

std::shared_ptr<const LaneSnapshot> Session::displayedLane() const {
    return m_peeking && hasPeeked() ? m_peeked->snapshot : m_shown.lane;
}

// --- phases --------------------------------------------------------------------------------------------------------

std::vector<Phase> Session::phases() const {
    const auto lane = displayedLane();
    return lane ? phasesOf(*lane) : std::vector<Phase>{};
}

Phase Session::phase() const {
    const std::vector<Phase> here = phases();
    if (here.empty())
        return Phase::Nothing;
    // A phase that the step does not have stands for the last one before it.
    const auto after = std::upper_bound(here.begin(), here.end(), m_phase);
    return after == here.begin() ? here.front() : *(after - 1);
}

void Session::setPhase(Phase phase) {
    const Phase before = this->phase();
    m_phase = phase;
    if (this->phase() != before)
        announce(Change::Phase);
}

void Session::stepPhase(int direction) {
    if (m_shown.step != m_playhead)
        return;  // the phases of the step on its way are not known yet
    // Of the steps beside the displayed one it is enough to know that they are there: one is entered by its first
    // phase or its last.
    const PhasesAt phasesAt = [this](std::int64_t step) {
        return step == m_shown.step && m_shown.lane ? phases() : std::vector{Phase::Nothing};
    };
    const PhasePosition here{m_shown.step, m_shown.lane ? phase() : Phase::Nothing};
    const auto there = direction > 0 ? nextPhase(here, phasesAt) : previousPhase(here, phasesAt);
    if (there && there->step == m_shown.step)
        return setPhase(there->phase);
    goTo(m_shown.step + (direction > 0 ? 1 : -1));
    m_phaseOnArrival = direction > 0 ? Phase::Nothing : lastPhase;
}

}  // namespace bnstudio
