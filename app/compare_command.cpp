// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/compare_command.h"

#include "app/compare_report.h"
#include "app/console.h"
#include "app/exit_status.h"
#include "app/interrupt.h"
#include "app/options.h"
#include "app/recipe_options.h"
#include "app/values.h"
#include "core/run/run.h"
#include "core/run/trace_writer.h"

#include <QTemporaryDir>

#include <fstream>
#include <memory>

namespace bnstudio {
namespace {

constexpr std::int64_t endlessSteps = 100;  // as for bnstudio run

constexpr std::string_view details =
    R"(A and B are files of tensors in any format that inspect knows, or recipes, which are run. Tensors are compared by
name: a value is equal when |A - B| is at most ATOL + RTOL * |B|. The defaults are those of torch.testing for the dtype:
float16 1e-3 and 1e-5, bfloat16 1.6e-2 and 1e-5, float32 1.3e-6 and 1e-5, float64 1e-7 and 1e-7, whole numbers 0. For
runs, whose tensors are named like running_var.7, the first step, quantity and channel that differ are named. Tensors on
one side only are listed and are no difference.

With A alone, a recorded training: every step is computed once more from its recorded state and compared, with tolerances
for PyTorch's own rounding; what differs is explained where one of the usual mistakes explains it.

Exit status: 0 equal, 1 different, 2 wrong usage, 3 an input was refused, 130 interrupted.
)";

const CommandSpec& spec() {
    static const CommandSpec made{
        "bnstudio compare A [B] [options]",
        "Two files or runs, tensor by tensor; or a recorded training with what PyTorch's rule makes of it.",
        1,
        2,
        {{"--rtol", "R", "Relative tolerance."},
         {"--atol", "A", "Absolute tolerance."},
         {"--equal-nan", "", "Two NaN are equal."},
         {"--strict", "", "Tensors on one side only, and other dtypes, are differences."},
         {"--steps", "K", "Steps of a recipe. Default: once through its data, else 100."},
         {"--json", "", "For programs: one JSON object."}},
        details};
    return made;
}

std::optional<double> tolerance(const ParsedOptions& options, const char* option) {
    const auto text = options.value(option);
    if (!text)
        return std::nullopt;
    const double value = parseNumber(option, *text);
    if (!(value >= 0))
        throw Error(ErrorCode::Usage, std::string(option) + ": expected a number of at least 0, got '" + *text + "'");
    return value;
}

/// A recipe file begins with a brace; a name without a file can only be a built-in recipe.
bool isRecipe(const std::string& operand) {
    std::error_code ignored;
    if (!std::filesystem::exists(operand, ignored))
        return operand == "default";
    if (!std::filesystem::is_regular_file(operand, ignored))
        return false;  // opening a pipe would wait for a writer
    std::ifstream file(operand, std::ios::binary);
    char first = 0;
    file >> first;  // skips white space
    return first == '{';
}

/// The files behind the operands; a recipe is run into a file of its own, which goes when this goes.
class Operands {
public:
    Operands(const ParsedOptions& options, const Interrupt& interrupt) : m_options(options), m_interrupt(interrupt) {}

    TensorFile open(const std::string& operand) {
        return openTensorFile(isRecipe(operand) ? record(operand) : operand, {}, m_interrupt.token());
    }

private:
    std::string record(const std::string& operand) {
        if (!m_folder)
            m_folder = std::make_unique<QTemporaryDir>();
        if (!m_folder->isValid())
            throw Error(ErrorCode::WriteFailed, "cannot write into the folder for temporary files");
        const std::string path = m_folder->filePath(QString::number(m_recorded++)).toStdString() + ".npz";
        RunLimits limits;
        limits.historyBytes = std::size_t{1} << 20;
        limits.keepsSeries = false;
        Run run(openRecipe(operand), limits, {}, m_interrupt.token());
        const auto asked = m_options.value("--steps");
        const std::int64_t steps = asked ? parseInteger("--steps", *asked, 0, std::int64_t{1} << 53)
                                         : run.stream().stepsPerEpoch().value_or(endlessSteps);
        TraceWriter writer(path, run);
        for (std::int64_t k = 0; k < steps; ++k) {
            m_progress.show("step", k, steps);
            const auto visit = [&](int lane, const Run::StepTensors& tensors) { writer.tensors(k, lane, tensors); };
            writer.step(*run.advanceVisiting(visit, m_interrupt.token()));
        }
        writer.commit();
        m_progress.clear();
        return path;
    }

    const ParsedOptions& m_options;
    const Interrupt& m_interrupt;
    ProgressLine m_progress;
    std::unique_ptr<QTemporaryDir> m_folder;
    int m_recorded = 0;
};

int compareTwo(const ParsedOptions& options, const Interrupt& interrupt) {
    Operands operands(options, interrupt);
    CompareReport report;
    report.a = options.operands()[0];
    report.b = options.operands()[1];
    report.strict = options.has("--strict");
    const CompareOptions how{tolerance(options, "--rtol"), tolerance(options, "--atol"), options.has("--equal-nan")};
    const TensorFile a = operands.open(report.a), b = operands.open(report.b);
    {
        ProgressLine line;
        const Progress progress = [&line](double share) {
            line.show("comparing: percent", static_cast<std::int64_t>(100 * share), 100);
        };
        report.tensors = compareFiles(a, b, how, progress, interrupt.token());
    }
    findFirstDifference(report);
    printOut(options.has("--json") ? reportJson(report) : reportText(report));
    return report.differs() ? status::different : status::done;
}

int diagnoseOne(const ParsedOptions& options, const Interrupt& interrupt) {
    const std::string& operand = options.operands().front();
    if (isRecipe(operand))
        throw Error(ErrorCode::Usage, operand + ": a recipe is compared with a second operand");
    for (const char* option : {"--rtol", "--atol", "--equal-nan", "--strict", "--steps"})
        if (options.has(option))
            throw Error(ErrorCode::Usage,
                        std::string(option)
                            + ": needs a second operand; a recorded training has tolerances of its own");
    const FileArgument file = parseFileArgument(operand);
    TraceDiagnosis diagnosis;
    {
        ProgressLine line;
        const Progress progress = [&line](double share) {
            line.show("comparing: percent", static_cast<std::int64_t>(100 * share), 100);
        };
        const auto trace = Trace::open(file.path, file.name, {}, interrupt.token());
        diagnosis = diagnose(*trace, progress, interrupt.token());
    }
    printOut(options.has("--json") ? diagnosisJson(operand, diagnosis) : diagnosisText(operand, diagnosis));
    return diagnosis.agrees() ? status::done : status::different;
}

int execute(std::span<const std::string> arguments) {
    const ParsedOptions options = parseOptions(spec(), arguments);
    if (options.wantsHelp()) {
        printOut(helpText(spec()));
        return status::done;
    }
    const Interrupt interrupt;
    return options.operands().size() == 2 ? compareTwo(options, interrupt) : diagnoseOne(options, interrupt);
}

}  // namespace

int compareCommand(std::span<const std::string> arguments) {
    return reportingErrors([&] { return execute(arguments); });
}

}  // namespace bnstudio
