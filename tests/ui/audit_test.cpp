// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_writer.h"
#include "core/io/state_file.h"
#include "support/interop.h"
#include "ui/models/audit_model.h"
#include "ui/panels/import_report_dialog.h"
#include "ui/panels/layer_audit_dialog.h"
#include "ui/panels/message_bar.h"
#include "ui/panels/reestimate_dialog.h"
#include "ui/panels/tensor_browser.h"
#include "window_fixture.h"

#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTableView>

using namespace bnstudio;

namespace {

QString interopPath(const char* name) {
    return QString::fromStdString(interop::goodFile(QLatin1String(name)).string());
}

Tensor vectorOf(std::initializer_list<float> values) {
    return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

/// Layers good. and bad., of which the second one in the file is the suspicious one; bad. has no counter.
QString writeModel(const QTemporaryDir& folder) {
    const QString path = folder.filePath(QStringLiteral("model.npz"));
    NpzWriter writer(path.toStdString());
    for (const char* prefix : {"good.", "bad."}) {
        const bool isBad = prefix[0] == 'b';
        writer.add(std::string(prefix) + "weight", vectorOf({1, 2}));
        writer.add(std::string(prefix) + "bias", vectorOf({0, 0.5F}));
        writer.add(std::string(prefix) + "running_mean", vectorOf({3, 4}));
        writer.add(std::string(prefix) + "running_var", vectorOf({2, isBad ? -1.0F : 1.0F}));
        Tensor counter(DType::Int64, {});
        counter.values<std::int64_t>()[0] = 5;
        if (!isBad)
            writer.add(std::string(prefix) + "num_batches_tracked", counter);
    }
    writer.add("fc.weight", Tensor(DType::Float32, {4, 2}));
    writer.commit();
    return path;
}

QString layerIn(const QTableView& table, int row) {
    return table.model()->index(row, AuditModel::Layer).data().toString();
}

}  // namespace

class AuditTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QSettings().clear(); }
    void aModelOpensAsAnAudit();
    void theWorstComesFirst();
    void loadsALayerAndGoesOnFromIt();
    void reportsWhatTheImportDid();
    void lettersFilterTheLayers();
    void leadsToAllTensors();
    void savesTheStateOfTheStep();
    void reestimatesFromOnePass();
    void reestimatesUnderTheModelsOwnPrefix();
};

void AuditTest::aModelOpensAsAnAudit() {
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(interopPath("model.safetensors"));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    auto* table = f.find<QTableView>("auditTable");
    QCOMPARE(table->model()->rowCount(), 2);
    QCOMPARE((QStringList{layerIn(*table, 0), layerIn(*table, 1)}),
             (QStringList{QStringLiteral("net.1"), QStringLiteral("net.4")}));
    QCOMPARE(table->model()->index(1, AuditModel::Features).data().toString(), QStringLiteral("6"));
    QVERIFY(f.session.recipe() == defaultRecipe());
}

void AuditTest::theWorstComesFirst() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeModel(folder));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    auto* table = f.find<QTableView>("auditTable");
    QCOMPARE(layerIn(*table, 0), QStringLiteral("bad"));
    QCOMPARE(table->model()->index(0, AuditModel::Suspicion).data().toString(), QStringLiteral("negative variance"));
    QVERIFY(f.find<QLabel>("auditSummary")->text().contains(QStringLiteral("2 batch-norm layers, 1 ")));
    QVERIFY(f.find<QLabel>("auditFindings")->text().contains(u'•'));
    const QAbstractItemModel* values = f.find<QTableView>("auditValues")->model();
    QVERIFY(f.await([&] { return values->rowCount() == 2; }));
    QCOMPARE(values->index(1, 3).data().toString(), QStringLiteral("-1"));
}

void AuditTest::loadsALayerAndGoesOnFromIt() {
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(interopPath("model.safetensors"));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    auto* table = f.find<QTableView>("auditTable");
    QTest::keyClick(table, Qt::Key_Down);
    QTest::keyClick(table, Qt::Key_Return);
    QVERIFY(f.await([&] { return f.session.recipe().name == "model.safetensors · net.4"; }));
    QVERIFY(f.awaitRun());
    QCOMPARE(f.session.channels(), 6);
    const StateFile file(interopPath("model.safetensors").toStdString() + "::net.4.");
    const LayerState expected = file.loadFor(file.layerOptions()).state;
    QVERIFY(f.session.recipe().lanes[0].initialState == expected);
    f.session.goTo(2);
    QVERIFY(f.awaitRun());
    QCOMPARE(f.session.shown().state->layer.state().numBatchesTracked,
             std::optional<std::int64_t>(*expected.numBatchesTracked + 3));
}

void AuditTest::reportsWhatTheImportDid() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeModel(folder));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    QTest::keyClick(f.find<QTableView>("auditTable"), Qt::Key_Return);
    auto* bar = f.window.findChild<MessageBar*>();
    QVERIFY(f.await([&] { return bar->text().startsWith(QStringLiteral("bad of model.npz was loaded: ")); }));
    for (auto* button : bar->findChildren<QPushButton*>())
        if (button->text() == QStringLiteral("Details…"))
            QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(f.awaitDialog<ImportReportDialog>());
    QVERIFY(f.find<QLabel>("reportSuspicious")->text().contains(QStringLiteral("running_var")));
}

void AuditTest::lettersFilterTheLayers() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeModel(folder));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    auto* table = f.find<QTableView>("auditTable");
    QTest::keyClicks(table, QStringLiteral("go"));
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(layerIn(*table, 0), QStringLiteral("good"));
    QTest::keyClick(f.find<QLineEdit>("auditFilter"), Qt::Key_Return);
    QVERIFY(f.await([&] { return f.session.recipe().name == "model.npz · good"; }));
}

void AuditTest::leadsToAllTensors() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(writeModel(folder));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    f.click("auditBrowse");
    QVERIFY(f.awaitDialog<TensorBrowser>());
    f.click("auditButton");
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
}

void AuditTest::savesTheStateOfTheStep() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    const LayerState shown = f.session.shown().state->layer.state();
    for (const char* name : {"bn.npz", "bn.safetensors"}) {
        const QString path = folder.filePath(QLatin1String(name));
        f.window.files().saveState(path);
        QVERIFY2(f.session.message().isEmpty(), qPrintable(f.session.message()));
        const StateFile file(path.toStdString());
        QVERIFY(file.loadFor(file.layerOptions()).state == shown);
    }
    f.window.files().saveState(folder.filePath(QStringLiteral("bn.doc")));
    QVERIFY(f.session.message().contains(QStringLiteral("bn.doc")));
}

void AuditTest::reestimatesFromOnePass() {
    const QTemporaryDir folder;
    WindowFixture f;
    QVERIFY(f.ok);
    // Three batches of two samples: means 1, 3 and 8 of channel 0, unbiased variances 2, 2 and 2.
    const QString path = folder.filePath(QStringLiteral("both.npz"));
    NpzWriter writer(path.toStdString());
    writer.add("x.0", Tensor::of<float>({2, 2}, {0, 0, 2, 4}));
    writer.add("x.1", Tensor::of<float>({2, 2}, {2, 1, 4, 1}));
    writer.add("x.2", Tensor::of<float>({2, 2}, {7, 2, 9, 0}));
    writer.add("net.1.weight", vectorOf({3, 5}));
    writer.add("net.1.bias", vectorOf({7, 9}));
    writer.add("net.1.running_mean", vectorOf({100, 100}));
    writer.add("net.1.running_var", vectorOf({50, 50}));
    Tensor counter(DType::Int64, {});
    counter.values<std::int64_t>()[0] = 1000;
    writer.add("net.1.num_batches_tracked", counter);
    writer.commit();
    f.open(path);
    QVERIFY(f.awaitDialog<TensorBrowser>());
    f.click("browserOpen");
    QVERIFY(f.await([&] { return f.session.recipe().name == "both.npz · net.1"; }));
    QVERIFY(f.awaitRun());

    f.window.files().reestimate();
    auto* dialog = f.awaitDialog<ReestimateDialog>();
    QVERIFY(dialog);
    QCOMPARE(f.find<QSpinBox>("reestimateBatches")->value(), 3);
    QCOMPARE(f.find<QLineEdit>("reestimatePrefix")->text(), QStringLiteral("net.1."));
    f.click("reestimateCompute");
    QVERIFY(f.await([&] { return f.find<QPushButton>("reestimateSave")->isEnabled(); }));
    const QString saved = folder.filePath(QStringLiteral("stats.npz"));
    dialog->saveTo(saved);
    const TensorFile file = openTensorFile(saved.toStdString());
    QCOMPARE(file.tensors.size(), std::size_t{3});  // only the buffers
    // Cumulative averages of (1, 3, 8) and (2, 1, 1), and of variances (2, 2, 2) and (8, 0, 2), exact up to the
    // rounding of thirds in float32.
    const Tensor mean = file.find("net.1.running_mean")->read(), var = file.find("net.1.running_var")->read();
    const auto isClose = [](double value, double expected) { return std::abs(value - expected) <= 4e-7 * expected; };
    QVERIFY(isClose(mean.at(0), 4) && isClose(mean.at(1), 4.0 / 3));
    QVERIFY(isClose(var.at(0), 2) && isClose(var.at(1), 10.0 / 3));
    QCOMPARE(file.find("net.1.num_batches_tracked")->read().at(0), 3.0);
    f.click("reestimateCopy");
    QCOMPARE(QApplication::clipboard()->text(),
             QStringLiteral("model.load_state_dict({k: torch.from_numpy(v) for k, v in "
                            "numpy.load('stats.npz').items()}, strict=False)"));

    f.click("reestimateUse");
    const LayerState& start = *f.session.recipe().lanes[0].initialState;
    QVERIFY(start.weight == (ChannelVector{3, 5}) && start.bias == (ChannelVector{7, 9}));
    QCOMPARE((*start.runningMean)[0], mean.at(0));
    QCOMPARE(start.numBatchesTracked, std::optional<std::int64_t>(3));
}

/// What is saved goes into the model, which knows nothing of the checkpoint around its state dict.
void AuditTest::reestimatesUnderTheModelsOwnPrefix() {
    WindowFixture f;
    QVERIFY(f.ok);
    f.open(interopPath("checkpoint.pt"));
    QVERIFY(f.awaitDialog<LayerAuditDialog>());
    auto* table = f.find<QTableView>("auditTable");
    const QString inFile = layerIn(*table, 0);
    QVERIFY(inFile.startsWith(QStringLiteral("model_state_dict.net.")));
    QTest::keyClick(table, Qt::Key_Return);
    QVERIFY(f.await([&] { return QString::fromStdString(f.session.recipe().name).endsWith(inFile); }));
    QVERIFY(f.awaitRun());
    f.window.files().reestimate();
    QVERIFY(f.awaitDialog<ReestimateDialog>());
    QCOMPARE(f.find<QLineEdit>("reestimatePrefix")->text(),
             inFile.mid(QStringLiteral("model_state_dict.").size()) + u'.');
}

int main(int argc, char** argv) {
    return runWindowTest<AuditTest>(argc, argv);
}
#include "audit_test.moc"
