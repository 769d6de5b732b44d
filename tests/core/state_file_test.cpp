// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/layer_audit.h"
#include "core/io/npz_writer.h"
#include "support/interop.h"

#include <QTemporaryDir>
#include <QTest>

#include <limits>

using namespace bnstudio;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

/// A state that looks like one of a trained layer of three channels.
LayerState trained() {
    return {ChannelVector{1, 0.5, -2}, ChannelVector{0, 0.1, 0}, ChannelVector{0.5, -1, 3}, ChannelVector{1, 2, 0.01},
            100};
}

std::vector<std::string> kindsOf(const std::vector<StateFinding>& findings) {
    std::vector<std::string> kinds;
    for (const StateFinding& finding : findings)
        kinds.push_back(suspicionName(finding.kind));
    return kinds;
}

}  // namespace

class StateFileTest : public QObject {
    Q_OBJECT

private slots:
    void findsTheLayersOfAModel();
    void loadsALayerByItsPrefix();
    void loadsWhatDataParallelWrote();
    void tellsTheOptionsOfTheLayer();
    void takesTheVersionFromTheFile();
    void saysWhatWouldLoad();
    void knowsTheModelsOwnPrefix();
    void reportsTheImport();
    void findsSuspiciousStates_data();
    void findsSuspiciousStates();
    void saysWhichChannels();
    void sortsLayersBySuspicion();
    void auditsManyLayersInReasonableTime();
    void ignoresVectorsTooLongForALayer();

private:
    using Members = std::vector<std::pair<std::string, Tensor>>;
    std::filesystem::path write(const Members& members) const {
        const std::filesystem::path path = m_folder.filePath("state.npz").toStdString();
        NpzWriter writer(path);
        for (const auto& [name, tensor] : members)
            writer.add(name, tensor);
        writer.commit();
        return path;
    }
    static Members layer(const std::string& prefix, const LayerState& state) {
        BatchNorm1d made(LayerOptions{.numFeatures = 3});
        made.mutableState() = state;
        Members members;
        for (auto& [key, tensor] : stateDict(made).entries)
            members.emplace_back(prefix + key, std::move(tensor));
        return members;
    }
    QTemporaryDir m_folder;
};

void StateFileTest::findsTheLayersOfAModel() {
    std::vector<FoundLayer> layers = findBatchNormLayers(openTensorFile(interop::goodFile("model.safetensors")));
    std::sort(layers.begin(), layers.end(), [](const auto& a, const auto& b) { return a.prefix < b.prefix; });
    QCOMPARE(layers.size(), std::size_t{2});
    QCOMPARE(layers[0].prefix, "net.1.");
    QCOMPARE(layers[0].numFeatures, std::int64_t{8});
    QCOMPARE(layers[1].prefix, "net.4.");
    QCOMPARE(layers[1].numFeatures, std::int64_t{6});
    for (const FoundLayer& layer : layers) {
        QVERIFY(layer.affine && layer.counted && !layer.version);
        QCOMPARE(layer.dtype, DType::Float32);
    }
}

void StateFileTest::loadsALayerByItsPrefix() {
    const StateFile file(interop::goodFile("model.safetensors").string() + "::net.1");
    QCOMPARE(file.prefix(), "net.1.");
    const LoadedState loaded = file.loadFor(LayerOptions{});
    QCOMPARE(loaded.numFeatures, std::int64_t{8});
    QCOMPARE(loaded.state.numBatchesTracked, std::optional<std::int64_t>{4});
    QCOMPARE(loaded.report, ImportReport{});
    QVERIFY(loaded.notes.empty());
}

void StateFileTest::loadsWhatDataParallelWrote() {
    Members members = layer("module.bn.", trained());
    const std::filesystem::path path = write(members);
    for (const char* prefix : {"::bn", "::bn.", "::module.bn", "::module.bn."}) {
        const StateFile file(path.string() + prefix);
        QCOMPARE(file.prefix(), "module.bn.");
        QCOMPARE(file.loadFor(LayerOptions{}).state.numBatchesTracked, std::optional<std::int64_t>{100});
    }
    members = layer("module.", trained());
    QCOMPARE(StateFile(write(members).string()).prefix(), "module.");
    // A layer of that very name goes first.
    const Members bare = layer("", trained());
    members.insert(members.end(), bare.begin(), bare.end());
    QCOMPARE(StateFile(write(members).string()).prefix(), "");
}

void StateFileTest::tellsTheOptionsOfTheLayer() {
    LayerState state = trained();
    QCOMPARE(StateFile(write(layer("", state)).string()).layerOptions(), LayerOptions{.numFeatures = 3});
    state.weight.reset();
    state.bias.reset();
    const LayerOptions plain = StateFile(write(layer("", state)).string()).layerOptions();
    QCOMPARE(plain, (LayerOptions{.numFeatures = 3, .affine = false}));
    QVERIFY(StateFile(m_folder.filePath("state.npz").toStdString()).loadFor(plain).report.missing.empty());
    const Tensor wide(DType::Float64, {3});
    const LayerOptions untracked = StateFile(write({{"weight", wide}, {"bias", wide}}).string()).layerOptions();
    QCOMPARE(untracked, (LayerOptions{.numFeatures = 3, .trackRunningStats = false, .dtype = DType::Float64}));
}

// A version 2 dict must have a counter, a version 1 dict need not (semantics 41).
void StateFileTest::takesTheVersionFromTheFile() {
    LayerState state = trained();
    state.numBatchesTracked.reset();
    TensorFile file = openTensorFile(write(layer("module.bn.", state)));
    const StateFile old(file, "module.bn.");
    QCOMPARE(old.loadFor(LayerOptions{}).state.numBatchesTracked, std::optional<std::int64_t>{0});
    for (const char* module : {"module.bn", "bn"}) {
        file.moduleVersions = {{module, 2}, {"", 1}};
        QCOMPARE(findBatchNormLayers(file).at(0).version, std::optional<int>{2});
        const StateFile current(file, "module.bn.");
        const QString message = interop::errorOf([&] { current.loadFor(LayerOptions{}); }, file.path);
        QVERIFY2(message.isEmpty() || message.contains("has several lines"), qPrintable(message));
        QVERIFY2(message.contains("Missing key(s) in state_dict: \"num_batches_tracked\""), qPrintable(message));
    }
}

void StateFileTest::saysWhatWouldLoad() {
    const auto refusal = [this](const Members& members, const std::string& prefix) {
        const std::filesystem::path path = write(members);
        try {
            StateFile(path.string() + "::" + prefix).loadFor(LayerOptions{});
        } catch (const Error& error) {
            return QString(error.what());
        }
        return QString();
    };
    LayerState state = trained();
    state.weight.reset();
    state.bias.reset();
    Members members = layer("net.1.", state);
    QVERIFY(refusal(members, "net.1.")
                .endsWith("\"weight\", \"bias\". (the layer has no weight and bias: --affine off loads it)"));
    state = trained();
    state.runningMean.reset();
    state.runningVar.reset();
    state.numBatchesTracked.reset();
    members = layer("net.1.", state);
    QVERIFY(refusal(members, "net.1.")
                .endsWith("(the layer has no running statistics: --track-running-stats off loads it)"));
    // The keys of a whole model would fill the screen.
    members = layer("net.1.", trained());
    QVERIFY(refusal(members, "")
                .endsWith("is the state of a whole model, expected FILE::PREFIX; batch-norm layers in this file are "
                          "under 'net.1.'"));
}

/// What is saved under the prefix of a checkpoint would be passed over by load_state_dict(strict=False).
void StateFileTest::knowsTheModelsOwnPrefix() {
    TensorFile file;
    QCOMPARE(modulePrefix(file, "net.1."), std::string("net.1."));
    QCOMPARE(modulePrefix(file, "state_dict.net.1."), std::string("net.1."));
    QCOMPARE(modulePrefix(file, "model_state_dict."), std::string());
    // A state dict of its own whose model has an attribute of that name.
    file.moduleVersions = {{"", 1}, {"state_dict", 1}, {"state_dict.net", 2}};
    QCOMPARE(modulePrefix(file, "state_dict.net."), std::string("state_dict.net."));
    // A checkpoint, and what is beside the state dict in it.
    file.moduleVersions = {{"ema", 1}, {"ema.module", 1}, {"ema.module.net.1", 2}};
    QCOMPARE(modulePrefix(file, "ema.module.net.1."), std::string("module.net.1."));
    QCOMPARE(modulePrefix(file, "emails.1."), std::string("emails.1."));
    const StateFile checkpoint(BNSTUDIO_TEST_DATA "/data/interop/checkpoint.pt::model_state_dict.net.1.");
    QCOMPARE(checkpoint.modulePrefix(), std::string("net.1."));
}

void StateFileTest::reportsTheImport() {
    Members members = layer("", trained());
    members[3].second = Tensor::of<double>({3}, {1, -2, 1e-7});
    members.emplace_back("extra", Tensor(DType::Float32, {1}));
    members.erase(members.begin() + 1);
    const std::filesystem::path path = write(members);
    const LoadedState loaded = StateFile(path.string()).loadFor(LayerOptions{}, false);
    QCOMPARE(loaded.report.missing, std::vector<std::string>{"bias"});
    QCOMPARE(loaded.report.unexpected, std::vector<std::string>{"extra"});
    QCOMPARE(loaded.report.converted, std::vector<std::string>{"running_var"});
    QCOMPARE(kindsOf(loaded.report.suspicious), (std::vector<std::string>{"negative_variance", "tiny_variance"}));
    QCOMPARE(loaded.notes.size(), std::size_t{3});
    for (const std::string& note : loaded.notes)
        QVERIFY(note.starts_with(path.string() + ": running_var "));
}

void StateFileTest::findsSuspiciousStates_data() {
    QTest::addColumn<LayerState>("state");
    QTest::addColumn<std::vector<std::string>>("kinds");
    const auto row = [](const char* name, auto change, std::vector<std::string> kinds) {
        LayerState state = trained();
        change(state);
        QTest::newRow(name) << state << kinds;
    };
    const auto initial = [](LayerState& s) {
        s.runningMean.emplace(3, 0.0);
        s.runningVar.emplace(3, 1.0);
    };
    row("nothing", [](LayerState&) {}, {});
    row("NaN mean", [](LayerState& s) { (*s.runningMean)[1] = notANumber; }, {"not_finite"});
    row("infinite variance", [](LayerState& s) { (*s.runningVar)[1] = inf; }, {"not_finite"});
    row("infinite weight", [](LayerState& s) { (*s.weight)[1] = -inf; }, {"not_finite"});
    row("NaN bias", [](LayerState& s) { (*s.bias)[1] = notANumber; }, {"not_finite"});
    row("negative variance", [](LayerState& s) { (*s.runningVar)[0] = -1e-9; }, {"negative_variance"});
    row("variance 0", [](LayerState& s) { (*s.runningVar)[0] = 0; }, {"tiny_variance"});
    row("variance just tiny", [](LayerState& s) { (*s.runningVar)[0] = std::nextafter(tinyVariance, 0); },
        {"tiny_variance"});
    row("variance not tiny", [](LayerState& s) { (*s.runningVar)[0] = tinyVariance; }, {});
    row("weight 0", [](LayerState& s) { (*s.weight)[0] = -0.0; }, {"tiny_weight"});
    row("weight not tiny", [](LayerState& s) { (*s.weight)[0] = -tinyWeight; }, {});
    row("never trained",
        [&](LayerState& s) {
            initial(s);
            s.numBatchesTracked = 0;
        },
        {"never_trained"});
    row("never trained, no counter",
        [&](LayerState& s) {
            initial(s);
            s.numBatchesTracked.reset();
        },
        {"never_trained", "no_counter"});
    row("counted, not moved", initial, {"unmoved_statistics"});
    row("moved, not counted", [](LayerState& s) { s.numBatchesTracked = 0; }, {"uncounted_batches"});
    row("negative counter", [](LayerState& s) { s.numBatchesTracked = -1; }, {"negative_counter"});
    row("no counter", [](LayerState& s) { s.numBatchesTracked.reset(); }, {"no_counter"});
    row("no statistics", [](LayerState& s) { s = {s.weight, s.bias, {}, {}, {}}; }, {});
    row("several, the worst first",
        [](LayerState& s) {
            (*s.weight)[0] = 0;
            (*s.runningVar)[0] = -1;
            s.numBatchesTracked = 0;
        },
        {"negative_variance", "uncounted_batches", "tiny_weight"});
}

void StateFileTest::findsSuspiciousStates() {
    QFETCH(LayerState, state);
    QFETCH(std::vector<std::string>, kinds);
    QCOMPARE(kindsOf(auditState(state)), kinds);
}

void StateFileTest::saysWhichChannels() {
    LayerState state = trained();
    (*state.runningVar)[0] = (*state.runningVar)[2] = -1;
    const StateFinding finding = auditState(state).at(0);
    QCOMPARE(finding.channels, (std::vector<std::int64_t>{0, 2}));
    QVERIFY2(finding.sentence.starts_with("running_var is negative in 2 of 3 channels (0, 2): "),
             finding.sentence.c_str());
    state.runningVar.emplace(100, 0.0);
    QVERIFY(auditState(state).at(0).sentence.starts_with(
        "running_var is below 1e-5 in 100 of 100 channels (0, 1, 2, 3, 4, …): "));
}

void StateFileTest::sortsLayersBySuspicion() {
    LayerState tiny = trained(), bad = trained(), worse = trained();
    (*tiny.weight)[0] = 0;
    (*bad.runningVar)[0] = notANumber;
    worse = bad;
    (*worse.weight)[0] = 0;
    Members members;
    const std::pair<const char*, LayerState> layers[] = {
        {"fine.", trained()}, {"tiny.", tiny}, {"also fine.", trained()}, {"bad.", bad}, {"worse.", worse}};
    for (const auto& [prefix, state] : layers) {
        const Members more = layer(prefix, state);
        members.insert(members.end(), more.begin(), more.end());
    }
    std::vector<std::string> order;
    for (const LayerAudit& audit : auditLayers(openTensorFile(write(members))))
        order.push_back(audit.layer.prefix);
    QCOMPARE(order, (std::vector<std::string>{"worse.", "bad.", "tiny.", "fine.", "also fine."}));
}

// Looking each tensor up by walking through all of them would take minutes here.
void StateFileTest::auditsManyLayersInReasonableTime() {
    constexpr int count = 6000;
    Members members;
    for (int i = 0; i < count; ++i) {
        const Members more = layer("layers." + std::to_string(i) + ".", trained());
        members.insert(members.end(), more.begin(), more.end());
    }
    const TensorFile file = openTensorFile(write(members));
    QElapsedTimer timer;
    timer.start();
    QCOMPARE(auditLayers(file).size(), std::size_t{count});
    QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));  // 0.1 s on a quiet machine
}

void StateFileTest::ignoresVectorsTooLongForALayer() {
    const Tensor huge(DType::UInt8, {(std::int64_t{1} << 22) + 1});
    const TensorFile file = openTensorFile(write({{"running_mean", huge}, {"running_var", huge}}));
    QVERIFY(findBatchNormLayers(file).empty());
    const QString message = interop::errorOf([&] { StateFile(file, ""); }, file.path);
    QVERIFY2(message.contains("\"running_mean\" of shape (4194305,) is no vector of a layer"), qPrintable(message));
}

QTEST_GUILESS_MAIN(StateFileTest)
#include "state_file_test.moc"
