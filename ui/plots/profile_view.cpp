// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/profile_view.h"

#include "ui/plots/profile_chart.h"

#include <QToolButton>

#include <cmath>

namespace bnstudio {

ProfileView::ProfileView(Session& session, QWidget* parent)
    : PlotView(session, parent), m_chart(std::make_unique<ProfileChart>(plot(), *plot().axisRect())) {
    m_variance = addSwitch(tr("variance"), tr("Show variances instead of means"));
    addLogScale(true);
    setLogScaleUsable(false);
    connect(m_variance, &QToolButton::toggled, this, [this](bool on) {
        setLogScaleUsable(on);
        if (isVisible())
            refresh();
        else
            invalidate();
        emit titleChanged();
    });
    setChart(*m_chart);
}

ProfileView::~ProfileView() = default;

QString ProfileView::title() const {
    return showsVariance() ? tr("Profile: variance") : tr("Profile: mean");
}

bool ProfileView::showsVariance() const {
    return m_variance->isChecked();
}
void ProfileView::setShowsVariance(bool on) {
    m_variance->setChecked(on);
}

Changes ProfileView::contentChanges() const {
    return Changes(Change::Shown) | Change::Selection | Change::Data;
}

void ProfileView::fill() {
    const Shown& shown = session().shown();
    ProfileContent content = profileContent(shown.lane.get(), shown.state.get());
    content.current = session().currentChannel();
    content.variance = showsVariance();
    content.logScale = isLogScale();
    content.emptyText = tr("There are neither batch nor running statistics at this step.");
    m_chart->setContent(std::move(content));
}

void ProfileView::clicked(double x, double) {
    const auto channel = static_cast<std::int64_t>(std::lround(x));
    if (channel >= 0 && channel < session().channels())
        session().selectChannel(channel);
}

bool ProfileView::wantsKey(int key) const {
    return key == Qt::Key_Left || key == Qt::Key_Right;
}

void ProfileView::handleKey(int key) {
    const std::int64_t next = session().currentChannel() + (key == Qt::Key_Right ? 1 : -1);
    if (next >= 0 && next < session().channels())
        session().selectChannel(next);
}

}  // namespace bnstudio
