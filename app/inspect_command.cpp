// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/inspect_command.h"

#include "app/console.h"
#include "app/exit_status.h"
#include "app/interrupt.h"
#include "app/options.h"
#include "app/values.h"
#include "core/io/layer_audit.h"
#include "core/io/tensor_health.h"

#include <nlohmann/json.hpp>

#include <cmath>

namespace bnstudio {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view details =
    "For each tensor: name, dtype, shape, order in the file, and how many values are NaN, -inf, +inf, negative, zero "
    "and\n"
    "positive, with the smallest and the largest finite one. For a state dict also the batch-norm layers found; for a "
    ".pt\n"
    "file the globals its pickle names, and what could not be read because they are never imported.\n\n"
    "Exit status: 0 done, 2 wrong usage, 3 the file was refused, 130 interrupted.\n";

const CommandSpec& spec() {
    static const CommandSpec made{"bnstudio inspect FILE [--json]",
                                  "What is in a file of tensors.",
                                  1,
                                  1,
                                  {{"--json", "", "For programs: one JSON object."}},
                                  details};
    return made;
}

struct Inspected {
    TensorFile file;
    std::vector<TensorHealth> health;  ///< one per tensor
    std::vector<LayerAudit> layers;    ///< the most suspicious first
};

Inspected inspect(const std::string& path, const Interrupt& interrupt) {
    ProgressLine progress;
    Inspected inspected;
    const Progress loading = [&](double done) {
        progress.show("reading: percent", static_cast<std::int64_t>(done * 100), 100);
    };
    inspected.file = openTensorFile(path, loading, interrupt.token());
    const auto& tensors = inspected.file.tensors;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        progress.show("tensor", static_cast<std::int64_t>(i), static_cast<std::int64_t>(tensors.size()));
        inspected.health.push_back(tensorHealth(*tensors[i], interrupt.token()));
    }
    inspected.layers = auditLayers(inspected.file, {}, interrupt.token());
    return inspected;
}

const char* orderName(const LazyTensor& tensor) {
    return tensor.fortranOrder() ? "Fortran" : "C";
}

Json extreme(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json tensorJson(const LazyTensor& tensor, const TensorHealth& health) {
    return {{"name", tensor.name()},      {"dtype", name(tensor.dtype())}, {"shape", tensor.shape()},
            {"order", orderName(tensor)}, {"count", health.count},         {"nan", health.nan},
            {"neg_inf", health.negInf},   {"pos_inf", health.posInf},      {"negative", health.negative},
            {"zero", health.zero},        {"positive", health.positive},   {"min", extreme(health.least)},
            {"max", extreme(health.most)}};
}

/// What the pickle of a .pt file names, what could not be read because of that, and what is no tensor.
void addPickle(Json& json, const TensorFile& file) {
    for (const char* key : {"globals", "refused", "others"})
        json[key] = Json::array();
    for (const PickledName& global : file.globals)
        json["globals"].push_back({{"name", global.name}, {"refused", global.refused}});
    for (const RefusedObject& object : file.refused)
        json["refused"].push_back({{"where", object.where}, {"global", object.global}});
    for (const OtherValue& other : file.others)
        json["others"].push_back({{"name", other.name}, {"type", other.type}});
}

Json layerJson(const LayerAudit& audit) {
    const FoundLayer& layer = audit.layer;
    Json json{{"prefix", layer.prefix},   {"num_features", layer.numFeatures}, {"dtype", name(layer.dtype)},
              {"affine", layer.affine},   {"track_running_stats", true},       {"num_batches_tracked", layer.counted},
              {"findings", Json::array()}};
    for (const StateFinding& finding : audit.findings)
        json["findings"].push_back(
            {{"kind", suspicionName(finding.kind)}, {"channels", finding.channels}, {"text", finding.sentence}});
    return json;
}

std::string jsonText(const Inspected& inspected) {
    Json json{{"file", inspected.file.path.string()}, {"format", inspected.file.format}};
    json["tensors"] = Json::array();
    for (std::size_t i = 0; i < inspected.health.size(); ++i)
        json["tensors"].push_back(tensorJson(*inspected.file.tensors[i], inspected.health[i]));
    json["batch_norm_layers"] = Json::array();
    for (const LayerAudit& audit : inspected.layers)
        json["batch_norm_layers"].push_back(layerJson(audit));
    if (inspected.file.format == "pt")
        addPickle(json, inspected.file);
    json["notes"] = inspected.file.notes;
    // Names come from the file: bytes that are no UTF-8 are replaced instead of ending the program.
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

/// Names come from the file: control characters in them must not reach the terminal.
std::string printable(const std::string& text) {
    std::string clean = text;
    for (char& c : clean) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = '?';
    }
    return clean;
}

std::string tensorLine(const LazyTensor& tensor, const TensorHealth& health) {
    std::string line = printable(tensor.name()) + "  " + std::string(name(tensor.dtype())) + " "
                       + shapeText(tensor.shape()) + "  order " + orderName(tensor);
    if (health.least)
        line += "  min " + roundTripDecimal(*health.least) + "  max " + roundTripDecimal(*health.most);
    const std::pair<const char*, std::int64_t> counts[]{{"NaN", health.nan},     {"-inf", health.negInf},
                                                        {"+inf", health.posInf}, {"<0", health.negative},
                                                        {"=0", health.zero},     {">0", health.positive}};
    for (const auto& [label, number] : counts)
        line += std::string("  ") + label + " " + std::to_string(number);
    return line + "\n";
}

std::string layerLines(const LayerAudit& audit) {
    const FoundLayer& layer = audit.layer;
    std::string text = "batch norm at '" + printable(layer.prefix) + "': num_features "
                       + std::to_string(layer.numFeatures) + (layer.affine ? ", affine" : ", no weight and bias")
                       + ", running statistics" + (layer.counted ? "\n" : ", num_batches_tracked missing\n");
    for (const StateFinding& finding : audit.findings)
        text += "  suspicious: " + finding.sentence + "\n";
    return text;
}

std::string plainText(const Inspected& inspected) {
    const auto& tensors = inspected.file.tensors;
    std::string text = onOneLine(inspected.file.path.string()) + ": " + inspected.file.format + ", "
                       + std::to_string(tensors.size()) + (tensors.size() == 1 ? " tensor\n" : " tensors\n");
    for (std::size_t i = 0; i < tensors.size(); ++i)
        text += tensorLine(*tensors[i], inspected.health[i]);
    for (const LayerAudit& audit : inspected.layers)
        text += layerLines(audit);
    for (const PickledName& global : inspected.file.globals)
        text += "global " + printable(global.name) + (global.refused ? ": refused, never imported\n" : "\n");
    for (const RefusedObject& object : inspected.file.refused)
        text += "refused " + (object.where.empty() ? std::string("the whole") : "'" + printable(object.where) + "'")
                + ": made by " + printable(object.global) + "\n";
    for (const std::string& note : inspected.file.notes)
        text += "note: " + onOneLine(note) + "\n";
    return text;
}

int execute(std::span<const std::string> arguments) {
    const ParsedOptions options = parseOptions(spec(), arguments);
    if (options.wantsHelp()) {
        printOut(helpText(spec()));
        return status::done;
    }
    const Interrupt interrupt;
    const Inspected inspected = inspect(options.operands().front(), interrupt);
    printOut(options.has("--json") ? jsonText(inspected) : plainText(inspected));
    return status::done;
}

}  // namespace

int inspectCommand(std::span<const std::string> arguments) {
    return reportingErrors([&] { return execute(arguments); });
}

}  // namespace bnstudio
