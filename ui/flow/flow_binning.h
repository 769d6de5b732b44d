// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/flow/flow_bins.h"

#include <QObject>
#include <QTimer>

#include <memory>

namespace bnstudio {

class BackgroundTask;

/// What a flow shows of a frame.
struct BinRequest {
    std::shared_ptr<const Frame> frame;
    std::vector<FlowMap> maps;  ///< each with values
    BinGrid grid;
    bool operator==(const BinRequest&) const = default;
};

/// Bins for the screen. A window of few values is read at once; a large one on a thread of its own, and when that takes
/// longer than the eye waits, an evenly spaced sample comes first.
class FlowBinning : public QObject {
    Q_OBJECT
public:
    /// How many elements of a frame the thread of the window may read for one picture.
    static constexpr std::int64_t mostReads = 100'000;

    explicit FlowBinning(QObject* parent = nullptr);
    /// True when bins for the request are there already; else ready() follows, perhaps twice.
    bool request(const BinRequest& request);
    /// Of the last request that became ready; null when it had no such map.
    std::shared_ptr<const BinnedMap> find(FlowMap map) const;
    /// Nothing more is to come.
    bool isSettled() const { return !m_task; }

signals:
    void ready();

private:
    void take(std::vector<BinnedMap> maps);
    void start();
    void preview();

    BinRequest m_wanted, m_present;
    std::vector<std::shared_ptr<const BinnedMap>> m_maps;  ///< as in m_present.maps
    BackgroundTask* m_task = nullptr;
    QTimer m_patience;
};

}  // namespace bnstudio
