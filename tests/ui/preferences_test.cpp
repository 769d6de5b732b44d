// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_dock.h"
#include "ui/panels/calculation_view.h"
#include "ui/panels/preferences_dialog.h"
#include "ui/plots/plot_view.h"
#include "ui/preferences.h"
#include "window_fixture.h"

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QTableView>
#include <QToolButton>

using namespace bnstudio;

namespace {

/// Widgets on the screen with a text of their own and no way to scroll to what is cut off.
QList<QWidget*> fixedTexts(const QWidget& window) {
    QList<QWidget*> found;
    for (QWidget* widget : window.findChildren<QWidget*>()) {
        const auto* label = qobject_cast<QLabel*>(widget);
        const auto* button = qobject_cast<QAbstractButton*>(widget);
        const bool hasText =
            (label && !label->text().isEmpty() && !label->wordWrap()) || (button && !button->text().isEmpty());
        if (hasText && widget->isVisible() && !widget->visibleRegion().isEmpty())
            found << widget;
    }
    return found;
}

QAction* action(const MainWindow& window, const QString& text) {
    for (QAction* each : window.actions())
        if (each->text().remove(u'&') == text)
            return each;
    qFatal("no action %s", qPrintable(text));
}

}  // namespace

class PreferencesTest : public QObject {
    Q_OBJECT
private slots:
    void init() {
        startWithUsualPreferences();
    }
    void cleanup() {
        Theme::instance().askInstead({});
        setPreferences(Preferences());
    }

    void savesAndReads() {
        Preferences wanted;
        wanted.theme = Theme::Mode::Dark;
        wanted.textPercent = 150;
        wanted.numbers = {NumberStyle::Scientific, true};
        wanted.motion = Motion::Reduced;
        wanted.presentationPanels = {QStringLiteral("loss"), QStringLiteral("heat")};
        savePreferences(wanted);
        QSettings().sync();
        QVERIFY(savedPreferences() == wanted);
        QSettings().clear();
        QVERIFY(savedPreferences() == Preferences());
    }

    void brokenFileIsSurvived_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("noise") << QByteArray("\x00\xff\x80[[[=\n%%%\x01", 12);
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("other words") << QByteArray("[preferences]\ntheme=mauve\nnumbers=7\nmotion=@Invalid()\n");
        QTest::newRow("other types") << QByteArray(
            "[General]\ngeometry=12\nlayout=x\nlayoutDocks=7\n[preferences]\ntheme=1, 2\n"
            "textPercent=large\ngroupDigits=perhaps\npresentationPanels=@Variant(\\0\\0\\0)\n");
        QTest::newRow("truncated variant") << QByteArray("[General]\nlayout=@ByteArray(\\0\\0\\0\\xff\\0\\0");
    }

    void brokenFileIsSurvived() {
        QFETCH(QByteArray, content);
        const QString path = QSettings().fileName();
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        QSettings().sync();
        const Preferences read = savedPreferences();
        QVERIFY(read.theme == Theme::Mode::System);
        QCOMPARE(read.textPercent, 100);
        setPreferences(read);
        Session session(defaultRecipe(), 1);
        MainWindow window(session);
        window.restoreLayout();
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        savePreferences(Preferences());
        QVERIFY(savedPreferences() == Preferences());
    }

    void valuesOutOfRangeTakeTheNearest() {
        QSettings().setValue(QStringLiteral("preferences/textPercent"), 100000);
        QCOMPARE(savedPreferences().textPercent, 200);
        QSettings().setValue(QStringLiteral("preferences/textPercent"), -5);
        QCOMPARE(savedPreferences().textPercent, 80);
        Preferences wanted;
        wanted.textPercent = 7;
        wanted.presentationPanels = {"a", "b", "c", "d"};
        setPreferences(wanted);
        QCOMPARE(preferences().textPercent, 80);
        QCOMPARE(preferences().presentationPanels.size(), 3);
    }

    void themeSwitchesAtOnce() {
        WindowFixture f;
        QVERIFY(f.ok);
        auto* dialog = new PreferencesDialog({}, &f.window);
        dialog->open();
        int repaints = 0;
        const QObject untilTheEnd;
        connect(&Theme::instance(), &Theme::changed, &untilTheEnd, [&] { ++repaints; });
        action(f.window, QStringLiteral("Dark"))->trigger();
        QCOMPARE(repaints, 1);
        QVERIFY(colors().dark);
        QVERIFY(action(f.window, QStringLiteral("Dark"))->isChecked());
        for (const QWidget* widget : {static_cast<QWidget*>(&f.window), static_cast<QWidget*>(dialog)})
            QCOMPARE(widget->palette().color(QPalette::WindowText), darkPalette().text);
        const auto* note = f.window.findChild<QLabel*>(QStringLiteral("numberExample"));
        QCOMPARE(note->palette().color(QPalette::WindowText), darkPalette().mutedText);
        QVERIFY(savedPreferences().theme == Theme::Mode::Dark);
        action(f.window, QStringLiteral("Light"))->trigger();
        QCOMPARE(f.window.palette().color(QPalette::WindowText), lightPalette().text);
        QVERIFY(!action(f.window, QStringLiteral("Dark"))->isChecked());
    }

    void followsTheSystem() {
        WindowFixture f;
        QVERIFY(f.ok);
        bool dark = false;
        Theme::instance().askInstead([&dark] { return dark; });
        action(f.window, QStringLiteral("As the system"))->trigger();
        QVERIFY(!colors().dark);
        dark = true;
        QEvent themeChange(QEvent::ThemeChange);
        QCoreApplication::sendEvent(&f.window, &themeChange);
        QVERIFY(f.await([] { return colors().dark; }));
        dark = false;
        QEvent paletteChange(QEvent::ApplicationPaletteChange);
        QCoreApplication::sendEvent(qApp, &paletteChange);
        QVERIFY(f.await([] { return !colors().dark; }));
        // A theme of one's own stays.
        action(f.window, QStringLiteral("Light"))->trigger();
        dark = true;
        QCoreApplication::sendEvent(&f.window, &themeChange);
        QCoreApplication::processEvents();
        QVERIFY(!colors().dark);
    }

    void askingTheSystemLeavesThePaletteAlone() {
        setPreferences(Preferences());  // as the system, which is light here
        QVERIFY(!colors().dark);
        QEvent paletteChange(QEvent::ApplicationPaletteChange);
        QCoreApplication::sendEvent(qApp, &paletteChange);
        QCoreApplication::processEvents();
        QCOMPARE(qApp->palette().color(QPalette::WindowText), lightPalette().text);
    }

    void textGrowsEverywhere() {
        WindowFixture f;
        QVERIFY(f.ok);
        QHash<QWidget*, int> before;
        for (QWidget* widget : fixedTexts(f.window))
            before[widget] = widget->fontInfo().pixelSize();
        QVERIFY(before.size() > 40);
        for (int i = 0; i < 5; ++i)
            QTest::keyClick(&f.window, Qt::Key_Plus, Qt::ControlModifier);
        QCOMPARE(preferences().textPercent, 150);
        QCOMPARE(savedPreferences().textPercent, 150);
        for (auto [widget, pixels] : before.asKeyValueRange())
            QVERIFY2(std::abs(widget->fontInfo().pixelSize() - pixels * 1.5) <= 1,  // rounded to whole pixels
                     qPrintable(widget->objectName() + u' ' + QString::fromLatin1(widget->metaObject()->className())));
        QTest::keyClick(&f.window, Qt::Key_Minus, Qt::ControlModifier);
        QCOMPARE(preferences().textPercent, 140);
        QTest::keyClick(&f.window, Qt::Key_0, Qt::ControlModifier);
        for (auto [widget, pixels] : before.asKeyValueRange())
            QCOMPARE(widget->fontInfo().pixelSize(), pixels);
        for (int i = 0; i < 12; ++i)
            QTest::keyClick(&f.window, Qt::Key_Plus, Qt::ControlModifier);
        QCOMPARE(preferences().textPercent, 200);
    }

    void nothingIsCutOff_data() {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<int>("percent");
        for (const int percent : {100, 150})
            for (const QSize size : {QSize(1280, 720), QSize(1600, 1000)})
                QTest::addRow("%d x %d, %d %%", size.width(), size.height(), percent) << size << percent;
    }

    void nothingIsCutOff() {
        QFETCH(QSize, size);
        QFETCH(int, percent);
        Preferences wanted = preferences();
        wanted.textPercent = percent;
        setPreferences(wanted);
        Session session(defaultRecipe(), 2);
        MainWindow window(session);
        window.resize(size);
        window.show();
        QVERIFY(QTest::qWaitFor([&] { return session.isCurrent() && session.shown().step == 1; }, patienceMs));
        QTest::qWait(0);
        QCOMPARE(window.size(), size);
        for (const QWidget* widget : fixedTexts(window)) {
            const auto* label = qobject_cast<const QLabel*>(widget);
            const auto* button = qobject_cast<const QAbstractButton*>(widget);
            // What is elided says all of it in its tooltip; rich text has other widths than its source.
            if (widget->inherits("bnstudio::ElidedLabel") || (label && Qt::mightBeRichText(label->text())))
                continue;
            const int needed =
                widget->fontMetrics().size(Qt::TextShowMnemonic, label ? label->text() : button->text()).width();
            const QString name = QString::fromLatin1(widget->metaObject()->className()) + u' ' + widget->objectName();
            QVERIFY2(widget->contentsRect().width() >= needed,
                     qPrintable(QStringLiteral("%1: %2 of %3 px").arg(name).arg(widget->width()).arg(needed)));
            const QRect inWindow(widget->mapTo(&window, QPoint()), widget->size());
            QVERIFY2(inWindow.left() >= 0 && inWindow.right() < window.width(), qPrintable(name));
        }
    }

    void numbersTakeTheWantedForm_data() {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("inShort");
        QTest::addColumn<QString>("full");
        QTest::addColumn<QString>("scientific");
        QTest::addColumn<QString>("grouped");
        const auto row = [](double value, const char* inShort, const char* full, const char* scientific,
                            const char* grouped) {
            QTest::newRow(full) << value << inShort << full << scientific << QString::fromUtf8(grouped);
        };
        row(5.5331, "5.533", "5.5331", "5.533e0", "5.5331");
        row(-0.0000920317, "-9.203e-5", "-9.20317e-05", "-9.203e-5", "-9.203\u202f17e-05");
        row(12345.678125, "12346", "12345.678125", "1.235e4", "12\u202f345.678\u202f125");
        row(0.1, "0.1000", "0.1", "1e-1", "0.1");
        row(0, "0", "0", "0", "0");
        row(123456, "123456", "123456", "1.235e5", "123\u202f456");
        row(1234, "1234", "1234", "1.234e3", "1234");
        row(1e300, "1e300", "1e+300", "1e300", "1e+300");
        row(NAN, "nan", "nan", "nan", "nan");
        row(-INFINITY, "-inf", "-inf", "-inf", "-inf");
    }

    void numbersTakeTheWantedForm() {
        QFETCH(double, value);
        QTEST(formatNumber(value), "inShort");
        setNumberFormat({NumberStyle::Full, false});
        QTEST(formatNumber(value), "full");
        setNumberFormat({NumberStyle::Scientific, false});
        QTEST(formatNumber(value), "scientific");
        QTEST(formatShort(value), "inShort");  // scales have no room for more
        setNumberFormat({NumberStyle::Full, true});
        QTEST(formatNumber(value), "grouped");
        double back = 0;
        QVERIFY(parseNumber(formatNumber(value), back));
        QVERIFY(back == value || (std::isnan(back) && std::isnan(value)));
        QTEST(withoutGroups(formatNumber(value)), "full");
        setNumberFormat({});
    }

    void decimalPointIsAPointInEveryLanguage() {
        const QLocale before;
        QLocale::setDefault(QLocale(QLocale::German));
        QCOMPARE(formatNumber(0.5), QStringLiteral("0.5000"));
        QCOMPARE(formatScientific(1234.6), QStringLiteral("1.235e3"));
        QLocale::setDefault(before);
    }

    void tableAndCalculationFollow() {
        WindowFixture f;
        QVERIFY(f.ok);
        const auto* table = f.find<QTableView>("channelTable");
        const auto* view = f.find<CalculationView>("calculationView");
        const auto cell = [table] { return table->model()->index(3, 1).data().toString(); };
        const double mean = f.session.shown().lane->batch.mean[3];
        QCOMPARE(cell(), formatShort(mean, 4));
        QVERIFY(f.await([&] { return view->text().contains(formatShort(mean, 5)); }));
        const QString lines = view->text();
        Preferences wanted = preferences();
        wanted.numbers = {NumberStyle::Full, true};
        setPreferences(wanted);
        QCOMPARE(cell(), withGroups(formatExact(mean)));
        QVERIFY(f.await([&] { return view->text() != lines; }));
        QVERIFY2(view->text().contains(formatExact(mean)), qPrintable(view->text()));  // copies without groups
        wanted.numbers = {NumberStyle::Scientific, false};
        setPreferences(wanted);
        QCOMPARE(cell(), formatScientific(mean, 4));
        QVERIFY(f.await([&] { return view->text().contains(formatScientific(mean, 5)); }));
        wanted.numbers = {};
        setPreferences(wanted);
        QVERIFY(f.await([&] { return view->text() == lines; }));
    }

    void motionCanBeReduced() {
        const int usual = QApplication::cursorFlashTime();
        Preferences wanted = preferences();
        wanted.motion = Motion::Reduced;
        setPreferences(wanted);
        QVERIFY(motionIsReduced());
        QCOMPARE(QApplication::cursorFlashTime(), 0);
        QVERIFY(!QApplication::isEffectEnabled(Qt::UI_FadeMenu));
        wanted.motion = Motion::Usual;
        setPreferences(wanted);
        QVERIFY(!motionIsReduced());
        QCOMPARE(QApplication::cursorFlashTime(), usual);
        wanted.motion = Motion::System;
        setPreferences(wanted);
        QCOMPARE(motionIsReduced(), qApp->style()->styleHint(QStyle::SH_Widget_Animation_Duration) == 0);
    }

    void dialogShowsAtOnceAndCancelRestores() {
        WindowFixture f;
        QVERIFY(f.ok);
        const Preferences before = preferences();
        QTest::keyClick(&f.window, Qt::Key_Comma, Qt::ControlModifier);
        auto* dialog = f.awaitDialog<PreferencesDialog>();
        QVERIFY(dialog);
        f.find<QSlider>("textSize")->setValue(14);
        QCOMPARE(Theme::instance().textFont().pixelSize(), 18);
        f.click("themeDark");
        QVERIFY(colors().dark);
        f.click("numbersScientific");
        QVERIFY(numberFormat().style == NumberStyle::Scientific);
        QVERIFY(f.find<QLabel>("numberExample")->text().contains(QStringLiteral("5.533e0")));
        f.click("groupDigits");
        QVERIFY(numberFormat().grouped);
        f.click("motionReduced");
        QVERIFY(motionIsReduced());
        QTest::keyClick(dialog, Qt::Key_Escape);
        QVERIFY(preferences() == before);
        QVERIFY(!colors().dark);
        QCOMPARE(Theme::instance().textFont().pixelSize(), 13);
        QVERIFY(numberFormat() == NumberFormat());
        QVERIFY(savedPreferences() == Preferences());
    }

    void dialogSavesWhatWasChosen() {
        WindowFixture f;
        QVERIFY(f.ok);
        QTest::keyClick(&f.window, Qt::Key_Comma, Qt::ControlModifier);
        auto* dialog = f.awaitDialog<PreferencesDialog>();
        QVERIFY(dialog);
        f.click("themeDark");
        auto* panel = f.find<QComboBox>("presentationPanel2");
        panel->setCurrentIndex(panel->findData(QStringLiteral("loss")));
        emit panel->activated(panel->currentIndex());
        QTest::keyClick(dialog, Qt::Key_Return);
        QVERIFY(savedPreferences() == preferences());
        QVERIFY(savedPreferences().theme == Theme::Mode::Dark);
        QCOMPARE(savedPreferences().presentationPanels, QStringList{QStringLiteral("loss")});
    }

    void panelsCloseMoveAndComeBack() {
        WindowFixture f;
        QVERIFY(f.ok);
        Docks& docks = f.window.docks();
        auto* button = f.find<QToolButton>("allPanelsButton");
        QVERIFY(!button->isVisible());
        const QRect place = docks["heat"]->geometry();
        docks["data"]->close();
        docks["calculation"]->setFloating(true);
        f.window.addDockWidget(Qt::RightDockWidgetArea, docks["heat"]);
        QVERIFY(f.await([&] { return button->isVisible(); }));
        button->click();
        QVERIFY(docks["data"]->isVisible());
        QVERIFY(docks["calculation"]->isFloating());  // opening panels moves no other
        action(f.window, QStringLiteral("Restore layout"))->trigger();
        QVERIFY(!docks["calculation"]->isFloating());
        QVERIFY(f.await([&] { return docks["heat"]->geometry() == place; }));
        QVERIFY(f.await([&] { return !button->isVisible(); }));
    }
};

int main(int argc, char** argv) {
    return runWindowTest<PreferencesTest>(argc, argv);
}
#include "preferences_test.moc"
