// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QString>
#include <QWidget>

#include <vector>

class QPainter;

namespace bnstudio {

/// One word of a legend with the mark it explains; Text has no mark.
struct LegendEntry {
    enum class Mark { Text, Dot, Line, Dashes, Square, Outline };
    Mark mark = Mark::Text;
    QColor markColor;
    QString text;
    QColor textColor;
    bool bold = false;
    bool operator==(const LegendEntry&) const = default;
};

/// Paints the entries right-aligned in @p rect on one line. Entries that do not fit are left out, the last ones first;
/// returns how many were painted.
int paintLegend(QPainter& painter, const QRect& rect, const std::vector<LegendEntry>& entries, const QFont& font);

/// The legend in the header of a plot.
class LegendRow : public QWidget {
    Q_OBJECT
public:
    explicit LegendRow(QWidget* parent = nullptr);
    void setEntries(std::vector<LegendEntry> entries);
    const std::vector<LegendEntry>& entries() const { return m_entries; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {0, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<LegendEntry> m_entries;
};

}  // namespace bnstudio
