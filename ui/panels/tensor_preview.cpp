// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/tensor_preview.h"

#include "ui/models/sample_table_model.h"
#include "ui/session/background_task.h"
#include "ui/theme.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/histogram_strip.h"
#include "ui/widgets/introduce.h"

#include <QCoreApplication>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

namespace bnstudio {

TensorPreview::TensorPreview(QWidget* parent)
    : QWidget(parent),
      m_title(new ElidedLabel),
      m_caption(makeNote()),
      m_table(new QTableView),
      m_model(new SampleTableModel(this)),
      m_histogram(new HistogramStrip) {
    useFont(m_title, TextRole::Bold);
    m_title->setObjectName(QStringLiteral("previewTitle"));
    m_caption->setObjectName(QStringLiteral("previewCaption"));
    m_caption->setWordWrap(true);
    introduce(m_table, "previewTable", tr("First values"), tr("The first values of the tensor."));
    m_table->setModel(m_model);
    m_table->setTabKeyNavigation(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    fitToText(m_table, [this] { m_table->horizontalHeader()->setDefaultSectionSize(Theme::instance().scaled(78)); });
    fitToText(m_table, [this] { m_table->verticalHeader()->setDefaultSectionSize(Theme::instance().scaled(22)); });
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(m_title);
    column->addWidget(m_table, 1);
    column->addWidget(m_histogram);
    column->addWidget(m_caption);
    clear();
}

TensorPreview::~TensorPreview() {
    stop();
}

void TensorPreview::stop() {
    if (m_task) {
        m_task->disconnect(this);
        std::exchange(m_task, nullptr)->cancel();
    }
}

void TensorPreview::clear() {
    stop();
    showSample({});
    m_title->setFullText({});
    m_caption->setText(tr("Choose a tensor to see its first values."));
}

void TensorPreview::showNode(const TensorNode& node) {
    clear();
    if (node.kind == TensorNode::Kind::Refused) {
        m_title->setFullText(node.label);
        m_caption->setText(tr("Built from %1, which is not one of the few names that are read. Nothing was imported or "
                              "called; what depends on it is not in the list.")
                               .arg(node.global));
        return;
    }
    if (node.tensors.empty())
        return;
    const std::shared_ptr<const LazyTensor> tensor = node.tensors.front();
    m_title->setFullText(QString::fromStdString(tensor->name()) + u' '
                         + QString::fromStdString(shapeText(tensor->shape())));
    m_caption->setText(tr("Reading…"));
    auto sample = std::make_shared<TensorSample>();
    m_task = new BackgroundTask([tensor, sample](const BackgroundTask::Report&,
                                                 const std::stop_token& token) { *sample = sampleOf(*tensor, token); },
                                QCoreApplication::instance());
    connect(m_task, &BackgroundTask::finished, this, [this, sample](const QString& error) {
        m_task = nullptr;
        if (error.isEmpty())
            showSample(*sample);
        else
            m_caption->setText(error);
    });
}

void TensorPreview::showSample(const TensorSample& sample) {
    m_model->setSample(sample);
    m_histogram->setHistogram(sample.histogram);
    m_table->setVisible(!sample.values.empty());
    m_histogram->setVisible(sample.values.size() > 1);
    m_caption->setText(sample.caption);
}

}  // namespace bnstudio
