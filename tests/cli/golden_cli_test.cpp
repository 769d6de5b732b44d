// SPDX-License-Identifier: GPL-3.0-or-later
#include <QProcess>
#include <QTest>

/// The golden set through the command line: check_cli.py compares with NumPy, independently of our readers.
class GoldenCliTest : public QObject {
    Q_OBJECT

private slots:
    void goldenCases() {
        const QString python = QStringLiteral("/usr/bin/python3");
        QProcess probe;
        probe.start(python, {"-c", "import numpy"});
        if (!probe.waitForFinished() || probe.exitCode() != 0)
            QSKIP("python3-numpy is not installed");
        QProcess check;
        check.start(python, {BNSTUDIO_TEST_DATA "/cli/check_cli.py", BNSTUDIO_BINARY});
        QVERIFY(check.waitForFinished(600000));
        const QByteArray output = check.readAllStandardOutput() + check.readAllStandardError();
        QVERIFY2(check.exitCode() == 0, output.constData());
        QVERIFY2(output.contains(" golden cases, ") && output.contains(" 0 failures"), output.constData());
    }
};

QTEST_GUILESS_MAIN(GoldenCliTest)
#include "golden_cli_test.moc"
