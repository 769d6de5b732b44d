// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace bnstudio {

class Document;
class Session;

/// A command that shows the present view again: with the saved recipe when there is one without unsaved changes, else
/// with the recipe as it stands in the autosave folder.
QString commandLine(const Session& session, Document& document);
/// Quoted for a POSIX shell where needed.
QString shellQuoted(const QString& word);

}  // namespace bnstudio
