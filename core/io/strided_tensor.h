// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/io/tensor_file.h"

#include <memory>
#include <string>

namespace bnstudio {

/// Where the elements of a tensor lie in its storage, counted in elements.
struct StridedLayout {
    DType dtype = DType::Float32;
    Dims shape, strides;
    std::int64_t offset = 0;
    bool bigEndian = false;
};

/// A view of a storage: of all or a part of it, transposed, with steps, or the same elements again and again.
class StridedTensor : public LazyTensor {
public:
    /// @p file starts every message. Throws Error(BadInput) for negative dimensions, strides or
    /// offsets, and for a view that is not entirely inside the storage's bytes.
    StridedTensor(std::string name, std::shared_ptr<const std::string> file, StridedLayout layout,
                  std::shared_ptr<const ByteSource> storage);

    const std::string& name() const override { return m_name; }
    DType dtype() const override { return m_layout.dtype; }
    const Dims& shape() const override { return m_layout.shape; }
    void readRows(std::int64_t first, std::int64_t count, Tensor& out) const override;

    /// Bytes that read() gives beyond the storage's own; more than 0 when elements are repeated.
    std::int64_t repeatedBytes() const;

private:
    std::string where() const;

    std::string m_name;
    std::shared_ptr<const std::string> m_file;
    StridedLayout m_layout;
    std::shared_ptr<const ByteSource> m_storage;
};

}  // namespace bnstudio
