// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QWidget>

namespace bnstudio {

/// A black sheet over the whole window. Any key or click takes it away and does nothing else; then it deletes itself.
class BlankScreen : public QWidget {
    Q_OBJECT
public:
    explicit BlankScreen(QWidget& window);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void end();
    QPointer<QWidget> m_focusBefore;
};

}  // namespace bnstudio
