// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

#include <QRegularExpression>
#include <QSize>
#include <QTemporaryDir>
#include <QtEndian>
#include <QTest>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

/// Width and height out of the header chunk, where every PNG has them; empty for anything else.
QSize pngSize(const QByteArray& bytes) {
    if (bytes.size() < 24 || !bytes.startsWith("\x89PNG\r\n"))
        return {};
    return {qFromBigEndian<qint32>(bytes.constData() + 16), qFromBigEndian<qint32>(bytes.constData() + 20)};
}

}  // namespace

/// Figures and screenshots through the command line, without a display.
class PictureTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void figure_data();
    void figure();
    void leastFigureSize_data();
    void leastFigureSize();
    void screenshot_data();
    void screenshot();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void PictureTest::figure_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QStringList>("channels");
    QTest::newRow("running") << "running" << QStringList{"--channels", "0,3"};
    QTest::newRow("profile") << "profile" << QStringList();
    QTest::newRow("distributions") << "distributions" << QStringList{"--channels", "3"};
    QTest::newRow("channels") << "channels" << QStringList();
}

void PictureTest::figure() {
    QFETCH(QString, kind);
    QFETCH(QStringList, channels);
    for (const char* file : {"f.svg", "f.png", "f.pdf"}) {
        const Finished finished = runCommand(QStringList{"run", "--steps", "5", "--save-figure", file, "--figure", kind,
                                                         "--figure-size", "100x50mm", "--font-size", "7"}
                                                 + channels,
                                             m_folder->path());
        QVERIFY2(finished.status == 0, qPrintable(finished.err));
        QCOMPARE(finished.err, QString());
    }
    const QByteArray svg = readBytes(path("f.svg"));
    QVERIFY(svg.contains("<text"));
    QVERIFY(svg.contains("bnstudio-recipe"));
    QVERIFY(readBytes(path("f.pdf")).startsWith("%PDF"));
    const QByteArray png = readBytes(path("f.png"));
    // 100 mm at 300 dpi, 25.4 mm to the inch; a pixel more or less is rounding.
    QVERIFY(qAbs(pngSize(png).width() - 1181) <= 1);
    QVERIFY(qAbs(pngSize(png).height() - 591) <= 1);
    QVERIFY(png.contains("bnstudio-recipe"));
}

void PictureTest::leastFigureSize_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("font");
    for (const char* kind : {"running", "profile", "distributions", "channels"})
        for (const char* font : {"8", "24"})
            QTest::addRow("%s, %s points", kind, font) << kind << font;
}

// The size that a refusal names is large enough.
void PictureTest::leastFigureSize() {
    QFETCH(QString, kind);
    QFETCH(QString, font);
    const auto draw = [&](const QString& size) {
        return runCommand({"run", "--steps", "5", "--save-figure", "f.png", "--figure", kind, "--font-size", font,
                           "--figure-size", size},
                          m_folder->path());
    };
    const Finished refused = draw("15x15mm");
    QCOMPARE(refused.status, 2);
    const auto least = QRegularExpression("needs at least (\\d+)x(\\d+)mm").match(refused.err);
    QVERIFY2(least.hasMatch(), qPrintable(refused.err));
    const Finished drawn = draw(least.captured(1) + "x" + least.captured(2) + "mm");
    QVERIFY2(drawn.status == 0, qPrintable(drawn.err));
}

void PictureTest::screenshot_data() {
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QSize>("size");
    QTest::newRow("default") << QStringList() << QSize(1600, 1000);
    QTest::newRow("dark, start") << QStringList{"--theme", "dark", "--step", "-1"} << QSize(1600, 1000);
    QTest::newRow("size and channel") << QStringList{"--size", "1400x900", "--step", "3", "--select", "5"}
                                      << QSize(1400, 900);
    QTest::newRow("data") << QStringList{"--data", BNSTUDIO_SOURCE_DIR "/resources/samples/iris.csv"}
                          << QSize(1600, 1000);
}

void PictureTest::screenshot() {
    QFETCH(QStringList, options);
    QFETCH(QSize, size);
    const Finished finished = runCommand(QStringList{"screenshot", "out.png"} + options, m_folder->path());
    QVERIFY2(finished.status == 0, qPrintable(finished.err));
    QCOMPARE(pngSize(readBytes(path("out.png"))), size);
}

QTEST_GUILESS_MAIN(PictureTest)
#include "picture_test.moc"
