// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/heat_quantity.h"
#include "ui/plots/plot_view.h"

class QComboBox;
class QTimer;

namespace bnstudio {

class HeatChart;

/// All channels × steps: a quantity (heat_quantity.h) as colours, by default (batch mean − running mean before the step)
/// / (σ/√n), of which sampling noise alone gives ±1. Cells are binned to the pixels there are, each bin showing its value
/// farthest from zero. Large runs fill in over several frames. A click selects channel and step; with the focus the arrow
/// keys do. Quantity and order of the channels are remembered.
class ChannelsHeatView : public PlotView {
    Q_OBJECT
public:
    explicit ChannelsHeatView(Session& session, QWidget* parent = nullptr);
    ~ChannelsHeatView() override;
    QString title() const override;
    /// Value drawn in the cell of a step and channel; NaN where there is none.
    double cellValue(std::int64_t step, std::int64_t channel) const;
    /// Whether every computed step is in the picture.
    bool isComplete() const;
    HeatQuantity quantity() const;
    ChannelOrder order() const;
    void setQuantity(HeatQuantity quantity);
    void setOrder(ChannelOrder order);
    /// The channel in a row counted from the top, −1 outside.
    std::int64_t channelAt(std::int64_t position) const;
    /// Numbers and words of the colour scale.
    QStringList scaleTexts() const;
    /// Milliseconds that the last frame took to fill in and to paint the cells.
    double lastFrameMs() const { return m_lastFrameMs; }

protected:
    Changes contentChanges() const override;
    void fill() override;
    void updated() override;
    void clicked(double x, double y) override;
    bool wantsKey(int key) const override;
    void handleKey(int key) override;

private:
    QComboBox* addChoice(const char* id, const QString& name, const QString& sentence);
    void choicesChanged();

    std::unique_ptr<HeatChart> m_chart;
    QTimer* m_continue = nullptr;
    QComboBox* m_quantity = nullptr;
    QComboBox* m_order = nullptr;
    std::uint64_t m_generation = 0;
    double m_lastFrameMs = 0;
};

}  // namespace bnstudio
