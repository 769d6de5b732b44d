// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QButtonGroup;

namespace bnstudio {

class PhaseTab;

/// The phases of the displayed step as tabs; a click or the arrow keys choose one. What lies before the chosen one has
/// happened. Where the tabs have little room they take short names, or numbers alone.
class PhaseStrip : public QWidget {
    Q_OBJECT
public:
    explicit PhaseStrip(Session& session, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();
    void arrange();
    int widthAt(int shortness) const;

    Session& m_session;
    QButtonGroup* m_group;
    std::vector<PhaseTab*> m_tabs;
    std::vector<Phase> m_phases;
    std::vector<QString> m_titles;
};

}  // namespace bnstudio
