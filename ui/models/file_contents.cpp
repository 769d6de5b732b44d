// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/file_contents.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace bnstudio {

namespace {

/// "x.007" and "x_7" → "x", the family's name; empty for a name that is not numbered. A number alone names a batch, but
/// there is no name to ask for the others by.
std::string familyOf(const std::string& name) {
    std::size_t end = name.find_last_not_of("0123456789");
    if (end == std::string::npos || end + 1 == name.size())
        return {};
    if (name[end] == '.' || name[end] == '_')
        return name.substr(0, end);
    return name.substr(0, end + 1);
}

/// A tensor of a model or of an optimiser: it has the rank of a batch, and is none.
bool isParameter(const std::string& name) {
    static constexpr std::array<std::string_view, 6> words{"weight",          "bias",     "exp_avg", "momentum_buffer",
                                                           "optimizer.state", "embedding"};
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return name.find(word) != std::string::npos; });
}

std::vector<Family> familiesOf(const TensorFile& file) {
    std::map<std::string, int> sizes;
    for (const auto& tensor : file.tensors)
        ++sizes[familyOf(tensor->name())];
    std::vector<Family> families;
    std::set<std::string> seen;
    for (const auto& tensor : file.tensors) {
        const std::string name = familyOf(tensor->name());
        // A tensor that has exactly the family's name comes alone when asked for.
        if (name.empty() || sizes[name] < 2 || !seen.insert(name).second || file.find(name))
            continue;
        families.push_back({name, selectFamily(file, name)});
    }
    return families;
}

}  // namespace

bool canBeBatch(const LazyTensor& tensor) {
    const Dims& shape = tensor.shape();
    return shape.size() >= 2 && shape.size() <= 5
           && std::all_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent > 0; });
}

FileContents contentsOf(TensorFile file) {
    FileContents contents;
    for (const FoundLayer& layer : findBatchNormLayers(file))
        contents.layers.push_back(layer);
    contents.families = familiesOf(file);
    const bool isModel = !contents.layers.empty();
    std::map<std::string, const Family*> familyOfTensor;
    for (const Family& family : contents.families)
        for (const auto& member : family.members)
            familyOfTensor[member->name()] = &family;
    std::set<const Family*> seen;
    for (const auto& tensor : file.tensors) {
        if (!canBeBatch(*tensor) || (isModel && isParameter(tensor->name())))
            continue;
        const auto family = familyOfTensor.find(tensor->name());
        if (family == familyOfTensor.end()) {
            contents.batches.push_back({tensor->name(), {tensor}});
            continue;
        }
        const auto& members = family->second->members;
        if (seen.insert(family->second).second
            && std::all_of(members.begin(), members.end(), [](const auto& member) { return canBeBatch(*member); }))
            contents.batches.push_back({family->second->name, members});
    }
    contents.file = std::move(file);
    return contents;
}

QString shapesText(const std::vector<std::shared_ptr<const LazyTensor>>& tensors) {
    const Dims& first = tensors.front()->shape();
    const bool same =
        std::all_of(tensors.begin(), tensors.end(), [&](const auto& tensor) { return tensor->shape() == first; });
    return QString::fromStdString(shapeText(first)) + (same ? QString() : QStringLiteral(" …"));
}

QString entryText(const BatchEntry& entry) {
    const QString name = QString::fromStdString(entry.name);
    return entry.isFamily()
               ? QCoreApplication::translate("FileContents", "%1 · %2 batches").arg(name).arg(entry.tensors.size())
               : name;
}

}  // namespace bnstudio
