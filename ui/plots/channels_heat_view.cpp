// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/channels_heat_view.h"

#include "ui/plots/heat_chart.h"
#include "ui/plots/step_contents.h"
#include "ui/theme.h"
#include "ui/widgets/introduce.h"

#include <QComboBox>
#include <QElapsedTimer>
#include <QSettings>
#include <QTimer>

#include <cmath>

namespace bnstudio {

namespace {

// What one frame may take in. Long runs fill in over several frames, and the window stays alive in between.
constexpr qint64 frameMs = 8;
constexpr std::int64_t cellsPerPiece = 50'000;

constexpr const char* quantityKey = "heat/quantity";
constexpr const char* orderKey = "heat/order";

/// A combo box wants room for its longest choice; the header is narrow, and the present one is enough.
void giveUpSpareRoom(QComboBox& combo) {
    const QFontMetrics metrics = combo.fontMetrics();
    int longest = 0;
    for (int i = 0; i < combo.count(); ++i)
        longest = std::max(longest, metrics.horizontalAdvance(combo.itemText(i)));
    const int around = combo.sizeHint().width() - longest;
    combo.setMaximumWidth(around + metrics.horizontalAdvance(combo.currentText()) + 6);
}

}  // namespace

ChannelsHeatView::ChannelsHeatView(Session& session, QWidget* parent)
    : PlotView(session, parent),
      m_chart(std::make_unique<HeatChart>(plot(), *plot().axisRect())),
      m_continue(new QTimer(this)) {
    m_continue->setSingleShot(true);
    m_continue->setInterval(16);
    connect(m_continue, &QTimer::timeout, this, [this] {
        if (isSeen())
            redrawSoon();
    });
    m_quantity = addChoice("heatQuantity", tr("Quantity of all channels × steps"), tr("What the colours stand for."));
    for (int i = 0; i < heatQuantityCount; ++i) {
        const HeatQuantityFacts facts = factsOf(static_cast<HeatQuantity>(i));
        m_quantity->addItem(facts.name, QLatin1String(facts.id));
        m_quantity->setItemData(i, facts.formula, Qt::ToolTipRole);
    }
    m_order =
        addChoice("heatOrder", tr("Order of the channels"),
                  tr("By their numbers, or the largest |value| first: that of the displayed step, or of the run."));
    m_order->addItem(tr("by index"), QStringLiteral("index"));
    m_order->addItem(tr("largest here"), QStringLiteral("here"));
    m_order->addItem(tr("largest ever"), QStringLiteral("ever"));
    for (QComboBox* combo : {m_quantity, m_order}) {
        const char* key = combo == m_quantity ? quantityKey : orderKey;
        const int chosen = combo->findData(QSettings().value(QLatin1String(key)));
        combo->setCurrentIndex(std::max(chosen, 0));
        connect(combo, &QComboBox::currentIndexChanged, this, &ChannelsHeatView::choicesChanged);
    }
    header()->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    setChart(*m_chart);
}

ChannelsHeatView::~ChannelsHeatView() = default;

QComboBox* ChannelsHeatView::addChoice(const char* id, const QString& name, const QString& sentence) {
    auto* combo = new QComboBox;
    introduce(combo, id, name, sentence);
    combo->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    // Large text in a narrow dock: a word cut short beats a dock that pushes others out of the window.
    fitToText(combo, [combo] { combo->setMinimumWidth(Theme::instance().scaled(28)); });
    useFont(combo, TextRole::Text, -2);
    fitToText(combo, [combo] { giveUpSpareRoom(*combo); });
    connect(combo, &QComboBox::currentTextChanged, combo, [combo] { giveUpSpareRoom(*combo); });
    addToHeader(combo);
    return combo;
}

void ChannelsHeatView::choicesChanged() {
    QSettings settings;
    settings.setValue(QLatin1String(quantityKey), m_quantity->currentData());
    settings.setValue(QLatin1String(orderKey), m_order->currentData());
    if (isSeen())
        refresh();
    else
        invalidate();
}

QString ChannelsHeatView::title() const {
    return tr("All channels × steps");
}
HeatQuantity ChannelsHeatView::quantity() const {
    return static_cast<HeatQuantity>(m_quantity->currentIndex());
}
ChannelOrder ChannelsHeatView::order() const {
    return static_cast<ChannelOrder>(m_order->currentIndex());
}
void ChannelsHeatView::setQuantity(HeatQuantity quantity) {
    m_quantity->setCurrentIndex(static_cast<int>(quantity));
}
void ChannelsHeatView::setOrder(ChannelOrder order) {
    m_order->setCurrentIndex(static_cast<int>(order));
}
double ChannelsHeatView::cellValue(std::int64_t step, std::int64_t channel) const {
    return m_chart->cellValue(step, channel);
}
std::int64_t ChannelsHeatView::channelAt(std::int64_t position) const {
    return m_chart->channelAt(position);
}
QStringList ChannelsHeatView::scaleTexts() const {
    return m_chart->scaleTexts();
}
bool ChannelsHeatView::isComplete() const {
    return m_chart->isComplete();
}

Changes ChannelsHeatView::contentChanges() const {
    const Changes changes = Changes(Change::Recipe) | Change::Head | Change::Selection | Change::Data;
    return order() == ChannelOrder::HereFirst ? changes | Change::Shown : changes;
}

void ChannelsHeatView::fill() {
    HeatContent content;
    content.series = session().series();
    content.before = runningBefore(session().recipe());
    content.quantity = quantity();
    content.order = order();
    content.orderStep = session().shown().step;
    content.current = session().currentChannel();
    content.events = stepsWithEvents(session().recipe());
    content.emptyText = tr("No step has run yet.");
    const bool sortable = content.series.channels() <= HeatChart::mostSorted;
    m_order->setEnabled(sortable);
    const bool sameRun = content.series.generation() == m_generation && content.before == m_chart->content().before;
    m_generation = content.series.generation();
    m_chart->setContent(std::move(content), sameRun);
}

void ChannelsHeatView::updated() {
    QElapsedTimer clock;
    clock.start();
    // Steps come from the series in blocks of 64; half a block costs as much as a whole one.
    const std::int64_t piece = std::clamp<std::int64_t>(64 * session().channels(), cellsPerPiece, 8 * cellsPerPiece);
    bool complete = false;
    do
        complete = m_chart->takeIn(isWritingFile() ? std::numeric_limits<std::int64_t>::max() : piece);
    while (!complete && clock.elapsed() < frameMs);
    m_chart->showProgress();
    if (!complete)
        m_continue->start();
    m_lastFrameMs = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

void ChannelsHeatView::clicked(double x, double y) {
    if (const std::int64_t channel = m_chart->channelAt(static_cast<std::int64_t>(std::lround(y))); channel >= 0)
        session().selectChannel(channel);
    PlotView::clicked(x, y);
}

bool ChannelsHeatView::wantsKey(int key) const {
    return key == Qt::Key_Left || key == Qt::Key_Right || key == Qt::Key_Up || key == Qt::Key_Down;
}

void ChannelsHeatView::handleKey(int key) {
    if (key == Qt::Key_Left || key == Qt::Key_Right) {
        const std::int64_t step = session().playhead() + (key == Qt::Key_Right ? 1 : -1);
        session().goTo(std::clamp<std::int64_t>(step, -1, std::max<std::int64_t>(session().head() - 1, -1)));
        return;
    }
    const std::int64_t position = m_chart->positionOf(session().currentChannel()) + (key == Qt::Key_Down ? 1 : -1);
    if (const std::int64_t channel = m_chart->channelAt(position); channel >= 0)
        session().selectChannel(channel);
}

}  // namespace bnstudio
