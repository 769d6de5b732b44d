// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline in words.
#include "ui/format.h"
#include "ui/panels/timeline.h"

#include <algorithm>

namespace bnstudio {

namespace {

bool isEventful(const Session& session, const std::vector<TimelineMark>& marks) {
    const std::int64_t step = session.shown().step;
    return (session.shown().lane && session.shown().lane->refused())
           || std::any_of(marks.begin(), marks.end(), [step](const TimelineMark& mark) {
                  return mark.step == step && mark.kind != TimelineMark::Kind::Start;
              });
}

}  // namespace

/// The step on display, what happens before it and what is wrong with it; then the run.
QString Timeline::spokenDescription() {
    const std::int64_t step = m_session.shown().step;
    QStringList sentences{step < 0 ? tr("Start.") : tr("Step %1.").arg(step)};
    for (const TimelineMark& mark : m_marks)
        for (const TimelineItem item : mark.step == step ? mark.items : std::vector<TimelineItem>())
            sentences << (item.kind == TimelineItem::Kind::Event ? tr("Before it: %1.") : tr("Named “%1”."))
                             .arg(itemText(m_session.recipe(), item));
    if (m_session.shown().lane && m_session.shown().lane->refused())
        sentences << tr("The layer refused this batch.");
    if (!accessibleDescription().isEmpty())
        sentences << tr("Chosen mark: %1").arg(accessibleDescription());
    sentences << tr("%1 steps computed, %2 marks.")
                     .arg(formatCount(m_session.head()), formatCount(static_cast<qint64>(m_marks.size())));
    return sentences.join(u' ');
}

/// While it plays only the steps at which something happens: nobody hears sixty numbers a second.
void Timeline::announce() {
    if (!hasFocus() || (m_session.isPlaying() && !isEventful(m_session, m_marks)))
        return;
    speakUp();
    emit announced();
}

std::optional<SpokenValue> Timeline::spokenValue() const {
    const auto last = static_cast<double>(std::max<std::int64_t>(m_session.head() - 1, -1));
    return SpokenValue{static_cast<double>(m_session.shown().step), -1, last};
}

void Timeline::setSpokenValue(double step) {
    m_session.pause();
    m_session.goTo(std::clamp<std::int64_t>(static_cast<std::int64_t>(step), -1, m_session.head() - 1));
}

}  // namespace bnstudio
