// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/presentation_stops.h"

#include "ui/models/event_text.h"
#include "ui/session/session.h"

#include <QCoreApplication>

namespace bnstudio {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::PresentationStops)
};

void add(std::vector<PresentationStop>& stops, std::int64_t step, const QString& name) {
    if (stops.empty() || stops.back().step < step)
        stops.push_back({step, name});
    else
        stops.back().name += QStringLiteral(", ") + name;
}

}  // namespace

std::vector<PresentationStop> presentationStops(const Session& session) {
    const Recipe& recipe = session.recipe();
    std::vector<PresentationStop> stops;
    for (const StepMark& mark : recipe.marks)
        stops.push_back({mark.step, QString::fromStdString(mark.name)});
    if (!stops.empty())
        return stops;
    add(stops, -1, Words::tr("start"));
    const QStringList texts = eventTexts(recipe);
    for (std::size_t i = 0; i < recipe.events.size(); ++i)
        add(stops, recipe.events[i].step, texts[static_cast<qsizetype>(i)]);
    if (session.head() - 1 > stops.back().step)
        add(stops, session.head() - 1, Words::tr("last step"));
    return stops;
}

}  // namespace bnstudio
