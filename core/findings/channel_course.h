// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace bnstudio {

/// An exponential moving average that is the plain one while it is young: the weights of all values add up to 1.
class MovingAverage {
public:
    void add(double value, double weight) {
        m_sum = (1 - weight) * m_sum + weight * value;
        m_weights = (1 - weight) * m_weights + weight;
        m_squares = (1 - weight) * (1 - weight) * m_squares + weight * weight;
    }
    bool isEmpty() const { return m_weights == 0; }
    double value() const { return m_sum / m_weights; }
    /// Variance of the average over that of a single value, when the values are independent.
    double noise() const { return m_squares / (m_weights * m_weights); }

private:
    double m_sum = 0, m_weights = 0, m_squares = 0;
};

/// What the batches of one channel were like, over time.
class ChannelCourse {
public:
    /// A batch of at least two values, all finite; @p var is unbiased.
    void addBatch(double mean, double var);
    /// How far running_mean was off before this batch, in standard errors of a batch mean.
    void addDistance(double distance, double n);
    void forgetDistances() { m_z = {}; }

    std::int64_t batches() const { return m_batches; }
    double mean() const { return m_mean.value(); }
    double var() const { return m_var.value(); }
    /// Standard deviations of what mean() and var() are averages of, from batch to batch; at least what n values of a
    /// normal distribution scatter by.
    double meanScatter(double n) const;
    double varScatter(double n) const;
    double noise() const { return m_mean.noise(); }

    double z() const { return m_z.isEmpty() ? 0 : m_z.value(); }
    double zNoise() const;

    bool alternates(double n) const;
    /// Mean of the batches with even and odd number.
    double populationMean(int parity) const { return m_parity[parity].value(); }

private:
    MovingAverage m_mean, m_meanSquares, m_var, m_varSquares;
    MovingAverage m_z;
    MovingAverage m_oneStep, m_twoSteps;  ///< squared differences of batch means
    MovingAverage m_parity[2];
    double m_last = 0, m_beforeLast = 0;
    std::int64_t m_batches = 0;
};

}  // namespace bnstudio
