// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/targets.h"

#include <QDirIterator>
#include <QFile>
#include <QTest>

using namespace bnstudio;

/// Everything that fuzzing once found or starts from, through the functions the fuzzers call: a reader that throws
/// something else than an Error, reads beyond its input or gives tensors of another shape than promised ends the test.
class FuzzRegressionTest : public QObject {
    Q_OBJECT

private slots:
    void replays_data();
    void replays();
};

namespace {

QStringList filesBelow(const QString& folder, const QStringList& patterns) {
    QStringList files;
    QDirIterator found(QStringLiteral(BNSTUDIO_TEST_DATA "/data/") + folder, patterns, QDir::Files,
                       QDirIterator::Subdirectories);
    while (found.hasNext())
        files += found.next();
    files.sort();
    return files;
}

QString nameOf(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

}  // namespace

void FuzzRegressionTest::replays_data() {
    QTest::addColumn<int>("target");
    QTest::addColumn<QString>("path");
    const auto& targets = fuzz::targets();
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const QString target = nameOf(targets[i].name);
        QStringList files = filesBelow("fuzz/" + target, {"*"});
        for (const std::string_view extension : targets[i].seeds)
            files += filesBelow("interop", {"*." + nameOf(extension)});
        for (const QString& path : files)
            QTest::addRow("%s %s", qPrintable(target), qPrintable(path.section(u'/', -1)))
                << static_cast<int>(i) << path;
        QVERIFY2(!files.isEmpty(), qPrintable(target));
    }
}

void FuzzRegressionTest::replays() {
    QFETCH(int, target);
    QFETCH(QString, path);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray bytes = file.readAll();
    fuzz::targets()[static_cast<std::size_t>(target)].run(
        std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size()))));
}

QTEST_GUILESS_MAIN(FuzzRegressionTest)
#include "fuzz_regression_test.moc"
