// SPDX-License-Identifier: GPL-3.0-or-later
#include "window_fixture.h"

#include "core/error.h"
#include "ui/export/csv_file.h"
#include "ui/export/exports.h"
#include "ui/export/figure_file.h"
#include "ui/plots/running_stat_view.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QImageReader>
#include <QStandardItemModel>
#include <QTableView>
#include <QXmlStreamReader>

#include <cmath>
#include <limits>

using namespace bnstudio;

namespace {

QByteArray readBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool isXml(const QByteArray& bytes) {
    QXmlStreamReader xml(bytes);
    while (!xml.atEnd())
        xml.readNext();
    return !xml.hasError();
}

}  // namespace

/// Pictures and tables that leave the window.
class ExportTest : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void csvNumbers();
    void pictures_data();
    void pictures();
    void windowDark();
    void dialogChoice();
    void failuresAreSentences();
    void everyTable();
    void tablesInDialogs();
    void plotTable();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void ExportTest::csvNumbers() {
    QStandardItemModel model(2, 3);
    model.setHorizontalHeaderLabels({QStringLiteral("a\nb"), QStringLiteral("c, \"d\""), QStringLiteral("e")});
    model.setVerticalHeaderLabels({QStringLiteral("first"), QStringLiteral("=1+1")});
    model.setData(model.index(0, 0), 0.1);
    model.setData(model.index(0, 1), std::numeric_limits<double>::quiet_NaN());
    model.setData(model.index(0, 2), -std::numeric_limits<double>::infinity());
    model.setData(model.index(1, 0), QStringLiteral("two\nlines"));
    model.setData(model.index(1, 1), 5e-324);
    model.setData(model.index(1, 2), qlonglong{9007199254740993});
    saveCsv(tableOf(model, true), path(QStringLiteral("t.csv")));
    QCOMPARE(readBytes(path(QStringLiteral("t.csv"))),
             QByteArray(",a b,\"c, \"\"d\"\"\",e\nfirst,0.1,nan,-inf\n=1+1,\"two\nlines\",5e-324,9007199254740993\n"));
    QVERIFY_THROWS_EXCEPTION(Error, saveCsv(tableOf(model, true), path(QStringLiteral("no/such/folder.csv"))));
}

void ExportTest::pictures_data() {
    QTest::addColumn<QString>("owner");
    QTest::addColumn<QString>("name");
    for (const char* owner : {"mainWindow", "running_mean"})
        for (const char* name : {"f.png", "f.svg", "f.pdf"})
            QTest::addRow("%s as %s", owner, name) << owner << name;
}

void ExportTest::pictures() {
    QFETCH(QString, owner);
    QFETCH(QString, name);
    WindowFixture fixture(9);
    QVERIFY(fixture.ok);
    auto* exports = fixture.find<Exports>("exports");
    const std::vector<ExportItem> items = exportItems(fixture.window, fixture.session);
    const auto item = std::find_if(items.begin(), items.end(), [&](const ExportItem& each) {
        return each.owner->objectName() == owner || each.name.startsWith(owner);
    });
    QVERIFY(item != items.end());
    ExportChoice choice;
    choice.ending = name.section(u'.', 1);
    choice.size = {160, 100};
    choice.inMm = true;
    choice.dpi = 150;
    choice.zoom = item->keepsShape ? 160 * pixelsPerMm() / item->size.width() : 1;
    choice.colours = ExportColours::Dark;
    choice.withTable = true;
    exports->savePicture(*item, choice, path(name));
    QVERIFY(!colors().dark);  // the theme of the window is back
    QCOMPARE(readFigure(path(name)).step, 8);
    const QByteArray bytes = readBytes(path(name));
    if (name.endsWith(u"png")) {
        // 160 mm at 150 dpi, 25.4 mm to the inch
        QCOMPARE(QImageReader(path(name)).size(), QSize(945, 591));
        QVERIFY(qGray(QImage(path(name)).pixel(3, 3)) < 64);
    } else if (name.endsWith(u"svg")) {
        QVERIFY(isXml(bytes));
        QVERIFY(bytes.contains("<text"));
        QVERIFY(bytes.contains("width=\"160"));
    } else {
        QVERIFY2(bytes.contains("/MediaBox [0 0 454.0"),
                 bytes.mid(bytes.indexOf("/MediaBox"), 40));  // 160 mm in points of 1/72 inch
    }
    if (item->table)
        QVERIFY(fixture.await([&] { return QFile::exists(path(QStringLiteral("f.csv"))); }));
}

// A plot in other colours than the window's leaves the window alone; the window itself changes and comes back.
void ExportTest::windowDark() {
    WindowFixture fixture(9);
    QVERIFY(fixture.ok);
    const QImage before = fixture.window.grab().toImage();
    const std::vector<ExportItem> items = exportItems(fixture.window, fixture.session);
    for (const ExportItem& item : items) {
        if (!item.hasPicture())
            continue;
        ExportChoice choice = firstChoice(item, QStringLiteral("png"));
        choice.colours = ExportColours::Dark;
        fixture.find<Exports>("exports")->savePicture(item, choice, path(QStringLiteral("f.png")));
        QCOMPARE(QImageReader(path(QStringLiteral("f.png"))).size(), 2 * item.size);
        QVERIFY2(qGray(QImage(path(QStringLiteral("f.png"))).pixel(1, 1)) < 64, qPrintable(item.name));
    }
    QVERIFY(fixture.await([&] { return fixture.window.grab().toImage().pixel(5, 5) == before.pixel(5, 5); }));
}

void ExportTest::dialogChoice() {
    WindowFixture fixture(9);
    QVERIFY(fixture.ok);
    const std::vector<ExportItem> items = exportItems(fixture.window, fixture.session);
    ExportDialog dialog(items, 0, &fixture.window);
    QCOMPARE(dialog.choice().item, std::size_t{0});
    QCOMPARE(dialog.choice().size.toSize(), 2 * fixture.window.size());
    // The window grows as a whole.
    auto* width = dialog.findChild<QDoubleSpinBox*>(QStringLiteral("exportWidth"));
    auto* height = dialog.findChild<QDoubleSpinBox*>(QStringLiteral("exportHeight"));
    width->setValue(fixture.window.width() / 2);
    QVERIFY(std::abs(height->value() - fixture.window.height() / 2.0) <= 1);  // whole pixels
    QCOMPARE(dialog.choice().zoom, 0.5);
    // A plot has a layout of its own at any size.
    auto* what = dialog.findChild<QComboBox*>(QStringLiteral("exportWhat"));
    what->setCurrentIndex(what->count() - 1);
    const ExportItem& plot = items[dialog.choice().item];
    QVERIFY(!plot.keepsShape);
    dialog.findChild<QComboBox*>(QStringLiteral("exportUnit"))->setCurrentIndex(1);
    width->setValue(85);
    height->setValue(60);
    const PictureFile file = pictureOf(dialog.choice());
    QCOMPARE(file.sizeMm, QSizeF(85, 60));
    QCOMPARE(file.pixels, QSize(1004, 709));  // at 300 dpi
    QCOMPARE(file.size, (QSizeF(85, 60) * pixelsPerMm() / 2).toSize());
}

void ExportTest::failuresAreSentences() {
    WindowFixture fixture(9);
    QVERIFY(fixture.ok);
    auto* exports = fixture.find<Exports>("exports");
    const std::vector<ExportItem> items = exportItems(fixture.window, fixture.session);
    ExportChoice choice = firstChoice(items.front(), QStringLiteral("png"));
    const auto sentence = [&](const ExportItem& item, const QString& name) {
        try {
            exports->savePicture(item, choice, path(name));
            return QString();
        } catch (const Error& error) {
            return QString::fromUtf8(error.what());
        }
    };
    QVERIFY(sentence(items.front(), QStringLiteral("no/folder.png")).startsWith(QStringLiteral("cannot write")));
    QVERIFY(sentence(items.front(), QStringLiteral("f.gif")).contains(QStringLiteral(".png, .svg or .pdf")));
    choice.size = {60, 60};
    choice.zoom = 1;
    for (const ExportItem& item : items)
        if (item.hasPicture() && !item.keepsShape)
            QVERIFY(sentence(item, QStringLiteral("f.png")).contains(QStringLiteral("needs at least")));
    QVERIFY(!QFile::exists(path(QStringLiteral("f.png"))));
    exports->saveTable(items.back().table(), path(QStringLiteral("no/folder.csv")));
    QVERIFY(fixture.await([&] { return fixture.session.message().startsWith(QStringLiteral("cannot write")); }));
}

// Numbers of the tables are those of the session, to the last bit.
void ExportTest::everyTable() {
    WindowFixture fixture(60);
    QVERIFY(fixture.ok);
    QVERIFY(fixture.await([&] { return fixture.session.findings() != nullptr; }));
    for (const ExportItem& item : exportItems(fixture.window, fixture.session)) {
        if (!item.table)
            continue;
        const DataTable table = item.table();
        QVERIFY2(table.columns.size() > 1, qPrintable(item.name));
        saveCsv(table, path(QStringLiteral("t.csv")));
        QVERIFY(readBytes(path(QStringLiteral("t.csv"))).count('\n') >= table.rows + 1);
        const auto cell = [&](std::int64_t row, const char* column) {
            return table.cell(row, static_cast<int>(table.columns.indexOf(QString::fromUtf8(column))));
        };
        if (item.name == QStringLiteral("Channels"))
            QCOMPARE(cell(2, "batch var ÷n").toDouble(), fixture.session.shown().lane->batch.var[2]);
        if (item.name == QStringLiteral("Calculation"))
            QCOMPARE(cell(0, "quantity").toString().isEmpty(), false);
        if (item.name == QStringLiteral("Findings"))
            QVERIFY(table.rows > 0);
        if (item.name == QStringLiteral("All channels × steps")) {
            const auto before = fixture.session.series().at(Quantity::RunningMean, 40, 3);
            const auto var = fixture.session.series().at(Quantity::RunningVar, 40, 3);
            const auto mean = fixture.session.series().at(Quantity::BatchMean, 41, 3);
            QCOMPARE(table.cell(41, 4).toDouble(), (mean - before) / std::sqrt(var / 32));  // step, then channels
        }
    }
}

void ExportTest::tablesInDialogs() {
    WindowFixture fixture;
    QVERIFY(fixture.ok);
    QVERIFY(fixture.find<QTableView>("channelTable")->findChild<QAction*>(QStringLiteral("saveTable")));
    QDialog dialog(&fixture.window);
    auto* table = new QTableView(&dialog);
    dialog.show();
    QVERIFY(table->findChild<QAction*>(QStringLiteral("saveTable")));
    QCOMPARE(table->contextMenuPolicy(), Qt::ActionsContextMenu);
}

// The table has every step, however few pixels the picture has.
void ExportTest::plotTable() {
    WindowFixture fixture(3000);
    QVERIFY(fixture.ok);
    auto* view = fixture.window.findChild<RunningStatView*>();
    saveCsv(view->table(), path(QStringLiteral("t.csv")));
    const QList<QByteArray> lines = readBytes(path(QStringLiteral("t.csv"))).split('\n');
    QCOMPARE(lines.size(), 3000 + 2);  // names, and the end of the last line
    const qsizetype column = lines.front().split(',').indexOf("running_mean: running [3]");
    QVERIFY2(column > 0, lines.front());
    for (const int step : {0, 1234, 2999}) {
        const QList<QByteArray> cells = lines[step + 1].split(',');
        QCOMPARE(cells.front().toInt(), step);
        QCOMPARE(cells[column].toDouble(), fixture.session.series().at(Quantity::RunningMean, step, 3));
    }
}

int main(int argc, char** argv) {
    return runWindowTest<ExportTest>(argc, argv);
}
#include "export_test.moc"
