// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

namespace {

QString contents(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// The numbers that the first group of a pattern finds in a text.
QList<int> numbers(const QString& text, const char* pattern) {
    QList<int> result;
    const QRegularExpression expression(pattern, QRegularExpression::MultilineOption);
    for (auto match = expression.globalMatch(text); match.hasNext();)
        result << match.next().captured(1).toInt();
    return result;
}

}  // namespace

/// docs/semantics.md and the contract tests cover each other.
class ContractStatementsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        const QString document = contents(BNSTUDIO_SOURCE_DIR "/docs/semantics.md");
        const qsizetype without = document.indexOf("\n## Without a test here");
        QVERIFY(without > 0);
        m_stated = numbers(document.left(without), "^\\| (\\d+) \\|");
        m_notTested = numbers(document.mid(without), "^\\| (\\d+) \\|");
        const QDir tests(BNSTUDIO_SOURCE_DIR "/tests/core");
        for (const QString& name : tests.entryList({"contract_*_test.cpp"}))
            for (const int number : numbers(contents(tests.filePath(name)), "^    void s(\\d\\d)_\\w+\\(\\) \\{"))
                m_tested << number;
    }

    void everyNumberIsUsedOnce() {
        QList<int> all = m_stated + m_notTested;
        std::sort(all.begin(), all.end());
        QList<int> expected;
        for (int number = 1; number <= 46; ++number)
            expected << number;
        QCOMPARE(all, expected);
    }

    void everyStatementHasATestOrAReason() {
        QCOMPARE(QSet<int>(m_stated.begin(), m_stated.end()), m_tested);
        for (const int number : m_notTested)
            QVERIFY2(!m_tested.contains(number), qPrintable(QString::number(number)));
    }

private:
    QList<int> m_stated, m_notTested;
    QSet<int> m_tested;
};

QTEST_GUILESS_MAIN(ContractStatementsTest)
#include "contract_statements_test.moc"
