// SPDX-License-Identifier: GPL-3.0-or-later
// Ways into the browser and out of it, and files that do not get there.
#include "tests/ui/tensor_files.h"
#include "ui/panels/layer_audit_dialog.h"

#include <QDropEvent>
#include <QLabel>
#include <QMimeData>

#include <memory>

using namespace bnstudio;
using namespace bnstudio::test;
using Kind = TensorNode::Kind;

class BrowserOpeningTest : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanupTestCase() { m_window.reset(); }
    void listsWhatAPickleWanted();
    void dropsTakeTheSameWay();
    void cancellingChangesNothing();
    void closingTheBrowserChangesNothing();
    void aTensorAloneOpensAtOnce();
    void badFilesAreASentence_data();
    void badFilesAreASentence();

private:
    std::unique_ptr<WindowFixture> m_window;
};

void BrowserOpeningTest::init() {
    QSettings().clear();
}

void BrowserOpeningTest::listsWhatAPickleWanted() {
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

void BrowserOpeningTest::dropsTakeTheSameWay() {
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

void BrowserOpeningTest::cancellingChangesNothing() {
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

void BrowserOpeningTest::closingTheBrowserChangesNothing() {
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

void BrowserOpeningTest::aTensorAloneOpensAtOnce() {
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

void BrowserOpeningTest::badFilesAreASentence_data() {
    QTest::addColumn<QString>("name");
    for (const char* extension : {"npy", "npz", "csv", "safetensors", "pt"})
        for (const QString& name : interop::badFiles(extension))
            QTest::newRow(qPrintable(name)) << name;
}

/// The window's way of opening, which reads on another thread: what must be refused is one sentence about the file and
/// leaves the session alone; the rest ends in a dialog or in a run.
void BrowserOpeningTest::badFilesAreASentence() {
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
    return runWindowTest<BrowserOpeningTest>(argc, argv);
}
#include "browser_opening_test.moc"
