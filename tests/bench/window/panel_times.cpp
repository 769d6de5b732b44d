// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/window/panel_times.h"

#include <QApplication>
#include <QEvent>
#include <QWidget>

namespace bnstudio::bench {

PanelTimes::PanelTimes() {
    qApp->installEventFilter(this);
}

void PanelTimes::start() {
    m_painted.clear();
    m_start = m_lastPaint = Clock::now();
}

void PanelTimes::finish() {
    if (m_painted.empty())
        return;
    for (const auto& [panel, time] : m_painted)
        m_times[panel].push_back(milliseconds(time - m_start));
    m_times[QString()].push_back(milliseconds(m_lastPaint - m_start));
}

QString PanelTimes::panelOf(const QObject* object) {
    for (; object; object = object->parent())
        if (object->inherits("bnstudio::CardDock") || object->inherits("QToolBar"))
            return object->objectName();
    return QStringLiteral("window");
}

/// The event is handled in here, so that the time includes the painting.
bool PanelTimes::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::Paint || !watched->isWidgetType())
        return false;
    const QString panel = panelOf(watched);
    qApp->removeEventFilter(this);
    QCoreApplication::sendEvent(watched, event);
    qApp->installEventFilter(this);
    m_painted[panel] = m_lastPaint = Clock::now();
    return true;
}

}  // namespace bnstudio::bench
