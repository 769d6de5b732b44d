// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline in words.
#include "ui/format.h"
#include "ui/panels/timeline.h"

#include <algorithm>

namespace bnstudio {

QString Timeline::spokenDescription() {
    QStringList sentences{tr("%1 steps computed, %2 marks.")
                              .arg(formatCount(m_session.head()), formatCount(static_cast<qint64>(m_marks.size())))};
    if (!accessibleDescription().isEmpty())
        sentences << accessibleDescription();  // the chosen mark
    return sentences.join(u' ');
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
