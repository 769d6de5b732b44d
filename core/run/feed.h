// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

namespace bnstudio {

/// What a lane of dtype @p dtype sees of @p batch through a feed of kind Whole, Rows, Groups (all groups together) or
/// AxisRoles: @p batch itself where nothing changes, else @p storage, filled. A lane that is fed by another lane passes
/// that lane's output as @p batch. Rows beyond the batch are left out, as a slice does in PyTorch; AxisRoles leaves
/// rank-2 batches alone.
const Tensor& feedOf(const Feed& feed, const Tensor& batch, DType dtype, Tensor& storage);

/// Samples first … first + count − 1.
void copyRows(const Tensor& batch, std::int64_t first, std::int64_t count, Tensor& out);
/// Stores @p rows as samples first … of @p out, which has the right size.
void pasteRows(const Tensor& rows, std::int64_t first, Tensor& out);

}  // namespace bnstudio
