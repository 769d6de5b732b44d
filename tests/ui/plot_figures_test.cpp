// SPDX-License-Identifier: GPL-3.0-or-later
// Plots as files, and figures that are drawn without a window.
#include "core/error.h"
#include "tests/ui/plot_session.h"
#include "ui/plots/figure.h"
#include "ui/plots/running_stat_view.h"

#include <QtWidgets>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::test;

class PlotFiguresTest : public QObject {
    Q_OBJECT

private slots:
    void savedPlots_data();
    void savedPlots();
    void figures_data();
    void figures();
    void refusedFigures();
    void figureSizes();
};

void PlotFiguresTest::savedPlots_data() {
    QTest::addColumn<QString>("ending");
    for (const char* ending : {"png", "svg", "pdf"})
        QTest::newRow(ending) << QString::fromLatin1(ending);
}

void PlotFiguresTest::savedPlots() {
    QFETCH(QString, ending);
    QTemporaryDir folder;
    Ready ready(pastedRecipe(), 5);
    RunningStatView view(ready.session, Quantity::RunningVar);
    lookAt(view);
    const auto before = view.plottedLine(PlotRole::Running, ready.session.currentChannel());
    const QString path = folder.filePath(QStringLiteral("plot.") + ending);
    view.savePlot(path);
    QVERIFY(QFileInfo(path).size() > 500);
    QCOMPARE(view.plottedLine(PlotRole::Running, ready.session.currentChannel()), before);
    QVERIFY_THROWS_EXCEPTION(Error, view.savePlot(folder.filePath(QStringLiteral("plot.gif"))));
    QVERIFY(!view.picture().isNull());
}

void PlotFiguresTest::figures_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("word");
    QTest::newRow("running") << "running"
                             << "running_mean, channel 0";
    QTest::newRow("profile") << "profile"
                             << "channel ";
    QTest::newRow("distributions") << "distributions"
                                   << "values per bin";
    QTest::newRow("channels") << "channels"
                              << "All channels";
}

void PlotFiguresTest::figures() {
    QFETCH(QString, kind);
    QFETCH(QString, word);
    QTemporaryDir folder;
    Ready ready(defaultRecipe(), 12);
    ready.session.selectChannel(0);
    QTRY_VERIFY_WITH_TIMEOUT(ready.session.shown().distributions && ready.session.shown().distributions->channel == 0,
                             30'000);
    FigureRequest request;
    request.kind = *figureKindFromName(kind);
    request.recipe = ready.session.recipe();
    request.series = ready.session.series();
    request.lane = ready.session.shown().lane;
    request.step = ready.session.shown().step;
    request.distributions = *ready.session.shown().distributions;
    request.sizeMm = {100, 80};
    const QString json = QString::fromStdString(toJson(request.recipe));

    const QString png = folder.filePath(QStringLiteral("figure.png"));
    saveFigure(request, png);
    const QImage image(png);
    // 100 × 80 mm at 300 dots an inch; the layout is in whole pixels of the screen, a quarter of a millimetre each.
    QVERIFY(std::abs(image.width() - 1181) <= 4 && std::abs(image.height() - 945) <= 4);
    QCOMPARE(image.text(QStringLiteral("bnstudio-recipe")), json);

    const QString svg = folder.filePath(QStringLiteral("figure.svg"));
    saveFigure(request, svg);
    QFile file(svg);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QString words, recipe;
    QXmlStreamReader reader(&file);
    while (!reader.atEnd()) {
        reader.readNext();
        if (reader.isStartElement() && reader.name() == u"metadata"
            && reader.attributes().value(QStringLiteral("id")) == u"bnstudio-recipe")
            recipe = reader.readElementText();
        else if (reader.isCharacters())
            words += reader.text();
    }
    QVERIFY2(!reader.hasError(), qPrintable(reader.errorString()));
    QCOMPARE(recipe, json);
    QVERIFY2(words.contains(word), qPrintable(words));
    QVERIFY(words.contains(kind == u"profile"         ? QStringLiteral("mean")
                           : kind == u"distributions" ? QStringLiteral("x̂")
                                                      : QStringLiteral("step ")));

    const QString pdf = folder.filePath(QStringLiteral("figure.pdf"));
    saveFigure(request, pdf);
    QFile pdfFile(pdf);
    QVERIFY(pdfFile.open(QIODevice::ReadOnly));
    const QByteArray bytes = pdfFile.readAll();
    QVERIFY(bytes.startsWith("%PDF"));
    QVERIFY(bytes.contains("EmbeddedFile"));
    // 100 mm are 283.46 points.
    QVERIFY(QRegularExpression(QStringLiteral("MediaBox \\[0 0 28[34]")).match(QString::fromLatin1(bytes)).hasMatch());
}

void PlotFiguresTest::refusedFigures() {
    QTemporaryDir folder;
    Ready ready(pastedRecipe(), 2);
    FigureRequest request;
    request.recipe = ready.session.recipe();
    request.series = ready.session.series();
    QVERIFY_THROWS_EXCEPTION(Error, saveFigure(request, folder.filePath(QStringLiteral("figure.txt"))));
    QVERIFY_THROWS_EXCEPTION(Error, saveFigure(request, folder.filePath(QStringLiteral("no/such/folder.png"))));
    request.channels = {2};
    QVERIFY_THROWS_EXCEPTION(Error, saveFigure(request, folder.filePath(QStringLiteral("figure.png"))));
    request.kind = FigureKind::Distributions;
    QVERIFY_THROWS_EXCEPTION(Error, saveFigure(request, folder.filePath(QStringLiteral("figure.png"))));
    QVERIFY(QDir(folder.path()).isEmpty());
}

void PlotFiguresTest::figureSizes() {
    QCOMPARE(figureSizeFromText(QStringLiteral("85x60mm")), QSizeF(85, 60));
    QCOMPARE(figureSizeFromText(QStringLiteral("4x3in")), QSizeF(4 * 25.4, 3 * 25.4));
    QVERIFY(std::abs(figureSizeFromText(QStringLiteral("960x480")).width() - 254) < 1e-9);  // one product's rounding
    for (const char* text : {"", "85", "85x", "0x60mm", "1x1mm", "85x60cm", "99999x10mm"})
        QVERIFY_THROWS_EXCEPTION(Error, figureSizeFromText(QString::fromLatin1(text)));
    QVERIFY(!figureKindFromName(QStringLiteral("pie")));
}

QTEST_MAIN(PlotFiguresTest)
#include "plot_figures_test.moc"
