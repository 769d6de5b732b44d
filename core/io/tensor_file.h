// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/tensor/tensor.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace bnstudio {

/// A named tensor of a file whose values are read on demand. Immutable and safe to read from several threads.
class LazyTensor {
public:
    virtual ~LazyTensor() = default;
    virtual const std::string& name() const = 0;
    virtual DType dtype() const = 0;
    virtual const Dims& shape() const = 0;  ///< logical shape, whatever the order in the file
    virtual bool fortranOrder() const { return false; }
    /// Reads whole slices along the first axis: @p out gets shape (count, rest…), the file's dtype converted to
    /// native byte order. Throws Error(BadInput) when the file has become shorter.
    virtual void readRows(std::int64_t first, std::int64_t count, Tensor& out) const = 0;
    /// Reads the elements begin … begin + length − 1 of each of these rows, counted within the row in C order: @p out
    /// gets shape (count, length). For arrays whose samples are not the first axis. Rank 1 or more.
    virtual void readColumns(std::int64_t first, std::int64_t count, std::int64_t begin, std::int64_t length,
                             Tensor& out) const;
    /// All values; for rank 0 too.
    Tensor read() const;
};

/// An object of a pickle that was not built, because its class or function is not one of those that are known.
struct RefusedObject {
    std::string where;   ///< dotted path inside the pickle, such as "optimizer.state"; empty: the whole
    std::string global;  ///< what the pickle wanted to import, such as "os.system"
};

/// A class or function that a pickle names.
struct PickledName {
    std::string name;      ///< "torch._utils._rebuild_tensor_v2"
    bool refused = false;  ///< not one of those that are known
};

/// An entry of a pickle that is neither a tensor nor a container.
struct OtherValue {
    std::string name, type;  ///< dotted path; "int", "str", "NoneType", …
};

/// What a file holds. A reader validates headers and sizes before it allocates; every message starts with the file
/// name and says the place and what was expected.
struct TensorFile {
    std::filesystem::path path;
    std::string format;                                      ///< "npy", "npz", "safetensors", "pt", "csv"
    std::vector<std::shared_ptr<const LazyTensor>> tensors;  ///< file order
    std::vector<std::string> notes;                          ///< what the load did or what looks suspicious
    std::vector<std::string> columns;                        ///< csv: the names of the columns of "data", unique
    /// npz: members that are one text (NumPy's str, no axes), such as a trace's "meta"; name and UTF-8 text.
    std::vector<std::pair<std::string, std::string>> texts;
    std::vector<RefusedObject> refused;  ///< .pt: nothing was imported or called; tensors that need one are not listed
    std::vector<PickledName> globals;    ///< .pt: all that the pickle names
    std::vector<OtherValue> others;      ///< .pt: the first 10,000 of them
    /// .pt: `_metadata[module]["version"]` of a state dict, by module ("" or "net.1").
    std::map<std::string, int> moduleVersions;
    std::shared_ptr<const LazyTensor> find(const std::string& name) const;
};

/// Tells how far a long load is, in [0, 1].
using Progress = std::function<void(double)>;

/// Opens any known format; the content decides, then the extension. An unknown one: Error(BadInput)
/// "FILE: not a format I know; known are …". CSV is parsed at once (its columns without text, rows as samples,
/// tensor name "data" of shape (rows, columns), Float64).
TensorFile openTensorFile(const std::filesystem::path& path, const Progress& progress = {}, std::stop_token stop = {});

/// Names of the formats openTensorFile knows, for messages and file dialogs: {"npy", "*.npy"}, …
struct FormatName {
    std::string name, pattern;
};
const std::vector<FormatName>& knownFormats();

/// The numbered family of a name in numeric order: "x" finds x.0, x.1, …, also x_0, x0, with leading zeros; a tensor of
/// exactly that name comes alone. Empty when there is neither.
std::vector<std::shared_ptr<const LazyTensor>> selectFamily(const TensorFile& file, const std::string& name);

/// "FILE::NAME" split at the last "::"; the name is empty when there is none.
struct FileArgument {
    std::filesystem::path path;
    std::string name;
};
FileArgument parseFileArgument(const std::string& text);

/// Values typed or pasted: a table (comma, semicolon, tab or blanks), a nested list, or the text `tensor([[…]])`.
/// Float64, rank 2 or 3. Throws Error(BadInput) with line and column.
Tensor parsePastedTensor(const std::string& text);

}  // namespace bnstudio
