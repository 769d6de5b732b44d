// SPDX-License-Identifier: GPL-3.0-or-later
// Users in a hurry: what nobody does on purpose must neither crash nor lose anything.
#include "ui/plots/plot_view.h"
#include "window_driver.h"

#include <QLineEdit>

#include <random>

using namespace bnstudio;

namespace {

/// Whether everything in front draws without a crash and a further step can be taken.
bool isAlive(WindowDriver& f) {
    f.window.grab();
    f.session.pause();
    const std::int64_t next = f.session.head();
    f.session.goTo(next);
    return f.awaitStep(next);
}

}  // namespace

class HostileUserTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void dropsWhatIsNoData_data();
    void dropsWhatIsNoData();
    void dropsOtherNumbersOfChannels();
    void emptiesEveryField();
    void closesInTheMidstOfABatch();
    void closesWhilePlayingAndSaving();
    void undoesAndRedoesInAStorm();
    void switchesThemesWhilePlaying();
    void usesEverythingBeforeTheFirstStep();
    void smallestBatches_data();
    void smallestBatches();
};

void HostileUserTest::dropsWhatIsNoData_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("missing") << "missing.csv" << QByteArray();
    QTest::newRow("empty table") << "empty.csv" << QByteArray("");
    QTest::newRow("words") << "words.csv" << QByteArray("to be or not to be\n");
    QTest::newRow("head alone") << "head.csv" << QByteArray("a,b,c\n");
    QTest::newRow("zeros as npy") << "zeros.npy" << QByteArray(4096, '\0');
    QTest::newRow("zeros as pt") << "zeros.pt" << QByteArray(4096, '\0');
    QTest::newRow("half a recipe") << "half.json" << QByteArray("{\"data\":");
    QTest::newRow("a picture without a run") << "plain.svg" << QByteArray("<svg xmlns='http://www.w3.org/2000/svg'/>");
    QTest::newRow("no ending") << "noending"
                               << QByteArray("\x7f"
                                             "ELF\x02\x01\x01",
                                             7);
    QTest::newRow("a folder") << "" << QByteArray();
}

void HostileUserTest::dropsWhatIsNoData() {
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    const QTemporaryDir folder;
    const QString path = folder.filePath(name);
    if (!name.startsWith(QStringLiteral("missing")) && !name.isEmpty()) {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    }
    WindowDriver f(4);
    QVERIFY(f.ok);
    const Recipe before = f.session.recipe();
    f.drop(path);
    QVERIFY(f.await([&] { return !f.session.message().isEmpty(); }));
    QVERIFY(f.await([&] { return !f.session.isOpening(); }));
    QVERIFY(f.session.recipe() == before);
    QVERIFY(isAlive(f));
}

// The default recipe has a teacher for eight channels.
void HostileUserTest::dropsOtherNumbersOfChannels() {
    WindowDriver f(4);
    QVERIFY(f.ok);
    const QString samples = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/samples/");
    for (const auto& [name, channels] : {std::pair(samples + "wine.csv", 13), std::pair(samples + "iris.csv", 4)}) {
        f.drop(name);
        QVERIFY(f.await([&, wanted = channels] { return f.session.channels() == wanted; }) && f.settle());
        f.session.goTo(2);
        QVERIFY(f.awaitStep(2));
        QVERIFY2(!f.session.shown().lane->refused(), f.session.shown().lane->error.c_str());
    }
}

void HostileUserTest::emptiesEveryField() {
    WindowDriver f(4);
    QVERIFY(f.ok);
    const Recipe before = f.session.recipe();
    int fields = 0;
    for (auto* field : f.window.findChildren<QLineEdit*>()) {
        if (!field->isVisible() || !field->isEnabled() || field->isReadOnly())
            continue;
        for (const QString& nonsense : {QString(), QStringLiteral("-"), QStringLiteral("1e999"), QStringLiteral("nan"),
                                        QStringLiteral("1/2/3/4/5/6/7/8/9"), QStringLiteral("%1 %n")}) {
            field->setFocus();
            field->setText(nonsense);
            f.key(Qt::Key_Return);
        }
        f.key(Qt::Key_Escape);
        ++fields;
    }
    QVERIFY(fields > 10);
    while (f.session.undoStack().canUndo())
        f.session.undoStack().undo();
    QVERIFY(f.session.recipe() == before);
    QVERIFY(f.settle() && isAlive(f));
}

void HostileUserTest::closesInTheMidstOfABatch() {
    for (int waitMs : {0, 5, 40}) {
        WindowDriver f(2);
        QVERIFY(f.ok);
        f.session.open(recipeOfBatches(1024, 1024), 400);
        QTest::qWait(waitMs);
        f.window.close();
        QVERIFY(!f.window.isVisible());
    }
}

void HostileUserTest::closesWhilePlayingAndSaving() {
    const QTemporaryDir folder;
    WindowDriver f(200);
    QVERIFY(f.ok);
    f.session.setSpeed(1000);
    f.key(Qt::Key_Space);
    QVERIFY(f.session.isPlaying());
    f.answer({[&](QDialog& dialog) { dialog.reject(); }});
    QTimer::singleShot(0, &f.window, [&] { f.window.close(); });
    for (auto* action : f.window.findChildren<QAction*>())
        if (action->objectName() == QStringLiteral("Save a table"))
            action->trigger();
    QVERIFY(f.await([&] { return !f.window.isVisible(); }));
    QVERIFY(!f.session.isPlaying());
}

void HostileUserTest::undoesAndRedoesInAStorm() {
    WindowDriver f(30);
    QVERIFY(f.ok);
    const Recipe before = f.session.recipe();
    constexpr int edits = 60;
    for (int i = 0; i < edits; ++i) {
        Recipe next = f.session.recipe();
        next.lanes.front().layer.momentum = (i + 1) / 100.0;
        f.session.edit(QStringLiteral("momentum"), next);
    }
    const Recipe after = f.session.recipe();
    std::mt19937 random(7);
    for (int i = 0; i < 400; ++i) {
        const bool redo = random() % 2;
        f.key(Qt::Key_Z, redo ? Qt::ControlModifier | Qt::ShiftModifier : Qt::KeyboardModifiers(Qt::ControlModifier));
        if (i % 50 == 0)
            f.key(Qt::Key_Left);
    }
    for (int i = 0; i < edits; ++i)
        f.key(Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(f.session.recipe() == before);
    for (int i = 0; i < edits; ++i)
        f.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
    QVERIFY(f.session.recipe() == after);
    QVERIFY(f.settle() && isAlive(f));
}

void HostileUserTest::switchesThemesWhilePlaying() {
    WindowDriver f(20);
    QVERIFY(f.ok);
    f.session.setSpeed(1000);
    f.session.play();
    for (int i = 0; i < 20; ++i) {
        Theme::instance().apply(*qApp, i % 2 ? Theme::Mode::Light : Theme::Mode::Dark);
        f.window.resize(1100 + 20 * (i % 7), 750 + 10 * (i % 5));
        f.key(i % 3 ? Qt::Key_F5 : Qt::Key_F11);
        QTest::qWait(1);
    }
    Theme::instance().apply(*qApp, Theme::Mode::Light);
    QVERIFY(isAlive(f));
}

void HostileUserTest::usesEverythingBeforeTheFirstStep() {
    Session session(defaultRecipe(), 0);
    MainWindow window(session);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    window.grab();
    for (const int key : {Qt::Key_Left, Qt::Key_Comma, Qt::Key_End, Qt::Key_Home, Qt::Key_D, Qt::Key_E, Qt::Key_F,
                          Qt::Key_F6, Qt::Key_Up, Qt::Key_Down, Qt::Key_Return, Qt::Key_Escape, Qt::Key_T})
        QTest::keyClick(window.windowHandle(), static_cast<Qt::Key>(key));
    for (auto* view : window.findChildren<PlotView*>()) {
        view->refresh();
        (void)view->table();
        QVERIFY(!view->picture().isNull());
    }
    session.goTo(2);
    QVERIFY(QTest::qWaitFor([&] { return session.isCurrent() && session.shown().step == 2; }, patienceMs));
}

void HostileUserTest::smallestBatches_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("c");
    QTest::newRow("1 × 1") << 1 << 1;
    QTest::newRow("2 × 1") << 2 << 1;
    QTest::newRow("1 × 4096") << 1 << 4096;
    QTest::newRow("4096 × 1") << 4096 << 1;
}

void HostileUserTest::smallestBatches() {
    QFETCH(int, n);
    QFETCH(int, c);
    WindowDriver f(4);
    QVERIFY(f.ok && f.openRun(recipeOfBatches(n, c), 5));
    for (const Qt::Key key : {Qt::Key_T, Qt::Key_Comma, Qt::Key_Left, Qt::Key_Period, Qt::Key_End, Qt::Key_T}) {
        f.key(key);
        f.window.grab();
    }
    QVERIFY(f.settle() && isAlive(f));
    QCOMPARE(f.session.channels(), std::int64_t{c});
}

int main(int argc, char** argv) {
    return runWindowTest<HostileUserTest>(argc, argv);
}

#include "hostile_user_test.moc"
