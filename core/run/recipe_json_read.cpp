// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/input_file.h"
#include "core/run/base64.h"
#include "core/run/recipe_json.h"
#include "core/run/recipe_schema.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

namespace bnstudio::recipe_json {

namespace {

using Json = nlohmann::json;

constexpr std::size_t maxTextBytes = std::size_t{64} << 20;
constexpr std::size_t maxDepth = 16;  // the schema itself is 8 deep

/// Keys and texts of the file go into the message, which stays one line of a bearable length.
[[noreturn]] void refuse(const std::string& where, const std::string& what) {
    constexpr std::size_t longestPlace = 200, longestReason = 400;
    const std::string reason = printable(what, longestReason);
    throw Error(ErrorCode::BadInput,
                "recipe: " + (where.empty() ? reason : printable(where, longestPlace) + ": " + reason));
}

std::string kindOf(const Json& value) {
    if (value.is_number())
        return "the number " + value.dump();
    if (value.is_null())
        return "null";
    return std::string(value.is_structured() ? "an " : "a ") + value.type_name();  // an array, an object
}
[[noreturn]] void refuseType(const std::string& where, const Json& value, const std::string& expected) {
    refuse(where, "got " + kindOf(value) + ", expected " + expected);
}

double decodeNumber(const Json& value, const std::string& where) {
    if (value.is_number())
        return value.get<double>();
    if (value == "nan")
        return std::numeric_limits<double>::quiet_NaN();
    if (value == "inf" || value == "-inf")
        return value == "inf" ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
    refuseType(where, value, "a number, \"nan\", \"inf\" or \"-inf\"");
}

/// Reads one JSON object into a structure that starts with its defaults; finish() refuses keys nobody asked for.
class Reader {
public:
    Reader(const Json& object, std::string where, const std::filesystem::path* folder)
        : m_object(object), m_where(std::move(where)), m_folder(folder) {
        if (!object.is_object())
            refuseType(m_where, object, "an object");
    }

    template <class T>
    void operator()(const char* key, T& value) {
        if (const Json* found = take(key))
            decode(*found, at(key), value);
    }
    template <class T>
    void operator()(const char* key, std::optional<T>& value) {
        if (const Json* found = take(key))
            decode(*found, at(key), value.emplace());
    }
    template <class E, std::size_t count>
    void choice(const char* key, E& value, const std::array<Choice<E>, count>& words);
    void noneOr(const char* key, std::optional<double>& value) {
        if (const Json* found = take(key))
            value = *found == "none" ? std::nullopt : std::optional(decodeNumber(*found, at(key)));
    }
    template <class T>
    void unlessEmpty(const char* key, std::vector<T>& list) {
        (*this)(key, list);
    }
    void path(std::string& path);
    std::string word(const char* key);
    void finish() const;
    template <class T>
    void readStructure(T& structure) {
        fields(*this, structure);
        finish();
    }

private:
    const Json* take(const char* key) {
        m_known.insert(key);
        const auto found = m_object.find(key);
        return found == m_object.end() ? nullptr : &*found;
    }
    std::string at(const std::string& key) const { return m_where.empty() ? key : m_where + "." + key; }

    void decode(const Json& value, const std::string& where, bool& out) const;
    void decode(const Json& value, const std::string& where, int& out) const;
    void decode(const Json& value, const std::string& where, std::int64_t& out) const;
    void decode(const Json& value, const std::string& where, std::uint64_t& out) const;
    void decode(const Json& value, const std::string& where, double& out) const { out = decodeNumber(value, where); }
    void decode(const Json& value, const std::string& where, std::string& out) const;
    void decode(const Json& value, const std::string& where, std::vector<double>& out) const;
    void decode(const Json& value, const std::string& where, SourceSpec& out) const;
    void decode(const Json& value, const std::string& where, Event& out) const;
    template <class T>
    void decode(const Json& value, const std::string& where, std::vector<T>& out) const;
    template <class T>
    void decode(const Json& value, const std::string& where, T& structure) const {
        Reader(value, where, m_folder).readStructure(structure);
    }

    const Json& m_object;
    std::string m_where;
    const std::filesystem::path* m_folder;
    std::set<std::string> m_known;
};

template <class E, std::size_t count>
void Reader::choice(const char* key, E& value, const std::array<Choice<E>, count>& words) {
    const Json* found = take(key);
    if (found == nullptr)
        return;
    std::string known;
    for (const Choice<E>& word : words) {
        if (*found == word.first) {
            value = word.second;
            return;
        }
        known += (known.empty() ? "" : ", ") + std::string(word.first);
    }
    refuse(at(key), "got " + (found->is_string() ? inQuotes(found->get<std::string>()) : kindOf(*found))
                        + ", expected one of " + known);
}

/// Beside the recipe first: a folder that was moved as a whole keeps working.
void Reader::path(std::string& path) {
    std::string absolute;
    (*this)("path", path);
    (*this)("absolute_path", absolute);
    if (path.find('\0') != std::string::npos || absolute.find('\0') != std::string::npos)
        refuse(at("path"), "holds a NUL character, expected the name of a file");
    if (m_folder == nullptr || path.empty())
        return;
    const std::filesystem::path beside = (*m_folder / path).lexically_normal();
    std::error_code ignored;
    const bool useAbsolute =
        !absolute.empty() && !std::filesystem::exists(beside, ignored) && std::filesystem::exists(absolute, ignored);
    path = useAbsolute ? absolute : beside.string();
}

std::string Reader::word(const char* key) {
    const Json* found = take(key);
    if (found == nullptr)
        refuse(at(key), "is missing");
    std::string result;
    decode(*found, at(key), result);
    return result;
}

void Reader::finish() const {
    for (const auto& [key, value] : m_object.items()) {
        if (!m_known.contains(key))
            refuse(at(key), "is no key that I know");
    }
}

void Reader::decode(const Json& value, const std::string& where, bool& out) const {
    if (!value.is_boolean())
        refuseType(where, value, "true or false");
    out = value.get<bool>();
}
void Reader::decode(const Json& value, const std::string& where, std::int64_t& out) const {
    if (!value.is_number_integer()
        || (value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}))
        refuseType(where, value, "a whole number");
    out = value.get<std::int64_t>();
}
void Reader::decode(const Json& value, const std::string& where, int& out) const {
    std::int64_t wide = 0;
    decode(value, where, wide);
    if (wide < std::numeric_limits<int>::min() || wide > std::numeric_limits<int>::max())
        refuseType(where, value, "a small whole number");
    out = static_cast<int>(wide);
}
void Reader::decode(const Json& value, const std::string& where, std::uint64_t& out) const {
    if (!value.is_number_unsigned())
        refuseType(where, value, "a whole number from 0 on");
    out = value.get<std::uint64_t>();
}
void Reader::decode(const Json& value, const std::string& where, std::string& out) const {
    if (!value.is_string())
        refuseType(where, value, "a text");
    out = value.get<std::string>();
}

void Reader::decode(const Json& value, const std::string& where, std::vector<double>& out) const {
    if (value.is_number()) {
        out = {value.get<double>()};
    } else if (value.is_array()) {
        out.clear();
        for (std::size_t i = 0; i < value.size(); ++i)
            out.push_back(decodeNumber(value[i], where + "[" + std::to_string(i) + "]"));
    } else if (value.is_object()) {
        Reader reader(value, where, m_folder);
        auto values = doublesOfBase64(reader.word("base64"));
        reader.finish();
        if (!values)
            refuse(where + ".base64", "is no base64 of whole float64 values");
        out = std::move(*values);
    } else {
        refuseType(where, value, "a number, a list of numbers or {\"base64\": …}");
    }
}

template <class T>
void Reader::decode(const Json& value, const std::string& where, std::vector<T>& out) const {
    if (!value.is_array())
        refuseType(where, value, "a list");
    out.clear();
    for (std::size_t i = 0; i < value.size(); ++i)
        decode(value[i], where + "[" + std::to_string(i) + "]", out.emplace_back());
}

void Reader::decode(const Json& value, const std::string& where, SourceSpec& out) const {
    Reader reader(value, where, m_folder);
    const std::string kind = reader.word("kind");
    if (kind == "file")
        reader.readStructure(out.emplace<FileSpec>());
    else if (kind == "pasted")
        reader.readStructure(out.emplace<PastedSpec>());
    else
        reader.readStructure(out.emplace<GeneratorSpec>());
}

template <std::size_t... index>
void emplaceAction(Action& action, std::size_t wanted, std::index_sequence<index...>) {
    ((index == wanted ? static_cast<void>(action.emplace<index>()) : static_cast<void>(0)), ...);
}

void Reader::decode(const Json& value, const std::string& where, Event& out) const {
    Reader reader(value, where, m_folder);
    const std::string name = reader.word("action");
    const auto found = std::find(actionNames.begin(), actionNames.end(), name);
    if (found == actionNames.end())
        refuse(where + ".action", "got " + inQuotes(name) + ", which is no action that I know");
    reader("step", out.step);
    reader("lane", out.lane);
    emplaceAction(out.action, static_cast<std::size_t>(found - actionNames.begin()),
                  std::make_index_sequence<std::variant_size_v<Action>>());
    std::visit([&](auto& action) { reader.readStructure(action); }, out.action);
}

/// Refuses deep nesting and repeated keys while the text is parsed, before a tree of it exists.
class ParseGuard {
public:
    bool operator()(int, Json::parse_event_t event, Json& parsed) {
        using Kind = Json::parse_event_t;
        if (event == Kind::object_start || event == Kind::array_start) {
            m_keys.emplace_back();
            if (m_keys.size() > maxDepth)
                refuse("", "is nested more than " + std::to_string(maxDepth) + " levels deep");
        } else if (event == Kind::object_end || event == Kind::array_end) {
            m_keys.pop_back();
        } else if (event == Kind::key && !m_keys.back().insert(parsed.get<std::string>()).second) {
            refuse(parsed.get<std::string>(), "stands twice in the same object");
        }
        return true;
    }

private:
    std::vector<std::set<std::string>> m_keys;
};

Json parse(const std::string& text) {
    if (text.size() > maxTextBytes)
        refuse("", std::to_string(text.size()) + " bytes, expected at most " + std::to_string(maxTextBytes));
    ParseGuard guard;
    try {
        return Json::parse(
            text, [&guard](int depth, Json::parse_event_t event, Json& parsed) { return guard(depth, event, parsed); });
    } catch (const Json::exception& error) {
        const std::string message = error.what();
        const std::size_t prefix = message.find("] ");
        refuse("", "is no JSON: " + (prefix == std::string::npos ? message : message.substr(prefix + 2)));
    }
}

Recipe recipeOf(const std::string& text, const std::filesystem::path* folder) {
    const Json json = parse(text);
    Reader reader(json, "", folder);
    const std::string format = reader.word("format");
    if (format != "bnstudio-recipe")
        refuse("format", "got " + inQuotes(format) + ", expected \"bnstudio-recipe\"");
    std::int64_t version = 0;
    reader("version", version);
    if (version > Recipe::schemaVersion)
        refuse("version", "is " + std::to_string(version)
                              + ": made by a newer BatchNorm1d Studio; this one reads up to "
                              + std::to_string(Recipe::schemaVersion));
    if (version < 1)
        refuse("version", "got " + std::to_string(version) + ", expected " + std::to_string(Recipe::schemaVersion));
    Recipe recipe;
    reader.readStructure(recipe);
    for (std::size_t i = 0; i < recipe.events.size(); ++i) {
        if (recipe.events[i].step < 0)
            refuse("events[" + std::to_string(i) + "].step", "is negative, expected a step from 0 on");
    }
    std::stable_sort(recipe.events.begin(), recipe.events.end(),
                     [](const Event& a, const Event& b) { return a.step < b.step; });
    std::stable_sort(recipe.marks.begin(), recipe.marks.end(),
                     [](const StepMark& a, const StepMark& b) { return a.step < b.step; });
    return recipe;
}

}  // namespace

Recipe readFrom(const std::string& text, const std::filesystem::path& folder) {
    return recipeOf(text, &folder);
}

}  // namespace bnstudio::recipe_json

namespace bnstudio {

Recipe recipeFromJson(const std::string& text) {
    return recipe_json::recipeOf(text, nullptr);
}

}  // namespace bnstudio
