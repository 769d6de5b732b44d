// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/language.h"

#include "app/pseudo_translator.h"
#include "core/error.h"

#include <QCoreApplication>
#include <QDir>

namespace bnstudio {

namespace {

/// Language codes of the translations that are built in; English needs none.
QStringList languages() {
    QStringList codes{QStringLiteral("en")};
    for (const QString& file : QDir(QStringLiteral(":/translations")).entryList({QStringLiteral("bnstudio_*.qm")}))
        codes << file.mid(9, file.size() - 12);
    return codes << QLatin1String(PseudoTranslator::code);
}

}  // namespace

QString parseLanguage(const std::string& text) {
    const QString code = QString::fromStdString(text);
    if (!languages().contains(code))
        throw Error(ErrorCode::Usage, "--language: expected one of "
                                          + languages().join(QStringLiteral(", ")).toStdString() + ", got '" + text
                                          + "'");
    return code;
}

std::unique_ptr<QTranslator> installLanguage(const QString& code) {
    std::unique_ptr<QTranslator> translator;
    if (code == QLatin1String(PseudoTranslator::code)) {
        translator = std::make_unique<PseudoTranslator>();
    } else {
        translator = std::make_unique<QTranslator>();
        if (!translator->load(QStringLiteral(":/translations/bnstudio_") + code))
            return nullptr;
    }
    QCoreApplication::installTranslator(translator.get());
    return translator;
}

}  // namespace bnstudio
