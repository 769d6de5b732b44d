// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_binning.h"

#include "ui/session/background_task.h"

#include <algorithm>

namespace bnstudio {

namespace {

// A step stays on the screen a little longer rather than being followed by a rough picture of the next one.
constexpr int patienceMs = 8;
// A preview needs less than it may read.
constexpr std::int64_t previewReads = FlowBinning::mostReads / 3;

bool readsGradient(const std::vector<FlowMap>& maps) {
    return std::any_of(maps.begin(), maps.end(), [](FlowMap map) { return map >= FlowMap::Dy; });
}

}  // namespace

FlowBinning::FlowBinning(QObject* parent) : QObject(parent) {
    m_patience.setSingleShot(true);
    m_patience.setInterval(patienceMs);
    connect(&m_patience, &QTimer::timeout, this, &FlowBinning::preview);
}

bool FlowBinning::request(const BinRequest& request) {
    if (request == m_present && !m_task)
        return true;
    if (request == m_wanted && m_task)
        return m_present == m_wanted;
    if (m_task) {
        m_task->cancel();
        m_task = nullptr;
    }
    m_patience.stop();
    m_wanted = request;
    const std::int64_t reads =
        request.grid.window.cells() * request.grid.matrix.positions * (readsGradient(request.maps) ? 2 : 1);
    if (reads > mostReads && !request.maps.empty()) {
        start();
        return false;
    }
    take(request.maps.empty() ? std::vector<BinnedMap>{} : binFrame(*request.frame, request.maps, request.grid));
    return true;
}

std::shared_ptr<const BinnedMap> FlowBinning::find(FlowMap map) const {
    const auto found = std::find(m_present.maps.begin(), m_present.maps.end(), map);
    const auto index = static_cast<std::size_t>(found - m_present.maps.begin());
    return index < m_maps.size() ? m_maps[index] : nullptr;
}

void FlowBinning::take(std::vector<BinnedMap> maps) {
    m_present = m_wanted;
    m_maps.clear();
    for (BinnedMap& map : maps)
        m_maps.push_back(std::make_shared<const BinnedMap>(std::move(map)));
}

void FlowBinning::start() {
    auto made = std::make_shared<std::vector<BinnedMap>>();
    m_task = new BackgroundTask(
        [wanted = m_wanted, made](const BackgroundTask::Report&, const std::stop_token& stop) {
            *made = binFrame(*wanted.frame, wanted.maps, wanted.grid, stop);
        },
        this);
    connect(m_task, &BackgroundTask::finished, this, [this, made](const QString& error) {
        m_task = nullptr;
        m_patience.stop();
        take(error.isEmpty() ? std::move(*made) : std::vector<BinnedMap>{});
        emit ready();
    });
    m_patience.start();
}

void FlowBinning::preview() {
    if (!m_task)
        return;
    const std::int64_t tensors = readsGradient(m_wanted.maps) ? 2 : 1;
    take(sampleFrame(*m_wanted.frame, m_wanted.maps, m_wanted.grid, previewReads / tensors));
    emit ready();
}

}  // namespace bnstudio
