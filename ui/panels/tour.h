// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPointer>

#include <vector>

class QLabel;
class QPropertyAnimation;
class QPushButton;

namespace bnstudio {

/// A widget and what there is to say about it.
struct TourStop {
    QPointer<QWidget> target;
    QString title, text;
};

/// A few callouts in turn, each pointing at a widget of the window. A child of the window that takes no more room than it
/// needs and blocks nothing; stops whose widget is closed are passed over. Deletes itself at the end.
class Tour : public QFrame {
    Q_OBJECT
public:
    Tour(QWidget& window, std::vector<TourStop> stops);
    /// The widget it points at; null when none of them is open.
    QWidget* target() const;
    int current() const { return m_current; }
    void next();
    void back();
    /// Ends it. For good: the user has seen it or wants none.
    void end(bool forGood);
    /// Where the pointed-at widget is, in coordinates of the window.
    QRect targetRect() const;

signals:
    void endedForGood();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeContent();
    void show(int stop);
    /// The nearest open stop from here in this direction; −1 for none.
    int openStop(int from, int direction) const;
    void placeLater();
    void place();
    QPoint placeFor(const QRect& target) const;

    QWidget& m_window;
    std::vector<TourStop> m_stops;
    int m_current = -1;
    QWidget* m_outline = nullptr;
    QLabel *m_title = nullptr, *m_text = nullptr, *m_count = nullptr;
    QPushButton *m_never = nullptr, *m_back = nullptr, *m_next = nullptr;
    QPropertyAnimation* m_glide = nullptr;
    bool m_isQueued = false;
};

}  // namespace bnstudio
