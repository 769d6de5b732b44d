// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pseudo_translator.h"

#include <QRegularExpression>

namespace bnstudio {

namespace {

constexpr double growth = 0.35;

QChar accented(QChar letter) {
    static const QString plain = QStringLiteral("AEIOUaeiouncsy");
    static const QString marked = QStringLiteral("ÄÉÎÖÜäéîöüñçšý");
    const qsizetype at = plain.indexOf(letter);
    return at < 0 ? letter : marked[at];
}

bool hasLetters(const QString& text) {
    return std::any_of(text.begin(), text.end(), [](QChar c) { return c.isLetter(); });
}

}  // namespace

QString pseudoTranslated(const QString& text) {
    static const QRegularExpression kept(QStringLiteral("%[L]?[0-9n]+|<[^>]*>|&[a-zA-Z]+;|&|\\n"));
    if (!hasLetters(text))
        return text;
    QString longer;
    double length = 0;
    qsizetype at = 0;
    const auto take = [&](qsizetype end) {
        for (; at < end; ++at, ++length)
            longer += accented(text[at]);
    };
    auto matches = kept.globalMatch(text);
    while (matches.hasNext()) {
        const auto match = matches.next();
        take(match.capturedStart());
        longer += match.captured();
        at = match.capturedEnd();
    }
    take(text.size());
    // Words, so that lines can break where they would in a real language.
    static const QString filling = QStringLiteral(" öne twö thrée föur fïve sïx séven éight nïne tén");
    QString more;
    for (int wanted = qRound(length * growth) - 2; wanted > 0; wanted -= static_cast<int>(filling.size()))
        more += filling.left(wanted);
    return u'[' + longer + more + u']';
}

QString PseudoTranslator::translate(const char*, const char* text, const char*, int n) const {
    const QString longer = pseudoTranslated(QString::fromUtf8(text));
    return n >= 0 ? QString(longer).replace(QStringLiteral("%n"), QString::number(n)) : longer;
}

}  // namespace bnstudio
