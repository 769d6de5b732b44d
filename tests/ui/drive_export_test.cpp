// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures and tables out of the window, and figures back into it, by keys alone and by the mouse alone.
#include "ui/export/export_dialog.h"
#include "ui/plots/running_stat_view.h"
#include "window_driver.h"

#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QImage>
#include <QLineEdit>

using namespace bnstudio;

namespace {

QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

struct ExportDriver : WindowDriver {
    explicit ExportDriver(std::int64_t steps = 12) : WindowDriver(steps) { ok = ok && folder.isValid(); }
    QString path(const QString& name) const { return folder.filePath(name); }
    bool awaitAnswers() {
        return await([this] { return hasAnsweredAll(); });
    }
    bool awaitFile(const QString& name) {
        return await([&] { return QFileInfo(path(name)).size() > 0; });
    }
    /// Types where to save and presses Enter.
    Answer saveAs(const QString& name) {
        return [this, name](QDialog&) {
            key(Qt::Key_A, Qt::ControlModifier);
            type(path(name));
            key(Qt::Key_Return);
        };
    }
    static bool clickButton(QDialog& dialog, const QString& text) {
        for (auto* button : dialog.findChildren<QAbstractButton*>())
            if (button->isVisible() && plainText(button->text()) == text)
                return click(*button);
        return false;
    }
    Answer saveAsByMouse(const QString& name) {
        return [this, name](QDialog& dialog) {
            key(Qt::Key_A, Qt::ControlModifier);
            type(path(name));
            QVERIFY(clickButton(dialog, QStringLiteral("Save")));
        };
    }
    /// Chooses a row of a combo box that has the keys.
    void choose(QDialog& dialog, const char* combo, const QString& text) {
        auto* box = dialog.findChild<QComboBox*>(QLatin1String(combo));
        QVERIFY(box && tabTo(*box));
        key(Qt::Key_Home);
        for (int i = 0; i < box->count() && !box->currentText().contains(text, Qt::CaseInsensitive); ++i)
            key(Qt::Key_Down);
        QVERIFY2(box->currentText().contains(text, Qt::CaseInsensitive), qPrintable(box->currentText()));
    }
    bool command(const QString& text) {
        key(Qt::Key_K, Qt::ControlModifier);
        (void)await([this] { return front() && front() != window.windowHandle(); });
        type(text);
        key(Qt::Key_Return);
        return front();
    }
    QTemporaryDir folder;
};

}  // namespace

class DriveExportTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void picturesByKeys_data();
    void picturesByKeys();
    void plotByMouse();
    void tableByKeys();
    void tableByMouse();
    void droppedFigureOpensItsRun();
};

void DriveExportTest::picturesByKeys_data() {
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("format");
    QTest::newRow("window as PNG") << "Window"
                                   << "PNG";
    QTest::newRow("flow as SVG") << "Flow"
                                 << "SVG";
    QTest::newRow("plot as PDF") << "running_var"
                                 << "PDF";
}

void DriveExportTest::picturesByKeys() {
    QFETCH(QString, what);
    QFETCH(QString, format);
    ExportDriver f;
    QVERIFY(f.ok);
    const QString file = QStringLiteral("figure.") + format.toLower();
    f.answer({[&](QDialog& dialog) {
                  f.choose(dialog, "exportWhat", what);
                  f.choose(dialog, "exportFormat", format);
                  auto* table = dialog.findChild<QAbstractButton*>(QStringLiteral("exportTable"));
                  if (table && table->isVisible() && f.tabTo(*table))
                      f.key(Qt::Key_Space);
                  f.key(Qt::Key_Return);
              },
              f.saveAs(file)});
    QVERIFY(f.command(QStringLiteral("save picture")));
    QVERIFY(f.awaitAnswers() && f.awaitFile(file));
    QVERIFY2(f.session.message().isEmpty(), qPrintable(f.session.message()));
    const QByteArray bytes = bytesOf(f.path(file));
    if (format == QStringLiteral("PNG"))
        QCOMPARE(QImage::fromData(bytes).size(), 2 * f.window.size());
    else
        QVERIFY(bytes.startsWith(format == QStringLiteral("PDF") ? "%PDF" : "<?xml"));
    if (what == QStringLiteral("running_var")) {
        QVERIFY(f.awaitFile(QStringLiteral("figure.csv")));
        QCOMPARE(bytesOf(f.path(QStringLiteral("figure.csv"))).count('\n'), 13);  // a head and 12 steps
    }
}

void DriveExportTest::plotByMouse() {
    ExportDriver f;
    QVERIFY(f.ok);
    auto& view = *f.dock("runningMean").findChild<PlotView*>();
    f.answer({[&](QDialog& dialog) {
                  auto* width = dialog.findChild<QDoubleSpinBox*>(QStringLiteral("exportWidth"));
                  auto* height = dialog.findChild<QDoubleSpinBox*>(QStringLiteral("exportHeight"));
                  width->setValue(640);
                  height->setValue(360);
                  QVERIFY(f.clickButton(dialog, QStringLiteral("Save as")));
              },
              f.saveAsByMouse(QStringLiteral("plot.png"))});
    QTimer::singleShot(0, &view, [&] { QVERIFY(f.chooseInPopup({QStringLiteral("Save picture")})); });
    QContextMenuEvent wanted(QContextMenuEvent::Mouse, view.rect().center(), view.mapToGlobal(view.rect().center()));
    for (QWidget* child : view.findChildren<QWidget*>())
        if (child->inherits("QCustomPlot"))
            QApplication::sendEvent(child, &wanted);
    QVERIFY(f.awaitAnswers() && f.awaitFile(QStringLiteral("plot.png")));
    QCOMPARE(QImage(f.path(QStringLiteral("plot.png"))).size(), QSize(640, 360));
}

void DriveExportTest::tableByKeys() {
    ExportDriver f;
    QVERIFY(f.ok);
    f.answer({[&](QDialog&) { f.key(Qt::Key_Return); }, f.saveAs(QStringLiteral("table.csv"))});
    QVERIFY(f.command(QStringLiteral("save a table")));
    QVERIFY(f.awaitAnswers() && f.awaitFile(QStringLiteral("table.csv")));
    QVERIFY(bytesOf(f.path(QStringLiteral("table.csv"))).count('\n') > 2);
}

void DriveExportTest::tableByMouse() {
    ExportDriver f;
    QVERIFY(f.ok);
    f.answer({[&](QDialog& dialog) { QVERIFY(f.clickButton(dialog, QStringLiteral("OK"))); },
              f.saveAsByMouse(QStringLiteral("table.csv"))});
    QVERIFY(f.chooseInMenu({QStringLiteral("File"), QStringLiteral("Save a table")}));
    QVERIFY(f.awaitAnswers() && f.awaitFile(QStringLiteral("table.csv")));
}

void DriveExportTest::droppedFigureOpensItsRun() {
    ExportDriver f;
    QVERIFY(f.ok);
    Recipe recipe = f.session.recipe();
    recipe.lanes.front().layer.eps = 0.25;
    QVERIFY(f.openRun(recipe, 12));
    f.session.goTo(7);
    QVERIFY(f.awaitStep(7));
    f.dock("runningMean").findChild<PlotView*>()->savePlot(f.path(QStringLiteral("figure.svg")));
    QVERIFY(f.openRun(defaultRecipe(), 4));
    f.drop(f.path(QStringLiteral("figure.svg")));
    QVERIFY(f.await([&] { return f.session.recipe().lanes.front().layer.eps == 0.25; }));
    QVERIFY(f.awaitStep(7));
}

int main(int argc, char** argv) {
    return runWindowTest<DriveExportTest>(argc, argv);
}

#include "drive_export_test.moc"
