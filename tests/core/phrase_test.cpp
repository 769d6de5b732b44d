// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/phrase.h"

#include <QTest>

using namespace bnstudio;

class PhraseTest : public QObject {
    Q_OBJECT
private slots:
    void fillsPlaces() {
        QCOMPARE((Phrase{"%2 before %1", {std::string("b"), std::string("a")}}.text()), std::string("a before b"));
        QCOMPARE((Phrase{"%1 and %1", {std::string("x")}}.text()), std::string("x and x"));
        QCOMPARE((Phrase{"", {}}.text()), std::string());
    }

    void percentSignsStay() {
        QCOMPARE((Phrase{"%1 % of 5 %", {std::string("9")}}.text()), std::string("9 % of 5 %"));
        QCOMPARE((Phrase{"%2 %0 %", {std::string("a")}}.text()), std::string("%2 %0 %"));
        QCOMPARE((Phrase{"%1", {std::string("%1")}}.text()), std::string("%1"));  // parts are not looked into
    }

    void phrasesStandInPhrases() {
        const Phrase who{"Channels %1 and %2 more", {std::string("0, 1"), std::string("7")}};
        const Phrase whole{"%1: NaN.", {who}};
        QCOMPARE(whole.text(), std::string("Channels 0, 1 and 7 more: NaN."));
        // Another language may turn the parts round.
        const auto translate = [](const std::string& pattern) {
            return pattern == "%1: NaN." ? std::string("NaN (%1)") : std::string("%2 + %1");
        };
        QCOMPARE(whole.text(translate), std::string("NaN (7 + 0, 1)"));
    }
};

QTEST_GUILESS_MAIN(PhraseTest)
#include "phrase_test.moc"
