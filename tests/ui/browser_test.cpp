// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_writer.h"
#include "support/interop.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/panels/layer_audit_dialog.h"
#include "ui/panels/tensor_browser.h"
#include "window_fixture.h"

#include <QComboBox>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QTableView>
#include <QTreeView>

#include <limits>

using namespace bnstudio;
using Kind = TensorNode::Kind;

namespace {

/// Values first, first + 1, …
Tensor counting(Dims shape, double first = 0) {
    Tensor tensor(DType::Float32, std::move(shape));
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        tensor.set(i, first + static_cast<double>(i));
    return tensor;
}

void addLayer(NpzWriter& writer, const std::string& prefix, std::int64_t features) {
    writer.add(prefix + "weight", counting({features}, 1));
    writer.add(prefix + "bias", counting({features}, -1));
    writer.add(prefix + "running_mean", counting({features}, 10));
    writer.add(prefix + "running_var", counting({features}, 1));
    Tensor counter(DType::Int64, {});
    counter.values<std::int64_t>()[0] = 7;
    writer.add(prefix + "num_batches_tracked", counter);
}

/// Two batches x.0, x.1 of (4, 3), labels, one layer of 3 features and a cube with two axes alike.
QString writeMixed(const QTemporaryDir& folder) {
    const QString path = folder.filePath(QStringLiteral("mixed.npz"));
    NpzWriter writer(path.toStdString());
    writer.add("x.0", counting({4, 3}));
    writer.add("x.1", counting({4, 3}, 100));
    writer.add("labels", counting({4}));
    addLayer(writer, "net.1.", 3);
    writer.add("cube", counting({6, 5, 5}));
    writer.add("wide", counting({6, 2, 5}));
    Tensor sick = counting({2, 3});
    sick.set(0, std::numeric_limits<double>::quiet_NaN());
    sick.set(1, std::numeric_limits<double>::infinity());
    writer.add("sick", sick);
    writer.commit();
    return path;
}

QString interopPath(const char* name) {
    return QString::fromStdString(interop::goodFile(QLatin1String(name)).string());
}

/// The row of a full name in what the tree shows.
QModelIndex row(TensorBrowser& browser, Kind kind, const char* name) {
    auto* tree = browser.findChild<QTreeView*>(QStringLiteral("browserTree"));
    const QModelIndex source = browser.model().find(kind, name);
    const auto* rows = qobject_cast<QSortFilterProxyModel*>(tree->model());
    return rows->mapFromSource(source);
}

void goTo(TensorBrowser& browser, Kind kind, const char* name) {
    browser.findChild<QTreeView*>(QStringLiteral("browserTree"))->setCurrentIndex(row(browser, kind, name));
}

QString cell(TensorBrowser& browser, Kind kind, const char* name, TensorTreeModel::Column column) {
    return browser.model().find(kind, name).siblingAtColumn(column).data().toString();
}

QTreeView* treeOf(TensorBrowser& browser) {
    return browser.findChild<QTreeView*>(QStringLiteral("browserTree"));
}

}  // namespace

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
    void listsWhatAPickleWanted();
    void dropsTakeTheSameWay();
    void cancellingChangesNothing();
    void closingTheBrowserChangesNothing();
    void aTensorAloneOpensAtOnce();
    void badFilesAreASentence_data();
    void badFilesAreASentence();
    void cleanupTestCase() { m_window.reset(); }

private:
    std::unique_ptr<WindowFixture> m_window;
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

void BrowserTest::listsWhatAPickleWanted() {
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(interopPath("bn_module.pt"));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    f.click("auditBrowse");
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    QStringList refused;
    const TensorTreeModel& model = browser->model();
    for (int i = 0; i < model.rowCount(); ++i)
        if (model.node(model.index(i, 0)).kind == Kind::Refused)
            refused << model.index(i, TensorTreeModel::Use).data().toString();
    QVERIFY2(refused.contains(QStringLiteral("refused: torch.nn.modules.batchnorm.BatchNorm1d")),
             qPrintable(refused.join(u'\n')));
}

void BrowserTest::dropsTakeTheSameWay() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    QMimeData files;
    files.setUrls({QUrl::fromLocalFile(writeMixed(folder))});
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&f.window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&f.window, &drop);
    QVERIFY(f.awaitDialog<TensorBrowser>());
}

void BrowserTest::cancellingChangesNothing() {
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("large.npz"));
    NpzWriter writer(path.toStdString());
    for (int i = 0; i < 8; ++i)
        writer.add("x." + std::to_string(i), Tensor(DType::Float32, {1024, 1024}));
    writer.commit();
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(path);
    // Reading goes on elsewhere: the window already answers, and shows that it reads and how to stop it.
    QVERIFY(f.find<QAbstractButton>("cancelOpening")->isVisible());
    QVERIFY(f.find<QLabel>("messageText")->text().contains(QStringLiteral("large.npz")));
    f.click("cancelOpening");
    QVERIFY(!f.find<QAbstractButton>("cancelOpening")->isVisible());
    // The result of the cancelled task would have come before that of a later one.
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    QVERIFY(browser->windowTitle().contains(QStringLiteral("mixed.npz")));
    QCOMPARE(f.window.findChildren<TensorBrowser*>().size(), 1);
    QVERIFY(f.session.recipe() == defaultRecipe());
}

void BrowserTest::closingTheBrowserChangesNothing() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    const Shown before = f.session.shown();
    f.open(writeMixed(folder));
    auto* browser = f.awaitDialog<TensorBrowser>();
    QVERIFY(browser);
    QTest::keyClick(treeOf(*browser), Qt::Key_Escape);
    QVERIFY(f.await([&] { return !f.window.findChild<TensorBrowser*>(); }));
    QVERIFY(f.session.recipe() == defaultRecipe());
    QVERIFY(f.session.shown().snapshot == before.snapshot);
}

void BrowserTest::aTensorAloneOpensAtOnce() {
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("one.npz"));
    NpzWriter writer(path.toStdString());
    writer.add("x", counting({6, 2}));
    writer.commit();
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(path);
    QVERIFY(f.await([&] { return f.session.recipe().name == "one.npz" && f.session.channels() == 2; }));
    QVERIFY(!f.window.findChild<QDialog*>());
}

void BrowserTest::badFilesAreASentence_data() {
    QTest::addColumn<QString>("name");
    for (const char* extension : {"npy", "npz", "csv", "safetensors", "pt"})
        for (const QString& name : interop::badFiles(extension))
            QTest::newRow(qPrintable(name)) << name;
}

/// The window's way of opening, which reads on another thread: what must be refused is one sentence about the file and
/// leaves the session alone; the rest ends in a dialog or in a run.
void BrowserTest::badFilesAreASentence() {
    QFETCH(QString, name);
    if (!m_window)  // one window for all: a bad file must not harm it
        m_window = std::make_unique<WindowFixture>();
    WindowFixture& f = *m_window;
    QVERIFY(f.ok);
    f.session.clearMessage();
    const Recipe before = f.session.recipe();
    const QString path = QString::fromStdString(interop::badFile(name).string());
    f.open(path);
    const auto dialog = [&] { return f.window.findChild<QDialog*>(); };
    QVERIFY(f.await([&] {
        const bool reads = f.find<QAbstractButton>("cancelOpening")->isVisible();
        return !reads && !f.session.isOpening()
               && (!f.session.message().isEmpty() || dialog() || !(f.session.recipe() == before));
    }));
    if (!f.session.message().isEmpty()) {
        QVERIFY2(f.session.message().contains(name) && !f.session.message().contains(u'\n'),
                 qPrintable(f.session.message()));
        QVERIFY(f.session.recipe() == before);
        QVERIFY(!dialog());
    }
    static const QStringList refusedByTheLayer{"npz_state_shape_mismatch.npz", "csv_one_row.csv"};
    if (interop::expectation(name) == "reject" && !refusedByTheLayer.contains(name))
        QVERIFY2(f.session.recipe() == before, qPrintable(name));
    if (auto* open = dialog()) {
        open->reject();
        QVERIFY(f.await([&] { return !dialog(); }));
    }
}

int main(int argc, char** argv) {
    return runWindowTest<BrowserTest>(argc, argv);
}
#include "browser_test.moc"
