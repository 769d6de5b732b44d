// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/tour.h"

#include "ui/preferences.h"
#include "ui/widgets/introduce.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPropertyAnimation>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace bnstudio {

namespace {

constexpr int pointerLength = 10, edge = 6, glideMs = 200;

/// The double outline of a selection, light and dark, around what the callout points at.
class TourOutline : public QWidget {
public:
    explicit TourOutline(QWidget& window) : QWidget(&window) {
        setObjectName(QStringLiteral("tourOutline"));
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(colors().panel, 5));
        painter.drawRoundedRect(QRectF(rect()).adjusted(3, 3, -3, -3), 8, 8);
        painter.setPen(QPen(colors().accent, 2.5));
        painter.drawRoundedRect(QRectF(rect()).adjusted(3, 3, -3, -3), 8, 8);
    }
};

/// The point of @p rect that is nearest to @p point.
QPointF nearest(const QRectF& rect, QPointF point) {
    return {std::clamp(point.x(), rect.left(), rect.right()), std::clamp(point.y(), rect.top(), rect.bottom())};
}

}  // namespace

Tour::Tour(QWidget& window, std::vector<TourStop> stops)
    : QFrame(&window), m_window(window), m_stops(std::move(stops)), m_outline(new TourOutline(window)) {
    setObjectName(QStringLiteral("tour"));
    setAccessibleName(tr("Tour"));
    makeContent();
    m_glide = new QPropertyAnimation(this, "pos", this);
    m_glide->setDuration(glideMs);
    m_glide->setEasingCurve(QEasingCurve::InOutQuad);
    auto* escape = new QShortcut(Qt::Key_Escape, this);
    connect(escape, &QShortcut::activated, this, [this] { end(false); });
    connect(&Theme::instance(), &Theme::changed, this, &Tour::placeLater);
    m_window.installEventFilter(this);
    for (const TourStop& stop : m_stops)
        if (stop.target)
            stop.target->installEventFilter(this);
    show(openStop(0, 1));
    QFrame::show();
    m_next->setFocus(Qt::OtherFocusReason);
}

void Tour::makeContent() {
    m_title = new QLabel;
    useFont(m_title, TextRole::Bold, 1);
    m_text = new QLabel;
    m_text->setWordWrap(true);
    fitToText(m_text, [this] { m_text->setFixedWidth(Theme::instance().scaled(300)); });
    m_count = new QLabel;
    m_count->setObjectName(QStringLiteral("muted"));
    const auto makeButton = [](const QString& text, const char* id, const QString& sentence) {
        auto* button = new QPushButton(text);
        introduce(button, id, text, sentence);
        return button;
    };
    m_never = makeButton(tr("Don't show again"), "tourNever", tr("End the tour for good; the Help menu has it."));
    m_back = makeButton(tr("Back"), "tourBack", tr("What came before."));
    m_next = makeButton(tr("Next"), "tourNext", tr("What comes next; Esc ends the tour."));
    connect(m_never, &QPushButton::clicked, this, [this] { end(true); });
    connect(m_back, &QPushButton::clicked, this, &Tour::back);
    connect(m_next, &QPushButton::clicked, this, &Tour::next);
    auto* heading = new QHBoxLayout;
    heading->addWidget(m_title, 1);
    heading->addWidget(m_count);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_never);
    buttons->addStretch(1);
    buttons->addWidget(m_back);
    buttons->addWidget(m_next);
    auto* column = new QVBoxLayout(this);
    const int margin = pointerLength + 12;
    column->setContentsMargins(margin, margin, margin, margin);
    column->setSpacing(8);
    column->addLayout(heading);
    column->addWidget(m_text);
    column->addLayout(buttons);
}

// --- going through it ----------------------------------------------------------------------------------------------

QWidget* Tour::target() const {
    return m_current < 0 ? nullptr : m_stops[static_cast<std::size_t>(m_current)].target.data();
}

int Tour::openStop(int from, int direction) const {
    for (int i = from; i >= 0 && i < static_cast<int>(m_stops.size()); i += direction)
        if (const QWidget* widget = m_stops[static_cast<std::size_t>(i)].target; widget && widget->isVisible())
            return i;
    return -1;
}

void Tour::next() {
    const int following = openStop(m_current + 1, 1);
    following < 0 ? end(true) : show(following);
}

void Tour::back() {
    if (const int before = openStop(m_current - 1, -1); before >= 0)
        show(before);
}

void Tour::show(int stop) {
    m_current = stop;
    if (stop < 0)
        return;
    const TourStop& shown = m_stops[static_cast<std::size_t>(stop)];
    m_title->setText(shown.title);
    m_text->setText(shown.text);
    m_count->setText(tr("%1 of %2").arg(stop + 1).arg(m_stops.size()));
    m_back->setEnabled(openStop(stop - 1, -1) >= 0);
    m_next->setText(openStop(stop + 1, 1) >= 0 ? tr("Next") : tr("Done"));
    setAccessibleDescription(shown.title + QStringLiteral(". ") + shown.text);
    place();
}

void Tour::end(bool forGood) {
    m_window.removeEventFilter(this);
    m_outline->deleteLater();
    hide();
    deleteLater();
    if (forGood)
        emit endedForGood();
}

// --- where it stands -----------------------------------------------------------------------------------------------

QRect Tour::targetRect() const {
    const QWidget* widget = target();
    if (!widget || !widget->isVisible())
        return {};
    return QRect(widget->mapTo(&m_window, QPoint()), widget->size());
}

/// Beside the target where there is room, else over its lower part: below, right, left, above.
QPoint Tour::placeFor(const QRect& target) const {
    const QRect room = m_window.rect().adjusted(edge, edge, -edge, -edge);
    const int x = target.center().x() - width() / 2, y = target.center().y() - height() / 2;
    const QPoint places[] = {{x, target.bottom()},
                             {target.right(), y},
                             {target.left() - width(), y},
                             {x, target.top() - height()},
                             {x, target.bottom() - height() - edge}};
    const auto inRoom = [&](QPoint place) {
        return QPoint(std::clamp(place.x(), room.left(), std::max(room.left(), room.right() - width())),
                      std::clamp(place.y(), room.top(), std::max(room.top(), room.bottom() - height())));
    };
    for (const QPoint place : places)
        if (!QRect(inRoom(place), size()).adjusted(edge, edge, -edge, -edge).intersects(target))
            return inRoom(place);
    return inRoom(places[std::size(places) - 1]);
}

void Tour::placeLater() {
    if (!std::exchange(m_isQueued, true))
        QMetaObject::invokeMethod(this, &Tour::place, Qt::QueuedConnection);
}

void Tour::place() {
    m_isQueued = false;
    adjustSize();
    const QRect rect = targetRect();
    m_outline->setVisible(!rect.isEmpty());
    m_outline->setGeometry(rect.adjusted(-2, -2, 2, 2));
    m_outline->raise();
    raise();
    const QPoint goal = rect.isEmpty() ? m_window.rect().center() - this->rect().center() : placeFor(rect);
    m_glide->stop();
    if (motionIsReduced() || !isVisible()) {
        move(goal);
    } else {
        m_glide->setStartValue(pos());
        m_glide->setEndValue(goal);
        m_glide->start();
    }
    update();
}

bool Tour::eventFilter(QObject* watched, QEvent* event) {
    switch (event->type()) {
    case QEvent::Move:
    case QEvent::Resize:
    case QEvent::Show:
    case QEvent::Hide:
        if (watched == &m_window || watched == target())
            placeLater();
        break;
    default:
        break;
    }
    return QFrame::eventFilter(watched, event);
}

void Tour::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF body = QRectF(rect()).adjusted(pointerLength, pointerLength, -pointerLength, -pointerLength);
    QPainterPath path;
    path.addRoundedRect(body, 8, 8);
    const QRectF aim = QRectF(targetRect().translated(-pos()));
    const QPointF foot = nearest(body.adjusted(16, 16, -16, -16), aim.center()), tip = nearest(aim, foot);
    if (!aim.isEmpty() && !body.contains(tip)) {
        // From the side that faces the target, straight out; the tip stays within this widget.
        const bool upright = tip.x() >= body.left() && tip.x() <= body.right();
        const QPointF across = upright ? QPointF(8, 0) : QPointF(0, 8);
        const QPointF end = nearest(rect(), upright ? QPointF(foot.x(), tip.y()) : QPointF(tip.x(), foot.y()));
        const QPointF base = nearest(body, end);
        QPainterPath pointer;
        pointer.addPolygon(QPolygonF({base - across, end, base + across, base - across}));
        path = path.united(pointer);
    }
    painter.setPen(QPen(colors().accent, 1.5));
    painter.setBrush(colors().panel);
    painter.drawPath(path);
}

}  // namespace bnstudio
