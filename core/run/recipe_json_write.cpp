// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/run/base64.h"
#include "core/run/recipe_json.h"
#include "core/run/recipe_schema.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace bnstudio::recipe_json {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t longestPlainArray = 64;

Json encodeNumber(double value) {
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    return value;
}

/// Builds one JSON object; the key of an absent optional is left out.
class Writer {
public:
    explicit Writer(const std::filesystem::path* folder) : m_folder(folder) {}
    Json take() { return std::move(m_object); }

    template <class T>
    void operator()(const char* key, const T& value) {
        m_object[key] = encode(value);
    }
    template <class T>
    void operator()(const char* key, const std::optional<T>& value) {
        if (value)
            m_object[key] = encode(*value);
    }
    template <class E, std::size_t count>
    void choice(const char* key, E value, const std::array<Choice<E>, count>& words) {
        for (const Choice<E>& word : words) {
            if (word.second == value)
                m_object[key] = word.first;
        }
    }
    void noneOr(const char* key, std::optional<double> value) {
        m_object[key] = value ? encodeNumber(*value) : Json("none");
    }
    template <class T>
    void unlessEmpty(const char* key, const std::vector<T>& list) {
        if (!list.empty())
            (*this)(key, list);
    }
    void path(const std::string& path);

    template <class T>
    Json encodeStructure(T value) const;

private:
    static Json encode(bool value) { return value; }
    static Json encode(int value) { return value; }
    static Json encode(std::int64_t value) { return value; }
    static Json encode(std::uint64_t value) { return value; }
    static Json encode(double value) { return encodeNumber(value); }
    static Json encode(const std::string& value) { return value; }
    static Json encode(const std::vector<double>& values);
    static Json encode(const Dims& values) { return values; }
    Json encode(const SourceSpec& source) const;
    Json encode(const Event& event) const;
    static Json encode(const StepMark& mark) { return Json{{"step", mark.step}, {"name", mark.name}}; }
    template <class T>
    Json encode(const std::vector<T>& list) const {
        Json array = Json::array();
        for (const T& element : list)
            array.push_back(encode(element));
        return array;
    }
    template <class T>
    Json encode(const T& structure) const {
        return withoutDefaults(structure);
    }
    template <class T>
    Json withoutDefaults(const T& structure) const;

    const std::filesystem::path* m_folder;
    Json m_object = Json::object();
};

Json Writer::encode(const std::vector<double>& values) {
    if (values.size() > longestPlainArray)
        return Json{{"base64", base64OfDoubles(values)}};
    Json array = Json::array();
    for (const double value : values)
        array.push_back(encodeNumber(value));
    return array;
}

void Writer::path(const std::string& path) {
    if (m_folder == nullptr || path.empty()) {
        m_object["path"] = path;
        return;
    }
    const std::filesystem::path absolute = std::filesystem::absolute(path).lexically_normal();
    const std::filesystem::path relative = absolute.lexically_relative(*m_folder);
    m_object["path"] = relative.empty() ? absolute.string() : relative.generic_string();
    m_object["absolute_path"] = absolute.string();
}

template <class T>
Json Writer::encodeStructure(T value) const {
    Writer writer(m_folder);
    fields(writer, value);
    return writer.take();
}

/// Keys that hold what they hold in a fresh structure say nothing.
template <class T>
Json Writer::withoutDefaults(const T& structure) const {
    Json object = encodeStructure(structure);
    const Json defaults = encodeStructure(T{});
    for (const auto& [key, value] : defaults.items()) {
        const auto found = object.find(key);
        if (found != object.end() && *found == value)
            object.erase(found);
    }
    return object;
}

Json Writer::encode(const SourceSpec& source) const {
    if (const auto* generator = std::get_if<GeneratorSpec>(&source)) {
        Json object = withoutDefaults(*generator);
        Json result{{"kind", generatorKinds.at(static_cast<std::size_t>(generator->kind)).first}};
        result.update(object);
        return result;
    }
    const bool isFile = std::holds_alternative<FileSpec>(source);
    Json result{{"kind", isFile ? "file" : "pasted"}};
    result.update(isFile ? withoutDefaults(std::get<FileSpec>(source)) : encodeStructure(std::get<PastedSpec>(source)));
    return result;
}

Json Writer::encode(const Event& event) const {
    Json object{{"step", event.step}};
    if (event.lane >= 0)
        object["lane"] = event.lane;
    object["action"] = actionNames.at(event.action.index());
    object.update(std::visit([this](const auto& action) { return encodeStructure(action); }, event.action));
    return object;
}

bool isScalar(const Json& value) {
    return !value.is_structured() || value.empty();
}
bool isListOfScalars(const Json& value) {
    return isScalar(value) || (value.is_array() && std::all_of(value.begin(), value.end(), isScalar));
}

std::string onOneLine(const Json& value) {
    if (isScalar(value))
        return value.dump();
    std::string text;
    for (const auto& [key, element] : value.items())
        text += (text.empty() ? "" : ", ") + (value.is_object() ? Json(key).dump() + ": " : std::string())
                + onOneLine(element);
    return value.is_object() ? "{" + text + "}" : "[" + text + "]";
}

/// Indented, but lists of numbers and short structures stay on their line.
void print(const Json& value, int indent, std::string& out) {
    constexpr std::size_t lineWidth = 100;
    if (isListOfScalars(value)) {
        out += onOneLine(value);
        return;
    }
    if (value.is_object() && std::all_of(value.begin(), value.end(), isListOfScalars)) {
        const std::string text = onOneLine(value);
        if (text.size() <= lineWidth) {
            out += text;
            return;
        }
    }
    const bool isObject = value.is_object();
    const std::string newLine = "\n" + std::string(static_cast<std::size_t>(indent) + 2, ' ');
    out += isObject ? '{' : '[';
    bool first = true;
    for (const auto& [key, element] : value.items()) {
        out += (first ? "" : ",") + newLine;
        first = false;
        if (isObject)
            out += Json(key).dump() + ": ";
        print(element, indent + 2, out);
    }
    out += newLine.substr(0, newLine.size() - 2);
    out += isObject ? '}' : ']';
}

std::string recipeText(const Recipe& recipe, const std::filesystem::path* folder) {
    Json object{{"format", "bnstudio-recipe"}, {"version", Recipe::schemaVersion}};
    object.update(Writer(folder).encodeStructure(recipe));
    std::string text;
    try {
        print(object, 0, text);
    } catch (const Json::type_error&) {  // the library's: a text with other bytes
        throw Error(ErrorCode::BadInput, "the recipe cannot be written: the name of a file or lane is not UTF-8");
    }
    return text + "\n";
}

template <class T>
std::string canonical(const T& value) {
    return Writer(nullptr).encodeStructure(value).dump();
}

/// What the stream yields does not depend on what was recorded about a file.
void forgetFingerprint(FileSpec& file) {
    file.size = 0;
    file.mtime = 0;
    file.hash.clear();
}
void forgetFingerprints(std::vector<SourceSpec>& sources) {
    for (SourceSpec& source : sources) {
        if (auto* file = std::get_if<FileSpec>(&source))
            forgetFingerprint(*file);
    }
}

}  // namespace

std::string write(const DataSpec& data) {
    DataSpec plain = data;
    forgetFingerprints(plain.sources);
    forgetFingerprints(plain.gradients);
    return canonical(plain);
}
std::string write(const LaneSpec& lane) {
    LaneSpec plain = lane;
    if (plain.recording)
        forgetFingerprint(*plain.recording);
    return canonical(plain);
}
std::string write(const Event& event) {
    Recipe holder;
    holder.lanes.clear();
    holder.events = {event};
    return canonical(holder);
}

std::string writeFor(const Recipe& recipe, const std::filesystem::path& folder) {
    const std::filesystem::path absolute = std::filesystem::absolute(folder).lexically_normal();
    return recipeText(recipe, &absolute);
}

}  // namespace bnstudio::recipe_json

namespace bnstudio {

std::string toJson(const Recipe& recipe) {
    return recipe_json::recipeText(recipe, nullptr);
}

}  // namespace bnstudio
