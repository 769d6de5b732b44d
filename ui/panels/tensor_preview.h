// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/tensor_sample.h"
#include "ui/models/tensor_tree.h"

#include <QWidget>

class QLabel;
class QTableView;

namespace bnstudio {

class BackgroundTask;
class ElidedLabel;
class HistogramStrip;
class SampleTableModel;

/// The first values of a tensor and a histogram, read off the GUI thread.
class TensorPreview : public QWidget {
    Q_OBJECT
public:
    explicit TensorPreview(QWidget* parent = nullptr);
    ~TensorPreview() override;
    /// Shows this row of a browser; of a family its first member.
    void showNode(const TensorNode& node);
    void clear();

private:
    void showSample(const TensorSample& sample);
    void stop();

    ElidedLabel* m_title;
    QLabel* m_caption;
    QTableView* m_table;
    SampleTableModel* m_model;
    HistogramStrip* m_histogram;
    BackgroundTask* m_task = nullptr;
};

}  // namespace bnstudio
