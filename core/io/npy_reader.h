// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/input_file.h"
#include "core/io/npy_header.h"
#include "core/io/row_access.h"
#include "core/io/tensor_file.h"

#include <memory>
#include <string>

namespace bnstudio {

/// The array of a .npy file or of a .npz member, with positioned reads of the rows that are asked for.
class NpyTensor : public LazyTensor {
public:
    /// @p where starts every message: the file name, and the member if there is one. Throws Error(BadInput) when the
    /// elements are of a kind that is not read, or when the data is not as long as the shape says.
    NpyTensor(std::string name, std::string where, NpyHeader header, std::shared_ptr<const ByteSource> source);

    const std::string& name() const override { return m_name; }
    DType dtype() const override { return *m_header.dtype; }
    const Dims& shape() const override { return m_header.shape; }
    bool fortranOrder() const override { return m_header.fortranOrder; }
    void readRows(std::int64_t first, std::int64_t count, Tensor& out) const override;
    void readColumns(std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t length,
                     Tensor& out) const override;

private:
    StoredArray inCOrder() const { return {dtype(), shape(), m_header.dataOffset, m_header.bigEndian}; }
    void readFortranColumns(std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t length,
                            Tensor& out) const;
    void readFortranRows(std::int64_t first, std::int64_t count, Tensor& out) const;
    void readFortranPiece(std::int64_t first, std::int64_t count, std::int64_t outRow, Tensor& out) const;

    std::string m_name;
    std::string m_where;
    NpyHeader m_header;
    std::shared_ptr<const ByteSource> m_source;
};

/// Opens a .npy file; its one tensor has the name of the file without the extension.
TensorFile openNpy(const std::filesystem::path& path);

}  // namespace bnstudio
