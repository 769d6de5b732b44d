// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/options.h"

#include "core/error.h"

#include <algorithm>

namespace bnstudio {
namespace {

constexpr OptionSpec helpOption{"--help", "", "Print this text."};

const OptionSpec* findOption(const CommandSpec& command, std::string_view name) {
    if (name == helpOption.name)
        return &helpOption;
    const auto found = std::find_if(command.options.begin(), command.options.end(),
                                    [name](const OptionSpec& option) { return option.name == name; });
    return found == command.options.end() ? nullptr : &*found;
}

[[noreturn]] void refuse(const std::string& sentence) {
    throw Error(ErrorCode::Usage, sentence);
}

/// Breaks @p text at blanks into lines of at most 118 characters, continued at @p indent.
void appendWrapped(std::string& out, std::string_view text, std::size_t indent) {
    constexpr std::size_t width = 118;
    std::size_t column = indent;
    bool lineStart = true;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (!lineStart && column + 1 + end > width) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
            lineStart = true;
        }
        if (!lineStart) {
            out += ' ';
            ++column;
        }
        out += text.substr(0, end);
        column += end;
        lineStart = false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    out += '\n';
}

void appendOption(std::string& out, const OptionSpec& option, std::size_t column) {
    std::string left = "  " + std::string(option.name);
    if (!option.value.empty())
        left += ' ' + std::string(option.value);
    if (left.size() + 2 > column)
        left += '\n' + std::string(column, ' ');
    else
        left.resize(column, ' ');
    out += left;
    appendWrapped(out, option.help, column);
}

}  // namespace

std::optional<std::string> ParsedOptions::value(std::string_view name) const {
    const auto found = m_values.find(name);
    return found == m_values.end() ? std::nullopt : std::optional(found->second.back());
}

std::vector<std::string> ParsedOptions::values(std::string_view name) const {
    const auto found = m_values.find(name);
    return found == m_values.end() ? std::vector<std::string>{} : found->second;
}

ParsedOptions parseOptions(const CommandSpec& command, std::span<const std::string> arguments) {
    ParsedOptions parsed;
    for (const std::string& argument : arguments) {
        if (argument == "--")
            break;
        if (argument == "--help" || argument == "-h") {
            parsed.m_values["--help"] = {""};
            return parsed;
        }
    }
    bool onlyOperands = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (onlyOperands || argument.size() < 2 || argument[0] != '-') {
            parsed.m_operands.push_back(argument);
            continue;
        }
        if (argument == "--") {
            onlyOperands = true;
            continue;
        }
        const std::size_t equals = argument.find('=');
        const std::string name = argument.substr(0, equals);
        const OptionSpec* option = findOption(command, name);
        if (!option)
            refuse("unknown option '" + name + "'; --help lists the known ones");
        std::string value;
        if (option->value.empty()) {
            if (equals != std::string::npos)
                refuse(name + ": takes no value, got '" + argument.substr(equals + 1) + "'");
        } else if (equals != std::string::npos) {
            value = argument.substr(equals + 1);
        } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
            value = arguments[++i];
        } else {
            refuse(name + ": expected a value " + std::string(option->value) + " after it");
        }
        parsed.m_values[name].push_back(value);
    }
    const std::size_t count = parsed.m_operands.size();
    if (count > command.mostOperands)
        refuse("unexpected argument '" + parsed.m_operands[command.mostOperands]
               + "'; usage: " + std::string(command.usage));
    if (count < command.leastOperands)
        refuse("an argument is missing; usage: " + std::string(command.usage));
    return parsed;
}

std::string helpText(const CommandSpec& command) {
    constexpr std::size_t column = 34;
    std::string text = "Usage: " + std::string(command.usage) + "\n\n";
    appendWrapped(text, command.summary, 0);
    text += "\nOptions:\n";
    for (const OptionSpec& option : command.options)
        appendOption(text, option, column);
    appendOption(text, helpOption, column);
    if (!command.details.empty())
        text += '\n' + std::string(command.details);
    return text;
}

}  // namespace bnstudio
