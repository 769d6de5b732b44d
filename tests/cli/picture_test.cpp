// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command.h"

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
    void screenshot_data();
    void screenshot();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void PictureTest::figure_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"running", "profile", "distributions", "channels"})
        QTest::newRow(kind) << kind;
}

void PictureTest::figure() {
    QFETCH(QString, kind);
    for (const char* file : {"f.svg", "f.png", "f.pdf"}) {
        const Finished finished = runCommand({"run", "--steps", "5", "--save-figure", file, "--figure", kind,
                                              "--channels", "0,3", "--figure-size", "100x50mm", "--font-size", "7"},
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
