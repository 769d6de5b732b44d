// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/action_fields.h"

#include "ui/format.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/number_list.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QLineEdit>

namespace bnstudio {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::ActionFields)
};

}  // namespace

ActionFields::ActionFields(FormRows& rows, const Action& action, std::int64_t channels, std::function<void()> changed)
    : m_rows(rows), m_channels(channels), m_changed(std::move(changed)) {
    std::visit([this](const auto& a) { show(a); }, action);
}

// --- kinds of fields -----------------------------------------------------------------------------------------------

QLineEdit* ActionFields::text(const char* id, const QString& name, const QString& text, const QString& sentence) {
    auto* edit = new QLineEdit(text);
    introduce(edit, id, name, sentence);
    m_rows.addRow(name, edit);
    QObject::connect(edit, &QLineEdit::textChanged, edit, [changed = m_changed] { changed(); });
    return edit;
}

QComboBox* ActionFields::choice(const char* id, const QString& name, const QStringList& words, int current) {
    auto* combo = new QComboBox;
    introduce(combo, id, name, Words::tr("%1: one of %2.").arg(name, words.join(QStringLiteral(", "))));
    combo->addItems(words);
    combo->setCurrentIndex(current);
    m_rows.addRow(name, combo);
    QObject::connect(combo, &QComboBox::currentIndexChanged, combo, [changed = m_changed] { changed(); });
    return combo;
}

std::function<double()> ActionFields::number(const char* id, const QString& name, double value) {
    const auto* edit = text(id, name, formatExact(value), Words::tr("%1: a number like 0.5 or 1e-3.").arg(name));
    return [edit] {
        double read = 0;
        if (!parseNumber(edit->text(), read))
            throw FieldProblem{edit->toolTip()};
        return read;
    };
}

std::function<std::int64_t()> ActionFields::count(const char* id, const QString& name, std::int64_t value,
                                                  std::int64_t low) {
    const auto* edit =
        text(id, name, QString::number(value), Words::tr("%1: a whole number from %2 on.").arg(name).arg(low));
    return [edit, low] {
        bool ok = false;
        const qlonglong read = edit->text().trimmed().toLongLong(&ok);
        if (!ok || read < low)
            throw FieldProblem{edit->toolTip()};
        return static_cast<std::int64_t>(read);
    };
}

std::function<std::uint64_t()> ActionFields::seed(const char* id, const QString& name, std::uint64_t value) {
    const auto* edit = text(id, name, QString::number(value), Words::tr("%1: a whole number from 0 on.").arg(name));
    return [edit] {
        std::uint64_t read = 0;
        if (!parseSeed(edit->text(), read))
            throw FieldProblem{edit->toolTip()};
        return read;
    };
}

std::function<std::vector<double>()> ActionFields::list(const char* id, const QString& name,
                                                        const std::vector<double>& values) {
    const QString shown = numberListText(values);
    const auto* edit =
        text(id, name, shown, Words::tr("%1: one number, or one a channel with “/” between them.").arg(name));
    return [edit, shown, values, name, channels = m_channels] {
        if (edit->text() == shown)
            return values;  // a long list is shown in part
        std::vector<double> read;
        QString problem;
        if (!parseNumberList(edit->text(), channels, read, problem))
            throw FieldProblem{name + QStringLiteral(": ") + problem};
        return read;
    };
}

// --- actions -------------------------------------------------------------------------------------------------------

template <class T>
void ActionFields::show(const T& action) {
    m_isEmpty = true;
    m_read = [action] { return action; };
}

void ActionFields::show(const SetMomentum& action) {
    const auto* edit = text("actionMomentum", QStringLiteral("momentum"),
                            action.momentum ? formatExact(*action.momentum) : QStringLiteral("None"),
                            Words::tr("momentum: a number like 0.1, or None for the cumulative average."));
    m_read = [edit] {
        double read = 0;
        if (edit->text().trimmed().compare(QStringLiteral("none"), Qt::CaseInsensitive) == 0)
            return SetMomentum{};
        if (!parseNumber(edit->text(), read))
            throw FieldProblem{edit->toolTip()};
        return SetMomentum{read};
    };
}

void ActionFields::show(const SetEps& action) {
    m_read = [eps = number("actionEps", QStringLiteral("eps"), action.eps)] { return SetEps{eps()}; };
}

void ActionFields::show(const SetTrackRunningStats& action) {
    const auto* combo = choice("actionTrack", QStringLiteral("track_running_stats"),
                               {Words::tr("off"), Words::tr("on")}, action.on ? 1 : 0);
    m_read = [combo] { return SetTrackRunningStats{combo->currentIndex() == 1}; };
}

void ActionFields::show(const SetAffine& action) {
    const auto* combo =
        choice("actionAffine", QStringLiteral("affine"), {Words::tr("off"), Words::tr("on")}, action.on ? 1 : 0);
    m_read = [combo] { return SetAffine{combo->currentIndex() == 1}; };
}

template <class T>
void ActionFields::showParameter(const T& action, const QString& name) {
    const auto* channel = text("actionChannel", Words::tr("channel"),
                               action.channel < 0 ? Words::tr("all") : QString::number(action.channel),
                               Words::tr("channel: a number from 0 on, or “all”."));
    const auto value = number("actionValue", name, action.value);
    m_read = [channel, value] {
        bool ok = false;
        const QString typed = channel->text().trimmed();
        const qlonglong read = typed == Words::tr("all") ? -1 : typed.toLongLong(&ok);
        if ((!ok && read != -1) || read < -1)
            throw FieldProblem{channel->toolTip()};
        return T{read, value()};
    };
}

void ActionFields::show(const SetWeight& action) {
    showParameter(action, QStringLiteral("γ"));
}
void ActionFields::show(const SetBias& action) {
    showParameter(action, QStringLiteral("β"));
}

void ActionFields::show(const RemoveBuffers& action) {
    const auto* combo = choice("actionBuffers", Words::tr("set to None"),
                               {QStringLiteral("running_mean"), QStringLiteral("running_var"), Words::tr("both")},
                               action.mean && action.var ? 2
                               : action.mean             ? 0
                                                         : 1);
    m_read = [combo] { return RemoveBuffers{combo->currentIndex() != 1, combo->currentIndex() != 0}; };
}

void ActionFields::show(const SetMode& action) {
    const auto* combo = choice("actionMode", Words::tr("mode"), {QStringLiteral("train"), QStringLiteral("eval")},
                               action.train ? 0 : 1);
    m_read = [combo] { return SetMode{combo->currentIndex() == 0}; };
}

void ActionFields::show(const SetPasses& action) {
    const auto* combo = choice(
        "actionPasses", Words::tr("passes"),
        {Words::tr("forward"), Words::tr("forward, backward"), Words::tr("forward, backward, update of γ and β")},
        action.passes.update     ? 2
        : action.passes.backward ? 1
                                 : 0);
    m_read = [combo] { return SetPasses{{combo->currentIndex() >= 1, combo->currentIndex() == 2}}; };
}

void ActionFields::show(const SetLoss& action) {
    const auto* kind =
        choice("actionLoss", Words::tr("loss"),
               {Words::tr("none"), Words::tr("MSE to a target"), Words::tr("MSE to a teacher"), Words::tr("sum of y")},
               static_cast<int>(action.loss.kind));
    const auto target = list("actionTarget", Words::tr("target"), action.loss.target);
    const auto weight = list("actionTeacherWeight", Words::tr("teacher γ"), action.loss.teacherWeight);
    const auto bias = list("actionTeacherBias", Words::tr("teacher β"), action.loss.teacherBias);
    m_read = [=] { return SetLoss{{static_cast<LossSpec::Kind>(kind->currentIndex()), target(), weight(), bias()}}; };
}

void ActionFields::show(const SetUpstream& action) {
    const auto* kind = choice("actionUpstream", Words::tr("upstream gradient"),
                              {Words::tr("none"), Words::tr("ones"), Words::tr("random"), Words::tr("from the data")},
                              static_cast<int>(action.upstream.kind));
    const auto value = seed("actionSeed", Words::tr("seed"), action.upstream.seed);
    m_read = [=] { return SetUpstream{{static_cast<UpstreamSpec::Kind>(kind->currentIndex()), value()}}; };
}

void ActionFields::show(const SetOptimizer& action) {
    const OptimizerSpec& old = action.optimizer;
    const auto* kind =
        choice("actionOptimizer", Words::tr("optimiser"),
               {Words::tr("none"), QStringLiteral("SGD"), QStringLiteral("Adam")}, static_cast<int>(old.kind));
    const auto lr = number("actionLr", Words::tr("lr"), old.lr);
    const auto momentum = number("actionSgdMomentum", Words::tr("momentum (SGD)"), old.momentum);
    const auto decay = number("actionWeightDecay", Words::tr("weight decay"), old.weightDecay);
    const auto beta1 = number("actionBeta1", Words::tr("beta1 (Adam)"), old.beta1);
    const auto beta2 = number("actionBeta2", Words::tr("beta2 (Adam)"), old.beta2);
    m_read = [=] {
        OptimizerSpec read = old;
        read.kind = static_cast<OptimizerSpec::Kind>(kind->currentIndex());
        read.lr = lr();
        read.momentum = momentum();
        read.weightDecay = decay();
        read.beta1 = beta1();
        read.beta2 = beta2();
        return SetOptimizer{read};
    };
}

void ActionFields::show(const EditCell& action) {
    const auto n = count("actionN", Words::tr("sample n"), action.n, 0);
    const auto c = count("actionC", Words::tr("channel c"), action.c, 0);
    const auto l = count("actionL", Words::tr("position l"), action.l, 0);
    const auto value = number("actionValue", Words::tr("value"), action.value);
    m_read = [=] { return EditCell{n(), c(), l(), value()}; };
}

void ActionFields::show(const PadBatch& action) {
    const auto rows = count("actionRows", Words::tr("rows"), action.rows, 1);
    const auto value = number("actionValue", Words::tr("value"), action.value);
    m_read = [=] { return PadBatch{rows(), value()}; };
}

void ActionFields::show(const ScaleBatch& action) {
    m_read = [factor = number("actionFactor", Words::tr("factor"), action.factor)] { return ScaleBatch{factor()}; };
}

}  // namespace bnstudio
