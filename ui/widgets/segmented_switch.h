// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QWidget>

class QButtonGroup;
class QHBoxLayout;

namespace bnstudio {

/// A few alternatives side by side, one of them chosen; left and right arrow keys move the choice.
class SegmentedSwitch : public QWidget {
    Q_OBJECT
public:
    explicit SegmentedSwitch(QWidget* parent = nullptr);
    QAbstractButton* addSegment(const QString& text, const char* id, const QString& sentence);
    /// Shows a choice without chosen().
    void setCurrent(int index);
    int current() const;

signals:
    /// The user chose a segment.
    void chosen(int index);

private:
    void aimFocus();

    QButtonGroup* m_group;
    QHBoxLayout* m_row;
};

}  // namespace bnstudio
