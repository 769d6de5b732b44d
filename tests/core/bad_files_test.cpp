// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/state_file.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QTest>

using namespace bnstudio;

/// Every malformed file of tests/data/interop/bad does what its manifest says: it is refused with one line that names
/// it, or it loads, or it loads with a note.
class BadFilesTest : public QObject {
    Q_OBJECT

private slots:
    void doesWhatTheManifestSays_data();
    void doesWhatTheManifestSays();
};

void BadFilesTest::doesWhatTheManifestSays_data() {
    QTest::addColumn<QString>("name");
    for (const char* extension : {"npy", "npz", "safetensors", "pt", "csv"})
        for (const QString& name : interop::badFiles(extension))
            QTest::newRow(qPrintable(name)) << name;
}

void BadFilesTest::doesWhatTheManifestSays() {
    QFETCH(QString, name);
    // Well-formed files: what is wrong with them concerns the layer that is to use them.
    static const QStringList refusedByTheLayer{"npy_1d.npy", "npz_state_shape_mismatch.npz", "csv_one_row.csv"};
    const QString expected = interop::expectation(name);
    const std::filesystem::path path = interop::badFile(name);
    std::vector<std::string> notes;
    bool isRefused = false;
    try {
        const TensorFile file = openTensorFile(path);
        notes = file.notes;
        for (const auto& tensor : file.tensors)
            QCOMPARE(tensor->read().shape(), tensor->shape());
        if (name.startsWith("bn_")) {  // well-formed files, whose state dict a layer is to load
            const StateFile state(path.string());
            notes = state.loadFor(state.layerOptions()).notes;
        }
    } catch (const Error& error) {
        isRefused = true;
        const QString message = QString::fromUtf8(error.what());
        if (!name.startsWith("bn_"))
            QCOMPARE(error.code(), ErrorCode::BadInput);
        QVERIFY2(message.startsWith(QString::fromStdString(path.string()) + ": "), qPrintable(message));
        // PyTorch's words about a state dict take several lines, which the command line joins.
        QVERIFY2(name.startsWith("bn_") || (!message.contains('\n') && message.size() < 400), qPrintable(message));
    }
    if (refusedByTheLayer.contains(name))
        QVERIFY(!isRefused);
    else if (expected == "reject")
        QVERIFY2(isRefused, "was loaded");
    else if (expected == "warn")
        QVERIFY2(!isRefused && !notes.empty(), "was refused, or loaded without a note");
    else
        QCOMPARE(expected, "ok_or_reject");
}

QTEST_GUILESS_MAIN(BadFilesTest)
#include "bad_files_test.moc"
