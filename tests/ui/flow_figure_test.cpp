// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/run/run.h"
#include "ui/export/figure_file.h"
#include "ui/plots/figure.h"
#include "ui/theme.h"

#include <QtTest>
#include <QtWidgets>

using namespace bnstudio;

namespace {

FigureRequest requestFor(const Recipe& recipe, std::int64_t steps = 2) {
    Run run(recipe);
    for (std::int64_t k = 0; k < steps; ++k)
        run.advance();
    FigureRequest request;
    request.kind = FigureKind::Flow;
    request.recipe = recipe;
    request.step = steps - 1;
    request.lane = run.snapshot(request.step)->lanes.front();
    request.frame = run.frame(request.step);
    request.sizeMm = {175, 75};
    return request;
}

std::string messageOf(const FigureRequest& request, const QString& path) {
    try {
        saveFigure(request, path);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

class FlowFigureTest : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        Theme::instance().apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Theme::Mode::Dark);
        QVERIFY(m_folder.isValid());
    }

    void textStaysText() {
        FigureRequest request = requestFor(defaultRecipe());
        request.channels = {3};
        const QString path = m_folder.filePath(QStringLiteral("flow.svg"));
        QVERIFY(saveFigure(request, path));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString svg = QString::fromUtf8(file.readAll());
        for (const char* word : {">running_mean<", ">batch mean<", ">normalised<", ">train<", "step 1, channel 3"})
            QVERIFY2(svg.contains(QString::fromUtf8(word)), word);
        const FigureRecipe travelled = readFigure(path);
        QCOMPARE(travelled.recipe, request.recipe);
        QCOMPARE(travelled.step, 1);
        QCOMPARE(travelled.channel, 3);
    }

    void picturesAreLight() {
        const QString path = m_folder.filePath(QStringLiteral("flow.png"));
        FigureRequest request = requestFor(defaultRecipe());
        request.pngDpi = 150;
        QVERIFY(saveFigure(request, path));
        const QImage image(path);
        QCOMPARE(image.width(), qRound(175 / 25.4 * 150));
        QCOMPARE(image.pixelColor(0, 0), QColor(Qt::white));  // though the window is dark
    }

    void pdf() {
        const QString path = m_folder.filePath(QStringLiteral("flow.pdf"));
        QVERIFY(saveFigure(requestFor(defaultRecipe()), path));
        QVERIFY(isPicture(path));
    }

    void everyKindOfStep_data() {
        QTest::addColumn<Dims>("shape");
        QTest::addColumn<bool>("trains");
        QTest::newRow("positions") << Dims{3, 2, 4} << true;
        QTest::newRow("eval") << Dims{4, 2} << false;
        QTest::newRow("one value, eval") << Dims{1, 1} << false;
        QTest::newRow("refused") << Dims{1, 3} << true;
        QTest::newRow("large") << Dims{300, 200} << true;
    }

    void everyKindOfStep() {
        QFETCH(Dims, shape);
        QFETCH(bool, trains);
        Recipe recipe;
        std::int64_t size = 1;
        for (const std::int64_t extent : shape)
            size *= extent;
        recipe.data.sources = {PastedSpec{shape, std::vector<double>(static_cast<std::size_t>(size), 0.5)}};
        recipe.lanes.front().trainMode = trains;
        QVERIFY(saveFigure(requestFor(recipe, 1), m_folder.filePath(QStringLiteral("step.svg"))));
    }

    void refusals() {
        const QString path = m_folder.filePath(QStringLiteral("refused.svg"));
        FigureRequest request = requestFor(defaultRecipe());
        request.channels = {8};
        QCOMPARE(messageOf(request, path),
                 std::string("channel 8 does not exist: the run has 8 channels, numbered from 0"));
        request.channels = {0};
        request.frame = nullptr;
        QCOMPARE(messageOf(request, path), std::string("there is nothing to draw: the step has no values"));
        request = requestFor(defaultRecipe());
        request.sizeMm = {60, 75};
        const QString small = QString::fromStdString(messageOf(request, path));
        QVERIFY2(small.startsWith(QStringLiteral("--figure-size: a figure of 60x75mm with text of 8 points needs")),
                 qPrintable(small));
        // The size that it names is enough.
        const QString named = small.section(u' ', -1);
        request.sizeMm = figureSizeFromText(named);
        QCOMPARE(messageOf(request, path), std::string());
    }

private:
    QTemporaryDir m_folder;
};

QTEST_MAIN(FlowFigureTest)
#include "flow_figure_test.moc"
