// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/event_text.h"

#include "ui/format.h"

#include <QCoreApplication>

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
    EffectiveSettings old;

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

}  // namespace

QString eventText(const Recipe& recipe, std::size_t index) {
    const Event& event = recipe.events.at(index);
    Recipe earlier;
    earlier.lanes = recipe.lanes;
    earlier.events.assign(recipe.events.begin(), recipe.events.begin() + static_cast<std::ptrdiff_t>(index));
    const QString text = std::visit(Transition{settingsAt(earlier, std::max(event.lane, 0), event.step)}, event.action);
    return text.isEmpty() ? QString::fromStdString(describe(event.action)) : text;
}

QString eventLaneText(const Recipe& recipe, const Event& event) {
    if (event.lane < 0)
        return Words::tr("all");
    return QString::fromStdString(recipe.lanes.at(static_cast<std::size_t>(event.lane)).name);
}

}  // namespace bnstudio
