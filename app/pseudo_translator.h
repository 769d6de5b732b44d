// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTranslator>

namespace bnstudio {

/// A language nobody speaks, which shows whether texts have room: every text comes out about a third longer, as in
/// German, with accents, between brackets. What is cut off lacks its bracket; what lacks both was never translated.
class PseudoTranslator : public QTranslator {
    Q_OBJECT
public:
    static constexpr const char* code = "en-XA";
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char* context, const char* text, const char* disambiguation, int n) const override;
};

/// Leaves marks (%1), tags, entities and the mnemonic's & as they are; those and line breaks do not count as length.
QString pseudoTranslated(const QString& text);

}  // namespace bnstudio
