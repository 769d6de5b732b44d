// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/dialogs.h"

#include "ui/panels/cheat_sheet.h"
#include "ui/theme.h"

#include <QApplication>
#include <QMessageBox>

namespace bnstudio {

void showKeys(QWidget& window) {
    (new CheatSheet(window))->open();
}

void showAbout(QWidget& window) {
    auto* box = new QMessageBox(
        QMessageBox::Information, QCoreApplication::translate("Dialogs", "About BatchNorm1d Studio"),
        QCoreApplication::translate(
            "Dialogs", "<b>BatchNorm1d Studio %1</b><p>Explore, teach and debug batch normalization, step by step and "
                       "backwards in time.<p>Free software under the GNU General Public License, version 3 or later.")
            .arg(QCoreApplication::applicationVersion()),
        QMessageBox::Close, &window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setObjectName(QStringLiteral("aboutDialog"));
    box->setIconPixmap(QApplication::windowIcon().pixmap(64));
    box->open();
}

}  // namespace bnstudio
