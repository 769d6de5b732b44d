// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/pytorch_script.h"

#include "core/error.h"
#include "core/explain/python_source.h"
#include "core/norm/python_text.h"

namespace bnstudio {

namespace {

class Script {
public:
    explicit Script(const Frame& frame)
        : m_frame(frame),
          m_step(*frame.snapshot),
          m_layer(m_step.before->layer),
          m_before(m_layer.state()),
          m_after(m_step.after->layer.state()),
          m_training(m_step.before->training),
          m_dtype(m_layer.options().dtype) {}

    std::string text() {
        requireCopyable();
        line("# Step " + std::to_string(m_frame.step)
             + " of a BatchNorm1d, as BatchNorm1d Studio computed it, repeated with PyTorch.");
        m_text += scriptHelpers;
        addLayer();
        line("x = " + pythonTensor(m_frame.x) + (isEmpty() || m_step.refused() ? "" : ".requires_grad_()"));
        if (m_step.refused())
            addRefusal();
        else if (isEmpty())
            addEmptyStep();
        else
            addStep();
        addCounterCheck();
        line("print(\"agrees with PyTorch\", torch.__version__)");
        return std::move(m_text);
    }

private:
    void line(const std::string& text) { m_text += text + "\n"; }
    bool isEmpty() const { return m_frame.x.size() == 0; }
    bool hasLoss() const { return m_training.loss.kind != LossSpec::Kind::None; }
    bool isAdam() const { return m_training.optimizer.kind == OptimizerSpec::Kind::Adam; }
    bool updates() const {
        return m_step.backward && m_training.passes.update && m_training.optimizer.kind != OptimizerSpec::Kind::None
               && (m_before.weight || m_before.bias);
    }

    [[noreturn]] static void refuse(const std::string& why) {
        throw Error(ErrorCode::Usage, "this step cannot be copied as PyTorch: " + why);
    }

    void requireCopyable() const {
        if (m_step.skipped)
            refuse("its batch was skipped");
        if (m_step.groups > 1)
            refuse("its batch went through in " + std::to_string(m_step.groups)
                   + " groups, of which only the last is remembered");
        if (m_frame.x.size() > scriptMostValues)
            refuse("its batch has " + std::to_string(m_frame.x.size()) + " values, at most "
                   + std::to_string(scriptMostValues) + " make a text of reasonable size");
        if (m_step.refused() && !isOwnRefusal())
            refuse("it ended before the layer, with: " + m_step.error);
    }

    /// Whether the layer itself refuses the batch, and not an event or a loss beside it.
    bool isOwnRefusal() const {
        if (m_step.inputShape.empty())
            return false;
        BatchNorm1d layer = m_layer;
        try {
            layer.forward(m_frame.x);
        } catch (const Error& error) {
            return error.what() == m_step.error;
        }
        return false;
    }

    void addLayer() {
        const LayerOptions& options = m_layer.options();
        line("dtype = torch." + std::string(name(m_dtype)));
        line("eps = " + pythonFloat(options.eps) + (options.eps == 0 ? "  # PyTorch 2.10 and later refuse this" : ""));
        line("layer = torch.nn.BatchNorm1d(" + std::to_string(options.numFeatures)
             + ", eps=eps, momentum=" + pythonFloat(options.momentum) + ", affine=" + pythonBool(options.affine)
             + ",\n                             track_running_stats=" + pythonBool(options.trackRunningStats)
             + ", dtype=dtype)");
        line("weight = " + pythonVector(m_before.weight, m_dtype));
        line("bias = " + pythonVector(m_before.bias, m_dtype));
        line("layer.weight = None if weight is None else torch.nn.Parameter(weight.clone())");
        line("layer.bias = None if bias is None else torch.nn.Parameter(bias.clone())");
        line("layer.running_mean = " + pythonVector(m_before.runningMean, m_dtype));
        line("layer.running_var = " + pythonVector(m_before.runningVar, m_dtype));
        const auto& counter = m_before.numBatchesTracked;
        line("layer.num_batches_tracked = "
             + (counter ? "torch.tensor(" + std::to_string(*counter) + ")" : std::string("None")));
        line("layer.train(" + pythonBool(m_layer.training()) + ")");
    }

    void addRefusal() {
        line("");
        line("# PyTorch must refuse this batch in the same words.");
        line("try:");
        line("    layer(x)");
        line("except Exception as error:");
        line("    assert str(error) == " + pythonString(m_step.error) + ", error");
        line("else:");
        line("    raise AssertionError(\"PyTorch accepts this batch\")");
    }

    void addCounterCheck() {
        if (const auto& counter = m_after.numBatchesTracked)
            line("check(\"num_batches_tracked\", layer.num_batches_tracked, " + std::to_string(*counter) + ", 0)");
    }

    /// No values, no roundings: everything is exact.
    void addEmptyStep() {
        line("u = 0.0");
        if (updates())
            addOptimizer();
        line("y = layer(x)");
        line("assert y.shape == x.shape");
        addUnchanged("running_mean", m_after.runningMean);
        addUnchanged("running_var", m_after.runningVar);
        if (!m_step.backward)
            return;
        line("if y.requires_grad:");
        line("    y.sum().backward()");
        for (const auto& [name, gradient] :
             {std::pair{"weight", &m_step.backward->gradWeight}, std::pair{"bias", &m_step.backward->gradBias}}) {
            if (*gradient)
                line(std::string("check(\"grad_") + name + "\", layer." + name + ".grad, "
                     + pythonVector(*gradient, m_dtype) + ", 0)");
        }
        if (!updates())
            return;
        line("off_sum_g = off_sum_gx = torch.zeros([])");
        line("u = torch.finfo(dtype).eps / 2");
        addUpdate();
    }
    void addUnchanged(const char* name, const std::optional<ChannelVector>& values) {
        if (values)
            line(std::string("check(\"") + name + "\", layer." + name + ", " + pythonVector(*values, m_dtype) + ", 0)");
    }

    void addStep() {
        if (updates())
            addOptimizer();
        addForward();
        if (hasLoss())
            addLoss();
        if (!m_step.backward)
            return;
        if (!hasLoss())
            line("dy = " + pythonTensor(m_frame.gradOutput) + "\noff_dy = torch.zeros_like(X)\ny.backward(dy)");
        m_text += scriptBackwardErrors;
        addGradientChecks();
        if (updates())
            addUpdate();
    }

    void addForward() {
        const ForwardRecord& record = m_step.forward;
        line("");
        line("y = layer(x)");
        line("");
        line("# Our results. Statistics are doubles whatever the layer's dtype.");
        line("batch_statistics = " + pythonBool(record.usedBatchStatistics));
        line("mean = " + pythonVector(record.mean, DType::Float64));
        line("var = " + pythonVector(record.var, DType::Float64));
        line("invstd = " + pythonVector(record.invstd, DType::Float64));
        m_text += scriptForwardErrors;
        line("check(\"y\", y, " + pythonTensor(perCell([&](std::int64_t i, std::size_t c) {
                 return m_frame.transforms[c].y(m_frame.x.at(i));
             }))
             + ", off_y)");
        if (record.updatedMean || record.updatedVar)
            line("factor = " + pythonFloat(record.factor));
        addRunning("running_mean", m_before.runningMean, m_after.runningMean, record.updatedMean, "mean", "off_mean");
        addRunning("running_var", m_before.runningVar, m_after.runningVar, record.updatedVar, "var * n / (n - 1)",
                   "off_var * n / (n - 1)");
    }

    template <class ValueAt>
    Tensor perCell(const ValueAt& valueAt) const {
        const BatchShape shape = BatchShape::of(m_frame.x.shape());
        Tensor tensor(m_frame.x.dtype(), m_frame.x.shape());
        for (std::int64_t i = 0; i < tensor.size(); ++i)
            tensor.set(i, valueAt(i, static_cast<std::size_t>(i / shape.l % shape.c)));
        return tensor;
    }

    void addRunning(const std::string& name, const std::optional<ChannelVector>& before,
                    const std::optional<ChannelVector>& after, bool updated, const std::string& added,
                    const std::string& off) {
        if (!before || !after)
            return;
        if (!updated)
            return addUnchanged(name.c_str(), after);
        line("before = " + pythonVector(*before, m_dtype) + ".double()");
        line("check(\"" + name + "\", layer." + name + ", " + pythonVector(*after, m_dtype) + ",");
        line("      abs(factor) * (" + off + ")");
        line("      + 4 * u * (((1 - factor) * before).abs() + (factor * " + added + ").abs()))");
    }

    void addLoss() {
        const LossSpec& loss = m_training.loss;
        line("");
        const bool sum = loss.kind == LossSpec::Kind::Sum;
        if (sum) {
            line("loss = y.double().sum()");
            line("off_loss = off_y.sum() + 1e-12 * y.double().abs().sum()");
        } else {
            addTarget(loss);
            line("error = y.double() - target");
            line("loss = (error ** 2).mean()");
            line("off_loss = (2 * error.abs() * off_error + off_error ** 2).mean() + 1e-12 * loss");
        }
        line("check(\"loss\", loss, " + decimalText(*m_step.loss) + ", off_loss.detach())");
        if (!m_step.backward)
            return;
        line("loss.backward()");
        line("dy = " + pythonTensor(m_frame.gradOutput));
        line(sum ? "off_dy = torch.zeros_like(X)"
                 : "off_dy = (2 * off_error / X.numel() + 4 * u * dy.double().abs()).detach()");
    }

    static std::string decimalText(double value) { return pythonFloat(value); }

    void addTarget(const LossSpec& loss) {
        if (loss.kind == LossSpec::Kind::MseTarget) {
            line("target = " + pythonVector(loss.target, DType::Float64) + ".reshape(wide)");
            line("off_error = off_y");
            return;
        }
        line("# The teacher sees our x̂; its mean is a double rounded once.");
        line("teacher_weight = " + pythonVector(loss.teacherWeight, DType::Float64) + ".reshape(wide)");
        line("teacher_bias = " + pythonVector(loss.teacherBias, DType::Float64) + ".reshape(wide)");
        line("target = teacher_weight * xhat + teacher_bias");
        line("off_error = off_y + 2 ** -51 * (teacher_weight.abs() * (xhat.abs()\n"
             "                              + (mean.abs() * invstd).reshape(wide)) + teacher_bias.abs())");
    }

    void addGradientChecks() {
        const BackwardRecord& backward = *m_step.backward;
        line("check(\"grad_x\", x.grad, " + pythonTensor(perCell([&](std::int64_t i, std::size_t c) {
                 return m_frame.transforms[c].gradInput(m_frame.x.at(i), m_frame.gradOutput.at(i));
             }))
             + ", off_grad_x)");
        if (backward.gradWeight)
            line("check(\"grad_weight\", layer.weight.grad, " + pythonVector(*backward.gradWeight, m_dtype)
                 + ", off_sum_gx)");
        if (backward.gradBias)
            line("check(\"grad_bias\", layer.bias.grad, " + pythonVector(*backward.gradBias, m_dtype) + ", off_sum_g)");
    }

    void addOptimizer() {
        const OptimizerSpec& spec = m_training.optimizer;
        const OptimizerState& state = m_step.before->optimizer;
        line("");
        line("parameters = [p for p in (layer.weight, layer.bias) if p is not None]");
        if (isAdam())
            line("optimizer = torch.optim.Adam(parameters, lr=" + pythonFloat(spec.lr) + ", betas=("
                 + pythonFloat(spec.beta1) + ", " + pythonFloat(spec.beta2) + "), eps=" + pythonFloat(spec.eps)
                 + ", weight_decay=" + pythonFloat(spec.weightDecay) + ")");
        else
            line("optimizer = torch.optim.SGD(parameters, lr=" + pythonFloat(spec.lr)
                 + ", momentum=" + pythonFloat(spec.momentum) + ", weight_decay=" + pythonFloat(spec.weightDecay)
                 + ", nesterov=" + pythonBool(spec.nesterov && spec.momentum != 0) + ")");
        line("steps = " + std::to_string(m_step.after->optimizer.steps));
        addOptimizerState("weight", m_before.weight, state.weight);
        addOptimizerState("bias", m_before.bias, state.bias);
    }

    void addOptimizerState(const std::string& name, const std::optional<ChannelVector>& parameter,
                           const OptimizerState::Buffers& buffers) {
        if (!parameter)
            return;
        const std::string of = name + "_state";
        if (!isAdam()) {
            const bool kept = buffers.momentum.size() == parameter->size() && m_training.optimizer.momentum != 0;
            line(of + " = " + (kept ? pythonVector(buffers.momentum, m_dtype) : std::string("None")));
            if (kept)
                line("optimizer.state[layer." + name + "][\"momentum_buffer\"] = " + of + ".clone()");
            return;
        }
        const auto moments = [&](std::vector<double> values) {
            values.resize(parameter->size(), 0.0);
            return pythonVector(values, m_dtype);
        };
        line(of + " = (" + moments(buffers.expAvg) + ",\n    " + moments(buffers.expAvgSq) + ")");
        line("optimizer.state[layer." + name + "].update(step=torch.tensor(float(steps - 1)), exp_avg=" + of
             + "[0].clone(), exp_avg_sq=" + of + "[1].clone())");
    }

    void addUpdate() {
        m_text += isAdam() ? scriptAdamErrors : scriptSgdErrors;
        line("optimizer.step()");
        addParameterCheck("weight", m_before.weight, m_after.weight, m_step.backward->gradWeight, "off_sum_gx");
        addParameterCheck("bias", m_before.bias, m_after.bias, m_step.backward->gradBias, "off_sum_g");
    }

    void addParameterCheck(const std::string& name, const std::optional<ChannelVector>& before,
                           const std::optional<ChannelVector>& after, const std::optional<ChannelVector>& gradient,
                           const std::string& off) {
        if (!before || !after || !gradient)
            return;
        line("after = " + pythonVector(*after, m_dtype));
        line("check(\"" + name + " after the step\", layer." + name + ", after,");
        line("      off_update(" + name + ", layer." + name + ".grad, " + off + ", " + name + "_state, after))");
    }

    const Frame& m_frame;
    const LaneSnapshot& m_step;
    const BatchNorm1d& m_layer;
    const LayerState& m_before;
    const LayerState& m_after;
    const TrainingSpec& m_training;
    DType m_dtype;
    std::string m_text;
};

}  // namespace

std::string pytorchScript(const Frame& frame) {
    return Script(frame).text();
}

}  // namespace bnstudio
