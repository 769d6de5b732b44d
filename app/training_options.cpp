// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/training_options.h"

#include "app/recipe_edits.h"
#include "app/values.h"
#include "core/error.h"

namespace bnstudio {
namespace {

[[noreturn]] void unknownKind(const std::string& option, const std::string& kind, const std::string& known) {
    throw Error(ErrorCode::Usage, option + ": expected one of " + known + ", got '" + kind + "'");
}

[[noreturn]] void unknownKey(const std::string& option, const std::string& kind, const std::string& key,
                             const std::string& known) {
    throw Error(ErrorCode::Usage,
                option + ": " + kind + " has no key '" + key + "'" + (known.empty() ? "" : "; known are " + known));
}

double atLeastZero(const std::string& option, const std::string& text) {
    const double value = parseNumber(option, text);
    if (!(value >= 0))
        throw Error(ErrorCode::Usage, option + ": expected a number that is not negative, got '" + text + "'");
    return value;
}

double belowOne(const std::string& option, const std::string& text) {
    const double value = atLeastZero(option, text);
    if (value >= 1)
        throw Error(ErrorCode::Usage, option + ": expected a number from 0 to below 1, got '" + text + "'");
    return value;
}

void setMseKey(LossSpec& loss, const std::string& key, const std::string& text) {
    const std::string option = "--loss: " + key;
    if (key == "target") {
        loss.kind = LossSpec::Kind::MseTarget;
        loss.target = parseNumberList(option, text);
    } else if (key == "teacher") {
        const std::vector<double> values = parseNumberList(option, text);
        if (values.size() != 2)
            throw Error(ErrorCode::Usage, option + ": expected two numbers γ*/β*, got '" + text + "'");
        loss.kind = LossSpec::Kind::MseTeacher;
        loss.teacherWeight = {values[0]};
        loss.teacherBias = {values[1]};
    } else {
        unknownKey("--loss", "mse", key, "target, teacher");
    }
}

void setSgdKey(OptimizerSpec& sgd, const std::string& key, const std::string& text) {
    const std::string option = "--optimizer: " + key;
    if (key == "lr")
        sgd.lr = atLeastZero(option, text);
    else if (key == "momentum")
        sgd.momentum = atLeastZero(option, text);
    else if (key == "weight_decay")
        sgd.weightDecay = atLeastZero(option, text);
    else if (key == "nesterov")
        sgd.nesterov = text == "true" || text == "1" || (text != "false" && text != "0" && parseSwitch(option, text));
    else
        unknownKey("--optimizer", "sgd", key, "lr, momentum, weight_decay, nesterov");
}

void setAdamKey(OptimizerSpec& adam, const std::string& key, const std::string& text) {
    const std::string option = "--optimizer: " + key;
    if (key == "lr")
        adam.lr = atLeastZero(option, text);
    else if (key == "beta1")
        adam.beta1 = belowOne(option, text);
    else if (key == "beta2")
        adam.beta2 = belowOne(option, text);
    else if (key == "eps")
        adam.eps = atLeastZero(option, text);
    else if (key == "weight_decay")
        adam.weightDecay = atLeastZero(option, text);
    else
        unknownKey("--optimizer", "adam", key, "lr, beta1, beta2, eps, weight_decay");
}

void setGradientSources(Recipe& recipe, const std::vector<std::string>& arguments) {
    recipe.data.gradients.clear();
    for (const std::string& argument : arguments)
        recipe.data.gradients.emplace_back(fileSource(argument));
    removeEvents<SetLoss, SetUpstream, SetPasses>(recipe);
    for (LaneSpec& lane : recipe.lanes) {
        lane.training.loss = {};
        lane.training.upstream = {.kind = UpstreamSpec::Kind::Source};
        lane.training.passes.backward = true;
    }
}

void setLoss(Recipe& recipe, const LossSpec& loss) {
    const bool backward = loss.kind != LossSpec::Kind::None;
    removeEvents<SetLoss, SetUpstream, SetPasses>(recipe);
    for (LaneSpec& lane : recipe.lanes) {
        lane.training.loss = loss;
        lane.training.upstream = {};
        lane.training.passes.backward = backward;
        lane.training.passes.update = lane.training.passes.update && backward;
    }
}

void setOptimizer(Recipe& recipe, const OptimizerSpec& optimizer) {
    const bool update = optimizer.kind != OptimizerSpec::Kind::None;
    removeEvents<SetOptimizer, SetPasses>(recipe);
    for (LaneSpec& lane : recipe.lanes) {
        TrainingSpec& training = lane.training;
        const bool hasGradient =
            training.loss.kind != LossSpec::Kind::None || training.upstream.kind != UpstreamSpec::Kind::None;
        if (update && !hasGradient)
            throw Error(ErrorCode::Usage,
                        "--optimizer: there is no gradient to step along; give --loss or --grad-output");
        training.optimizer = optimizer;
        training.passes.update = update;
        training.passes.backward = training.passes.backward || update;
    }
}

}  // namespace

LossSpec parseLoss(const std::string& text) {
    const Spec spec = parseSpec("--loss", text);
    LossSpec loss;
    if (spec.kind == "mse") {
        loss.kind = LossSpec::Kind::MseTarget;
        if (spec.pairs.size() > 1)
            throw Error(ErrorCode::Usage, "--loss: mse takes target or teacher, not both, got '" + text + "'");
        for (const auto& [key, value] : spec.pairs)
            setMseKey(loss, key, value);
        return loss;
    }
    if (spec.kind == "sum")
        loss.kind = LossSpec::Kind::Sum;
    else if (spec.kind != "none")
        unknownKind("--loss", spec.kind, "mse, sum, none");
    if (!spec.pairs.empty())
        unknownKey("--loss", spec.kind, spec.pairs[0].first, "");
    return loss;
}

OptimizerSpec parseOptimizer(const std::string& text) {
    const Spec spec = parseSpec("--optimizer", text);
    OptimizerSpec optimizer;
    if (spec.kind == "sgd") {
        optimizer.kind = OptimizerSpec::Kind::Sgd;
    } else if (spec.kind == "adam") {
        optimizer.kind = OptimizerSpec::Kind::Adam;
        optimizer.lr = 1e-3;  // torch.optim.Adam's default
    } else if (spec.kind != "none") {
        unknownKind("--optimizer", spec.kind, "sgd, adam, none");
    }
    for (const auto& [key, value] : spec.pairs) {
        if (optimizer.kind == OptimizerSpec::Kind::Sgd)
            setSgdKey(optimizer, key, value);
        else if (optimizer.kind == OptimizerSpec::Kind::Adam)
            setAdamKey(optimizer, key, value);
        else
            unknownKey("--optimizer", spec.kind, key, "");
    }
    if (optimizer.nesterov && optimizer.momentum <= 0)
        throw Error(ErrorCode::Usage, "--optimizer: Nesterov momentum requires a momentum above 0");
    return optimizer;
}

void applyTrainingOptions(Recipe& recipe, const ParsedOptions& options) {
    const std::vector<std::string> gradients = options.values("--grad-output");
    const auto loss = options.value("--loss");
    const std::optional<LossSpec> lossSpec = loss ? std::optional(parseLoss(*loss)) : std::nullopt;
    if (!gradients.empty() && lossSpec && lossSpec->kind != LossSpec::Kind::None)
        throw Error(ErrorCode::Usage, "--loss: a loss makes the upstream gradients; leave out --loss or --grad-output");
    if (lossSpec)
        setLoss(recipe, *lossSpec);
    if (!gradients.empty())
        setGradientSources(recipe, gradients);
    if (const auto optimizer = options.value("--optimizer"))
        setOptimizer(recipe, parseOptimizer(*optimizer));
}

}  // namespace bnstudio
