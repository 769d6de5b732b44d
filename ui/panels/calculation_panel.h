// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QScrollArea;

namespace bnstudio {

class CalculationView;
class ElidedLabel;
class SegmentedSwitch;

/// What happened to the selected cell in the displayed step, with its numbers put in.
class CalculationPanel : public QWidget {
    Q_OBJECT
public:
    explicit CalculationPanel(Session& session, QWidget* parent = nullptr);
    ~CalculationPanel() override;
    /// Names the cell, for the title bar of the card.
    QWidget* header() const;
    CalculationView& view() const { return *m_view; }
    Digits digits() const { return m_digits; }

public slots:
    void setDigits(bnstudio::Digits digits);
    /// Short, full, bits, and again.
    void nextDigits();
    /// Puts a PyTorch program that repeats the step on the clipboard; why that cannot be is a message of the session.
    void copyAsPyTorch();
    /// Shows where a number comes from: the cell, the phase, the step before, or the field of a setting.
    void follow(const bnstudio::Link& link);

signals:
    /// The number under the mouse or the keys, for views that show the place.
    void pointed(std::optional<bnstudio::Link> link);
    /// A short sentence for the status bar.
    void reported(const QString& sentence);

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* makeFooter();
    void followNumberFormat();
    void refreshLater();
    void refresh();
    void showNothing(const QString& why);
    void keepInSight(const QRectF& rect);
    void followToStepBefore(const Link& link);
    void focusSetting(const Link& link);

    Session& m_session;
    ElidedLabel* m_title;
    QLabel* m_notice;
    CalculationView* m_view;
    QScrollArea* m_area;
    SegmentedSwitch* m_switch = nullptr;
    QPushButton* m_copy = nullptr;
    Digits m_digits = Digits::Short;
    bool m_wantsFull;  ///< the user wants all digits everywhere
    bool m_isDue = false, m_isQueued = false;
    PhasePosition m_position{-1, Phase::Nothing};  ///< of the rows on display
    std::optional<Link> m_awaited;                 ///< to go to when the step before has come
};

}  // namespace bnstudio
