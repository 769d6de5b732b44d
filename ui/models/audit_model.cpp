// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/audit_model.h"

#include "ui/theme.h"

#include <QCoreApplication>

#include <algorithm>

namespace bnstudio {

QString layerName(const FoundLayer& layer) {
    return layer.prefix.empty() ? QCoreApplication::translate("AuditModel", "the layer of the file")
                                : QString::fromStdString(layer.prefix).chopped(1);
}

QString suspicionText(Suspicion kind) {
    const char* words = "";
    switch (kind) {
    case Suspicion::NotFinite:
        words = QT_TRANSLATE_NOOP("AuditModel", "NaN or infinity");
        break;
    case Suspicion::NegativeVariance:
        words = QT_TRANSLATE_NOOP("AuditModel", "negative variance");
        break;
    case Suspicion::NeverTrained:
        words = QT_TRANSLATE_NOOP("AuditModel", "never trained");
        break;
    case Suspicion::UnmovedStatistics:
        words = QT_TRANSLATE_NOOP("AuditModel", "statistics have not moved");
        break;
    case Suspicion::UncountedBatches:
        words = QT_TRANSLATE_NOOP("AuditModel", "counter still 0");
        break;
    case Suspicion::NegativeCounter:
        words = QT_TRANSLATE_NOOP("AuditModel", "negative counter");
        break;
    case Suspicion::TinyVariance:
        words = QT_TRANSLATE_NOOP("AuditModel", "variance below eps");
        break;
    case Suspicion::TinyWeight:
        words = QT_TRANSLATE_NOOP("AuditModel", "γ near 0");
        break;
    case Suspicion::NoCounter:
        words = QT_TRANSLATE_NOOP("AuditModel", "no counter");
        break;
    }
    return QCoreApplication::translate("AuditModel", words);
}

int AuditModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_layers.size());
}

int AuditModel::suspiciousCount() const {
    return static_cast<int>(std::count_if(m_layers.begin(), m_layers.end(),
                                          [](const LayerAudit& audit) { return !audit.findings.empty(); }));
}

QVariant AuditModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const LayerAudit& audit = layer(index.row());
    const bool isNumber = index.column() == Features || index.column() == Findings;
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Layer:
            return layerName(audit.layer);
        case Features:
            return QString::number(audit.layer.numFeatures);
        case Suspicion:
            return audit.findings.empty() ? tr("nothing") : suspicionText(audit.findings.front().kind);
        default:
            return audit.findings.size() > 1 ? tr("+%1").arg(audit.findings.size() - 1) : QString();
        }
    case Qt::ToolTipRole:
        return index.column() == Layer || audit.findings.empty()
                   ? layerName(audit.layer)
                   : QString::fromStdString(audit.findings.front().sentence);
    case Qt::TextAlignmentRole:
        return QVariant(Qt::AlignVCenter | (isNumber ? Qt::AlignRight : Qt::AlignLeft));
    case Qt::ForegroundRole:
        if (index.column() == Layer)
            return {};
        return index.column() == Features || audit.findings.empty() ? colors().mutedText : colors().warningText;
    default:
        return {};
    }
}

QVariant AuditModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignVCenter
                        | (section == Features || section == Findings ? Qt::AlignRight : Qt::AlignLeft));
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Layer"), tr("Features"), tr("Suspicious"), tr("More")};
    return titles[section];
}

}  // namespace bnstudio
