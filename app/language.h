// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QTranslator>

#include <memory>
#include <string>

namespace bnstudio {

/// The value of --language. Throws Error(Usage) for a language that is not built in.
QString parseLanguage(const std::string& text);

/// Makes the application speak a language, English where there is no translation. Null when there is nothing to
/// install. Keep it as long as the application.
std::unique_ptr<QTranslator> installLanguage(const QString& code);

}  // namespace bnstudio
