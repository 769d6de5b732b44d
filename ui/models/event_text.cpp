// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/event_text.h"

#include "core/run/settings.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace bnstudio {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::EventText)
};

QString momentumText(const std::optional<double>& momentum) {
    return momentum ? formatExact(*momentum) : QStringLiteral("None");
}

QString onOff(bool on) {
    return on ? Words::tr("on") : Words::tr("off");
}

QString change(const QString& name, const QString& from, const QString& to) {
    return QStringLiteral("%1 %2 → %3").arg(name, from, to);
}

/// Old and new value of the settings that have one; an empty text for other actions.
struct Transition {
    const EffectiveSettings& old;

    QString operator()(const SetMomentum& a) const {
        return change(QStringLiteral("momentum"), momentumText(old.layer.momentum), momentumText(a.momentum));
    }
    QString operator()(const SetEps& a) const {
        return change(QStringLiteral("eps"), formatExact(old.layer.eps), formatExact(a.eps));
    }
    QString operator()(const SetTrackRunningStats& a) const {
        return change(QStringLiteral("track_running_stats"), onOff(old.layer.trackRunningStats), onOff(a.on));
    }
    QString operator()(const SetMode& a) const {
        return old.trainMode == a.train ? QString()
               : a.train                ? QStringLiteral("eval → train")
                                        : QStringLiteral("train → eval");
    }
    QString operator()(const SetOptimizer& a) const {
        OptimizerSpec sameRate = old.training.optimizer;
        sameRate.lr = a.optimizer.lr;
        if (sameRate != a.optimizer || old.training.optimizer.lr == a.optimizer.lr)
            return {};
        return change(QStringLiteral("lr"), formatExact(old.training.optimizer.lr), formatExact(a.optimizer.lr));
    }
    template <class T>
    QString operator()(const T&) const {
        return {};
    }
};

/// The settings of each lane on the way through the events.
class Settings {
public:
    explicit Settings(const Recipe& recipe) {
        for (const LaneSpec& lane : recipe.lanes)
            m_lanes.push_back({lane.layer, lane.trainMode, lane.training});
    }
    void pass(const Event& event) {
        for (std::size_t lane = 0; lane < m_lanes.size(); ++lane)
            if (event.lane < 0 || static_cast<std::size_t>(event.lane) == lane)
                applyAction(m_lanes[lane], event.action);
    }
    QString textOf(const Event& event) const {
        const EffectiveSettings& old = m_lanes.at(static_cast<std::size_t>(std::max(event.lane, 0)));
        const QString text = std::visit(Transition{old}, event.action);
        return text.isEmpty() ? QString::fromStdString(describe(event.action)) : text;
    }

private:
    std::vector<EffectiveSettings> m_lanes;
};

}  // namespace

QString eventText(const Recipe& recipe, std::size_t index) {
    Settings settings(recipe);
    for (std::size_t i = 0; i < index; ++i)
        settings.pass(recipe.events.at(i));
    return settings.textOf(recipe.events.at(index));
}

QStringList eventTexts(const Recipe& recipe) {
    Settings settings(recipe);
    QStringList texts;
    for (const Event& event : recipe.events) {
        texts << settings.textOf(event);
        settings.pass(event);
    }
    return texts;
}

QString eventLaneText(const Recipe& recipe, const Event& event) {
    if (event.lane < 0)
        return Words::tr("all");
    return QString::fromStdString(recipe.lanes.at(static_cast<std::size_t>(event.lane)).name);
}

}  // namespace bnstudio
