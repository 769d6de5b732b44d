// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_dock.h"
#include "ui/docks.h"

#include <QMainWindow>

#include <algorithm>

namespace bnstudio {

void Docks::showAll() {
    const auto closed =
        std::count_if(m_docks.begin(), m_docks.end(), [](const CardDock* dock) { return dock->isHidden(); });
    for (CardDock* dock : std::as_const(m_docks))
        dock->show();
    // With most of them new, sizes that fitted the few would leave the many as strips.
    if (m_window.isVisible() && closed > m_docks.size() / 2)
        arrange();
}

void Docks::showOnly(const QStringList& names) {
    for (CardDock* dock : std::as_const(m_docks))
        dock->setVisible(names.contains(dock->objectName()));
}

QStringList Docks::firstNames() const {
    QStringList first;
    for (const char* name : {"flow", "calculation", "runningMean"})
        if (contains(QLatin1String(name)))
            first << QLatin1String(name);
    return first;
}

}  // namespace bnstudio
