// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plots/plot_view.h"

class QToolButton;

namespace bnstudio {

class ProfileChart;

/// All channels of the displayed step: batch mean beside running_mean, each with ± one standard deviation, or with the
/// switch "variance" the unbiased batch variance beside running_var. More channels than pixels: min and max of each
/// pixel column. A click selects the channel; with the focus, ← and → do.
class ProfileView : public PlotView {
    Q_OBJECT
public:
    explicit ProfileView(Session& session, QWidget* parent = nullptr);
    ~ProfileView() override;
    QString title() const override;
    bool showsVariance() const;
    void setShowsVariance(bool on);

protected:
    Changes contentChanges() const override;
    void fill() override;
    void clicked(double x, double y) override;
    bool followsPlayhead() const override { return false; }
    bool wantsKey(int key) const override;
    void handleKey(int key) override;

private:
    QToolButton* m_variance = nullptr;
    std::unique_ptr<ProfileChart> m_chart;
};

}  // namespace bnstudio
