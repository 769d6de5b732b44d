// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/tensor_tree.h"

#include <QCoreApplication>
#include <QFileInfo>

#include <algorithm>
#include <map>
#include <set>

namespace bnstudio {

namespace {

using Kind = TensorNode::Kind;

constexpr std::ptrdiff_t deepest = 40;

TensorNode& addChild(TensorNode& parent, Kind kind, const QString& label, std::string name) {
    auto child = std::make_unique<TensorNode>();
    child->kind = kind;
    child->label = label;
    child->name = std::move(name);
    child->parent = &parent;
    child->row = static_cast<int>(parent.children.size());
    parent.children.push_back(std::move(child));
    return *parent.children.back();
}

/// Finds and makes the inner nodes by their full name.
class TreeBuilder {
public:
    explicit TreeBuilder(const FileContents& contents) : m_contents(contents), m_root(std::make_unique<TensorNode>()) {
        for (const Family& family : contents.families)
            for (const auto& member : family.members)
                m_familyOf[member->name()] = &family;
        for (const FoundLayer& layer : contents.layers)
            m_layers[layer.prefix] = &layer;
        for (const BatchEntry& entry : contents.batches)
            m_batches[entry.name] = &entry;
    }

    std::unique_ptr<TensorNode> build() {
        for (const auto& tensor : m_contents.file.tensors)
            if (!m_familyOf.contains(tensor->name()))
                addTensor(tensor);
            else if (const Family& family = *m_familyOf[tensor->name()]; m_builtFamilies.insert(&family).second)
                addFamily(family);
        addRefused();
        return std::move(m_root);
    }

private:
    /// The node of everything that begins with "a.b."; for a layer it is the layer itself.
    TensorNode& groupOf(const std::string& prefix) {
        const auto known = m_groups.find(prefix);
        if (known != m_groups.end())
            return *known->second;
        TensorNode* group = m_root.get();
        const auto layer = m_layers.find(prefix);
        if (!prefix.empty()) {
            const std::string whole = prefix.substr(0, prefix.size() - 1);
            const std::size_t dot = whole.rfind('.');
            const std::string above = dot == std::string::npos ? std::string() : whole.substr(0, dot + 1);
            TensorNode& parent = above.empty() ? *m_root : groupOf(above);
            group = &addChild(parent, Kind::Group, QString::fromStdString(whole.substr(above.size())), prefix);
        } else if (layer != m_layers.end()) {
            const QString file = QString::fromStdString(m_contents.file.path.filename().string());
            group = &addChild(*m_root, Kind::Group, QFileInfo(file).completeBaseName(), {});
        }
        if (layer != m_layers.end()) {
            group->kind = Kind::Layer;
            group->layer = *layer->second;
        }
        m_groups[prefix] = group;
        return *group;
    }

    // A name of more dots than any module has stays in one piece: trees that deep are only made to break programs.
    static std::string prefixOf(const std::string& name) {
        if (std::count(name.begin(), name.end(), '.') > deepest)
            return {};
        const std::size_t dot = name.rfind('.');
        return dot == std::string::npos ? std::string() : name.substr(0, dot + 1);
    }

    void addTensor(const std::shared_ptr<const LazyTensor>& tensor) {
        const std::string prefix = prefixOf(tensor->name());
        TensorNode& parent = groupOf(prefix);
        TensorNode& node = addChild(parent, Kind::Tensor, QString::fromStdString(tensor->name().substr(prefix.size())),
                                    tensor->name());
        node.tensors = {tensor};
        if (const auto entry = m_batches.find(tensor->name()); entry != m_batches.end())
            node.batches = *entry->second;
        if (parent.kind == Kind::Layer)
            parent.tensors.push_back(tensor);
    }

    void addFamily(const Family& family) {
        const std::string prefix = prefixOf(family.name);
        TensorNode& node = addChild(groupOf(prefix), Kind::Family,
                                    QString::fromStdString(family.name.substr(prefix.size())), family.name);
        node.tensors = family.members;
        if (const auto entry = m_batches.find(family.name); entry != m_batches.end())
            node.batches = *entry->second;
        for (const auto& member : family.members) {
            const std::string rest = member->name().substr(family.name.size());
            TensorNode& child =
                addChild(node, Kind::Tensor, QString::fromStdString(rest).remove(u'.').remove(u'_'), member->name());
            child.tensors = {member};
            if (node.batches)
                child.batches = BatchEntry{member->name(), {member}};
        }
    }

    void addRefused() {
        for (const RefusedObject& object : m_contents.file.refused) {
            const QString where = object.where.empty() ? QCoreApplication::translate("TensorTree", "the whole file")
                                                       : QString::fromStdString(object.where);
            addChild(*m_root, Kind::Refused, where, object.where).global = QString::fromStdString(object.global);
        }
    }

    const FileContents& m_contents;
    std::unique_ptr<TensorNode> m_root;
    std::map<std::string, TensorNode*> m_groups;
    std::map<std::string, const Family*> m_familyOf;
    std::map<std::string, const FoundLayer*> m_layers;
    std::map<std::string, const BatchEntry*> m_batches;
    std::set<const Family*> m_builtFamilies;
};

}  // namespace

std::unique_ptr<TensorNode> makeTensorTree(const FileContents& contents) {
    return TreeBuilder(contents).build();
}

}  // namespace bnstudio
