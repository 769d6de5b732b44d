// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/command_line_text.h"

#include "ui/session/document.h"
#include "ui/session/session.h"
#include "ui/theme.h"

#include <QRegularExpression>

namespace bnstudio {

QString shellQuoted(const QString& word) {
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_./:=,+-]+$"));
    if (plain.match(word).hasMatch())
        return word;
    QString quoted = word;
    return u'\'' + quoted.replace(u'\'', QStringLiteral("'\\''")) + u'\'';
}

QString commandLine(const Session& session, Document& document) {
    QStringList words{QStringLiteral("bnstudio"), QStringLiteral("screenshot"), QStringLiteral("view.png")};
    const QString recipe = document.recipeFileForCommand();
    if (!recipe.isEmpty())
        words << QStringLiteral("--recipe") << recipe;
    words << QStringLiteral("--step") << QString::number(session.shown().step);
    words << QStringLiteral("--select") << QString::number(session.currentChannel());
    words << QStringLiteral("--theme") << (colors().dark ? QStringLiteral("dark") : QStringLiteral("light"));
    for (QString& word : words)
        word = shellQuoted(word);
    return words.join(u' ');
}

}  // namespace bnstudio
