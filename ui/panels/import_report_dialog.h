// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/state_file.h"

#include <QDialog>

namespace bnstudio {

/// What loading a state did: keys that were missing, not expected or converted, and what is suspicious about the
/// values. Deletes itself when it is closed.
class ImportReportDialog : public QDialog {
    Q_OBJECT
public:
    /// @p title names the layer and the file.
    ImportReportDialog(const QString& title, const ImportReport& report, QWidget* parent = nullptr);
};

/// One line for the message bar: "net.1 of a.pt was loaded: 1 key missing, 1 suspicious".
QString importSentence(const QString& title, const ImportReport& report);

}  // namespace bnstudio
