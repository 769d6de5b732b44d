// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/core_text.h"

#include "core/explain/phases.h"
#include "ui/flow/phase_tab.h"
#include "ui/session/run_findings.h"
#include "window_fixture.h"

#include <QLabel>
#include <QTranslator>

using namespace bnstudio;

namespace {

/// Puts every text it is asked for into brackets.
class Brackets : public QTranslator {
public:
    QString translate(const char*, const char* text, const char*, int) const override {
        return u'«' + QString::fromUtf8(text) + u'»';
    }
    bool isEmpty() const override { return false; }
};

}  // namespace

class CoreTextTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void withoutATranslationItIsEnglish() {
        const Phrase phrase{"%1: eps is %2 % of the variance%3.",
                            {Phrase{"Channel %1", {std::string("6")}}, std::string("11"), std::string()}};
        QCOMPARE(coreText(phrase), QStringLiteral("Channel 6: eps is 11 % of the variance."));
    }

    void patternsAreTranslatedAndPartsAreNot() {
        Brackets brackets;
        QVERIFY(QCoreApplication::installTranslator(&brackets));
        const Phrase phrase{"%1: γ %2.", {Phrase{"Channel %1", {std::string("6")}}, std::string("11")}};
        QCOMPARE(coreText(phrase), QStringLiteral("««Channel 6»: γ 11.»"));
        QCoreApplication::removeTranslator(&brackets);
    }

    void theWindowTranslatesPhasesAndFindings() {
        Brackets brackets;
        QVERIFY(QCoreApplication::installTranslator(&brackets));
        WindowFixture f(20);
        QVERIFY(f.ok);
        QVERIFY(f.await([&] { return f.session.findings() && f.session.findings()->steps == 20; }));
        QVERIFY(!f.session.findings()->list.empty());
        for (const Finding& finding : f.session.findings()->list) {
            QCOMPARE(finding.phrase.text(), finding.sentence);
            QVERIFY(sentenceOf(finding).startsWith(u'«'));
        }
        int sentences = 0;
        for (const QLabel* label : f.window.findChildren<QLabel*>(QStringLiteral("findingSentence"))) {
            if (label->isHidden() || label->text().isEmpty())
                continue;
            QVERIFY2(label->text().startsWith(u'«'), qPrintable(label->text()));
            ++sentences;
        }
        QVERIFY(sentences > 0);
        for (const auto* tab : f.window.findChildren<PhaseTab*>())
            QVERIFY2(tab->toolTip().startsWith(u'«'), qPrintable(tab->toolTip()));
        QCoreApplication::removeTranslator(&brackets);
    }
};

int main(int argc, char** argv) {
    return runWindowTest<CoreTextTest>(argc, argv);
}

#include "core_text_test.moc"
