// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/card_dock.h"

#include "ui/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/scroll_fade.h"

#include <QAction>
#include <QEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QStyle>
#include <QTabBar>
#include <QToolButton>

namespace bnstudio {

namespace {

// Cards keep this distance to each other and to the window's edge.
constexpr int gap = 4;

/// Scrolls up and down only, and is never narrower than its content: what would be cut off could not be scrolled to.
class CardScroll : public QScrollArea {
public:
    QSize minimumSizeHint() const override {
        const int content = widget() ? widget()->minimumSizeHint().width() : 0;
        const int bar = style()->pixelMetric(QStyle::PM_ScrollBarExtent, nullptr, this);
        return {content + bar, QScrollArea::minimumSizeHint().height()};
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
};

/// A window gives the tab bars of its docks a line below, whenever it takes one into use, in a colour of its own.
void dropTabLines(const QWidget& dock) {
    for (QTabBar* bar : dock.window()->findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly))
        bar->setDrawBase(false);
}

QWidget* holder(QWidget* card, const QMargins& margins) {
    auto* widget = new QWidget;
    auto* layout = new QVBoxLayout(widget);
    layout->setContentsMargins(margins);
    layout->addWidget(card);
    return widget;
}

}  // namespace

CardDock::CardDock(const QString& title, const QString& name, QWidget* content, bool scrolls, QWidget* parent)
    : QDockWidget(parent) {
    setObjectName(name);
    setAllowedAreas(Qt::AllDockWidgetAreas);
    auto* body = new QFrame;
    body->setObjectName(QStringLiteral("cardBody"));
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(10, 2, 10, 8);
    if (scrolls) {
        auto* area = new CardScroll;
        area->setWidgetResizable(true);
        area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        area->setFrameShape(QFrame::NoFrame);
        area->setFocusPolicy(Qt::NoFocus);
        area->setWidget(content);
        fadeEdges(*area);
        layout->addWidget(area);
    } else {
        layout->addWidget(content);
    }
    setWidget(holder(body, {gap, 0, gap, gap}));
    setTitleBarWidget(holder(makeTitle(), {gap, gap, gap, 0}));
    setTitle(title);
    connect(this, &QDockWidget::visibilityChanged, this, [this] { dropTabLines(*this); });
    // Qt puts a panel that is opened again behind the others of its place.
    connect(toggleViewAction(), &QAction::triggered, this, [this](bool isShown) {
        if (isShown)
            raise();
    });
}

QWidget* CardDock::makeTitle() {
    auto* bar = new QFrame;
    bar->setObjectName(QStringLiteral("cardTitle"));
    m_titleRow = new QHBoxLayout(bar);
    m_titleRow->setContentsMargins(12, 5, 6, 3);
    m_titleRow->setSpacing(8);
    m_title = new ElidedLabel;
    useFont(m_title, TextRole::Bold);
    m_title->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_titleRow->addWidget(m_title);
    m_titleRow->addStretch(1);
    auto* close = new QToolButton;
    close->setObjectName(QStringLiteral("flat"));
    close->setText(QStringLiteral("×"));
    close->setFocusPolicy(Qt::NoFocus);  // the View menu does the same with keys
    close->setToolTip(tr("Close this panel; the View menu brings it back."));
    close->setAccessibleName(tr("Close panel"));
    connect(close, &QToolButton::clicked, this, &QDockWidget::close);
    m_titleRow->addWidget(close);
    return bar;
}

void CardDock::takeHeader(QWidget* header) {
    delete m_titleRow->takeAt(1);  // the stretch; the header takes its room
    // Controls are worth more than a title that a tab repeats.
    const bool titleYields = header->sizePolicy().horizontalPolicy() == QSizePolicy::Maximum;
    m_titleRow->insertWidget(1, header, titleYields ? 0 : 1);
    if (titleYields) {
        m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        m_titleRow->setStretchFactor(m_title, 1);
    }
}

QString CardDock::title() const {
    return m_title->fullText();
}

void CardDock::setTabTitle(const QString& title) {
    m_tabTitle = title;
    setTitle(this->title());
}

void CardDock::setTitle(const QString& title) {
    setWindowTitle(m_tabTitle.isEmpty() ? title : m_tabTitle);
    setAccessibleName(title);
    m_title->setFullText(title);
    toggleViewAction()->setText(title);
    toggleViewAction()->setToolTip(tr("Show or hide the panel “%1”.").arg(title));
    toggleViewAction()->setStatusTip(toggleViewAction()->toolTip());
}

}  // namespace bnstudio
