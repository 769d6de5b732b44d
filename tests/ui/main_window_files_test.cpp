// SPDX-License-Identifier: GPL-3.0-or-later
// Files that the window opens, saves and brings back.
#include "core/io/npz_writer.h"
#include "tests/ui/run_window.h"

#include <QDropEvent>
#include <QLabel>
#include <QMessageBox>
#include <QMimeData>
#include <QTimer>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

/// Answers the next modal message box.
void answerNextQuestion(QMessageBox::StandardButton button, bool* asked) {
    auto* timer = new QTimer(qApp);
    QObject::connect(timer, &QTimer::timeout, timer, [=] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (!box)
            return;
        *asked = true;
        timer->stop();
        timer->deleteLater();
        box->button(button)->click();
    });
    timer->start(10);
}

}  // namespace

class MainWindowFilesTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QSettings().clear(); }
    void opensATable() {
        RunWindow f;
        QVERIFY(f.ok);
        QVERIFY(f.open(samples + QStringLiteral("iris.csv")));
        QCOMPARE(f.session.channels(), 4);
        QCOMPARE(f.session.facts().channelNames.size(), 4);
        QVERIFY(f.session.head() > 1);
        QVERIFY(f.window.windowTitle().contains(QStringLiteral("iris.csv")));
        QVERIFY(!f.window.document().isModified());
    }

    void theStatusBarNamesFilesAndNotTheirFolders() {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("counts.csv"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("a,b,words\n1,2,x\n3,4,y\n");
        file.close();
        RunWindow f;
        QVERIFY(f.ok);
        f.window.files().open(path);
        auto* notes = f.find<QLabel>("statusNotes");
        QVERIFY(QTest::qWaitFor([&] { return notes->text().contains(QStringLiteral("counts.csv")); }));
        QVERIFY2(!notes->text().contains(folder.path()), qPrintable(notes->text()));
        QVERIFY2(notes->toolTip().contains(path), qPrintable(notes->toolTip()));
    }

    void opensAnArrayOfThreeAxes() {
        RunWindow f;
        QVERIFY(f.ok);
        QVERIFY(f.open(samples + QStringLiteral("digits.npy")));
        QCOMPARE(f.session.channels(), 8);
        QVERIFY(f.session.shown().snapshot->batchShape == (Dims{32, 8, 8}));
    }

    void opensADroppedFile() {
        RunWindow f;
        QVERIFY(f.ok);
        QMimeData files;
        files.setUrls({QUrl::fromLocalFile(samples + QStringLiteral("wine.csv"))});
        QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&f.window, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &files, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&f.window, &drop);
        QVERIFY(QTest::qWaitFor([&] { return f.session.channels() == 13 && f.session.isCurrent(); }, patienceMs));
    }

    void opensAFileAnewThatWasWrittenAnew() {
        RunWindow f;
        QVERIFY(f.ok);
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.csv"));
        const auto write = [&](const QByteArray& text) {
            QFile file(path);
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(text);
        };
        write("1,2\n3,4\n");
        QVERIFY(f.open(path));
        QCOMPARE(f.session.shown().lane->batch.mean[0], 2.0);
        write("10,2\n30,4\n");
        f.window.document().open(path);
        QVERIFY(QTest::qWaitFor(
            [&] {
                return f.session.isCurrent() && f.session.shown().lane && f.session.shown().lane->batch.mean[0] == 20.0;
            },
            patienceMs));
    }

    void takesUpstreamGradientsFromAFile() {
        RunWindow f;
        QVERIFY(f.ok);
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("dy.npy"));
        Tensor gradients(DType::Float32, {32, 8});
        for (std::int64_t i = 0; i < gradients.size(); ++i)
            gradients.set(i, 2);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(npyBytes(gradients)));
        file.close();
        f.window.files().useGradients(path);
        QVERIFY(QTest::qWaitFor(
            [&] {
                return !f.session.recipe().data.gradients.empty() && f.session.isCurrent() && f.session.shown().lane
                       && !f.session.shown().lane->loss;
            },
            patienceMs));
        QVERIFY(f.session.shown().lane->backward);
        QCOMPARE(f.session.shown().lane->backward->sumDy[0], 64.0);  // 32 samples of 2
        f.session.undoStack().undo();
        QVERIFY(f.session.recipe() == defaultRecipe());
    }

    void badFilesAreASentence_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("name");
        QTest::newRow("empty") << QByteArray() << "a.npy";
        QTest::newRow("text that is no table") << QByteArray("hello\nworld\n") << "a.csv";
        QTest::newRow("ragged rows") << QByteArray("1,2\n3\n") << "a.csv";
        QTest::newRow("wrong magic") << QByteArray("\x93NUMPX\x01\0 nonsense", 18) << "a.npy";
        QTest::newRow("truncated npz") << QByteArray("PK\x03\x04 and then nothing", 22) << "a.npz";
        QTest::newRow("not a recipe") << QByteArray("{\"hello\": 1}") << "a.json";
    }
    void badFilesAreASentence() {
        QFETCH(QByteArray, content);
        QFETCH(QString, name);
        RunWindow f;
        QVERIFY(f.ok);
        const auto before = f.runningMean();
        QTemporaryDir folder;
        QFile file(folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        f.window.document().open(file.fileName());
        QVERIFY(f.awaitMessage());
        QVERIFY2(f.session.message().contains(name), qPrintable(f.session.message()));
        QVERIFY(!f.session.message().contains(u'\n'));
        QVERIFY(QApplication::activeModalWidget() == nullptr);
        QVERIFY(f.session.recipe() == defaultRecipe());
        QVERIFY(f.runningMean() == before);
        f.click("forwardButton");
        QVERIFY(f.awaitStep(20));
    }

    void missingFilesAndFoldersAreASentence() {
        RunWindow f;
        QVERIFY(f.ok);
        f.window.document().open(QStringLiteral("/nonexistent/x.npy"));
        QVERIFY(f.session.message().contains(QStringLiteral("/nonexistent/x.npy")));
        f.session.clearMessage();
        f.window.document().open(QDir::tempPath());
        QVERIFY(f.session.message().contains(QDir::tempPath()));
        QVERIFY(f.session.recipe() == defaultRecipe());
    }

    void savesAndReopens() {
        RunWindow f;
        QVERIFY(f.ok);
        f.type("momentumField", QStringLiteral("0.25"));
        QTest::keyClick(&f.window, Qt::Key_T);
        QVERIFY(f.window.document().isModified());
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.json"));
        QVERIFY(f.window.document().save(path));
        QVERIFY(!f.window.document().isModified());
        const Recipe saved = f.session.recipe();
        QVERIFY(QTest::qWaitFor([&] { return f.session.isCurrent() && !f.session.settings().trainMode; }, patienceMs));

        RunWindow g;
        QVERIFY(g.ok);
        g.window.document().open(path);
        QVERIFY(QTest::qWaitFor([&] { return g.session.recipe() == saved; }, patienceMs));
        QCOMPARE(g.window.document().path(), path);
        g.session.goTo(19);
        QVERIFY(g.awaitStep(19));
        f.session.goTo(19);
        QVERIFY(f.awaitStep(19));
        QVERIFY(g.runningMean() == f.runningMean());
        QVERIFY(g.window.document().recentFiles().contains(path));
    }

    void closingAsksAboutUnsavedChanges() {
        RunWindow f;
        QVERIFY(f.ok);
        f.type("momentumField", QStringLiteral("0.25"));
        bool asked = false;
        answerNextQuestion(QMessageBox::Cancel, &asked);
        QVERIFY(!f.window.close());
        QVERIFY(asked);
        asked = false;
        answerNextQuestion(QMessageBox::Discard, &asked);
        QVERIFY(f.window.close());
        QVERIFY(asked);
    }

    void aCrashLeavesARecipeToRecover() {
        Recipe edited;
        {
            RunWindow f;
            QVERIFY(f.ok);
            f.type("momentumField", QStringLiteral("0.75"));
            f.window.document().autosaveNow();
            edited = f.session.recipe();
            // What a crash leaves: the file, and a lock that no living program holds.
            const QString folder = autosaveFolder();
            const QStringList files = QDir(folder).entryList({QStringLiteral("*.json")});
            QCOMPARE(files.size(), 1);
            QVERIFY(QFile::copy(folder + u'/' + files[0], folder + QStringLiteral("/crashed.json")));
            bool asked = false;
            answerNextQuestion(QMessageBox::Discard, &asked);
            f.window.close();
        }
        RunWindow f;
        QVERIFY(f.ok);
        const QString left = f.window.document().recoverableFile();
        QVERIFY(left.endsWith(QStringLiteral("crashed.json")));
        f.window.document().recover(left);
        QVERIFY(QTest::qWaitFor([&] { return f.session.recipe() == edited; }, patienceMs));
        QVERIFY(f.window.document().isModified());
        f.window.document().discard(left);
        bool asked = false;
        answerNextQuestion(QMessageBox::Discard, &asked);
        f.window.close();
    }
};

int main(int argc, char** argv) {
    return runWindowTest<MainWindowFilesTest>(argc, argv);
}
#include "main_window_files_test.moc"
