// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_writer.h"
#include "ui/card_dock.h"
#include "ui/files.h"
#include "ui/main_window.h"
#include "ui/panels/recording_panel.h"
#include "ui/panels/timeline.h"
#include "ui/plots/running_stat_view.h"
#include "ui/session/recorded_training.h"

#include <QDropEvent>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <map>

using namespace bnstudio;

namespace {

constexpr int patienceMs = 60000;
const QString sample = QStringLiteral(BNSTUDIO_SOURCE_DIR "/resources/samples/digits_mlp_trace.npz");

/// 80 steps of 24 channels as PyTorch recorded them, to be changed and written again.
struct Recording {
    Recording() {
        for (const auto& tensor : openTensorFile(sample.toStdString()).tensors)
            tensors[tensor->name()] = tensor->read();
    }
    float* values(const std::string& name) { return tensors.at(name).values<float>().data(); }
    QString writeTo(const QString& path) const {
        NpzWriter writer(path.toStdString());
        for (const auto& [name, tensor] : tensors)
            writer.add(name, tensor);
        writer.commit();
        return path;
    }

    std::map<std::string, Tensor> tensors;
};

constexpr std::int64_t steps = 80, channels = 24;

std::string key(const char* name, std::int64_t step) {
    return name + ("." + std::to_string(step));
}

struct Moments {
    std::int64_t n = 0;
    double mean = 0, squares = 0;  ///< squares: sum around the mean
};

Moments momentsOf(const Tensor& x, std::int64_t channel) {
    Moments moments{x.shape()[0]};
    for (std::int64_t i = 0; i < moments.n; ++i)
        moments.mean += x.at(i * channels + channel) / static_cast<double>(moments.n);
    for (std::int64_t i = 0; i < moments.n; ++i)
        moments.squares += std::pow(x.at(i * channels + channel) - moments.mean, 2);
    return moments;
}

/// A training that from @p first on took 1 − momentum for momentum, as someone who comes from another library would.
void reverseMomentum(Recording& recording, std::int64_t first) {
    for (std::int64_t step = first; step < steps; ++step) {
        for (std::int64_t c = 0; c < channels; ++c) {
            const Moments moments = momentsOf(recording.tensors.at(key("x", step)), c);
            const auto update = [&](const char* name, double value) {
                const double before = recording.values(key(name, step - 1))[c];
                recording.values(key(name, step))[c] = static_cast<float>(0.1 * before + 0.9 * value);
            };
            update("running_mean", moments.mean);
            update("running_var", moments.squares / static_cast<double>(moments.n - 1));
        }
    }
}

/// The same training with moments in place of batches.
Recording statisticsOf(const Recording& whole) {
    Recording small;
    std::erase_if(small.tensors = whole.tensors, [](const auto& entry) {
        return entry.first.starts_with("x.") || entry.first.starts_with("y.") || entry.first.starts_with("grad_");
    });
    for (std::int64_t step = 0; step < steps; ++step) {
        const Tensor& x = whole.tensors.at(key("x", step));
        Tensor mean(DType::Float32, {channels}), var(DType::Float32, {channels});
        for (std::int64_t c = 0; c < channels; ++c) {
            const Moments moments = momentsOf(x, c);
            mean.set(c, moments.mean);
            var.set(c, moments.squares / static_cast<double>(moments.n));
        }
        small.tensors[key("mean", step)] = std::move(mean);
        small.tensors[key("var", step)] = std::move(var);
        small.tensors[key("n", step)] = Tensor::of<std::int64_t>({}, {x.shape()[0]});
    }
    return small;
}

struct Fixture {
    Fixture() : session(defaultRecipe(), 20), window(session) {
        window.show();
        ok = QTest::qWaitForWindowExposed(&window) && awaitStep(19);
    }
    bool awaitStep(std::int64_t step) {
        return QTest::qWaitFor([&] { return session.shown().step == step && session.isCurrent(); }, patienceMs);
    }
    bool awaitState(RecordedTraining::State state) {
        return QTest::qWaitFor([&] { return session.recorded().state() == state; }, patienceMs);
    }
    /// Opens as the menu does and waits for the verdict.
    bool open(const QString& path) {
        window.files().open(path);
        return awaitState(RecordedTraining::State::Done);
    }
    QString text(const char* label) const {
        const auto* widget = window.findChild<QLabel*>(QLatin1String(label));
        return widget->isHidden() ? QString() : widget->text();
    }
    QStringList row(const char* table, int index) const {
        const auto* model = window.findChild<QTableView*>(QLatin1String(table))->model();
        QStringList cells;
        for (int column = 0; column < model->columnCount(); ++column)
            cells << model->index(index, column).data().toString();
        return cells;
    }
    /// The cells of a quantity's row.
    QStringList deviations(const QString& quantity) const {
        const auto* model = window.findChild<QTableView*>(QStringLiteral("deviationsTable"))->model();
        for (int index = 0; index < model->rowCount(); ++index)
            if (row("deviationsTable", index).front() == quantity)
                return row("deviationsTable", index);
        return {};
    }
    void followLink() { emit window.findChild<QLabel*>(QStringLiteral("firstDifferenceLink"))->linkActivated("first"); }
    Timeline* timeline() const { return window.findChild<Timeline*>(); }

    Session session;
    MainWindow window;
    bool ok = false;
};

}  // namespace

class RecordingTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QSettings().clear(); }
    void nothingWithoutARecording();
    void cleanRecordingAgrees();
    void drawsWhatWasRecorded();
    void plantedValueIsFound();
    void reversedMomentumIsNamed();
    void statisticsAlone();
    void cancelAndAgain();
    void otherRecipesForgetIt();
    void editsKeepIt();
    void dropAndDocument();
    void damagedRecording();
    void recognisesRecordings();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    QTemporaryDir m_folder;
};

void RecordingTest::nothingWithoutARecording() {
    Fixture f;
    QVERIFY(f.ok);
    QCOMPARE(f.session.recorded().state(), RecordedTraining::State::None);
    QVERIFY(f.text("recordingVerdict").isEmpty());
    QVERIFY(!f.timeline()->differingStep());
    auto* view = f.window.findChild<RunningStatView*>();
    view->refresh();
    QVERIFY(view->plottedLine(PlotRole::Recorded, f.session.currentChannel()).empty());
}

void RecordingTest::cleanRecordingAgrees() {
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.open(sample));
    QVERIFY(f.awaitStep(steps - 1));
    QCOMPARE(f.session.head(), steps);
    QCOMPARE(f.session.channels(), channels);
    QVERIFY2(f.text("recordingVerdict").contains("agree"), qPrintable(f.text("recordingVerdict")));
    QVERIFY(f.text("recordingVerdict").startsWith(QStringLiteral("✓")));
    QVERIFY(f.text("firstDifferenceLink").isEmpty());
    QVERIFY(!f.timeline()->differingStep());
    QCOMPARE(f.deviations("running_var").mid(0, 3), (QStringList{"running_var", "0", "80"}));
    QVERIFY(f.text("recordingFile").contains("80 steps"));
    auto* dock = f.window.docks()["recording"];
    QVERIFY(!dock->visibleRegion().isEmpty());  // raised before the panel it shares its place with
    QCOMPARE(f.window.document().title(), QStringLiteral("digits_mlp_trace"));
}

void RecordingTest::drawsWhatWasRecorded() {
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.open(sample));
    QVERIFY(f.awaitStep(steps - 1));
    f.session.selectChannel(5);
    Recording recording;
    for (auto* view : f.window.findChildren<RunningStatView*>()) {
        view->refresh();
        const char* name = view->title() == "running_mean" ? "running_mean" : "running_var";
        const auto line = view->plottedLine(PlotRole::Recorded, 5);
        QCOMPARE(line.size(), static_cast<std::size_t>(steps));
        for (std::int64_t step = 0; step < steps; ++step)
            QCOMPARE(line[static_cast<std::size_t>(step)].y(), double{recording.values(key(name, step))[5]});
        QVERIFY(view->legendWords().contains(QStringLiteral("recorded")));
        const auto ours = view->plottedLine(PlotRole::Running, 5);
        QVERIFY(std::abs(ours.back().y() - line.back().y()) < 1e-4 * std::abs(line.back().y()));
    }
}

void RecordingTest::plantedValueIsFound() {
    Recording recording;
    recording.values("running_var.7")[9] *= 1.05f;
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.open(recording.writeTo(path("planted.npz"))));
    QVERIFY(f.awaitStep(steps - 1));
    QVERIFY(f.text("recordingVerdict").startsWith(QStringLiteral("⚑")));
    QVERIFY2(f.text("firstDifferenceLink").contains("step 7, channel 9, running_var"),
             qPrintable(f.text("firstDifferenceLink")));
    QCOMPARE(f.timeline()->differingStep(), std::optional<std::int64_t>(7));
    QCOMPARE(f.deviations("running_mean").mid(0, 2), (QStringList{"running_mean", "0"}));
    QCOMPARE(f.deviations("running_var").mid(4), (QStringList{"7", "9"}));
    QVERIFY(f.session.currentChannel() != 9);
    f.followLink();
    QVERIFY(f.awaitStep(7));
    QCOMPARE(f.session.currentChannel(), std::int64_t{9});
    QCOMPARE(f.session.recorded().series()->at(Quantity::RunningVar, 7, 9),
             double{recording.values("running_var.7")[9]});
}

void RecordingTest::reversedMomentumIsNamed() {
    Recording recording;
    reverseMomentum(recording, 30);
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.open(recording.writeTo(path("reversed.npz"))));
    QVERIFY(f.awaitStep(steps - 1));
    QCOMPARE(f.timeline()->differingStep(), std::optional<std::int64_t>(30));
    QCOMPARE(f.session.recorded().diagnosis()->cause, TraceCause::ReversedMomentum);
    QVERIFY2(f.text("recordingVerdict").contains("momentum"), qPrintable(f.text("recordingVerdict")));
    const QStringList best = f.row("explanationsTable", 0);
    QVERIFY2(best[0].contains("momentum"), qPrintable(best[0]));
    QCOMPARE(best[1], best[2]);  // it explains all of them
    f.followLink();
    QVERIFY(f.awaitStep(30));
}

void RecordingTest::statisticsAlone() {
    Recording recording;
    reverseMomentum(recording, 30);
    const QString file = statisticsOf(recording).writeTo(path("statistics.npz"));
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.open(file));
    QVERIFY(f.session.recipe() == defaultRecipe());  // there is nothing to replay
    QVERIFY(!f.session.recorded().isReplayed());
    QVERIFY(f.text("recordingFile").contains("statistics only"));
    QVERIFY(f.text("firstDifferenceLink").contains("step 30"));
    QVERIFY(!f.text("firstDifferenceLink").contains("<a "));
    f.followLink();
    QCOMPARE(f.session.playhead(), std::int64_t{19});
    QVERIFY(!f.timeline()->differingStep());
}

void RecordingTest::cancelAndAgain() {
    Fixture f;
    QVERIFY(f.ok);
    f.window.files().open(sample);
    QVERIFY(QTest::qWaitFor([&] { return f.session.recorded().isBusy(); }, patienceMs));
    f.session.recorded().cancel();
    QCOMPARE(f.session.recorded().state(), RecordedTraining::State::Cancelled);
    QVERIFY(f.awaitStep(steps - 1));  // the replay goes on
    QVERIFY(f.text("recordingVerdict").contains("cancelled"));
    auto* again = f.window.findChild<QPushButton*>(QStringLiteral("compareAgainButton"));
    QVERIFY(again->isVisible());
    again->click();
    QVERIFY(f.awaitState(RecordedTraining::State::Done));
    QVERIFY(!again->isVisible());
}

void RecordingTest::otherRecipesForgetIt() {
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.open(sample));
    f.window.document().openDefault();
    QVERIFY(f.awaitState(RecordedTraining::State::None));
    QVERIFY(f.text("recordingVerdict").isEmpty() && f.text("recordingFile").isEmpty());
    QVERIFY(!f.session.recorded().series());
}

void RecordingTest::editsKeepIt() {
    Fixture f;
    QVERIFY(f.ok);
    QVERIFY(f.open(sample));
    const auto diagnosis = f.session.recorded().diagnosis();
    f.session.apply(SetMomentum{0.5});
    QVERIFY(QTest::qWaitFor([&] { return f.session.isCurrent(); }, patienceMs));
    QCOMPARE(f.session.recorded().state(), RecordedTraining::State::Done);
    QCOMPARE(f.session.recorded().diagnosis(), diagnosis);
}

void RecordingTest::dropAndDocument() {
    Fixture f;
    QVERIFY(f.ok);
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(sample)});
    QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&f.window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(100, 100), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&f.window, &drop);
    QVERIFY(f.awaitState(RecordedTraining::State::Done));
    // The recipe alone brings the recording back.
    const QString recipe = path("replay.json");
    QVERIFY(f.window.document().save(recipe));
    f.window.document().openDefault();
    QVERIFY(f.awaitState(RecordedTraining::State::None));
    QVERIFY(f.open(recipe));
    QCOMPARE(f.session.recorded().path(), sample);
}

// A value for a channel too many: the file is refused in words, the run stays.
void RecordingTest::damagedRecording() {
    Recording recording;
    recording.tensors["running_var.7"] = Tensor(DType::Float32, {channels + 1});
    Fixture f;
    QVERIFY(f.ok);
    f.window.files().open(recording.writeTo(path("damaged.npz")));
    QVERIFY(QTest::qWaitFor([&] { return f.session.message().contains("running_var.7"); }, patienceMs));
    QVERIFY(f.session.recipe() == defaultRecipe());
    QCOMPARE(f.session.recorded().state(), RecordedTraining::State::None);
}

void RecordingTest::recognisesRecordings() {
    const Tensor batch(DType::Float32, {4, 2}), vector(DType::Float32, {2}), one = Tensor::of<std::int64_t>({}, {4});
    const auto recognised = [&](std::map<std::string, Tensor> tensors) {
        Recording file;
        file.tensors = std::move(tensors);
        return holdsRecording(openTensorFile(file.writeTo(path("file.npz")).toStdString()));
    };
    QVERIFY(recognised({{"x.0", batch}, {"running_mean.0", vector}}));
    QVERIFY(recognised({{"x.12", batch}, {"init.running_var", vector}}));
    QVERIFY(recognised({{"mean.0", vector}, {"var.0", vector}, {"n.0", one}}));
    QVERIFY(!recognised({{"x.0", batch}, {"x.1", batch}}));                                 // batches
    QVERIFY(!recognised({{"net.1.running_mean", vector}, {"net.1.running_var", vector}}));  // a state dict
    QVERIFY(!recognised({{"mean.0", vector}, {"var.0", vector}}));
    QVERIFY(!recognised({{"x", batch}, {"running_mean", vector}}));
}

QTEST_MAIN(RecordingTest)
#include "recording_test.moc"
