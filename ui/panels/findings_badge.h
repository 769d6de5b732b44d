// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

namespace bnstudio {

class Session;

/// How many findings there are, "▲ 2 findings"; not there without any.
class FindingsBadge : public QAbstractButton {
    Q_OBJECT
public:
    explicit FindingsBadge(Session& session, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent*) override;

private:
    void refresh();
    Session& m_session;
};

}  // namespace bnstudio
