// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/phases.h"

#include <QAbstractButton>

namespace bnstudio {

/// One phase in the strip.
class PhaseTab : public QAbstractButton {
    Q_OBJECT
public:
    /// The words that a tab can have, from long to short.
    static constexpr int shortnesses = 3;

    PhaseTab(Phase phase, const PhaseText& text, QWidget* parent);
    Phase phase() const { return m_phase; }
    void setShortness(int shortness);
    /// The chosen phase keeps its name where others are numbers.
    int widthAt(int shortness) const;
    void setHappened(bool happened);

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    QString words(int shortness) const;

    Phase m_phase;
    QString m_words[shortnesses];
    int m_shortness = 0;
    bool m_happened = false;
};

}  // namespace bnstudio
