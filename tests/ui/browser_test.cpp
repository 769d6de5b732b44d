// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/tensor_files.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>

using namespace bnstudio;
using namespace bnstudio::test;
using Kind = TensorNode::Kind;

class BrowserTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void namesEverythingOfAFile();
    void looksAtTheValues();
    void opensAFamilyAsASequence();
    void opensBatchesAndStateTogether();
    void addsASource();
    void keepsThePresentBatchesForAState();
    void refusesWhatDoesNotFit();
    void asksWhichAxisIsTheChannels();
    void lettersFilter();
    void showsTheFirstValues();
};

void BrowserTest::init() {
    QSettings().clear();
}

void BrowserTest::namesEverythingOfAFile() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    QCOMPARE(cell(*browser, Kind::Family, "x", TensorTreeModel::Use), QStringLiteral("2 batches"));
    QCOMPARE(cell(*browser, Kind::Family, "x", TensorTreeModel::Shape), QStringLiteral("(4, 3)"));
    QCOMPARE(cell(*browser, Kind::Family, "x", TensorTreeModel::Type), QStringLiteral("float32"));
    QCOMPARE(cell(*browser, Kind::Layer, "net.1.", TensorTreeModel::Use), QStringLiteral("batch norm · 3 features"));
    QCOMPARE(cell(*browser, Kind::Tensor, "labels", TensorTreeModel::Use), QString());
    QVERIFY(browser->model().find(Kind::Tensor, "net.1.running_var").parent()
            == browser->model().find(Kind::Layer, "net.1."));
    // The first batches are what one most likely wants, with the layer that fits them.
    QCOMPARE(browser->model().checkedBatches().size(), std::size_t{1});
    QCOMPARE(browser->model().checkedBatches().front()->name, std::string("x"));
    QVERIFY(browser->model().checkedLayer());
}

void BrowserTest::looksAtTheValues() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    QVERIFY(f.await([&] {
        return cell(*browser, Kind::Tensor, "sick", TensorTreeModel::Values)
               == QStringLiteral("1 NaN · 1 inf · 2 to 5");
    }));
    QVERIFY(f.await(
        [&] { return cell(*browser, Kind::Family, "x", TensorTreeModel::Values) == QStringLiteral("0 to 111"); }));
}

void BrowserTest::opensAFamilyAsASequence() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    // Space takes the check from the layer, Enter opens the family.
    goTo(*browser, Kind::Layer, "net.1.");
    QTest::keyClick(treeOf(*browser), Qt::Key_Space);
    QVERIFY(!browser->model().checkedLayer());
    goTo(*browser, Kind::Family, "x");
    QTest::keyClick(treeOf(*browser), Qt::Key_Return);
    QVERIFY(f.await([&] { return f.session.recipe().name == "mixed.npz"; }));
    QVERIFY(f.awaitRun());
    const DataSpec& data = f.session.recipe().data;
    QCOMPARE(data.sources.size(), std::size_t{1});
    QCOMPARE(std::get<FileSpec>(data.sources[0]).tensor, std::string("x"));
    QCOMPARE(f.session.facts().stepsPerEpoch, std::optional<std::int64_t>(2));
    QVERIFY(f.session.facts().batchShape == (Dims{4, 3}));
    QVERIFY(!f.session.recipe().lanes[0].initialState);
}

void BrowserTest::opensBatchesAndStateTogether() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    f.click("browserOpen");
    QVERIFY(f.await([&] { return f.session.recipe().name == "mixed.npz · net.1"; }));
    QVERIFY(f.awaitRun());
    const LaneSpec& lane = f.session.recipe().lanes[0];
    QVERIFY(lane.initialState);
    QVERIFY(lane.initialState->runningMean == (ChannelVector{10, 11, 12}));
    QVERIFY(lane.initialState->weight == (ChannelVector{1, 2, 3}));
    f.session.goTo(0);
    QVERIFY(f.awaitRun());
    // x.0 of channel 0 is 0, 3, 6, 9 with mean 4.5; 0.9 · 10 + 0.1 · 4.5 rounds as float32 does.
    const LayerState& after = f.session.shown().state->layer.state();
    QCOMPARE((*after.runningMean)[0], static_cast<double>(static_cast<float>(0.9 * 10.0 + 0.1 * 4.5)));
    QCOMPARE(after.numBatchesTracked, std::optional<std::int64_t>(8));
}

void BrowserTest::addsASource() {
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("eight.npz"));
    NpzWriter writer(path.toStdString());
    writer.add("a", counting({32, 8}));
    writer.add("b", counting({32, 3}));
    writer.commit();
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(path);
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    auto* use = f.find<QComboBox>("dataChoice");
    use->setFocus();
    QTest::keyClick(use, Qt::Key_Down);
    QCOMPARE(use->currentData().toInt(), static_cast<int>(FileUse::Data::Add));
    f.click("browserOpen");
    QVERIFY(f.await([&] { return f.session.recipe().data.sources.size() == 2 && !f.session.isOpening(); }));
    QCOMPARE(std::get<FileSpec>(f.session.recipe().data.sources[1]).tensor, std::string("a"));
    QCOMPARE(f.session.recipe().lanes[0], defaultRecipe().lanes[0]);
    f.session.undoStack().undo();
    QVERIFY(f.session.recipe() == defaultRecipe());
}

void BrowserTest::keepsThePresentBatchesForAState() {
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("state.npz"));
    NpzWriter writer(path.toStdString());
    addLayer(writer, "bn.", 8);
    writer.add("x", counting({4, 8}));
    writer.commit();
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(path);
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    goTo(*browser, Kind::Tensor, "x");
    QTest::keyClick(treeOf(*browser), Qt::Key_Space);  // takes the check away
    auto* use = f.find<QComboBox>("dataChoice");
    use->setFocus();
    QTest::keyClick(use, Qt::Key_Down);
    QCOMPARE(use->currentData().toInt(), static_cast<int>(FileUse::Data::Keep));
    f.click("browserOpen");
    QVERIFY(f.await([&] { return f.session.recipe().lanes[0].initialState && f.session.isCurrent(); }));
    QVERIFY(f.session.recipe().data == defaultRecipe().data);
    QVERIFY(f.session.recipe().lanes[0].training == defaultRecipe().lanes[0].training);
    QVERIFY(f.session.undoStack().canUndo());
}

void BrowserTest::refusesWhatDoesNotFit() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    goTo(*browser, Kind::Tensor, "wide");  // two channels, the checked layer has three features
    QTest::keyClick(treeOf(*browser), Qt::Key_Return);
    QVERIFY(browser->isVisible());
    QVERIFY(!f.find<QPushButton>("browserOpen")->isEnabled());
    const QString sentence = browser->findChild<QLabel*>(QStringLiteral("sentence"))->text();
    QVERIFY2(sentence.contains(QStringLiteral("2 channels")) && sentence.contains(QStringLiteral("3 features")),
             qPrintable(sentence));
    QVERIFY(f.session.recipe() == defaultRecipe());
}

void BrowserTest::asksWhichAxisIsTheChannels() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    goTo(*browser, Kind::Layer, "net.1.");
    QTest::keyClick(treeOf(*browser), Qt::Key_Space);
    auto* doubt = f.find<QLabel>("axesDoubt");
    QVERIFY(!doubt->isVisible());
    browser->model().checkOnly(browser->model().find(Kind::Tensor, "cube"));
    QVERIFY(doubt->isVisible());  // C = L = 5
    browser->model().checkOnly(browser->model().find(Kind::Tensor, "wide"));
    QVERIFY(!doubt->isVisible());
    auto* axes = f.find<QComboBox>("axesChoice");
    axes->setFocus();
    QTest::keyClick(axes, Qt::Key_Down);
    QCOMPARE(axes->currentData().toString(), QStringLiteral("NLC"));
    f.click("browserOpen");
    QVERIFY(f.await([&] { return f.session.recipe().name == "mixed.npz" && f.session.channels() == 5; }));
    QCOMPARE(std::get<FileSpec>(f.session.recipe().data.sources[0]).axes, std::string("NLC"));
}

void BrowserTest::lettersFilter() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    QTest::keyClicks(treeOf(*browser), QStringLiteral("cu"));
    QCOMPARE(f.find<QLineEdit>("browserFilter")->text(), QStringLiteral("cu"));
    QVERIFY(row(*browser, Kind::Tensor, "cube").isValid());
    QVERIFY(!row(*browser, Kind::Tensor, "labels").isValid());
    QVERIFY(treeOf(*browser)->currentIndex() == row(*browser, Kind::Tensor, "cube"));
    // Escape takes the filter away before it closes the dialog.
    QTest::keyClick(f.find<QLineEdit>("browserFilter"), Qt::Key_Escape);
    QVERIFY(browser->isVisible());
    QVERIFY(row(*browser, Kind::Tensor, "labels").isValid());
    QTest::keyClick(treeOf(*browser), Qt::Key_Escape);
    QVERIFY(!browser->isVisible());
}

void BrowserTest::showsTheFirstValues() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    goTo(*browser, Kind::Tensor, "x.1");
    const QAbstractItemModel* values = f.find<QTableView>("previewTable")->model();
    QVERIFY(f.await([&] { return values->index(3, 2).data().toString() == QStringLiteral("111"); }));
    QCOMPARE(values->rowCount(), 4);
    QCOMPARE(values->columnCount(), 3);
    goTo(*browser, Kind::Tensor, "cube");  // of three axes the first sample, channels × positions
    QVERIFY(f.await([&] { return values->rowCount() == 5 && values->columnCount() == 5; }));
    QCOMPARE(values->index(4, 4).data().toString(), QStringLiteral("24"));
}

int main(int argc, char** argv) {
    return runWindowTest<BrowserTest>(argc, argv);
}
#include "browser_test.moc"
