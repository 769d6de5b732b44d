// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/channels_heat_view.h"

#include "ui/plots/heat_chart.h"
#include "ui/plots/step_contents.h"

#include <QTimer>

#include <cmath>

namespace bnstudio {

namespace {

// What one frame may take in: about 2 ms. Long runs fill in over several frames.
constexpr std::int64_t cellsPerFrame = 100'000;

}  // namespace

ChannelsHeatView::ChannelsHeatView(Session& session, QWidget* parent)
    : PlotView(session, parent),
      m_chart(std::make_unique<HeatChart>(plot(), *plot().axisRect())),
      m_continue(new QTimer(this)) {
    m_continue->setSingleShot(true);
    m_continue->setInterval(16);
    connect(m_continue, &QTimer::timeout, this, [this] {
        if (isVisible())
            redrawSoon();
    });
    setChart(*m_chart);
}

ChannelsHeatView::~ChannelsHeatView() = default;

QString ChannelsHeatView::title() const {
    return tr("All channels × steps");
}
double ChannelsHeatView::cellValue(std::int64_t step, std::int64_t channel) const {
    return m_chart->cellValue(step, channel);
}
bool ChannelsHeatView::isComplete() const {
    return m_chart->isComplete();
}

Changes ChannelsHeatView::contentChanges() const {
    return Changes(Change::Recipe) | Change::Head | Change::Selection | Change::Data;
}

void ChannelsHeatView::fill() {
    HeatContent content;
    content.series = session().series();
    content.before = runningBefore(session().recipe());
    content.current = session().currentChannel();
    content.events = stepsWithEvents(session().recipe());
    content.emptyText = tr("No step has run yet.");
    const bool sameRun = content.series.generation() == m_generation && content.before == m_chart->before();
    m_generation = content.series.generation();
    m_chart->setContent(std::move(content), sameRun);
}

void ChannelsHeatView::updated() {
    if (!m_chart->proceed(isWritingFile() ? std::numeric_limits<std::int64_t>::max() : cellsPerFrame))
        m_continue->start();
}

void ChannelsHeatView::clicked(double x, double y) {
    const auto channel = static_cast<std::int64_t>(std::lround(y));
    if (channel >= 0 && channel < session().channels())
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
    const std::int64_t channel = session().currentChannel() + (key == Qt::Key_Down ? 1 : -1);
    if (channel >= 0 && channel < session().channels())
        session().selectChannel(channel);
}

}  // namespace bnstudio
