// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/transport_bar.h"

#include "ui/format.h"
#include "ui/icons.h"
#include "ui/panels/findings_badge.h"
#include "ui/theme.h"
#include "ui/widgets/elided_label.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QResizeEvent>
#include <QToolButton>

#include <utility>

namespace bnstudio {

namespace {

constexpr double speeds[] = {1, 2, 5, 10, 20, 30, 60, 1000};
constexpr double fastest = 1000;

QLabel* mutedLabel(const QString& text) {
    auto* label = new QLabel(text);
    label->setObjectName(QStringLiteral("muted"));
    return label;
}

void setIcon(QToolButton& button, const QIcon& icon) {
    const int edge = Theme::instance().scaled(16);
    button.setIcon(icon);
    button.setIconSize({edge, edge});
}

// Text that changes with every step must not lay out the whole window with every step: a label of fixed size does not,
// and it grows when it has to.
void setSteadyText(QLabel& label, const QString& text) {
    label.setText(text);
    const QSize wanted = label.sizeHint();
    if (label.minimumSize() != label.maximumSize() || wanted.width() > label.minimumWidth())
        label.setFixedSize(wanted.expandedTo(label.minimumSize()));
}

}  // namespace

TransportBar::TransportBar(Session& session, const Actions& actions, QWidget* parent)
    : QWidget(parent), m_session(session) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(2, 2, 2, 2);
    layout->setSpacing(6);
    addButton(actions[ActionId::First], QStringLiteral("firstButton"));
    addButton(actions[ActionId::StepBack], QStringLiteral("backButton"), tr("step"));
    m_play = addButton(actions[ActionId::PlayPause], QStringLiteral("playButton"), tr("Play"));
    // "Play" and "Pause" take turns without moving their neighbours.
    fitToText(m_play, [this] { m_play->setMinimumWidth(Theme::instance().scaled(84)); });
    addButton(actions[ActionId::StepForward], QStringLiteral("forwardButton"), tr("step"))
        ->setLayoutDirection(Qt::RightToLeft);
    addButton(actions[ActionId::Last], QStringLiteral("lastButton"));
    addButton(actions[ActionId::PhaseForward], QStringLiteral("phaseButton"), tr("phase"))
        ->setLayoutDirection(Qt::RightToLeft);

    layout->addSpacing(8);
    auto* stepWord = new QLabel(tr("step"));
    layout->addWidget(stepWord);
    m_step = new QLineEdit;
    m_step->setObjectName(QStringLiteral("stepField"));
    m_step->setAccessibleName(tr("Displayed step"));
    m_step->setToolTip(tr("The displayed step. Type a number, or “start”, and press Enter to go there."));
    m_step->setWhatsThis(m_step->toolTip());
    useFont(m_step, TextRole::Number);
    m_step->setAlignment(Qt::AlignRight);
    fitToText(m_step, [this] { m_step->setFixedWidth(Theme::instance().scaled(76)); });
    stepWord->setBuddy(m_step);
    connect(m_step, &QLineEdit::returnPressed, this, &TransportBar::jump);
    connect(m_step, &QLineEdit::editingFinished, this, &TransportBar::refresh);
    layout->addWidget(m_step);
    m_total = mutedLabel({});
    m_total->setMinimumWidth(Theme::instance().scaled(104));
    layout->addWidget(m_total);
    m_caption = new ElidedLabel;
    m_caption->setObjectName(QStringLiteral("presentationCaption"));
    m_caption->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_caption->hide();
    layout->addWidget(m_caption, 1);
    layout->addWidget(makeRest(), 1);
    m_optional.push_back([this](bool on) { m_total->setVisible(on); });
    m_optional.push_back([this](bool on) {
        for (QToolButton* button : findChildren<QToolButton*>())
            if (!button->text().isEmpty() && button != m_play)
                button->setToolButtonStyle(on ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    });
    m_optional.push_back([this](bool on) { m_speed->setVisible(on); });

    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Transport | Change::Head | Change::Shown | Change::Recipe | Change::Data))
            refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        for (QLabel* steady : {m_total, m_batch}) {  // smaller text takes less
            steady->setMinimumSize(steady == m_total ? Theme::instance().scaled(104) : 0, 0);
            steady->setMaximumSize(QWIDGETSIZE_MAX, QWIDGETSIZE_MAX);
        }
        refreshIcons();
        refresh();
        measure();
    });
    refreshIcons();
    refresh();
    measure();
}

QWidget* TransportBar::makeRest() {
    m_rest = new QWidget;
    auto* layout = new QHBoxLayout(m_rest);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    m_speed = new QComboBox;
    m_speed->setObjectName(QStringLiteral("speedCombo"));
    m_speed->setAccessibleName(tr("Speed in steps per second"));
    m_speed->setToolTip(tr("How many steps a second playing shows."));
    m_speed->setWhatsThis(m_speed->toolTip());
    for (const double speed : speeds)
        m_speed->addItem(speed == fastest ? tr("as fast as it goes") : tr("%1 / s").arg(speed), speed);
    connect(m_speed, &QComboBox::activated, this,
            [this](int row) { m_session.setSpeed(m_speed->itemData(row).toDouble()); });
    layout->addWidget(m_speed);

    layout->addSpacing(14);
    QLabel* scope = mutedLabel(tr("from this step"));
    layout->addWidget(scope);
    layout->addWidget(makeModeSwitch());
    layout->addStretch(1);
    m_batch = mutedLabel({});
    m_batch->setObjectName(QStringLiteral("muted"));
    m_batch->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    layout->addWidget(m_batch);
    layout->addWidget(new FindingsBadge(m_session));
    for (QWidget* part : std::initializer_list<QWidget*>{m_batch, scope})
        m_optional.push_back([part](bool on) { part->setVisible(on); });
    return m_rest;
}

void TransportBar::setSlim(bool on) {
    m_rest->setVisible(!on);
    m_caption->setVisible(on);
    measure();
}

// --- narrow windows and large text ---------------------------------------------------------------------------------

QSize TransportBar::minimumSizeHint() const {
    return {m_leastWidth, QWidget::minimumSizeHint().height()};
}

void TransportBar::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (event->oldSize().width() != width())
        fit();
}

/// Leaves out as few parts as the width allows; what they do is in the menus too.
void TransportBar::fit() {
    for (std::size_t parts = 0; parts <= m_optional.size(); ++parts) {
        showWithout(parts);
        if (layout()->totalMinimumSize().width() <= width())
            break;
    }
}

void TransportBar::measure() {
    showWithout(m_optional.size());
    m_leastWidth = layout()->totalMinimumSize().width();
    updateGeometry();
    fit();
}

void TransportBar::showWithout(std::size_t parts) {
    for (std::size_t i = 0; i < m_optional.size(); ++i)
        m_optional[i](i >= parts);
    m_rest->updateGeometry();
}

void TransportBar::setCaption(const QString& text) {
    m_caption->setFullText(text);
}

QToolButton* TransportBar::addButton(QAction* action, const QString& name, const QString& text) {
    auto* button = new QToolButton;
    button->setObjectName(name);
    button->setText(text);
    button->setToolButtonStyle(text.isEmpty() ? Qt::ToolButtonIconOnly : Qt::ToolButtonTextBesideIcon);
    button->setToolTip(action->toolTip());
    button->setWhatsThis(action->whatsThis());
    button->setAccessibleName(action->text().remove(u'&'));
    fitToText(button, [button] { button->setMinimumHeight(Theme::instance().scaled(30)); });
    connect(button, &QToolButton::clicked, action, &QAction::trigger);
    layout()->addWidget(button);
    return button;
}

QWidget* TransportBar::makeModeSwitch() {
    auto* holder = new QWidget;
    auto* layout = new QHBoxLayout(holder);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* group = new QButtonGroup(this);
    const auto add = [&](const QString& text, const QString& name, const QString& tip, bool train) {
        auto* button = new QPushButton(text);
        button->setObjectName(name);
        button->setCheckable(true);
        button->setToolTip(tip);
        button->setWhatsThis(tip);
        fitToText(button, [button] { button->setMinimumHeight(Theme::instance().scaled(30)); });
        group->addButton(button);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, train] { setModeFromHere(m_session, train); });
        return button;
    };
    m_train = add(
        tr("Train"), QStringLiteral("trainButton"),
        tr("Normalise with the batch's own statistics and update the running ones, from the displayed step on."), true);
    m_eval = add(tr("Eval"), QStringLiteral("evalButton"),
                 tr("Normalise with the running statistics and update nothing, from the displayed step on."), false);
    return holder;
}

void TransportBar::focusPlayButton() {
    m_play->setFocus(Qt::OtherFocusReason);
}

void TransportBar::focusStepField() {
    m_step->setFocus(Qt::ShortcutFocusReason);
    m_step->selectAll();
}

void TransportBar::jump() {
    const QString text = m_step->text().trimmed();
    bool isNumber = false;
    const qint64 step = text.toLongLong(&isNumber);
    if (text.compare(tr("start"), Qt::CaseInsensitive) == 0)
        m_session.goToFirst();
    else if (isNumber && step >= 0 && step <= 1'000'000)
        m_session.goTo(step);
    else
        m_session.showMessage(tr("“%1” is no step: type a number from 0 to 1,000,000, or “start”.").arg(text));
    m_step->clearFocus();
    refresh();
}

void TransportBar::refreshIcons() {
    const Palette& p = colors();
    const std::pair<const char*, TransportIcon> icons[] = {{"firstButton", TransportIcon::First},
                                                           {"backButton", TransportIcon::Back},
                                                           {"forwardButton", TransportIcon::Forward},
                                                           {"phaseButton", TransportIcon::Phase},
                                                           {"lastButton", TransportIcon::Last}};
    for (const auto& [name, icon] : icons)
        if (auto* button = findChild<QToolButton*>(QLatin1String(name)))
            setIcon(*button, transportIcon(icon, p.text));
    const bool playing = m_session.isPlaying();
    m_play->setText(playing ? tr("Pause") : tr("Play"));
    setIcon(*m_play, transportIcon(playing ? TransportIcon::Pause : TransportIcon::Play, p.accentText));
    m_showsPlaying = playing;
}

void TransportBar::refresh() {
    if (m_session.isPlaying() != m_showsPlaying)
        refreshIcons();
    const std::int64_t shown = m_session.shown().step;
    if (!m_step->hasFocus())
        m_step->setText(shown < 0 ? tr("start") : QString::number(shown));
    const QString computed = tr("of %1 computed").arg(formatCount(m_session.head()));
    const bool waiting = !m_session.isCurrent() && !m_session.isPlaying();
    setSteadyText(*m_total, waiting ? tr("computing %1…").arg(m_session.playhead()) : computed);
    for (int row = 0; row < m_speed->count(); ++row)
        if (m_speed->itemData(row).toDouble() == m_session.speed() && m_speed->currentIndex() != row)
            m_speed->setCurrentIndex(row);
    const bool train = m_session.settings().trainMode;
    m_train->setChecked(train);
    m_eval->setChecked(!train);
    QString batch;
    if (const auto& snapshot = m_session.shown().snapshot)
        batch = tr("batch %1 · %2 · %3")
                    .arg(snapshot->origin.batch)
                    .arg(QString::fromStdString(shapeText(snapshot->batchShape)),
                         QString::fromLatin1(name(m_session.recipe().lanes.front().layer.dtype).data()));
    const auto& lanes = m_session.recipe().lanes;
    if (lanes.size() > 1)
        batch += tr(" · lane %1, the first of %2").arg(QString::fromStdString(lanes.front().name)).arg(lanes.size());
    const int before = m_batch->minimumWidth();
    setSteadyText(*m_batch, batch);
    if (m_batch->minimumWidth() != before)
        fit();
}

void setModeFromHere(Session& session, bool train) {
    Recipe next = session.recipe();
    if (session.shown().step <= 0 && session.editScope() == Session::EditScope::FromStart)
        next.lanes.front().trainMode = train;
    else
        insertEvent(next, Event{session.editStep(), -1, SetMode{train}});
    session.edit(QString::fromStdString(describe(SetMode{train})), std::move(next));
}

}  // namespace bnstudio
