// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_file.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace bnstudio {

namespace {

/// The digits of a family member's name without leading zeros: "x.007" of family "x" gives "7". Kept as text, so that
/// no number is too large.
std::optional<std::string_view> memberNumber(std::string_view name, std::string_view family) {
    if (!name.starts_with(family)) {
        return std::nullopt;
    }
    std::string_view digits = name.substr(family.size());
    if (!digits.empty() && (digits[0] == '.' || digits[0] == '_')) {
        digits.remove_prefix(1);
    }
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return digits;
}

}  // namespace

std::vector<std::shared_ptr<const LazyTensor>> selectFamily(const TensorFile& file, const std::string& name) {
    if (const auto exact = file.find(name)) {
        return {exact};
    }
    struct Member {
        std::string_view number;
        std::shared_ptr<const LazyTensor> tensor;
    };
    std::vector<Member> members;
    for (const auto& tensor : file.tensors) {
        if (const auto number = memberNumber(tensor->name(), name)) {
            members.push_back({*number, tensor});
        }
    }
    std::stable_sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
        return a.number.size() != b.number.size() ? a.number.size() < b.number.size() : a.number < b.number;
    });
    std::vector<std::shared_ptr<const LazyTensor>> family;
    for (Member& member : members) {
        family.push_back(std::move(member.tensor));
    }
    return family;
}

FileArgument parseFileArgument(const std::string& text) {
    const std::size_t at = text.rfind("::");
    if (at == std::string::npos) {
        return {text, ""};
    }
    return {text.substr(0, at), text.substr(at + 2)};
}

}  // namespace bnstudio
