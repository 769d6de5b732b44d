// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QTest>

using namespace bnstudio;

/// Every well-formed file of tests/data/interop that holds arrays: names, dtypes, shapes and the checksums of the
/// values that the manifest has.
class InteropFilesTest : public QObject {
    Q_OBJECT

private slots:
    void readsTheValues_data();
    void readsTheValues();
    void readsRowsInPieces_data() { readsTheValues_data(); }
    void readsRowsInPieces();
};

void InteropFilesTest::readsTheValues_data() {
    QTest::addColumn<QString>("name");
    for (const QString& name : interop::goodFiles("(npy|npz|safetensors|pt)"))
        QTest::newRow(qPrintable(name)) << name;
}

void InteropFilesTest::readsTheValues() {
    QFETCH(QString, name);
    const TensorFile file = openTensorFile(interop::goodFile(name));
    const QJsonArray expected = interop::expectedTensors(name);
    // A saved module and complex numbers: files in good order of which not everything is read, and which says so.
    QVERIFY2(file.notes.size() == (file.refused.empty() ? 0 : 1), file.notes.empty() ? "" : file.notes.front().c_str());
    QCOMPARE(static_cast<qsizetype>(file.tensors.size()), expected.size());
    for (const QJsonValue& entry : expected) {
        const std::string tensorName = entry["name"].toString().toStdString();
        const auto tensor = tensorName.empty() ? file.tensors.front() : file.find(tensorName);
        QVERIFY2(tensor, tensorName.c_str());
        const Tensor values = tensor->read();
        QCOMPARE(QString::fromStdString(std::string(bnstudio::name(values.dtype()))), entry["dtype"].toString());
        QCOMPARE(tensor->dtype(), values.dtype());
        QCOMPARE(values.shape(), interop::dims(entry["shape"].toArray()));
        QCOMPARE(tensor->shape(), values.shape());
        QCOMPARE(interop::sha256(values), entry["sha256_le_c"].toString().toLatin1());
    }
}

void InteropFilesTest::readsRowsInPieces() {
    QFETCH(QString, name);
    for (const auto& tensor : openTensorFile(interop::goodFile(name)).tensors) {
        const Tensor all = tensor->read();
        if (all.rank() == 0 || all.size() == 0)
            continue;
        const std::int64_t rows = all.shape()[0], perRow = all.size() / rows;
        for (std::int64_t first = 0; first < rows; first += 3) {
            Tensor piece;
            tensor->readRows(first, std::min<std::int64_t>(3, rows - first), piece);
            for (std::int64_t i = 0; i < piece.size(); ++i)
                QCOMPARE(piece.at(i), all.at(first * perRow + i));
        }
    }
}

QTEST_GUILESS_MAIN(InteropFilesTest)
#include "interop_files_test.moc"
