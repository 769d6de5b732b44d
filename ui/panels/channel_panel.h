// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/channel_columns.h"
#include "ui/session/session.h"

#include <QWidget>

class QTableView;

namespace bnstudio {

class ChannelSortModel;
class ChannelTableModel;
class ElidedLabel;

/// Every channel's numbers in the displayed step as a sortable table; its selection is the session's.
class ChannelPanel : public QWidget {
    Q_OBJECT
public:
    explicit ChannelPanel(Session& session, QWidget* parent = nullptr);
    /// A muted line for the title bar of the card; it stands on top of the panel until a card takes it.
    QWidget* header() const;

public slots:
    /// Tab-separated text in full precision with a header line, on the clipboard.
    void copySelection();
    void copyAll();
    void sortBy(ChannelColumn column);
    void sortByNextColumn();
    void reverseOrder();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeTable();
    void addSortActions();
    void chooseColumns(const QPoint& place);
    void chooseColumnsHere();
    void fitColumns();
    void refreshNumbers();
    void pushSelection();
    void pullSelection();
    void showSortOrder();

    Session& m_session;
    ChannelTableModel* m_model = nullptr;
    ChannelSortModel* m_sorted = nullptr;
    QTableView* m_table = nullptr;
    ElidedLabel* m_order = nullptr;
    bool m_pulling = false;  ///< the table is taking over the session's selection
};

}  // namespace bnstudio
