// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/norm/batch_norm.h"
#include "core/norm/state_dict.h"
#include "support/golden.h"

#include <QTest>

#include <algorithm>
#include <cmath>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

/// What does not run as a row: we deviate from torch 1.13 on purpose, and each has a test of its own below.
struct Deviation {
    const char* name;
    std::size_t step;
    const char* reason;
};
constexpr Deviation stepDeviations[] = {
    {"eps_negative", 0, "negativeEpsIsRefused: a negative eps makes no layer, as in torch from 2.10 on"},
    {"eps_negative", 1, "the same layer"},
    {"overflow_f32", 0, "hugeFloat32ValuesAreNormalised: torch's float32 squares overflow, our doubles do not"},
    {"errors_train", 0, "rankZeroIsRefused: torch was given one dimension where the file has none"},
};
constexpr Deviation constructorDeviations[] = {
    {"eps_neg", 0, "negativeEpsIsRefused"},
};

template <std::size_t count>
bool listed(const Deviation (&deviations)[count], const std::string& name, std::size_t step = 0) {
    return std::any_of(deviations, deviations + count,
                       [&](const Deviation& entry) { return entry.name == name && entry.step == step; });
}

double largestFinite(const Tensor& tensor) {
    double largest = 0;
    for (std::int64_t i = 0; i < tensor.size(); ++i)
        if (std::isfinite(tensor.at(i)))
            largest = std::max(largest, std::fabs(tensor.at(i)));
    return largest;
}

/// Tolerance of channel c: the file's where it has one, else the manifest's 1e-5 or 1e-12, taken relative to the
/// largest value because gradients are sums that cancel (a dγ of 0.01 out of terms of 1 is off by 5e-5 in torch).
double tolerance(const GoldenArrays& arrays, const std::string& prefix, const std::string& quantity, std::size_t c) {
    const std::string key = prefix + "atol_" + quantity;
    if (arrays.has(key))
        return arrays.at(key).at(static_cast<std::int64_t>(c));
    const Tensor& expected = arrays.at(prefix + quantity);
    return largestFinite(expected) * (expected.dtype() == DType::Float32 ? 1e-5 : 1e-12);
}

bool agrees(double actual, double expected, double allowed) {
    if (std::isnan(expected) || std::isinf(expected))
        return std::isnan(expected) ? std::isnan(actual) : actual == expected;
    return std::fabs(actual - expected) <= allowed;
}

/// Empty when all values agree with torch's, else what differs.
QString difference(const GoldenArrays& arrays, const std::string& prefix, const std::string& quantity,
                   const Tensor& actual) {
    const Tensor& expected = arrays.at(prefix + quantity);
    if (actual.shape() != expected.shape())
        return QString("%1 has shape %2, expected %3")
            .arg(QString::fromStdString(quantity), QString::fromStdString(shapeText(actual.shape())),
                 QString::fromStdString(shapeText(expected.shape())));
    if (actual.dtype() != expected.dtype())
        return QString::fromStdString(quantity) + " has another dtype";
    const BatchShape shape = actual.rank() == 1 ? BatchShape{1, actual.size(), 1} : BatchShape::of(actual.shape());
    for (std::int64_t i = 0; i < actual.size(); ++i) {
        const std::size_t channel = static_cast<std::size_t>(i / shape.l % shape.c);
        const double allowed = tolerance(arrays, prefix, quantity, channel);
        if (!agrees(actual.at(i), expected.at(i), allowed))
            return QString("%1[%2] is %3, expected %4 ± %5")
                .arg(QString::fromStdString(quantity))
                .arg(i)
                .arg(actual.at(i), 0, 'g', 17)
                .arg(expected.at(i), 0, 'g', 17)
                .arg(allowed);
    }
    return {};
}

Tensor tensorOf(const ChannelVector& values, DType dtype) {
    Tensor tensor(dtype, {static_cast<std::int64_t>(values.size())});
    for (std::size_t c = 0; c < values.size(); ++c)
        tensor.set(static_cast<std::int64_t>(c), values[c]);
    return tensor;
}

QString bufferDifference(const GoldenArrays& arrays, const std::string& prefix, const BatchNorm1d& layer) {
    const std::pair<const char*, const std::optional<ChannelVector>*> buffers[] = {
        {"running_mean", &layer.state().runningMean}, {"running_var", &layer.state().runningVar}};
    for (const auto& [key, values] : buffers) {
        if (values->has_value() != arrays.has(prefix + key))
            return QString("%1 is absent on one side").arg(key);
        if (*values) {
            const QString text = difference(arrays, prefix, key, tensorOf(**values, layer.options().dtype));
            if (!text.isEmpty())
                return text;
        }
    }
    if (layer.state().numBatchesTracked != arrays.counter(prefix + "num_batches_tracked"))
        return "num_batches_tracked differs";
    return {};
}

void applyOperations(BatchNorm1d& layer, const nlohmann::json& step) {
    for (const nlohmann::json& operation : step.value("ops_before", nlohmann::json::array())) {
        if (operation == "reset_running_stats")
            layer.resetRunningStats();
        else if (operation == "set:momentum=null")
            layer.setMomentum(std::nullopt);
        else
            QFAIL(("unknown operation " + operation.get<std::string>()).c_str());
    }
}

/// The layer and record after running steps 0 to k, and what step k threw.
struct Replay {
    BatchNorm1d layer;
    ForwardRecord record;
    Tensor y;
    std::string error;
};

Replay replay(const nlohmann::json& entry, const GoldenArrays& arrays, std::size_t lastStep) {
    Replay result;
    result.layer = goldenLayer(entry, arrays);
    for (std::size_t k = 0; k <= lastStep; ++k) {
        const nlohmann::json& step = entry.at("steps").at(k);
        applyOperations(result.layer, step);
        result.layer.setTraining(step.at("mode") == "train");
        result.error.clear();
        try {
            result.record = result.layer.forward(arrays.at("s" + std::to_string(k) + "_x"), &result.y);
        } catch (const Error& error) {
            result.error = error.what();
        }
    }
    return result;
}

}  // namespace

class GoldenTest : public QObject {
    Q_OBJECT

private slots:
    void theWholeSetIsHere() {
        const nlohmann::json& manifest = goldenManifest();
        QCOMPARE(manifest.at("cases").size(), std::size_t{94});
        QCOMPARE(manifest.at("state_dict_cases").size(), std::size_t{28});
        QCOMPARE(manifest.at("constructor_cases").size(), std::size_t{14});
    }

    void steps_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("step");
        std::size_t rows = 0, total = 0;
        for (const nlohmann::json& entry : goldenManifest().at("cases")) {
            const std::string name = entry.at("name");
            total += entry.at("steps").size();
            for (std::size_t k = 0; k < entry.at("steps").size(); ++k)
                if (!listed(stepDeviations, name, k)) {
                    QTest::addRow("%s/%zu", name.c_str(), k) << QString::fromStdString(name) << static_cast<int>(k);
                    ++rows;
                }
        }
        QCOMPARE(rows + std::size(stepDeviations), total);
    }

    void steps() {
        QFETCH(QString, name);
        QFETCH(int, step);
        const nlohmann::json& entry = goldenEntry("cases", name.toStdString());
        const GoldenArrays arrays(entry.at("file"));
        const nlohmann::json& expected = entry.at("steps").at(static_cast<std::size_t>(step));
        const Replay run = replay(entry, arrays, static_cast<std::size_t>(step));
        const std::string prefix = "s" + std::to_string(step) + "_";

        QCOMPARE(run.error, expected.value("error_text", std::string()));
        const QString buffers = bufferDifference(arrays, prefix, run.layer);
        QVERIFY2(buffers.isEmpty(), qPrintable(buffers));
        if (expected.at("kind") == "error")
            return;
        const QString output = difference(arrays, prefix, "y", run.y);
        QVERIFY2(output.isEmpty(), qPrintable(output));
        if (arrays.has(prefix + "dy"))
            compareGradients(arrays, prefix, run);
    }

    /// A rank-0 tensor; torch's text with the number of dimensions the file really has.
    void rankZeroIsRefused() {
        const nlohmann::json& entry = goldenEntry("cases", "errors_train");
        const Replay run = replay(entry, GoldenArrays(entry.at("file")), 0);
        QCOMPARE(run.error, std::string("expected 2D or 3D input (got 0D input)"));
        QCOMPARE(*run.layer.state().numBatchesTracked, 0);
    }

    void negativeEpsIsRefused() {
        const nlohmann::json& entry = goldenEntry("cases", "eps_negative");
        const GoldenArrays arrays(entry.at("file"));
        try {
            goldenLayer(entry, arrays);
            QFAIL("a negative eps was accepted");
        } catch (const Error& error) {
            QCOMPARE(error.what(), "batch_norm eps must be positive, but got -0.001");
        }
        const nlohmann::json& constructor = goldenEntry("constructor_cases", "eps_neg");
        try {
            const BatchNorm1d layer(optionsFrom(constructor.at("args")));
            QFAIL("a negative eps was accepted");
        } catch (const Error& error) {
            QCOMPARE(error.what(), "batch_norm eps must be positive, but got -1.0");
        }
    }

    /// Column 0 is 1e30, −1e30, 2e30, 0: mean 5e29, Σd² = 5e60, which only a float32 square overflows.
    void hugeFloat32ValuesAreNormalised() {
        const nlohmann::json& entry = goldenEntry("cases", "overflow_f32");
        const GoldenArrays arrays(entry.at("file"));
        const Replay run = replay(entry, arrays, 0);
        const double std = std::sqrt(5e60 / 4);
        const LayerState& state = run.layer.state();
        for (std::int64_t n = 0; n < 4; ++n) {
            const double expected = (arrays.at("s0_x").at(2 * n) - 5e29) / std * (*state.weight)[0] + (*state.bias)[0];
            // 1e30 and 2e30 are themselves rounded to float32, and so is y.
            QVERIFY(std::fabs(run.y.at(2 * n) - expected) <= 4 * 0x1p-24 * 3);
        }
        // 0.1 · 5e60/3 is beyond float32, the running mean is not.
        QVERIFY(std::isinf((*state.runningVar)[0]));
        QVERIFY(std::fabs((*state.runningMean)[0] - 5e28) <= 5e28 * 0x1p-22);
        QVERIFY(std::isfinite((*state.runningVar)[1]));
    }

    void stateDicts_data() {
        QTest::addColumn<QString>("name");
        for (const nlohmann::json& entry : goldenManifest().at("state_dict_cases"))
            QTest::addRow("%s", entry.at("name").get<std::string>().c_str())
                << QString::fromStdString(entry.at("name"));
    }

    void stateDicts() {
        QFETCH(QString, name);
        const nlohmann::json& entry = goldenEntry("state_dict_cases", name.toStdString());
        BatchNorm1d layer(optionsFrom(entry.at("target")));
        if (layer.state().numBatchesTracked)
            layer.mutableState().numBatchesTracked = 9;
        const StateDict dict = dictFrom(entry);
        std::string error;
        LoadReport report;
        try {
            report = loadStateDict(layer, dict, entry.at("strict"));
        } catch (const Error& caught) {
            error = caught.what();
        }
        QCOMPARE(error, entry.value("error_text", std::string()));
        if (error.empty()) {
            QCOMPARE(report.missing, entry.at("missing_keys").get<std::vector<std::string>>());
            QCOMPARE(report.unexpected, entry.at("unexpected_keys").get<std::vector<std::string>>());
        }
        // A version-1 dict has no counter: torch 1.13 sets it to 0, torch from 2.2 on and we keep the 9.
        const bool keepsCounter = !dict.find("num_batches_tracked") && dict.version.value_or(1) < 2;
        const nlohmann::json& counter = entry.at("num_batches_tracked_after");
        const std::optional<std::int64_t> expected =
            counter.is_null() ? std::nullopt : std::optional(keepsCounter ? 9 : counter.get<std::int64_t>());
        QCOMPARE(layer.state().numBatchesTracked, expected);
    }

    void constructors_data() {
        QTest::addColumn<QString>("name");
        std::size_t rows = 0;
        for (const nlohmann::json& entry : goldenManifest().at("constructor_cases"))
            if (!listed(constructorDeviations, entry.at("name"))) {
                QTest::addRow("%s", entry.at("name").get<std::string>().c_str())
                    << QString::fromStdString(entry.at("name"));
                ++rows;
            }
        QCOMPARE(rows + std::size(constructorDeviations), goldenManifest().at("constructor_cases").size());
    }

    void constructors() {
        QFETCH(QString, name);
        const nlohmann::json& entry = goldenEntry("constructor_cases", name.toStdString());
        try {
            const BatchNorm1d layer(optionsFrom(entry.at("args")));
            QCOMPARE("BatchNorm1d(" + layer.extraRepr() + ")", expectedRepr(entry));
            std::vector<std::string> keys, expected;
            for (const auto& [key, tensor] : stateDict(layer).entries)
                keys.push_back(key + " " + torchSizeText(tensor.shape()) + " "
                               + std::string(bnstudio::name(tensor.dtype())));
            for (const nlohmann::json& tensor : entry.at("state"))
                expected.push_back(tensor.at(0).get<std::string>() + " " + torchSizeText(tensor.at(1).get<Dims>()) + " "
                                   + tensor.at(2).get<std::string>());
            QCOMPARE(keys, expected);
        } catch (const Error& error) {
            QCOMPARE(std::string(error.what()), entry.value("error_text", std::string()));
        }
    }

private:
    static void compareGradients(const GoldenArrays& arrays, const std::string& prefix, const Replay& run) {
        Tensor gradX;
        const BackwardRecord backward =
            run.layer.backward(arrays.at(prefix + "x"), arrays.at(prefix + "dy"), run.record, &gradX);
        const QString input = difference(arrays, prefix, "grad_x", gradX);
        QVERIFY2(input.isEmpty(), qPrintable(input));
        const std::pair<const char*, const std::optional<ChannelVector>*> gradients[] = {
            {"grad_weight", &backward.gradWeight}, {"grad_bias", &backward.gradBias}};
        for (const auto& [key, values] : gradients) {
            QCOMPARE(values->has_value(), arrays.has(prefix + key));
            if (!*values)
                continue;
            const QString text = difference(arrays, prefix, key, tensorOf(**values, run.layer.options().dtype));
            QVERIFY2(text.isEmpty(), qPrintable(text));
        }
    }

    static LayerOptions optionsFrom(const nlohmann::json& arguments) {
        LayerOptions options;
        options.numFeatures = arguments.at("num_features");
        options.eps = arguments.value("eps", 1e-5);
        if (arguments.contains("momentum"))
            options.momentum = arguments.at("momentum").is_null()
                                   ? std::nullopt
                                   : std::optional(arguments.at("momentum").get<double>());
        options.affine = arguments.value("affine", true);
        options.trackRunningStats = arguments.value("track_running_stats", true);
        return options;
    }

    /// Values are those of a fresh BatchNorm1d(3), except the counters the manifest's results imply.
    static StateDict dictFrom(const nlohmann::json& entry) {
        StateDict dict;
        if (!entry.at("metadata_version").is_null())
            dict.version = entry.at("metadata_version").get<int>();
        for (const char* key : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"})
            addEntry(dict, entry, key);
        for (const auto& [key, description] : entry.at("entries").items())
            if (!dict.find(key))
                addEntry(dict, entry, key);
        // JSON objects are read in alphabetical order; PyTorch's dict kept the order of the module's keys.
        if (entry.at("name") == "prefixed") {
            StateDict ordered;
            ordered.version = dict.version;
            for (const char* key : {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"})
                ordered.entries.emplace_back("module." + std::string(key), *dict.find("module." + std::string(key)));
            return ordered;
        }
        return dict;
    }

    static void addEntry(StateDict& dict, const nlohmann::json& entry, const std::string& key) {
        if (!entry.at("entries").contains(key))
            return;
        const nlohmann::json& description = entry.at("entries").at(key);
        Tensor tensor(*dtypeFromName(description.at("dtype").get<std::string>()), description.at("shape").get<Dims>());
        if (entry.at("name") == "nbt_shape_1")
            tensor = key == "num_batches_tracked" ? Tensor::of<std::int64_t>({1}, {5}) : tensor;
        if (entry.at("name") == "nbt_shape_2")
            tensor = key == "num_batches_tracked" ? Tensor::of<std::int64_t>({2}, {5, 6}) : tensor;
        if (entry.at("name") == "nbt_float")
            tensor = key == "num_batches_tracked" ? Tensor::of<float>({}, {7.9f}) : tensor;
        dict.entries.emplace_back(key, std::move(tensor));
    }

    /// eps and momentum are doubles here, so what Python was given as an int prints with a decimal point.
    static std::string expectedRepr(const nlohmann::json& entry) {
        std::string text = entry.value("repr", std::string());
        for (const auto& [integer, real] : {std::pair("eps=0,", "eps=0.0,"), std::pair("momentum=2,", "momentum=2.0,"),
                                            std::pair("momentum=1,", "momentum=1.0,")})
            if (const std::size_t at = text.find(integer); at != std::string::npos)
                text.replace(at, std::string(integer).size(), real);
        return text;
    }
};

QTEST_GUILESS_MAIN(GoldenTest)
#include "golden_test.moc"
