// SPDX-License-Identifier: GPL-3.0-or-later
#include "window_fixture.h"

#include "core/error.h"
#include "core/io/crc32.h"
#include "ui/export/figure_file.h"
#include "ui/export/figure_xml.h"
#include "ui/plots/running_stat_view.h"

#include <QDropEvent>
#include <QElapsedTimer>
#include <QFile>
#include <QImageReader>
#include <QMimeData>
#include <QtEndian>
#include <QXmlStreamReader>

using namespace bnstudio;

namespace {

QByteArray readBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeBytes(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

QByteArray bigEndian(quint32 value) {
    QByteArray bytes(4, '\0');
    qToBigEndian(value, bytes.data());
    return bytes;
}

QByteArray pngChunk(const QByteArray& type, const QByteArray& content) {
    const QByteArray summed = type + content;
    const auto sum = crc32(0, std::as_bytes(std::span(summed.constData(), static_cast<std::size_t>(summed.size()))));
    return bigEndian(static_cast<quint32>(content.size())) + summed + bigEndian(sum);
}

QByteArray pngWith(const QByteArray& chunks) {
    return QByteArray("\x89PNG\r\n\x1a\n") + pngChunk("IHDR", QByteArray(13, '\1')) + chunks + pngChunk("IEND", {});
}

/// What qCompress makes, without the length that Qt puts in front.
QByteArray zlibOf(const QByteArray& text) {
    return qCompress(text, 9).mid(4);
}

bool isXml(const QByteArray& bytes) {
    QXmlStreamReader xml(bytes);
    while (!xml.atEnd())
        xml.readNext();
    return !xml.hasError();
}

std::int64_t residentKiB(const char* key) {
    for (const QByteArray& line : readBytes(QStringLiteral("/proc/self/status")).split('\n'))
        if (line.startsWith(key))
            return line.simplified().split(' ').value(1).toLongLong();
    return 0;
}

QString sentenceOfReading(const QString& path) {
    try {
        (void)readFigure(path);
        return {};
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
}

}  // namespace

/// Figures carry their recipe, and open the run that they came from.
class FigureFileTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void figureRoundTrip_data();
    void figureRoundTrip();
    void dataPathsStay();
    void figureOpens_data();
    void figureOpens();
    void hostileFigures_data();
    void hostileFigures();
    void hostileFigureLeavesSession();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void FigureFileTest::figureRoundTrip_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"f.png", "f.svg", "f.pdf"})
        QTest::newRow(name) << name;
}

void FigureFileTest::figureRoundTrip() {
    QFETCH(QString, name);
    WindowFixture fixture(9);
    QVERIFY(fixture.ok);
    Recipe recipe = fixture.session.recipe();
    recipe.name = "a < b & \"c\" ŷ ]]> — 字";  // what the three formats escape in their own ways
    fixture.session.edit(QStringLiteral("name"), recipe);
    fixture.session.selectChannel(5);
    fixture.session.goTo(6);
    QVERIFY(fixture.await([&] { return fixture.session.isCurrent() && fixture.session.shown().step == 6; }));
    auto* view = fixture.window.findChild<RunningStatView*>();
    view->savePlot(path(name));
    QVERIFY(isPicture(path(name)));
    const FigureRecipe read = readFigure(path(name));
    QCOMPARE(toJson(read.recipe), toJson(recipe));
    QCOMPARE(read.step, 6);
    QCOMPARE(read.steps, 9);
    QCOMPARE(read.channel, 5);
    if (name.endsWith(u"svg"))
        QVERIFY(isXml(readBytes(path(name))));
    if (name.endsWith(u"png"))
        QCOMPARE(QImageReader(path(name)).size(), 2 * view->pictureSize());
}

void FigureFileTest::dataPathsStay() {
    writeBytes(path(QStringLiteral("table.csv")), "a,b\n1,2\n3,4\n5,7\n");
    FigureRecipe figure;
    FileSpec file;
    file.path = path(QStringLiteral("table.csv")).toStdString();
    figure.recipe.data.sources = {file};
    const FigureTexts texts = textsOf(figure, path(QStringLiteral("f.svg")));
    const Recipe read = figureRecipeFrom(texts, path(QStringLiteral("f.svg"))).recipe;
    QCOMPARE(std::get<FileSpec>(read.data.sources.front()).path, file.path);
    // Moved together, figure and data still find each other.
    QTemporaryDir elsewhere;
    QVERIFY(QFile::copy(path(QStringLiteral("table.csv")), elsewhere.filePath(QStringLiteral("table.csv"))));
    const Recipe moved = figureRecipeFrom(texts, elsewhere.filePath(QStringLiteral("f.svg"))).recipe;
    QCOMPARE(std::get<FileSpec>(moved.data.sources.front()).path,
             elsewhere.filePath(QStringLiteral("table.csv")).toStdString());
}

void FigureFileTest::figureOpens_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("dropped");
    QTest::newRow("PNG dropped") << "f.png" << true;
    QTest::newRow("SVG opened") << "f.svg" << false;
    QTest::newRow("PDF dropped") << "f.pdf" << true;
}

void FigureFileTest::figureOpens() {
    QFETCH(QString, name);
    QFETCH(bool, dropped);
    {
        WindowFixture fixture(12);
        QVERIFY(fixture.ok);
        Recipe recipe = fixture.session.recipe();
        recipe.lanes.front().layer.eps = 0.25;
        fixture.session.edit(QStringLiteral("eps"), recipe);
        fixture.session.selectChannel(2);
        fixture.session.goTo(7);
        QVERIFY(fixture.await([&] { return fixture.session.isCurrent() && fixture.session.shown().step == 7; }));
        fixture.window.findChild<RunningStatView*>()->savePlot(path(name));
    }
    WindowFixture fixture;
    QVERIFY(fixture.ok);
    if (dropped) {
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path(name))});
        QDragEnterEvent enter({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window, &enter);
        QDropEvent drop({50, 50}, Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window, &drop);
        QVERIFY(drop.isAccepted());
    } else {
        fixture.open(path(name));
    }
    QVERIFY(fixture.await([&] { return fixture.session.isCurrent() && fixture.session.shown().step == 7; }));
    QVERIFY2(fixture.session.message().isEmpty(), qPrintable(fixture.session.message()));
    QCOMPARE(fixture.session.recipe().lanes.front().layer.eps, 0.25);
    QCOMPARE(fixture.session.currentChannel(), 2);
    QCOMPARE(fixture.session.head(), 12);
    QVERIFY(fixture.window.document().path().isEmpty());  // saving must not write a recipe over the picture
}

void FigureFileTest::hostileFigures_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("sentence");
    const QByteArray name("bnstudio-recipe");
    const QByteArray zeros(64 << 20, '0');
    const QByteArray packet = xmpPacket({"{}", "{}"}, QStringLiteral("t"));
    QTest::newRow("plain PNG") << pngWith({}) << "no recipe";
    QTest::newRow("plain SVG") << QByteArray("<svg xmlns='http://www.w3.org/2000/svg'/>") << "no recipe";
    QTest::newRow("plain PDF") << QByteArray("%PDF-1.4\n%%EOF\n") << "no recipe";
    QTest::newRow("other texts") << pngWith(pngChunk("tEXt", QByteArray("Title\0x", 7))) << "no recipe";
    QTest::newRow("not JSON") << pngWith(pngChunk("tEXt", name + '\0' + "hello")) << "JSON";
    QTest::newRow("not a recipe") << pngWith(pngChunk("tEXt", name + '\0' + "{\"a\": 1}")) << "f: ";
    QTest::newRow("chunk behind the end")
        << QByteArray("\x89PNG\r\n\x1a\n") + bigEndian(0xffffffff) + "tEXt" + name + QByteArray(40, ' ')
        << "ends behind the end of the file";
    QTest::newRow("wrong checksum") << [&] {
        QByteArray bytes = pngWith(pngChunk("tEXt", name + '\0' + "{}"));
        bytes[bytes.indexOf("{}")] = '[';
        return bytes;
    }() << "checksum";
    QTest::newRow("zip bomb") << pngWith(pngChunk("zTXt", name + '\0' + '\0' + zlibOf(zeros))) << "longer than 16 MiB";
    QTest::newRow("bomb in iTXt") << pngWith(pngChunk("iTXt", name + QByteArray("\0\1\0\0\0", 5) + zlibOf(zeros)))
                                  << "longer than 16 MiB";
    QTest::newRow("garbage for zlib") << pngWith(pngChunk("zTXt", name + '\0' + '\0' + "garbage")) << "unpacked";
    QTest::newRow("short iTXt") << pngWith(pngChunk("iTXt", name + QByteArray("\0\1\0", 3))) << "too early";
    QTest::newRow("long text") << pngWith(pngChunk("tEXt", name + '\0' + zeros)) << "longer than 16 MiB";
    QTest::newRow("long SVG") << "<svg><metadata id='bnstudio-recipe'>" + zeros + "</metadata></svg>"
                              << "16 MiB";
    QTest::newRow("entities") << QByteArray("<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;'>"
                                            "<!ENTITY c '&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;'>"
                                            "<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;'>]><svg><metadata "
                                            "id='bnstudio-recipe'>&e;&e;&e;</metadata></svg>")
                              << "f: ";
    QTest::newRow("PDF, empty recipe") << "%PDF-1.4\n" + packet << "f: ";
    QTest::newRow("many packets") << "%PDF-1.4\n" + QByteArray("<?xpacket begin=").repeated(500'000) << "no recipe";
    QTest::newRow("absurd view") << pngWith(pngChunk("tEXt", name + '\0' + QByteArray::fromStdString(toJson({})))
                                            + pngChunk("tEXt", QByteArray("bnstudio-view") + '\0' + "{\"step\": -7}"))
                                 << "the view in it says no step";
}

// One sentence, in bounded time and memory.
void FigureFileTest::hostileFigures() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, sentence);
    writeBytes(path(QStringLiteral("f")), bytes);
    const std::int64_t before = residentKiB("VmRSS:");
    QElapsedTimer clock;
    clock.start();
    const QString said = sentenceOfReading(path(QStringLiteral("f")));
    QVERIFY2(said.contains(sentence), qPrintable(said.left(300)));
    QVERIFY(said.startsWith(m_folder->path()));
    QVERIFY(!said.contains(u'\n'));
    QVERIFY(said.size() < 500);
    // Twice the part of a file that is looked at, as UTF-16, and what the allocator keeps.
    QVERIFY2(residentKiB("VmRSS:") - before < 200 << 10, "memory");
    QVERIFY(clock.elapsed() < 5000);
}

void FigureFileTest::hostileFigureLeavesSession() {
    WindowFixture fixture;
    QVERIFY(fixture.ok);
    const Recipe before = fixture.session.recipe();
    writeBytes(path(QStringLiteral("f.png")), pngWith(pngChunk("tEXt", QByteArray("bnstudio-recipe\0{", 17))));
    fixture.open(path(QStringLiteral("f.png")));
    QVERIFY(fixture.await([&] { return !fixture.session.message().isEmpty(); }));
    QVERIFY(fixture.session.recipe() == before);
    QVERIFY(!fixture.session.isOpening());
    // A view far beyond what anyone would wait for opens the run without going there.
    const QByteArray recipe = QByteArray::fromStdString(toJson(defaultRecipe()));
    FigureTexts texts{recipe, "{\"step\":3,\"steps\":9000000000000000,\"channel\":9000000000000000}"};
    const FigureRecipe figure = figureRecipeFrom(texts, path(QStringLiteral("f")));
    QVERIFY(figure.steps <= 1'000'000);
    QCOMPARE(figure.step, 3);
}

int main(int argc, char** argv) {
    return runWindowTest<FigureFileTest>(argc, argv);
}
#include "figure_file_test.moc"
