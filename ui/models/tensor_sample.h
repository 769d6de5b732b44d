// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_file.h"
#include "ui/session/session.h"

#include <stop_token>

namespace bnstudio {

/// A look into a tensor: its first values as a table, and how the values at its beginning are distributed.
struct TensorSample {
    QStringList columns, rows;
    std::vector<double> values;  ///< row after row
    QString caption;             ///< what the table shows and what the histogram is of
    Histogram histogram;
};

/// Reads a bounded part. Throws Error(BadInput) when a single slice of the tensor is larger than a batch may be.
TensorSample sampleOf(const LazyTensor& tensor, const std::stop_token& stop);

}  // namespace bnstudio
