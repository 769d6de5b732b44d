// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_dock.h"
#include "ui/preferences.h"
#include "ui/presentation.h"
#include "ui/presentation_stops.h"
#include "ui/window_looks.h"
#include "window_fixture.h"

#include <QBuffer>
#include <QLabel>
#include <QMenuBar>
#include <QRegularExpression>
#include <QSvgGenerator>
#include <QToolBar>
#include <QXmlStreamReader>

using namespace bnstudio;

namespace {

/// Every text that the widget draws, with the height of its font in pixels: what an SVG of it says.
QList<std::pair<QString, double>> drawnTexts(QWidget& widget) {
    QBuffer buffer;
    buffer.open(QIODevice::ReadWrite);
    QSvgGenerator svg;
    svg.setOutputDevice(&buffer);
    svg.setSize(widget.size());
    svg.setViewBox(widget.rect());
    widget.render(&svg);
    QList<std::pair<QString, double>> texts;
    buffer.seek(0);
    QXmlStreamReader xml(&buffer);
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement || xml.name() != QLatin1String("text"))
            continue;
        const double size = xml.attributes().value(QLatin1String("font-size")).toDouble();
        const QString text = xml.readElementText(QXmlStreamReader::IncludeChildElements).trimmed();
        if (!text.isEmpty())
            texts.emplace_back(text, size);
    }
    return texts;
}

QStringList openPanels(MainWindow& window) {
    QStringList names;
    for (const CardDock* dock : window.docks().all())
        if (!dock->isHidden())
            names << dock->objectName();
    names.sort();
    return names;
}

Recipe withEvents() {
    Recipe recipe = defaultRecipe();
    insertEvent(recipe, {5, -1, SetMomentum{0.5}});
    insertEvent(recipe, {5, -1, SetMode{false}});
    insertEvent(recipe, {8, -1, SetMode{true}});
    return recipe;
}

struct PresentationFixture : WindowFixture {
    explicit PresentationFixture(std::int64_t steps = 12) : WindowFixture(steps) {
        if (ok)
            session.edit(QStringLiteral("events"), withEvents());
        ok = ok && await([this] { return session.isCurrent(); });
    }
    Presentation& presentation() { return window.looks().presentation(); }
    void key(Qt::Key key) { QTest::keyClick(window.focusWidget() ? window.focusWidget() : &window, key); }
    bool awaitStep(std::int64_t step) {
        return await([=, this] { return session.shown().step == step && session.isCurrent(); });
    }
};

}  // namespace

class PresentationTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        startWithUsualPreferences();
    }

    void textIsLargeEnough_data() {
        QTest::addColumn<QStringList>("panels");
        QTest::newRow("chosen by the program") << QStringList();
        QTest::newRow("plots") << QStringList{"runningVar", "distributions", "heat"};
        QTest::newRow("tables and forms") << QStringList{"channels", "layer", "findings"};
    }

    void textIsLargeEnough() {
        QFETCH(QStringList, panels);
        Preferences wanted = preferences();
        wanted.presentationPanels = panels;
        setPreferences(wanted);
        PresentationFixture f;
        QVERIFY(f.ok);
        f.window.resize(1280, 720);
        f.presentation().enter();
        QTest::qWait(0);
        QCOMPARE(f.window.size(), QSize(1280, 720));
        const auto texts = drawnTexts(f.window);
        QVERIFY(texts.size() >= 10);
        for (const auto& [text, pixels] : texts)
            QVERIFY2(pixels >= 24, qPrintable(QStringLiteral("%1: %2 px").arg(text).arg(pixels)));
        // Plots reach the screen as pixels; their labels have the smallest font of the theme.
        QCOMPARE(Theme::instance().textFont(-2).pixelSize(), 24);
    }

    void svgTellsTheSizeOfText() {
        QLabel label(QStringLiteral("seventeen"));
        QFont font = label.font();
        font.setPixelSize(17);
        label.setFont(font);
        label.resize(200, 40);
        const auto texts = drawnTexts(label);
        QCOMPARE(texts.size(), 1);
        QCOMPARE(texts.front().second, 17.0);
    }

    void leavingRestoresEverything() {
        PresentationFixture f;
        QVERIFY(f.ok);
        f.window.resize(1400, 900);
        Docks& docks = f.window.docks();
        docks["training"]->close();
        docks["heat"]->setFloating(true);
        docks["heat"]->move(60, 60);  // windows that reach beyond the screen are moved
        docks["events"]->raise();
        f.window.resizeDocks({docks["data"], docks["calculation"]}, {310, 480}, Qt::Horizontal);
        QTest::qWait(0);
        QHash<QString, QRect> places;
        for (const CardDock* dock : docks.all())
            if (dock->isVisible())
                places[dock->objectName()] = dock->geometry();
        const QList<QToolBar*> bars = f.window.findChildren<QToolBar*>();
        QList<QRect> barPlaces;
        for (const QToolBar* bar : bars)
            barPlaces << bar->geometry();
        const QStringList open = openPanels(f.window);
        f.key(Qt::Key_F5);
        QVERIFY(f.presentation().isActive());
        QVERIFY(!f.window.menuBar()->isVisible());
        QVERIFY(openPanels(f.window) != open);
        f.key(Qt::Key_F11);
        QVERIFY(f.window.isFullScreen());
        QTest::qWait(0);
        f.key(Qt::Key_Escape);
        QVERIFY(!f.presentation().isActive());
        QVERIFY(!f.window.isFullScreen());
        QVERIFY(f.window.menuBar()->isVisible());
        QCOMPARE(f.window.size(), QSize(1400, 900));
        QCOMPARE(openPanels(f.window), open);
        QTest::qWait(0);
        for (qsizetype i = 0; i < bars.size(); ++i)
            QVERIFY2(!bars[i]->isVisible() || bars[i]->geometry() == barPlaces[i],
                     qPrintable(QStringLiteral("%1: %2 px high, not %3")
                                    .arg(bars[i]->objectName())
                                    .arg(bars[i]->height())
                                    .arg(barPlaces[i].height())));
        for (auto [name, place] : places.asKeyValueRange())
            QCOMPARE(docks[name.toLatin1().constData()]->geometry(), place);
        QCOMPARE(Theme::instance().textFont().pixelSize(), 13);
        QVERIFY(docks["events"]->isVisible() && !docks["events"]->visibleRegion().isEmpty());
    }

    void showsAtMostThreePanels() {
        WindowFixture f;
        QVERIFY(f.ok);
        Presentation& presentation = f.window.looks().presentation();
        QStringList usual = f.window.docks().firstNames();
        QVERIFY(usual.contains(QStringLiteral("calculation")) && usual.contains(QStringLiteral("runningMean")));
        usual.sort();
        presentation.enter();
        QCOMPARE(openPanels(f.window), usual);
        presentation.leave();
        Preferences wanted = preferences();
        wanted.presentationPanels = {"heat", "no such panel", "loss"};
        setPreferences(wanted);
        presentation.enter();
        QCOMPARE(openPanels(f.window), (QStringList{"heat", "loss"}));
        // The saved layout is the one behind the presentation.
        f.window.close();
        QVERIFY(!presentation.isActive());
    }

    void pagesGoFromEventToEvent() {
        PresentationFixture f;
        QVERIFY(f.ok);
        f.session.goToFirst();
        QVERIFY(f.awaitStep(-1));
        f.key(Qt::Key_PageDown);  // outside of a presentation it is no key of ours
        QCOMPARE(f.session.playhead(), -1);
        f.presentation().enter();
        const auto* caption = f.find<QLabel>("presentationCaption");
        QVERIFY(caption->isVisible());
        for (const std::int64_t step : {5, 8, 11, 11}) {
            f.key(Qt::Key_PageDown);
            QVERIFY(f.awaitStep(step));
        }
        for (const std::int64_t step : {8, 5, -1, -1}) {
            f.key(Qt::Key_PageUp);
            QVERIFY(f.awaitStep(step));
        }
        QVERIFY2(caption->text().startsWith(QStringLiteral("1 / 4")), qPrintable(caption->text()));
    }

    void pagesGoFromNameToName() {
        PresentationFixture f;
        QVERIFY(f.ok);
        Recipe recipe = f.session.recipe();
        setMark(recipe, 2, "warm-up");
        setMark(recipe, 9, "settled");
        f.session.edit(QStringLiteral("names"), recipe);
        f.presentation().enter();
        f.session.goToFirst();
        for (const std::int64_t step : {2, 9, 9}) {
            f.key(Qt::Key_PageDown);
            QVERIFY(f.awaitStep(step));
        }
        const auto* caption = f.find<QLabel>("presentationCaption");
        QVERIFY(f.await([&] { return caption->text().contains(QStringLiteral("settled")); }));
        f.key(Qt::Key_PageUp);
        QVERIFY(f.awaitStep(2));
        f.session.stepForward();
        QVERIFY(f.awaitStep(3));
        QVERIFY(caption->text().isEmpty());
    }

    void blankScreenTakesAnyKey() {
        PresentationFixture f;
        QVERIFY(f.ok);
        const auto blank = [&] { return f.window.findChild<QWidget*>(QStringLiteral("blankScreen")); };
        f.key(Qt::Key_B);
        QVERIFY(!blank());
        f.presentation().enter();
        const std::int64_t step = f.session.playhead();
        for (const Qt::Key key : {Qt::Key_Left, Qt::Key_Escape, Qt::Key_B, Qt::Key_F5}) {
            f.key(Qt::Key_B);
            QVERIFY(blank() && blank()->isVisible());
            QCOMPARE(blank()->size(), f.window.size());
            f.key(key);
            QVERIFY(f.await([&] { return !blank(); }));
            QCOMPARE(f.session.playhead(), step);
            QVERIFY(f.presentation().isActive());
        }
        f.key(Qt::Key_B);
        QTest::mouseClick(blank(), Qt::LeftButton);
        QVERIFY(f.await([&] { return !blank(); }));
        f.key(Qt::Key_Left);
        QCOMPARE(f.session.playhead(), step - 1);
    }

    void restingCursorGoes() {
        PresentationFixture f;
        QVERIFY(f.ok);
        f.presentation().idleTimer().setInterval(1);
        f.presentation().enter();
        const auto isHidden = [] {
            return QApplication::overrideCursor() && QApplication::overrideCursor()->shape() == Qt::BlankCursor;
        };
        QVERIFY(f.await(isHidden));
        f.presentation().idleTimer().setInterval(patienceMs);
        QTest::mouseMove(&f.window, QPoint(300, 300));
        QTest::mouseMove(&f.window, QPoint(310, 300));
        QVERIFY(f.await([&] { return !isHidden(); }));
        f.presentation().idleTimer().start(1);
        QVERIFY(f.await(isHidden));
        f.presentation().leave();
        QVERIFY(!QApplication::overrideCursor());
    }
};

int main(int argc, char** argv) {
    return runWindowTest<PresentationTest>(argc, argv);
}
#include "presentation_test.moc"
