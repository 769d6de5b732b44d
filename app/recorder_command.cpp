// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/recorder_command.h"

#include "app/console.h"
#include "app/exit_status.h"
#include "app/options.h"
#include "ui/recorder_script.h"

namespace bnstudio {
namespace {

constexpr std::string_view details =
    "Save it beside a training script in PyTorch:\n"
    "  bnstudio recorder > bnstudio_recorder.py\n"
    "and add to the script:\n"
    "  from bnstudio_recorder import record\n"
    "  rec = record(model.net[1], \"trace.npz\")   # a batch-norm layer, before the training loop\n"
    "  rec.close()                               # after it\n"
    "Then `bnstudio trace.npz` opens the training, and `bnstudio run --trace trace.npz` replays it. The text says "
    "more.\n\n"
    "Exit status: 0 done, 2 wrong usage, 4 the output could not be written.\n";

const CommandSpec& spec() {
    static const CommandSpec made{"bnstudio recorder",
                                  "Prints a Python module that records the batch-norm layer of a real training.",
                                  0,
                                  0,
                                  {},
                                  details};
    return made;
}

}  // namespace

int recorderCommand(std::span<const std::string> arguments) {
    return reportingErrors([&] {
        const bool help = parseOptions(spec(), arguments).wantsHelp();
        printOut(help ? helpText(spec()) : recorderScript().toStdString());
        return int{status::done};
    });
}

}  // namespace bnstudio
