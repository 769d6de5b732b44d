// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/generator.h"
#include "core/data/shortest_decimal.h"
#include "core/error.h"

#include <fast_float/fast_float.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace bnstudio {

namespace {

using Kind = GeneratorSpec::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 6> kindNames{{{Kind::Normal, "normal"},
                                                                      {Kind::Uniform, "uniform"},
                                                                      {Kind::LogNormal, "lognormal"},
                                                                      {Kind::StudentT, "student_t"},
                                                                      {Kind::Constant, "constant"},
                                                                      {Kind::Mixture, "mixture"}}};

/// Calls visit(key, member) for every key of a spec, in the order in which texts name them.
template <class Spec, class Visit>
void forEachKey(Spec& spec, Visit visit) {
    visit("n", spec.n);
    visit("c", spec.c);
    visit("l", spec.l);
    visit("mean", spec.mean);
    visit("std", spec.std);
    visit("spread", spec.spread);
    visit("correlation", spec.correlation);
    visit("drift", spec.drift);
    visit("outliers", spec.outliers);
    visit("nan", spec.nan);
    visit("df", spec.df);
    visit("mean2", spec.mean2);
    visit("std2", spec.std2);
    visit("weight2", spec.weight2);
    visit("seed", spec.seed);
}

[[noreturn]] void fail(const std::string& message) {
    throw Error(ErrorCode::Usage, "generate: " + message);
}

std::string quoted(std::string_view text) {
    return '"' + std::string(text) + '"';
}

std::string_view withoutBlanks(std::string_view text) {
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

/// Cuts the text before the first separator off @p rest; the separator goes, too.
std::string_view takeUntil(char separator, std::string_view& rest) {
    const std::string_view head = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(head.size() + 1, rest.size()));
    return head;
}

/// Whether all of @p text is a number, which goes to @p value.
template <class Integer>
bool readNumber(std::string_view text, Integer& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

bool readNumber(std::string_view text, double& value) {
    const auto [end, error] = fast_float::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

constexpr const char* expectedOf(const double&) {
    return "a number";
}
constexpr const char* expectedOf(const std::int64_t&) {
    return "a whole number";
}
constexpr const char* expectedOf(const std::uint64_t&) {
    return "a whole number from 0 to 18446744073709551615";
}

/// One key=value of a text; the place says where in the text it stands, for messages.
struct Item {
    std::string_view key, value;
    std::string place;
};

template <class Number>
void readValue(const Item& item, std::string_view text, Number& value) {
    if (!readNumber(text, value))
        fail(std::string(item.key) + " " + item.place + " is " + quoted(text) + ", expected " + expectedOf(value));
}

void readValue(const Item& item, std::string_view text, std::vector<double>& list) {
    list.clear();
    for (bool more = true; more;) {
        more = text.find('/') != std::string_view::npos;
        readValue(item, withoutBlanks(takeUntil('/', text)), list.emplace_back());
    }
}

std::string knownKinds() {
    std::string text;
    for (const auto& [kind, name] : kindNames)
        text.append(text.empty() ? "" : kind == kindNames.back().first ? " or " : ", ").append(name);
    return text;
}

std::string knownKeys() {
    std::string text;
    const GeneratorSpec spec;
    forEachKey(spec, [&](const char* key, const auto&) { text.append(text.empty() ? "" : " ").append(key); });
    return text;
}

Kind parseKind(std::string_view text) {
    for (const auto& [kind, name] : kindNames)
        if (name == text)
            return kind;
    fail("unknown kind " + quoted(text) + ", expected " + knownKinds());
}

Item parseItem(std::string_view text, std::size_t offset) {
    const std::string place = "at character " + shortestDecimal(offset + 1);
    if (withoutBlanks(text).empty())
        fail("nothing stands " + place + ", expected key=value");
    if (text.find('=') == std::string_view::npos)
        fail(quoted(withoutBlanks(text)) + " " + place + " has no \"=\", expected key=value");
    const std::string_view key = takeUntil('=', text);
    return {withoutBlanks(key), withoutBlanks(text), place};
}

void readItem(const Item& item, GeneratorSpec& spec) {
    bool known = false;
    forEachKey(spec, [&](std::string_view key, auto& member) {
        if (key != item.key)
            return;
        known = true;
        readValue(item, item.value, member);
    });
    if (!known)
        fail("unknown key " + quoted(item.key) + " " + item.place + ", expected one of " + knownKeys());
}

std::string textOf(const std::vector<double>& list) {
    std::string text;
    for (const double value : list)
        text.append(text.empty() ? "" : "/").append(shortestDecimal(value));
    return text;
}
template <class Number>
std::string textOf(Number value) {
    return shortestDecimal(value);
}

}  // namespace

std::string_view kindName(GeneratorSpec::Kind kind) {
    for (const auto& [candidate, name] : kindNames)
        if (candidate == kind)
            return name;
    return {};
}

GeneratorSpec parseGeneratorSpec(const std::string& text) {
    std::string_view rest = text;
    GeneratorSpec spec;
    bool more = rest.find(':') != std::string_view::npos;
    spec.kind = parseKind(withoutBlanks(takeUntil(':', rest)));
    std::vector<std::string_view> seen;
    while (more) {
        const auto offset = static_cast<std::size_t>(rest.data() - text.data());
        more = rest.find(',') != std::string_view::npos;
        const Item item = parseItem(takeUntil(',', rest), offset);
        readItem(item, spec);
        if (std::find(seen.begin(), seen.end(), item.key) != seen.end())
            fail(std::string(item.key) + " " + item.place + " is given a second time, expected once");
        seen.push_back(item.key);
    }
    validate(spec);
    return spec;
}

std::string generatorSpecText(const GeneratorSpec& spec) {
    const GeneratorSpec defaults;
    std::vector<std::string> defaultTexts;
    forEachKey(defaults, [&](const char*, const auto& member) { defaultTexts.push_back(textOf(member)); });
    std::string text(kindName(spec.kind));
    std::size_t index = 0;
    char separator = ':';
    forEachKey(spec, [&](const char* key, const auto& member) {
        const std::string value = textOf(member);
        if (value == defaultTexts[index++])
            return;
        text.append(1, separator).append(key).append(1, '=').append(value);
        separator = ',';
    });
    return text;
}

}  // namespace bnstudio
