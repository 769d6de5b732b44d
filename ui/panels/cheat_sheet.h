// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLineEdit;
class QTextBrowser;

namespace bnstudio {

/// All keys, by the place where they work, in as many columns as there is room for; a field narrows them down. The text
/// can be selected and copied.
class CheatSheet : public QDialog {
    Q_OBJECT
public:
    explicit CheatSheet(QWidget& window);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refresh();

    QLineEdit* m_filter;
    QTextBrowser* m_sheet;
};

}  // namespace bnstudio
