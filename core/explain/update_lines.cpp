// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/step_numbers.h"

#include <cmath>

namespace bnstudio {

namespace {

/// The optimiser's step on one of γ[c] and β[c], in the order of operations of core/train/optimizers.cpp.
class ParameterLines {
public:
    ParameterLines(const StepNumbers& numbers, Parameter parameter)
        : m_numbers(numbers),
          m_parameter(parameter),
          m_isWeight(parameter == Parameter::Weight),
          m_spec(numbers.step.before->training.optimizer),
          m_before(m_isWeight ? numbers.step.before->optimizer.weight : numbers.step.before->optimizer.bias),
          m_after(m_isWeight ? numbers.step.after->optimizer.weight : numbers.step.after->optimizer.bias) {}

    void add() {
        const auto& values = m_isWeight ? m_numbers.before().weight : m_numbers.before().bias;
        const auto& results = m_isWeight ? m_numbers.after().weight : m_numbers.after().bias;
        const BackwardRecord& backward = *m_numbers.step.backward;
        const auto& gradients = m_isWeight ? backward.gradWeight : backward.gradBias;
        if (!values || !results || !gradients || gradients->size() != values->size() || channel() >= values->size())
            return;
        m_value = m_numbers.buffer(m_isWeight ? Origin::Weight : Origin::Bias, (*values)[channel()]);
        m_result = m_numbers.buffer(Origin::ParameterAfter, (*results)[channel()]);
        m_result.link.parameter = m_parameter;
        const Number gradient =
            m_numbers.buffer(m_isWeight ? Origin::GradWeight : Origin::GradBias, (*gradients)[channel()]);
        const Number decayed = addDecay(gradient);
        if (m_spec.kind == OptimizerSpec::Kind::Sgd)
            addSgd(decayed, gradients->size());
        else
            addAdam(decayed);
    }

private:
    std::size_t channel() const { return m_numbers.channel; }
    std::string symbol() const { return m_isWeight ? "γ" : "β"; }
    Number number(Origin origin, double value) const {
        Number result = m_numbers.statistic(origin, value);
        result.link.parameter = m_parameter;
        return result;
    }
    void line(const std::string& name, const Number& result, Expression formula, std::string note = {},
              bool detail = true) const {
        m_numbers.add(Phase::ParameterUpdate, name, result, std::move(formula), std::move(note)).detail = detail;
    }

    Number addDecay(const Number& gradient) const {
        // 0·Inf is NaN for the optimiser too.
        if (m_spec.weightDecay == 0 && std::isfinite(m_value.value))
            return gradient;
        const Number result = number(Origin::DecayedGrad, gradient.value + m_spec.weightDecay * m_value.value);
        line("grad " + symbol() + " with decay", result,
             Expression(gradient) + Expression(StepNumbers::setting(Origin::WeightDecay, m_spec.weightDecay)) * m_value,
             "Weight decay joins the gradient, as torch.optim does.");
        return result;
    }

    void addSgd(const Number& gradient, std::size_t channels) const {
        Number step = gradient;
        if (m_spec.momentum != 0 && channel() < m_after.momentum.size()) {
            const Expression momentum(StepNumbers::setting(Origin::OptimizerMomentum, m_spec.momentum));
            const Number buffer = number(Origin::MomentumBufferAfter, m_after.momentum[channel()]);
            const std::string name = "buffer of " + symbol();
            if (m_before.momentum.size() != channels)
                line(name, buffer, gradient, "The first step sets the buffer to the gradient.");
            else
                line(name, buffer, momentum * number(Origin::MomentumBuffer, m_before.momentum[channel()]) + gradient);
            step = buffer;
            if (m_spec.nesterov) {
                step = number(Origin::NesterovGrad, gradient.value + m_spec.momentum * buffer.value);
                line("step of " + symbol(), step, Expression(gradient) + momentum * buffer,
                     "Nesterov: the gradient plus where the buffer is going.");
            }
        }
        const Expression rate(StepNumbers::setting(Origin::LearningRate, m_spec.lr));
        line(symbol(), m_result, Expression(m_value) - rate * step, {}, false);
    }

    Number correction(Origin origin, Origin betaOrigin, double beta, const std::string& name) const {
        const double steps = static_cast<double>(m_numbers.step.after->optimizer.steps);
        const Number result = number(origin, 1 - std::pow(beta, steps));
        const Number exponent{steps, Precision::Integer, {Origin::OptimizerSteps}, 0};
        line(name, result, Expression(1.0) - power(StepNumbers::setting(betaOrigin, beta), exponent));
        return result;
    }

    /// average ← β·average + (1 − β)·added
    Number moment(Origin before, Origin after, const std::vector<double>& old, const std::vector<double>& now,
                  const Number& beta, const Expression& added, const std::string& name) const {
        const Number result = number(after, now[channel()]);
        const double start = channel() < old.size() ? old[channel()] : 0.0;
        line(name, result, Expression(beta) * number(before, start) + (Expression(1.0) - beta) * added);
        return result;
    }

    void addAdam(const Number& gradient) const {
        if (channel() >= m_after.expAvg.size() || channel() >= m_after.expAvgSq.size())
            return;
        const std::string of = " of " + symbol();
        const Number average = moment(Origin::ExpAvg, Origin::ExpAvgAfter, m_before.expAvg, m_after.expAvg,
                                      StepNumbers::setting(Origin::Beta1, m_spec.beta1), gradient, "exp_avg" + of);
        const Number squares =
            moment(Origin::ExpAvgSq, Origin::ExpAvgSqAfter, m_before.expAvgSq, m_after.expAvgSq,
                   StepNumbers::setting(Origin::Beta2, m_spec.beta2), square(gradient), "exp_avg_sq" + of);
        const Number first = correction(Origin::BiasCorrection1, Origin::Beta1, m_spec.beta1, "bias correction 1");
        const Number second = correction(Origin::BiasCorrection2, Origin::Beta2, m_spec.beta2, "bias correction 2");
        const Expression rate(StepNumbers::setting(Origin::LearningRate, m_spec.lr));
        line(symbol(), m_result,
             Expression(m_value)
                 - rate / first * average
                       / (squareRoot(squares) / squareRoot(second)
                          + StepNumbers::setting(Origin::OptimizerEps, m_spec.eps)),
             {}, false);
    }

    const StepNumbers& m_numbers;
    Parameter m_parameter;
    bool m_isWeight;
    const OptimizerSpec& m_spec;
    const OptimizerState::Buffers& m_before;
    const OptimizerState::Buffers& m_after;
    Number m_value, m_result;
};

}  // namespace

void addUpdateLines(const StepNumbers& numbers) {
    const TrainingSpec& training = numbers.step.before->training;
    if (!training.passes.update || !numbers.step.backward || training.optimizer.kind == OptimizerSpec::Kind::None)
        return;
    ParameterLines(numbers, Parameter::Weight).add();
    ParameterLines(numbers, Parameter::Bias).add();
}

}  // namespace bnstudio
