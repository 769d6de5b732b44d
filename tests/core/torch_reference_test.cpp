// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QFile>
#include <QJsonDocument>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;

/// Files that an installed PyTorch writes, against what PyTorch says is in them.
class TorchReferenceTest : public QObject {
    Q_OBJECT

private slots:
    void readsWhatThisPyTorchWrites();
};

namespace {

const QString python = QStringLiteral("/usr/bin/python3");

bool runsPython(const QStringList& arguments) {
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(python, arguments);
    return process.waitForFinished(120'000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
}

bool hasTorch() {
    QProcess probe;
    probe.start(python, {"-c", "import torch"});
    return probe.waitForFinished(120'000) && probe.exitStatus() == QProcess::NormalExit && probe.exitCode() == 0;
}

}  // namespace

void TorchReferenceTest::readsWhatThisPyTorchWrites() {
    if (!hasTorch())
        QSKIP("python3-torch is not installed");
    const QTemporaryDir folder;
    QVERIFY(runsPython({"-B", QStringLiteral(BNSTUDIO_TEST_DATA "/core/torch_reference.py"), folder.path()}));
    QFile manifest(folder.filePath("expected.json"));
    QVERIFY(manifest.open(QIODevice::ReadOnly));
    const QJsonArray files = QJsonDocument::fromJson(manifest.readAll()).array();
    QCOMPARE(files.size(), 24);
    for (qsizetype number = 0; number < files.size(); ++number) {
        const TensorFile file = openTensorFile(folder.filePath(QString::number(number) + ".pt").toStdString());
        const QJsonArray expected = files[number].toArray();
        QCOMPARE(static_cast<qsizetype>(file.tensors.size()), expected.size());
        for (qsizetype i = 0; i < expected.size(); ++i) {
            const QJsonObject entry = expected[i].toObject();
            const Tensor values = file.tensors[static_cast<std::size_t>(i)]->read();
            QCOMPARE(QString::fromStdString(file.tensors[static_cast<std::size_t>(i)]->name()),
                     entry["name"].toString());
            QCOMPARE(QString::fromStdString(std::string(bnstudio::name(values.dtype()))), entry["dtype"].toString());
            QCOMPARE(values.shape(), interop::dims(entry["shape"].toArray()));
            QCOMPARE(interop::sha256(values), entry["sha256_le_c"].toString().toLatin1());
        }
    }
}

QTEST_GUILESS_MAIN(TorchReferenceTest)
#include "torch_reference_test.moc"
