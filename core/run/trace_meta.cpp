// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/trace_meta.h"

#include "core/error.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <initializer_list>

namespace bnstudio {

namespace {

using Json = nlohmann::json;

constexpr std::size_t maxTextBytes = std::size_t{16} << 20;
constexpr int maxDepth = 8;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
    throw Error(ErrorCode::BadInput, where + ": " + what);
}

Json parse(const std::string& text, const std::string& where) {
    if (text.size() > maxTextBytes)
        refuse(where, std::to_string(text.size()) + " bytes, expected at most " + std::to_string(maxTextBytes));
    const auto guard = [&where](int depth, Json::parse_event_t, const Json&) {
        if (depth > maxDepth)
            refuse(where, "is nested more than " + std::to_string(maxDepth) + " levels deep");
        return true;
    };
    Json json;
    try {
        json = Json::parse(text, guard);
    } catch (const Json::exception& error) {
        const std::string message = error.what();
        const std::size_t prefix = message.find("] ");
        refuse(where, "is no JSON: " + (prefix == std::string::npos ? message : message.substr(prefix + 2)));
    }
    if (!json.is_object())
        refuse(where, "expected a JSON object, such as {\"eps\": 1e-05}");
    return json;
}

/// A setting: a number as it is, null as nothing.
std::optional<double> number(const Json& json, const char* key, const std::string& where) {
    const auto found = json.find(key);
    if (found == json.end() || found->is_null())
        return std::nullopt;
    if (!found->is_number())
        refuse(where, std::string(key) + " is no number");
    return found->get<double>();
}

std::string word(const Json& json, std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
        const auto found = json.find(key);
        if (found != json.end() && found->is_string())
            return found->get<std::string>();
    }
    return {};
}

/// A dtype, or only that there was one. "torch.float16" as str(dtype) gives it.
std::string autocastOf(const Json& json) {
    std::string text = word(json, {"autocast"});
    if (text.starts_with("torch."))
        text.erase(0, 6);
    if (text == "none" || text == "None" || text == "off")
        return {};
    const auto found = json.find("autocast");
    return text.empty() && found != json.end() && *found == true ? "on" : text;
}

std::vector<std::int64_t> stepsOf(const Json& json, const std::string& where) {
    std::vector<std::int64_t> steps;
    const auto found = json.find("steps");
    if (found == json.end() || !found->is_array())
        return steps;
    for (const Json& step : *found) {
        if (!step.is_number_integer() || step.get<std::int64_t>() < 0)
            refuse(where, "steps: expected whole numbers from 0 on, got " + step.dump());
        steps.push_back(step.get<std::int64_t>());
    }
    return steps;
}

}  // namespace

TraceMeta parseTraceMeta(const std::string& json, const std::string& where) {
    const Json parsed = parse(json, where);
    TraceMeta meta;
    meta.eps = number(parsed, "eps", where);
    if (meta.eps && !(*meta.eps >= 0 && std::isfinite(*meta.eps)))
        refuse(where, "eps: got " + Json(*meta.eps).dump() + ", expected a finite number of at least 0");
    meta.hasMomentum = parsed.contains("momentum");
    meta.momentum = number(parsed, "momentum", where);
    meta.layer = word(parsed, {"layer", "layer_path"});
    meta.torchVersion = word(parsed, {"torch", "torch_version"});
    meta.autocast = autocastOf(parsed);
    meta.dtypes.input = dtypeFromName(word(parsed, {"input_dtype"}));
    meta.dtypes.output = dtypeFromName(word(parsed, {"output_dtype"}));
    meta.dtypes.state = dtypeFromName(word(parsed, {"state_dtype"}));
    meta.steps = stepsOf(parsed, where);
    return meta;
}

std::string traceMetaText(const WrittenTraceMeta& meta) {
    nlohmann::ordered_json json{{"format", "bnstudio-trace"}, {"version", 1}, {"eps", meta.eps}};
    json["momentum"] = meta.momentum ? nlohmann::ordered_json(*meta.momentum) : nlohmann::ordered_json(nullptr);
    json["layer"] = meta.layer;
    json["steps"] = meta.steps;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace bnstudio
