// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/compare_report.h"

#include "app/console.h"
#include "app/values.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <tuple>

namespace bnstudio {
namespace {

using Json = nlohmann::ordered_json;
using Kind = TensorComparison::Kind;

constexpr int fewDigits = 4;

/// "B/running_var.7" apart: step 7 of B/running_var.
struct StepName {
    std::int64_t step = 0;
    std::string quantity;
};
std::optional<StepName> stepName(const std::string& name) {
    const std::size_t dot = name.rfind('.');
    if (dot == std::string::npos || dot + 1 == name.size())
        return std::nullopt;
    StepName found{0, name.substr(0, dot)};
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + dot + 1, end, found.step);
    return parsed.ec == std::errc() && parsed.ptr == end && found.step >= 0 ? std::optional(found) : std::nullopt;
}

/// Quantities in the order in which a step produces them; unknown ones behind.
int rankOf(const std::string& quantity) {
    const std::string plain = quantity.substr(quantity.rfind('/') + 1);
    for (int key = 0; key < traceKeyCount; ++key) {
        if (plain == traceKeyName(static_cast<TraceKey>(key)))
            return key;
    }
    return traceKeyCount;
}

std::int64_t channelOf(const Dims& shape, std::int64_t index) {
    if (shape.empty() || index < 0)
        return -1;
    if (shape.size() == 1)
        return index;
    std::int64_t inner = 1;
    for (std::size_t axis = 2; axis < shape.size(); ++axis)
        inner *= shape[axis];
    return index / inner % shape[1];
}

/// "[3, 5]" of a flat index.
std::string placeText(const Dims& shape, std::int64_t index) {
    std::string text;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        text = std::to_string(index % shape[axis]) + (text.empty() ? "" : ", ") + text;
        index /= shape[axis];
    }
    return "[" + text + "]";
}

std::string largestText(const char* what, const LargestDifference& largest, const Dims& shape) {
    return std::string(what) + " " + roundedDecimal(largest.value, fewDigits) + " at " + placeText(shape, largest.at);
}

std::string tensorLine(const TensorComparison& tensor) {
    std::string line = onOneLine(tensor.name) + "  ";
    if (tensor.kind == Kind::OnlyA || tensor.kind == Kind::OnlyB)
        return line + "only in " + (tensor.kind == Kind::OnlyA ? "A" : "B") + ": " + std::string(name(tensor.dtypeA))
               + " " + shapeText(tensor.shapeA) + "\n";
    if (tensor.kind == Kind::OtherShape)
        return line + "shape " + shapeText(tensor.shapeA) + " in A, " + shapeText(tensor.shapeB) + " in B\n";
    line += tensor.kind == Kind::Close ? "close" : "differs in " + std::to_string(tensor.beyond) + " values";
    if (tensor.dtypeA != tensor.dtypeB)
        line += "  " + std::string(name(tensor.dtypeA)) + " and " + std::string(name(tensor.dtypeB));
    line += "  " + largestText("absolute", tensor.absolute, tensor.shapeA) + " (" + roundTripDecimal(tensor.absolute.a)
            + ", " + roundTripDecimal(tensor.absolute.b) + ")";
    line += "  " + largestText("relative", tensor.relative, tensor.shapeA);
    return line + "  " + largestText("ulp", tensor.ulp, tensor.shapeA) + "\n";
}

const char* kindName(Kind kind) {
    switch (kind) {
    case Kind::Same:
        return "same";
    case Kind::Close:
        return "close";
    case Kind::Different:
        return "different";
    case Kind::OtherShape:
        return "other_shape";
    case Kind::OnlyA:
        return "only_a";
    case Kind::OnlyB:
        return "only_b";
    }
    return "";
}

/// JSON has no infinities and no NaN.
Json number(double value) {
    return std::isfinite(value) ? Json(value) : Json(roundTripDecimal(value));
}

Json largestJson(const LargestDifference& largest) {
    return {
        {"value", number(largest.value)}, {"index", largest.at}, {"a", number(largest.a)}, {"b", number(largest.b)}};
}

Json tensorJson(const TensorComparison& tensor) {
    return {{"name", tensor.name},
            {"result", kindName(tensor.kind)},
            {"dtype_a", name(tensor.dtypeA)},
            {"dtype_b", name(tensor.dtypeB)},
            {"shape_a", tensor.shapeA},
            {"shape_b", tensor.shapeB},
            {"rtol", tensor.rtol},
            {"atol", tensor.atol},
            {"beyond", tensor.beyond},
            {"absolute", largestJson(tensor.absolute)},
            {"relative", largestJson(tensor.relative)},
            {"ulp", largestJson(tensor.ulp)}};
}

Json checkJson(const TraceCheck& check) {
    return {{"step", check.step},
            {"quantity", traceQuantityName(check.quantity)},
            {"channel", check.channel},
            {"element", check.element},
            {"recorded", number(check.recorded)},
            {"expected", number(check.expected)},
            {"tolerance", number(check.tolerance)},
            {"excess", number(check.excess)},
            {"channels_beyond", check.channelsBeyond}};
}

Json alternativeJson(const TraceAlternative& tried) {
    return {{"name", tried.name},
            {"explained", tried.explained},
            {"differing", tried.differing},
            {"error_before", number(tried.errorBefore)},
            {"error_after", number(tried.errorAfter)},
            {"excess_before", number(tried.excessBefore)},
            {"excess_after", number(tried.excessAfter)}};
}

/// Names come from files: bytes that are no UTF-8 are replaced instead of ending the program.
std::string dumped(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

bool CompareReport::differs() const {
    return std::any_of(tensors.begin(), tensors.end(), [this](const TensorComparison& tensor) {
        return tensor.differs()
               || (strict
                   && (tensor.kind == Kind::OnlyA || tensor.kind == Kind::OnlyB || tensor.dtypeA != tensor.dtypeB));
    });
}

void findFirstDifference(CompareReport& report) {
    std::optional<std::tuple<std::int64_t, int, std::string>> best;
    for (const TensorComparison& tensor : report.tensors) {
        const auto named = stepName(tensor.name);
        if (!named || !tensor.differs())
            continue;
        auto order = std::tuple(named->step, rankOf(named->quantity), named->quantity);
        if (best && *best <= order)
            continue;
        best = std::move(order);
        report.first = {named->step, named->quantity, channelOf(tensor.shapeA, tensor.firstBeyond)};
    }
}

std::string reportText(const CompareReport& report) {
    std::string text;
    std::size_t equal = 0, differing = 0, alone = 0;
    for (const TensorComparison& tensor : report.tensors) {
        equal += tensor.kind == Kind::Same ? 1 : 0;
        differing += tensor.differs() ? 1 : 0;
        alone += tensor.kind == Kind::OnlyA || tensor.kind == Kind::OnlyB ? 1 : 0;
        if (tensor.kind != Kind::Same)
            text += tensorLine(tensor);
    }
    const std::size_t common = report.tensors.size() - alone;
    text += std::to_string(common) + " tensors in both: " + std::to_string(equal) + " equal, "
            + std::to_string(common - equal - differing) + " close, " + std::to_string(differing) + " different\n";
    if (report.first)
        text += "first difference: step " + std::to_string(report.first->step) + ", " + report.first->quantity
                + (report.first->channel < 0 ? "" : ", channel " + std::to_string(report.first->channel)) + "\n";
    return text;
}

std::string reportJson(const CompareReport& report) {
    Json json{{"a", report.a}, {"b", report.b}, {"different", report.differs()}};
    json["first"] = nullptr;
    if (report.first)
        json["first"] = {
            {"step", report.first->step}, {"quantity", report.first->quantity}, {"channel", report.first->channel}};
    json["tensors"] = Json::array();
    for (const TensorComparison& tensor : report.tensors)
        json["tensors"].push_back(tensorJson(tensor));
    return dumped(json);
}

std::string diagnosisText(const std::string& file, const TraceDiagnosis& diagnosis) {
    std::string text = onOneLine(file) + ": " + std::to_string(diagnosis.steps) + " recorded steps, "
                       + std::to_string(diagnosis.checks.size()) + " quantities compared\n" + diagnosis.verdict + "\n";
    for (const std::string& note : diagnosis.notes)
        text += "note: " + onOneLine(note) + "\n";
    if (diagnosis.agrees())
        return text;
    text += diagnosis.advice + "\n\nexplanations tried, best first:\n";
    constexpr std::size_t shown = 5;
    for (std::size_t i = 0; i < std::min(shown, diagnosis.tried.size()); ++i) {
        const TraceAlternative& tried = diagnosis.tried[i];
        text += "  " + tried.name + ": explains " + std::to_string(tried.explained) + " of "
                + std::to_string(tried.differing) + ", largest error " + roundedDecimal(tried.errorBefore, fewDigits)
                + " before, " + roundedDecimal(tried.errorAfter, fewDigits) + " after\n";
    }
    return text;
}

std::string diagnosisJson(const std::string& file, const TraceDiagnosis& diagnosis) {
    Json json{{"file", file},
              {"different", !diagnosis.agrees()},
              {"steps", diagnosis.steps},
              {"steps_differing", diagnosis.stepsDiffering},
              {"verdict", diagnosis.verdict},
              {"advice", diagnosis.advice}};
    json["first"] = diagnosis.first ? checkJson(*diagnosis.first) : Json(nullptr);
    json["parameter"] = diagnosis.parameter ? number(*diagnosis.parameter) : Json(nullptr);
    json["later_steps_follow"] = diagnosis.laterStepsFollow ? Json(*diagnosis.laterStepsFollow) : Json(nullptr);
    json["tried"] = Json::array();
    for (const TraceAlternative& tried : diagnosis.tried)
        json["tried"].push_back(alternativeJson(tried));
    json["differences"] = Json::array();
    for (const TraceCheck& check : diagnosis.checks) {
        if (check.differs())
            json["differences"].push_back(checkJson(check));
    }
    json["notes"] = diagnosis.notes;
    return dumped(json);
}

}  // namespace bnstudio
