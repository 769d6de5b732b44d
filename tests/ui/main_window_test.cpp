// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_writer.h"
#include "ui/files.h"
#include "ui/focus_keys.h"
#include "ui/main_window.h"
#include "ui/panels/timeline.h"
#include "ui/plots/distribution_view.h"
#include "ui/plots/loss_view.h"
#include "ui/plots/running_stat_view.h"
#include "ui/theme.h"

#include <QApplication>
#include <QDockWidget>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

using namespace bnstudio;

namespace {

constexpr int patienceMs = 60000;
const QString samples = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/samples/");

/// A window on the default recipe, shown offscreen.
struct Fixture {
    explicit Fixture(std::int64_t steps = 20) : session(defaultRecipe(), steps), window(session) {
        window.show();
        ok = QTest::qWaitForWindowExposed(&window) && awaitStep(steps - 1);
    }
    bool awaitStep(std::int64_t step) {
        return QTest::qWaitFor([&] { return session.shown().step == step && session.playhead() == step; }, patienceMs);
    }
    bool awaitMessage() {
        return QTest::qWaitFor([&] { return !session.message().isEmpty(); }, patienceMs);
    }
    bool open(const QString& path) {
        const QString name = QFileInfo(path).fileName();
        window.document().open(path);
        return QTest::qWaitFor(
            [&] {
                return !session.isOpening() && session.recipe().name == name.toStdString() && session.isCurrent()
                       && session.shown().step >= 0;
            },
            patienceMs);
    }
    template <class T>
    T* find(const char* name) {
        T* widget = window.findChild<T*>(QLatin1String(name));
        if (!widget)
            qFatal("no widget named %s", name);
        return widget;
    }
    template <class T>
    T* find() {
        return window.findChild<T*>();
    }
    void click(const char* name) { QTest::mouseClick(find<QAbstractButton>(name), Qt::LeftButton); }
    void type(const char* field, const QString& text) {
        auto* edit = find<QLineEdit>(field);
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
        QTest::keyClick(edit, Qt::Key_Return);
    }
    std::vector<double> runningMean() const { return *session.shown().state->layer.state().runningMean; }

    Session session;
    MainWindow window;
    bool ok = false;
};

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

class MainWindowTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void showsTheDefaultRunInEveryPanel() {
        Fixture f;
        QVERIFY(f.ok);
        QCOMPARE(f.session.channels(), 8);
        for (auto* view : f.window.findChildren<PlotView*>()) {
            view->refresh();
            QVERIFY2(view->emptyText().isEmpty(), qPrintable(view->title() + ": " + view->emptyText()));
        }
    }

    void stepsForwardAndBackByButtonsAndKeys() {
        Fixture f;
        QVERIFY(f.ok);
        const auto at19 = f.runningMean();
        f.click("forwardButton");
        QVERIFY(f.awaitStep(20));
        QVERIFY(f.runningMean() != at19);
        f.click("backButton");
        QVERIFY(f.awaitStep(19));
        QVERIFY(f.runningMean() == at19);
        f.window.setFocus();
        QTest::keyClick(&f.window, Qt::Key_Left);
        QVERIFY(f.awaitStep(18));
        QTest::keyClick(&f.window, Qt::Key_Home);
        QVERIFY(f.awaitStep(-1));
        QTest::keyClick(&f.window, Qt::Key_End);
        QVERIFY(f.awaitStep(20));
        QTest::keyClick(&f.window, Qt::Key_Left, Qt::ShiftModifier);
        QVERIFY(f.awaitStep(10));
    }

    void plotsShowTheSeries() {
        Fixture f;
        QVERIFY(f.ok);
        auto* view = f.find<RunningStatView>();
        view->refresh();
        const auto line = view->plottedLine(PlotRole::Running, f.session.currentChannel());
        QVERIFY(line.size() >= 20);
        QCOMPARE(line.back().y(), f.session.series().at(Quantity::RunningMean, 19, f.session.currentChannel()));
    }

    void jumpsToATypedStep() {
        Fixture f;
        QVERIFY(f.ok);
        f.type("stepField", QStringLiteral("7"));
        QVERIFY(f.awaitStep(7));
        f.type("stepField", QStringLiteral("40"));
        QVERIFY(f.awaitStep(40));
        QCOMPARE(f.session.head(), 41);
        f.type("stepField", QStringLiteral("seven"));
        QVERIFY(f.session.message().contains(QStringLiteral("seven")));
        QCOMPARE(f.session.playhead(), 40);
    }

    void dragsTheTimeline() {
        Fixture f;
        QVERIFY(f.ok);
        auto* timeline = f.find<Timeline>();
        const auto at = [&](std::int64_t step) {
            return QPoint(static_cast<int>(timeline->xOf(static_cast<double>(step) + 0.5)), 36);
        };
        QTest::mousePress(timeline, Qt::LeftButton, {}, at(15));
        QTest::mouseMove(timeline, at(9));
        QTest::mouseRelease(timeline, Qt::LeftButton, {}, at(9));
        QVERIFY(f.awaitStep(9));
    }

    void changesMomentumAndTakesItBack() {
        Fixture f;
        QVERIFY(f.ok);
        const auto before = f.runningMean();
        f.type("momentumField", QStringLiteral("0.5"));
        QCOMPARE(f.session.recipe().lanes[0].layer.momentum, std::optional(0.5));
        QVERIFY(QTest::qWaitFor([&] { return f.runningMean() != before && f.session.isCurrent(); }, patienceMs));
        QTest::keyClick(&f.window, Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return f.runningMean() == before; }, patienceMs));
        QCOMPARE(f.session.recipe().lanes[0].layer.momentum, std::optional(0.1));
        QVERIFY(!f.window.document().isModified());
    }

    void nonsenseInAFieldChangesNothing() {
        Fixture f;
        QVERIFY(f.ok);
        f.type("momentumField", QStringLiteral("fast"));
        f.type("epsField", QStringLiteral("-1"));
        f.type("epsField", QString());
        QVERIFY(f.session.recipe() == defaultRecipe());
        QVERIFY(!f.session.message().isEmpty());
    }

    void evalFromAStepIsAnEvent() {
        Fixture f;
        QVERIFY(f.ok);
        f.click("evalButton");
        QVERIFY(QTest::qWaitFor([&] { return f.session.shown().lane && !f.session.shown().lane->before->trainMode; },
                                patienceMs));
        QCOMPARE(f.session.recipe().events.size(), 1u);
        QCOMPARE(f.session.recipe().events[0].step, 19);
        QVERIFY(!f.session.shown().lane->forward.usedBatchStatistics);
    }

    void opensATable() {
        Fixture f;
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
        Fixture f;
        QVERIFY(f.ok);
        f.window.files().open(path);
        auto* notes = f.find<QLabel>("statusNotes");
        QVERIFY(QTest::qWaitFor([&] { return notes->text().contains(QStringLiteral("counts.csv")); }));
        QVERIFY2(!notes->text().contains(folder.path()), qPrintable(notes->text()));
        QVERIFY2(notes->toolTip().contains(path), qPrintable(notes->toolTip()));
    }

    void opensAnArrayOfThreeAxes() {
        Fixture f;
        QVERIFY(f.ok);
        QVERIFY(f.open(samples + QStringLiteral("digits.npy")));
        QCOMPARE(f.session.channels(), 8);
        QVERIFY(f.session.shown().snapshot->batchShape == (Dims{32, 8, 8}));
    }

    void opensADroppedFile() {
        Fixture f;
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
        Fixture f;
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
        Fixture f;
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
        Fixture f;
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
        Fixture f;
        QVERIFY(f.ok);
        f.window.document().open(QStringLiteral("/nonexistent/x.npy"));
        QVERIFY(f.session.message().contains(QStringLiteral("/nonexistent/x.npy")));
        f.session.clearMessage();
        f.window.document().open(QDir::tempPath());
        QVERIFY(f.session.message().contains(QDir::tempPath()));
        QVERIFY(f.session.recipe() == defaultRecipe());
    }

    void savesAndReopens() {
        Fixture f;
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

        Fixture g;
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
        Fixture f;
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

    void theLayoutComesBack() {
        {
            Fixture f;
            QVERIFY(f.ok);
            f.find<QDockWidget>("heat")->close();
            QVERIFY(f.window.close());
        }
        Fixture f;
        QVERIFY(f.ok);
        f.window.restoreLayout();
        QVERIFY(!f.find<QDockWidget>("heat")->isVisible());
        f.window.docks().arrange();
        QVERIFY(f.find<QDockWidget>("heat")->isVisible());
    }

    void aCrashLeavesARecipeToRecover() {
        Recipe edited;
        {
            Fixture f;
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
        Fixture f;
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

    void oneSelectionForAllViews() {
        Fixture f;
        QVERIFY(f.ok);
        f.session.selectChannel(5);
        QVERIFY(QTest::qWaitFor(
            [&] { return f.session.shown().distributions && f.session.shown().distributions->channel == 5; },
            patienceMs));
        auto* view = f.find<RunningStatView>();
        view->refresh();
        QVERIFY(!view->plottedLine(PlotRole::Running, 5).empty());
        QVERIFY(view->plottedLine(PlotRole::Running, 3).empty());
    }

    void aRefusedBatchIsShownNotAlarmed() {
        Fixture f;
        QVERIFY(f.ok);
        Recipe recipe = f.session.recipe();
        std::get<GeneratorSpec>(recipe.data.sources[0]).n = 1;
        f.session.edit(QStringLiteral("N"), recipe);
        QVERIFY(
            QTest::qWaitFor([&] { return f.session.shown().lane && f.session.shown().lane->refused(); }, patienceMs));
        QVERIFY(QApplication::activeModalWidget() == nullptr);
        for (auto* view : f.window.findChildren<PlotView*>())
            view->refresh();
    }

    void everyControlHasAName() {
        Fixture f;
        QVERIFY(f.ok);
        for (auto* button : f.window.findChildren<QAbstractButton*>())
            if (button->isVisible() && button->focusPolicy() != Qt::NoFocus)
                QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty(),
                         qPrintable(button->objectName()));
    }

    void noTwoActionsShareAKey() {
        QSet<QString> seen;
        for (const ActionSpec& spec : actionTable())
            for (const QKeySequence& key : spec.keys) {
                QVERIFY2(!seen.contains(key.toString()), qPrintable(key.toString()));
                seen.insert(key.toString());
            }
    }
};

int main(int argc, char** argv) {
    // Settings, autosaves and caches of the test stay in a folder of its own.
    const QTemporaryDir home;
    for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"})
        qputenv(name, home.path().toUtf8());
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("bnstudio"));
    QApplication::setApplicationName(QStringLiteral("bnstudio"));
    FocusKeys keys;
    application.installEventFilter(&keys);
    Theme::instance().apply(application, Theme::Mode::Light);
    MainWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "main_window_test.moc"
