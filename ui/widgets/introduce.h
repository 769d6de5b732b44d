// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

namespace bnstudio {

/// Gives a control its id (object name), its name for screen readers, and one sentence that teaches what it is.
inline void introduce(QWidget* control, const char* id, const QString& name, const QString& sentence) {
    control->setObjectName(QLatin1String(id));
    control->setAccessibleName(name);
    control->setAccessibleDescription(sentence);
    control->setToolTip(sentence);
    control->setWhatsThis(sentence);
}

}  // namespace bnstudio
