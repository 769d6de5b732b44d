// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/typed_commands.h"

#include "ui/format.h"
#include "ui/panels/apply_setting.h"
#include "ui/session/session.h"

#include <QCoreApplication>

#include <cmath>

namespace bnstudio {

namespace {

constexpr std::int64_t lastStep = 1'000'000;  // the farthest that the step field of the transport goes
constexpr std::size_t mostChannels = 6;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::TypedCommands)
};

/// What follows a leading word of the query; null when the query begins with another word.
QString valueAfter(const QString& query, const QString& word) {
    return query.startsWith(word + u' ', Qt::CaseInsensitive) ? query.mid(word.size() + 1).trimmed() : QString();
}

/// A whole number of at least 0, or −1.
std::int64_t wholeNumber(const QString& text) {
    bool ok = false;
    const qlonglong number = text.toLongLong(&ok);
    return ok && number >= 0 ? number : -1;
}

Command goToStep(std::int64_t step, Session& session) {
    Command command;
    command.id = QStringLiteral("step");
    command.text = Words::tr("Go to step %1").arg(step);
    command.place = Words::tr("Run");
    const std::int64_t missing = step + 1 - session.head();
    command.enabled = step <= lastStep;
    command.whyDisabled = Words::tr("Steps go up to %1.").arg(formatCount(lastStep));
    command.tip = missing > 0 ? Words::tr("It is not computed yet; steps to compute on the way: %1.").arg(missing)
                              : Words::tr("Shows this step again, with exactly its numbers.");
    command.run = [&session, step] {
        session.pause();
        session.goTo(step);
    };
    return command;
}

Command selectChannel(std::int64_t channel, Session& session) {
    Command command;
    command.id = QStringLiteral("channel");
    command.text = Words::tr("Select channel %1").arg(session.channelName(channel));
    command.place = Words::tr("Channels");
    command.enabled = channel < session.channels();
    command.whyDisabled = Words::tr("Channels go from 0 to %1.").arg(session.channels() - 1);
    command.tip = Words::tr("Plots, calculation and table turn to this channel.");
    command.run = [&session, channel] { session.selectChannel(channel); };
    return command;
}

Command setLayer(const QString& name, const QString& value, Session& session, const Action& action) {
    const bool fromStart = session.editScope() == Session::EditScope::FromStart;
    Command command;
    command.id = name;
    command.text = Words::tr("Set %1 to %2").arg(name, value);
    command.place = Words::tr("Layer");
    command.tip = fromStart ? Words::tr("From the start: the whole run is computed again.")
                            : Words::tr("From step %1 on: what came before stays.").arg(session.editStep());
    command.run = [&session, action] { applySetting(session, action); };
    return command;
}

void addSteps(const QString& query, Session& session, std::vector<Command>& commands) {
    std::int64_t step = wholeNumber(query);
    for (const QString& word : {Words::tr("step"), Words::tr("go to step"), Words::tr("go to"), Words::tr("go")})
        if (const QString value = valueAfter(query, word); step < 0 && !value.isEmpty())
            step = wholeNumber(value);
    if (step >= 0)
        commands.push_back(goToStep(step, session));
}

void addChannels(const QString& query, Session& session, std::vector<Command>& commands) {
    QString asked = valueAfter(query, Words::tr("channel"));
    if (asked.isEmpty())
        asked = valueAfter(query, Words::tr("select channel"));
    const QString wanted = asked.isEmpty() ? query : asked;
    const std::int64_t number = wholeNumber(wanted);
    if (number >= 0 && (number < session.channels() || !asked.isEmpty()))
        commands.push_back(selectChannel(number, session));
    if (number >= 0 || wanted.size() < 2)
        return;
    const QStringList& names = session.facts().channelNames;
    std::size_t found = 0;
    for (qsizetype channel = 0; channel < names.size() && found < mostChannels; ++channel)
        if (names[channel].contains(wanted, Qt::CaseInsensitive)) {
            commands.push_back(selectChannel(channel, session));
            ++found;
        }
}

void addSettings(const QString& query, Session& session, std::vector<Command>& commands) {
    const QString momentum = valueAfter(query, QStringLiteral("momentum"));
    double value = 0;
    if (momentum.compare(QLatin1String("none"), Qt::CaseInsensitive) == 0)
        commands.push_back(
            setLayer(QStringLiteral("momentum"), QStringLiteral("None"), session, SetMomentum{std::nullopt}));
    else if (parseNumber(momentum, value) && std::isfinite(value))
        commands.push_back(setLayer(QStringLiteral("momentum"), formatExact(value), session, SetMomentum{value}));
    if (parseNumber(valueAfter(query, QStringLiteral("eps")), value) && std::isfinite(value) && value >= 0)
        commands.push_back(setLayer(QStringLiteral("eps"), formatExact(value), session, SetEps{value}));
}

Command hint(const QString& text, const QString& place, const QString& word, const QString& tip) {
    Command command;
    command.id = QStringLiteral("type ") + word;
    command.text = text;
    command.place = place;
    command.tip = tip;
    command.completion = word + u' ';
    return command;
}

}  // namespace

std::vector<Command> typedCommands(const QString& query, Session& session) {
    const QString asked = query.simplified();
    std::vector<Command> commands;
    addSteps(asked, session, commands);
    addChannels(asked, session, commands);
    addSettings(asked, session, commands);
    return commands;
}

std::vector<Command> typedCommandHints(const Session& session) {
    const LayerOptions layer = session.settings().layer;
    const QString momentum = layer.momentum ? formatExact(*layer.momentum) : QStringLiteral("None");
    return {hint(Words::tr("Go to step …"), Words::tr("Run"), Words::tr("step"),
                 Words::tr("Type the number here, as in “step 12”.")),
            hint(Words::tr("Select channel …"), Words::tr("Channels"), Words::tr("channel"),
                 Words::tr("Type the number or a part of the name, as in “channel 3”.")),
            hint(Words::tr("Set momentum to …"), Words::tr("Layer"), QStringLiteral("momentum"),
                 Words::tr("The new batch's weight in the running statistics, now %1; as in “momentum 0.3” or "
                           "“momentum none”.")
                     .arg(momentum)),
            hint(Words::tr("Set eps to …"), Words::tr("Layer"), QStringLiteral("eps"),
                 Words::tr("What is added to the variance before the square root, now %1; as in “eps 1e-3”.")
                     .arg(formatExact(layer.eps)))};
}

}  // namespace bnstudio
