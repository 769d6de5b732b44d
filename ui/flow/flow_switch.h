// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace bnstudio {

/// The switch in front of x̂: what the mouse and the keys take hold of. The flow itself draws it.
class FlowSwitch : public QAbstractButton {
    Q_OBJECT
public:
    explicit FlowSwitch(QWidget* parent);
    void setTrains(bool trains);
    /// Where the two words stand, in the parent.
    void place(const QRect& train, const QRect& eval);

protected:
    bool hitButton(const QPoint& position) const override;
    void paintEvent(QPaintEvent* event) override;

private:
    QRect m_train, m_eval;
};

}  // namespace bnstudio
