// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/offscreen.h"

#include "app/console.h"

namespace bnstudio {
namespace {

void onlySevereMessages(QtMsgType type, const QMessageLogContext&, const QString& message) {
    if (type == QtCriticalMsg || type == QtFatalMsg)
        printError(message.toStdString());
}

QtMessageHandler prepareQt() {
    qputenv("QT_QPA_PLATFORM", "offscreen");
    qputenv("QT_SCALE_FACTOR", "1");
    return qInstallMessageHandler(onlySevereMessages);
}

}  // namespace

OffscreenApplication::OffscreenApplication() : m_previousHandler(prepareQt()), m_application(m_count, m_arguments) {}

OffscreenApplication::~OffscreenApplication() {
    qInstallMessageHandler(m_previousHandler);
}

}  // namespace bnstudio
