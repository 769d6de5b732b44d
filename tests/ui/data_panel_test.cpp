// SPDX-License-Identifier: GPL-3.0-or-later
// The data: generators, files, pasted values, the order of batches, edits of one batch.
#include "tests/ui/panel_desk.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/recipe_channels.h"
#include "ui/theme.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/number_list.h"

#include <QAction>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>

using namespace bnstudio;
using namespace bnstudio::test;

class DataPanelTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void generatorFieldsEditTheSpec_data();
    void generatorFieldsEditTheSpec();
    void badGeneratorTextIsRefused_data();
    void badGeneratorTextIsRefused();
    void channelsCarryTheirListsAlong();
    void distributionShowsItsOwnFields();
    void channelTableNarrowsEqualValues();
    void longListsAreForReadingOnly();
    void newSeedIsUndoable();
    void sourcesCanAlternate();
    void pastedValuesBecomeTheData();
    void chosenFileAsksForIt();
    void fileNotesAreWholeAndShort();
    void scheduleOfSamples();
    void batchMenuMakesEvents();
};

void DataPanelTest::initTestCase() {
    Theme::instance().apply(*qApp, Theme::Mode::Light);
}

void DataPanelTest::generatorFieldsEditTheSpec_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("shown");
    QTest::newRow("shape") << "shapeField"
                           << "16x5"
                           << "normal:n=16,c=5"
                           << "16 × 5";
    QTest::newRow("positions") << "shapeField"
                               << "(4, 5, 3)"
                               << "normal:n=4,c=5,l=3"
                               << "4 × 5 × 3";
    QTest::newRow("mean") << "meanField"
                          << "5"
                          << "normal:n=8,c=5,mean=5"
                          << "5";
    QTest::newRow("means") << "meanField"
                           << "1/2/3/4/5"
                           << "normal:n=8,c=5,mean=1/2/3/4/5"
                           << "1/2/3/4/5";
    QTest::newRow("std") << "stdField"
                         << "1 2 1 2 0.5"
                         << "normal:n=8,c=5,std=1/2/1/2/0.5"
                         << "1/2/1/2/0.5";
    QTest::newRow("spread") << "spreadField"
                            << "3"
                            << "normal:n=8,c=5,spread=3"
                            << "3";
    QTest::newRow("correlation") << "correlationField"
                                 << "0.5"
                                 << "normal:n=8,c=5,correlation=0.5"
                                 << "0.5";
    QTest::newRow("drift") << "driftField"
                           << "0.02"
                           << "normal:n=8,c=5,drift=0.02"
                           << "0.02";
    QTest::newRow("outliers") << "outliersField"
                              << "7 %"
                              << "normal:n=8,c=5,outliers=0.07"
                              << "7";
    QTest::newRow("nan") << "nanField"
                         << "0.1"
                         << "normal:n=8,c=5,nan=0.001"
                         << "0.1";
    QTest::newRow("seed") << "seedField"
                          << "18446744073709551615"
                          << "normal:n=8,c=5,seed=18446744073709551615"
                          << "18446744073709551615";
}

void DataPanelTest::generatorFieldsEditTheSpec() {
    QFETCH(QString, field);
    QFETCH(QString, text);
    QFETCH(QString, spec);
    QFETCH(QString, shown);
    Desk<DataPanel> desk;
    const Recipe before = desk.session.recipe();
    desk.type(field.toLatin1(), text);
    QVERIFY(desk.generator() == parseGeneratorSpec(spec.toStdString()));
    QCOMPARE(desk.find<QLineEdit>(field.toLatin1())->text(), shown);
    QCOMPARE(desk.session.undoStack().count(), 1);
    desk.session.undoStack().undo();
    QVERIFY(desk.session.recipe() == before);
}

void DataPanelTest::badGeneratorTextIsRefused_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::newRow("no shape") << "shapeField"
                              << "32";
    QTest::newRow("no samples") << "shapeField"
                                << "0 x -1";
    QTest::newRow("a batch beyond memory") << "shapeField"
                                           << "99999999 x 5 x 99999999";
    QTest::newRow("lists beyond memory") << "shapeField"
                                         << "1 x 4194305";
    QTest::newRow("both beyond memory") << "shapeField"
                                        << "99999999 x 99999999";
    QTest::newRow("two of five means") << "meanField"
                                       << "1/2";
    QTest::newRow("negative std") << "stdField"
                                  << "-1";
    QTest::newRow("full correlation") << "correlationField"
                                      << "1";
    QTest::newRow("more than all") << "outliersField"
                                   << "101";
    QTest::newRow("decimal comma") << "driftField"
                                   << "0,5";
    QTest::newRow("seed with sign") << "seedField"
                                    << "-1";
    QTest::newRow("no number") << "nanField"
                               << "some";
}

void DataPanelTest::badGeneratorTextIsRefused() {
    QFETCH(QString, field);
    QFETCH(QString, text);
    Desk<DataPanel> desk;
    const Recipe before = desk.session.recipe();
    desk.type(field.toLatin1(), text);
    QVERIFY(desk.session.recipe() == before);
    QVERIFY(desk.find<CommitField>(field.toLatin1())->isMarked());
    QVERIFY(!desk.session.message().isEmpty());
    QCOMPARE(desk.session.undoStack().count(), 0);
}

void DataPanelTest::channelsCarryTheirListsAlong() {
    Recipe recipe = smallRecipe();
    std::get<GeneratorSpec>(recipe.data.sources[0]).mean = {1, 2, 3, 4, 5};
    recipe.lanes[0].training.loss.kind = LossSpec::Kind::MseTeacher;
    recipe.lanes[0].training.loss.teacherWeight = {1, 1, 1, 1, 2};
    LayerState state;
    state.weight = {1, 1, 1, 1, 3};
    recipe.lanes[0].initialState = state;
    insertEvent(recipe, {1, -1, SetWeight{4, 2}});
    insertEvent(recipe, {1, -1, SetWeight{-1, 2}});
    Recipe fewer = recipe;
    fitChannels(fewer, 5, 2);
    QCOMPARE(std::get<GeneratorSpec>(fewer.data.sources[0]).c, 2);
    QCOMPARE(std::get<GeneratorSpec>(fewer.data.sources[0]).mean, std::vector<double>({1, 2}));
    QCOMPARE(fewer.lanes[0].training.loss.teacherWeight, std::vector<double>({1, 1}));
    QCOMPARE(fewer.events.size(), std::size_t(1));
    Recipe more = recipe;
    fitChannels(more, 5, 7);
    QCOMPARE(std::get<GeneratorSpec>(more.data.sources[0]).mean, std::vector<double>({1, 2, 3, 4, 5, 5, 5}));
    QCOMPARE(*more.lanes[0].initialState->weight, ChannelVector({1, 1, 1, 1, 3, 1, 1}));
    QCOMPARE(more.events.size(), std::size_t(2));

    recipe.lanes[0].initialState.reset();
    Desk<DataPanel> desk(recipe);
    desk.type("shapeField", "8 × 3");
    QVERIFY(QTest::qWaitFor([&] { return desk.session.channels() == 3; }, patienceMs));
    QVERIFY(awaitStep(desk.session, 2));
    QCOMPARE(desk.session.message(), QString());
    QVERIFY(!desk.session.shown().lane->refused());
}

void DataPanelTest::distributionShowsItsOwnFields() {
    Desk<DataPanel> desk;
    QVERIFY(!desk.find("dfField")->isVisible());
    QVERIFY(!desk.find("mean2Field")->isVisible());
    desk.type("correlationField", "0.5");
    desk.choose("distributionCombo", 3);
    QVERIFY(desk.generator().kind == GeneratorSpec::Kind::StudentT);
    QCOMPARE(desk.generator().correlation, 0.0);
    QVERIFY(desk.find("stdField")->isEnabled());
    QVERIFY(desk.find("dfField")->isVisible());
    QVERIFY(!desk.find("correlationField")->isEnabled());
    desk.choose("distributionCombo", 4);
    QVERIFY(!desk.find("stdField")->isEnabled());
    desk.choose("distributionCombo", 5);
    QVERIFY(!desk.find("dfField")->isVisible());
    QVERIFY(desk.find("mean2Field")->isVisible());
    desk.type("weight2Field", "25");
    QCOMPARE(desk.generator().weight2, 0.25);
}

void DataPanelTest::channelTableNarrowsEqualValues() {
    Desk<DataPanel> desk;
    desk.click("perChannelButton");
    QDialog* dialog = openDialog(desk.panel, "perChannelDialog");
    QVERIFY(dialog);
    QAbstractItemModel* model = dialog->findChild<QTableView*>("valueTable")->model();
    for (int row = 0; row < 5; ++row)
        QVERIFY(model->setData(model->index(row, 0), "2"));
    QVERIFY(model->setData(model->index(1, 2), "0.1"));
    dialog->accept();
    QCOMPARE(desk.generator().mean, std::vector<double>({2}));
    QCOMPARE(desk.generator().std, std::vector<double>({1}));
    QCOMPARE(desk.generator().drift, std::vector<double>({0, 0.1, 0, 0, 0}));
    QCOMPARE(desk.session.undoStack().count(), 1);
}

void DataPanelTest::longListsAreForReadingOnly() {
    Recipe recipe = smallRecipe();
    auto& generator = std::get<GeneratorSpec>(recipe.data.sources[0]);
    generator.c = 100;
    generator.mean.assign(100, 2.5);
    generator.mean[99] = 7;
    Desk<DataPanel> desk(recipe);
    const QString shown = desk.find<QLineEdit>("meanField")->text();
    QVERIFY(shown.endsWith("/2.5/…"));
    QVERIFY(shown.size() < 250);
    for (const QString& text : {shown, QStringLiteral("1/…")}) {
        auto* field = desk.find<QLineEdit>("meanField");
        field->setText(text);
        field->setModified(true);
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(desk.session.recipe() == recipe);
    }
    QVERIFY(desk.find<CommitField>("meanField")->isMarked());
    desk.type("meanField", "3");
    QCOMPARE(desk.generator().mean, std::vector<double>({3}));
}

void DataPanelTest::newSeedIsUndoable() {
    Desk<DataPanel> desk;
    desk.click("newSeedButton");
    QVERIFY(desk.generator().seed != 42 || desk.session.undoStack().count() == 0);
    desk.session.undoStack().undo();
    QCOMPARE(desk.generator().seed, std::uint64_t(42));
}

void DataPanelTest::sourcesCanAlternate() {
    Desk<DataPanel> desk;
    desk.click("addSourceButton");
    QCOMPARE(desk.session.recipe().data.sources.size(), std::size_t(2));
    QVERIFY(desk.session.recipe().data.schedule.order == Schedule::Order::Alternating);
    desk.type("meanField", "3");
    QCOMPARE(std::get<GeneratorSpec>(desk.session.recipe().data.sources[1]).mean, std::vector<double>({3}));
    QCOMPARE(desk.generator().mean, std::vector<double>({0}));
    desk.choose("sourceIndexCombo", 0);
    QCOMPARE(desk.find<QLineEdit>("meanField")->text(), QString("0"));
    desk.type("repeatField", "2");
    QCOMPARE(desk.session.recipe().data.schedule.repeat, 2);
    desk.type("pinnedRowsField", "0, 3-5");
    QCOMPARE(desk.session.recipe().data.schedule.pinnedRows, std::vector<std::int64_t>({0, 3, 4, 5}));
    QCOMPARE(desk.find<QLineEdit>("pinnedRowsField")->text(), QString("0, 3-5"));
    desk.click("removeSourceButton");
    QCOMPARE(desk.session.recipe().data.sources.size(), std::size_t(1));
    QCOMPARE(desk.generator().mean, std::vector<double>({3}));
}

void DataPanelTest::pastedValuesBecomeTheData() {
    Desk<DataPanel> desk;
    desk.choose("sourceCombo", 2);
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 0);
    QDialog* dialog = openDialog(desk.panel, "pasteDialog");
    QVERIFY(dialog);
    auto* editor = dialog->findChild<QPlainTextEdit*>("pasteEditor");
    auto* result = dialog->findChild<QLabel*>("pasteResult");
    editor->setPlainText("1, 2\n3, x\n");
    QVERIFY(QTest::qWaitFor([&] { return result->text().contains("row 2, column 2"); }, patienceMs));
    dialog->accept();
    QVERIFY(dialog->isVisible());
    editor->setPlainText("[[1, 2], [3, 4], [5, 6]]");
    QVERIFY(QTest::qWaitFor([&] { return result->text() == "Reads as (3, 2): 3 samples, 2 channels."; }, patienceMs));
    dialog->accept();
    QVERIFY(QTest::qWaitFor([&] { return desk.session.channels() == 2; }, patienceMs));
    QVERIFY(desk.session.recipe().data.sources.front() == SourceSpec(PastedSpec{{3, 2}, {1, 2, 3, 4, 5, 6}}));
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 2);
    QVERIFY(QTest::qWaitFor([&] { return desk.find<QLabel>("pastedShape")->isVisible(); }, patienceMs));
    QCOMPARE(desk.session.undoStack().count(), 1);
    desk.session.undoStack().undo();
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 0);
}

void DataPanelTest::chosenFileAsksForIt() {
    Desk<DataPanel> desk;
    QSignalSpy asked(&desk.panel, &DataPanel::openFileRequested);
    desk.choose("sourceCombo", 1);
    QCOMPARE(asked.count(), 1);
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 0);
    QCOMPARE(desk.session.undoStack().count(), 0);
}

void DataPanelTest::fileNotesAreWholeAndShort() {
    QTemporaryDir folder;
    const QString path = folder.filePath("measurements.csv");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("first,second,a column of words that no layer could ever normalise because they are no "
               "numbers\n1,2,x\n3,4,y\n5,6,z\n");
    file.close();
    Recipe recipe = smallRecipe();
    FileSpec spec;
    spec.path = path.toStdString();
    recipe.data.sources = {spec};
    Desk<DataPanel> desk(recipe, 1);
    auto* notes = desk.find<QLabel>("fileNotes");
    QVERIFY(QTest::qWaitFor([&] { return notes->isVisible() && !notes->text().isEmpty(); }, patienceMs));
    QVERIFY(!notes->text().contains(folder.path()));
    QVERIFY(notes->text().contains("measurements.csv"));
    QVERIFY(notes->toolTip().contains(path));
    QVERIFY(QTest::qWaitFor([&] { return notes->height() >= notes->heightForWidth(notes->width()); }, patienceMs));
    QVERIFY(notes->heightForWidth(notes->width()) > 2 * notes->fontMetrics().height());
    QVERIFY(notes->parentWidget()->rect().contains(notes->geometry()));
}

void DataPanelTest::scheduleOfSamples() {
    Recipe recipe = smallRecipe();
    recipe.data.sources = {PastedSpec{{5, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}};
    Desk<DataPanel> desk(recipe);
    QVERIFY(desk.find("batchSizeField")->isVisible());
    desk.type("batchSizeField", "2");
    QCOMPARE(desk.session.recipe().data.batchSize, std::optional<std::int64_t>(2));
    desk.click("dropLastSwitch");
    QVERIFY(desk.session.recipe().data.dropLast);
    desk.click("shuffleSwitch");
    QCOMPARE(desk.session.recipe().data.shuffleSeed, std::optional<std::uint64_t>(0));
    desk.type("shuffleSeedField", "9");
    QCOMPARE(desk.session.recipe().data.shuffleSeed, std::optional<std::uint64_t>(9));
    const Recipe before = desk.session.recipe();
    desk.type("batchSizeField", "0");
    QVERIFY(desk.session.recipe() == before);
    QVERIFY(desk.find<CommitField>("batchSizeField")->isMarked());
    desk.type("batchSizeField", " ");
    QVERIFY(!desk.session.recipe().data.batchSize);
}

void DataPanelTest::batchMenuMakesEvents() {
    Desk<DataPanel> desk;
    desk.find<QAction>("batchSkip")->trigger();
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, SkipBatch{}}}));
    QVERIFY(desk.find<QAction>("batchSkip")->isChecked());
    desk.find<QAction>("batchSkip")->trigger();
    QVERIFY(desk.session.recipe().events.empty());
    QVERIFY(awaitStep(desk.session, 2));

    desk.find<QAction>("batchPad")->trigger();
    QDialog* pad = openDialog(desk.panel, "padDialog");
    QVERIFY(pad);
    pad->findChild<QLineEdit*>("padRows")->setText("3");
    pad->findChild<QLineEdit*>("padValue")->setText("-1");
    pad->accept();
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, PadBatch{3, -1}}}));
    desk.session.undoStack().undo();

    QVERIFY(QTest::qWaitFor([&] { return desk.session.shown().frame != nullptr; }, patienceMs));
    desk.find<QAction>("batchEditCell")->trigger();
    QDialog* cell = openDialog(desk.panel, "cellDialog");
    QVERIFY(cell);
    cell->findChild<QLineEdit*>("cellN")->setText("7");
    cell->findChild<QLineEdit*>("cellC")->setText("4");
    cell->findChild<QLineEdit*>("cellValue")->setText("inf");
    cell->accept();
    const double infinity = std::numeric_limits<double>::infinity();
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, EditCell{7, 4, 0, infinity}}}));
}

QTEST_MAIN(DataPanelTest)
#include "data_panel_test.moc"
