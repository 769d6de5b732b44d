// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDockWidget>

class QHBoxLayout;

namespace bnstudio {

class ElidedLabel;

/// A dock that looks like a card: a bold title over its content, a close button, dragged by the title.
class CardDock : public QDockWidget {
    Q_OBJECT
public:
    /// @p name: object name, by which layouts are saved. @p scrolls: content higher than the dock gets a scroll bar.
    CardDock(const QString& title, const QString& name, QWidget* content, bool scrolls, QWidget* parent);
    void setTitle(const QString& title);
    QString title() const;
    /// A shorter name for the tab, where panels share a place.
    void setTabTitle(const QString& title);
    /// Moves a row of the content (legend, caption, tools) into the title bar. One whose width is at most its hint
    /// (QSizePolicy::Maximum) has it before the title.
    void takeHeader(QWidget* header);

private:
    QWidget* makeTitle();
    QHBoxLayout* m_titleRow = nullptr;
    ElidedLabel* m_title = nullptr;
    QString m_tabTitle;
};

}  // namespace bnstudio
