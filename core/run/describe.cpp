// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/shortest_decimal.h"
#include "core/run/recipe.h"

namespace bnstudio {

namespace {

std::string text(double value) {
    return shortestDecimal(value);
}
std::string text(const std::vector<double>& values) {
    return values.size() == 1 ? text(values.front()) : std::to_string(values.size()) + " values";
}
std::string onOff(bool on) {
    return on ? "on" : "off";
}
std::string element(const char* parameter, std::int64_t channel, double value) {
    const std::string index = channel < 0 ? "[:]" : "[" + std::to_string(channel) + "]";
    return parameter + index + " = " + text(value);
}

std::string line(const LossSpec& loss) {
    switch (loss.kind) {
    case LossSpec::Kind::None:
        return "no loss";
    case LossSpec::Kind::MseTarget:
        return "loss mse, target " + text(loss.target);
    case LossSpec::Kind::MseTeacher:
        return "loss mse, teacher γ* " + text(loss.teacherWeight) + ", β* " + text(loss.teacherBias);
    case LossSpec::Kind::Sum:
        return "loss sum";
    }
    return {};
}
std::string line(const UpstreamSpec& upstream) {
    switch (upstream.kind) {
    case UpstreamSpec::Kind::None:
        return "no upstream gradient";
    case UpstreamSpec::Kind::Ones:
        return "upstream gradient 1";
    case UpstreamSpec::Kind::Random:
        return "upstream gradient random, seed " + std::to_string(upstream.seed);
    case UpstreamSpec::Kind::Source:
        return "upstream gradient from the data";
    }
    return {};
}
std::string line(const OptimizerSpec& optimizer) {
    std::string result;
    switch (optimizer.kind) {
    case OptimizerSpec::Kind::None:
        return "no optimizer";
    case OptimizerSpec::Kind::Sgd:
        result = "SGD lr " + text(optimizer.lr);
        if (optimizer.momentum != 0)
            result += ", momentum " + text(optimizer.momentum);
        if (optimizer.nesterov)
            result += ", nesterov";
        break;
    case OptimizerSpec::Kind::Adam:
        result = "Adam lr " + text(optimizer.lr);
        break;
    }
    if (optimizer.weightDecay != 0)
        result += ", weight decay " + text(optimizer.weightDecay);
    return result;
}

struct Describe {
    std::string operator()(const SetMomentum& a) const {
        return "momentum " + (a.momentum ? text(*a.momentum) : std::string("None"));
    }
    std::string operator()(const SetEps& a) const { return "eps " + text(a.eps); }
    std::string operator()(const SetTrackRunningStats& a) const { return "track_running_stats " + onOff(a.on); }
    std::string operator()(const SetAffine& a) const { return a.on ? "new weight and bias" : "weight, bias = None"; }
    std::string operator()(const SetWeight& a) const { return element("γ", a.channel, a.value); }
    std::string operator()(const SetBias& a) const { return element("β", a.channel, a.value); }
    std::string operator()(const RemoveBuffers& a) const {
        if (a.mean && a.var)
            return "running_mean, running_var = None";
        return a.mean ? "running_mean = None" : a.var ? "running_var = None" : "buffers stay";
    }
    std::string operator()(const ResetRunningStats&) const { return "reset_running_stats()"; }
    std::string operator()(const ResetParameters&) const { return "reset_parameters()"; }
    std::string operator()(const LoadState&) const { return "load_state_dict()"; }
    std::string operator()(const SetMode& a) const { return a.train ? "train()" : "eval()"; }
    std::string operator()(const SetPasses& a) const {
        return a.passes.update ? "forward, backward, update" : a.passes.backward ? "forward, backward" : "forward only";
    }
    std::string operator()(const SetLoss& a) const { return line(a.loss); }
    std::string operator()(const SetUpstream& a) const { return line(a.upstream); }
    std::string operator()(const SetOptimizer& a) const { return line(a.optimizer); }
    std::string operator()(const EditCell& a) const {
        return "x[" + std::to_string(a.n) + ", " + std::to_string(a.c) + ", " + std::to_string(a.l)
               + "] = " + text(a.value);
    }
    std::string operator()(const PadBatch& a) const {
        return "pad " + std::to_string(a.rows) + " samples of " + text(a.value);
    }
    std::string operator()(const ScaleBatch& a) const { return "x · " + text(a.factor); }
    std::string operator()(const SkipBatch&) const { return "skip this batch"; }
};

}  // namespace

std::string describe(const Action& action) {
    return std::visit(Describe{}, action);
}

}  // namespace bnstudio
