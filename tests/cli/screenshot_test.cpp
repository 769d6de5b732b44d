// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio::testing;

/// What of the window a screenshot shows, and what it carries.
class ScreenshotTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void samePicture();
    void otherViews_data();
    void otherViews();
    void recipeTravels();
    void refusals_data();
    void refusals();

private:
    QByteArray shot(const QStringList& options) const {
        const Finished finished =
            runCommand(QStringList{"screenshot", "out.png", "--step", "5"} + options, m_folder->path());
        if (finished.status != 0)
            qWarning("%s", qPrintable(finished.err));
        return finished.status == 0 ? readBytes(m_folder->filePath("out.png")) : QByteArray();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void ScreenshotTest::samePicture() {
    const QByteArray first = shot({});
    QVERIFY(!first.isEmpty());
    QVERIFY(shot({}) == first);  // to the bit
}

void ScreenshotTest::otherViews_data() {
    QTest::addColumn<QStringList>("options");
    QTest::newRow("phase") << QStringList{"--phase", "grad-input"};
    QTest::newRow("panel") << QStringList{"--show", "events"};
    QTest::newRow("language") << QStringList{"--language", "en-XA"};
    QTest::newRow("steps beyond") << QStringList{"--steps", "12"};
    QTest::newRow("recording") << QStringList{"--trace", BNSTUDIO_SOURCE_DIR "/resources/samples/digits_mlp_trace.npz"};
}

void ScreenshotTest::otherViews() {
    QFETCH(QStringList, options);
    const QByteArray usual = shot({"--without-recipe"});
    const QByteArray other = shot(options + QStringList{"--without-recipe"});
    QVERIFY(!usual.isEmpty() && !other.isEmpty());
    QVERIFY(usual != other);
}

void ScreenshotTest::recipeTravels() {
    QVERIFY(shot({}).contains("bnstudio-recipe"));
    QVERIFY(!shot({"--without-recipe"}).contains("bnstudio-recipe"));
}

void ScreenshotTest::refusals_data() {
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("no such phase") << QStringList{"--phase", "lunch"} << "--phase: expected one of mean, variance";
    QTest::newRow("phase that is off") << QStringList{"--data",  BNSTUDIO_SOURCE_DIR "/resources/samples/iris.csv",
                                                      "--step",  "1",
                                                      "--phase", "loss"}
                                       << "--phase: step 1 has the phases mean";
    QTest::newRow("phase at the start") << QStringList{"--step", "-1", "--phase", "mean"} << "--phase: step -1";
    QTest::newRow("no such panel") << QStringList{"--show", "kitchen"} << "--show: expected one of calculation";
    QTest::newRow("too few steps") << QStringList{"--step", "9", "--steps", "9"}
                                   << "--steps: expected 10 or more for --step 9, got 9";
    QTest::newRow("no steps") << QStringList{"--steps", "0"} << "--steps: expected a whole number from 1";
    QTest::newRow("two sources") << QStringList{"--trace", "a.npz", "--recipe", "default"}
                                 << "--trace: the picture shows a recipe, a data file or a recording, not several";
    QTest::newRow("no such language") << QStringList{"--language", "xx"} << "--language: expected one of en";
}

void ScreenshotTest::refusals() {
    QFETCH(QStringList, options);
    QFETCH(QString, sentence);
    const Finished finished = runCommand(QStringList{"screenshot", "out.png"} + options, m_folder->path());
    QCOMPARE(finished.status, 2);
    QVERIFY2(finished.err.startsWith("bnstudio: " + sentence), qPrintable(finished.err));
    QCOMPARE(finished.err.count('\n'), 1);
    QVERIFY(!QFile::exists(m_folder->filePath("out.png")));
}

QTEST_GUILESS_MAIN(ScreenshotTest)
#include "screenshot_test.moc"
