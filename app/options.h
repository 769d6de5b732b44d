// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bnstudio {

/// One option of a command: "--name", what its value is called (empty for a switch), and a sentence.
struct OptionSpec {
    std::string_view name, value, help;
};

/// What a command understands, and what its --help says.
struct CommandSpec {
    std::string_view usage;  ///< "bnstudio run [RECIPE] [options]"
    std::string_view summary;
    std::size_t leastOperands = 0, mostOperands = 0;
    std::vector<OptionSpec> options;
    std::string_view details;  ///< printed below the options
};

/// The command line of one command, taken apart.
class ParsedOptions {
public:
    bool wantsHelp() const { return has("--help"); }
    bool has(std::string_view name) const { return m_values.contains(name); }
    /// The last value given; nothing when the option is absent.
    std::optional<std::string> value(std::string_view name) const;
    /// All values in order.
    std::vector<std::string> values(std::string_view name) const;
    const std::vector<std::string>& operands() const { return m_operands; }

private:
    friend ParsedOptions parseOptions(const CommandSpec& command, std::span<const std::string> arguments);
    std::map<std::string, std::vector<std::string>, std::less<>> m_values;
    std::vector<std::string> m_operands;
};

/// Takes "--name value", "--name=value" and "--" (the rest are operands). Throws Error(Usage) with one line.
/// With --help anywhere the rest is not checked.
ParsedOptions parseOptions(const CommandSpec& command, std::span<const std::string> arguments);
std::string helpText(const CommandSpec& command);

}  // namespace bnstudio
