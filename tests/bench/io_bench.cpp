// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/npz_writer.h"
#include "core/io/safetensors_writer.h"
#include "core/io/tensor_file.h"

#include <benchmark/benchmark.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace bnstudio;

namespace {

/// A folder of its own for the files that are read, removed at the end of the program.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "bnstudio_bench.XXXXXX").string();
        if (!mkdtemp(name.data()))
            std::abort();
        m_path = name;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path file(const std::string& name) const { return m_path / name; }

private:
    std::filesystem::path m_path;
};

const Folder& folder() {
    static const Folder made;
    return made;
}

constexpr std::int64_t columns = 256, batchRows = 4096;

/// Numbers with as many digits as measurements have.
Tensor measurements(std::int64_t rows) {
    Tensor tensor(DType::Float32, {rows, columns});
    std::uint32_t state = 1;
    for (float& value : tensor.values<float>()) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<float>(state >> 8) * 0x1p-20F - 8.0F;
    }
    return tensor;
}

std::filesystem::path npyFile(std::int64_t rows) {
    const std::filesystem::path path = folder().file(std::to_string(rows) + ".npy");
    if (!std::filesystem::exists(path))
        std::ofstream(path, std::ios::binary) << npyBytes(measurements(rows));
    return path;
}

std::filesystem::path safetensorsFile(std::int64_t rows) {
    const std::filesystem::path path = folder().file(std::to_string(rows) + ".safetensors");
    if (!std::filesystem::exists(path)) {
        SafetensorsWriter writer(path);
        writer.add("x", measurements(rows));
        writer.commit();
    }
    return path;
}

std::filesystem::path csvFile(std::int64_t rows) {
    const std::filesystem::path path = folder().file(std::to_string(rows) + ".csv");
    if (std::filesystem::exists(path))
        return path;
    const Tensor tensor = measurements(rows);
    std::string text;
    char digits[32];
    for (std::int64_t i = 0; i < tensor.size(); ++i) {
        const auto end =
            std::to_chars(digits, digits + sizeof digits, tensor.values<float>()[static_cast<std::size_t>(i)]);
        text.append(digits, end.ptr);
        text += (i + 1) % columns == 0 ? '\n' : ',';
    }
    std::ofstream(path, std::ios::binary) << text;
    return path;
}

void countBytes(benchmark::State& state, const std::filesystem::path& path) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(path)));
}

/// Opens the file and reads it in batches into the same tensor, as a run does.
void readInBatches(benchmark::State& state, const std::filesystem::path& path) {
    Tensor batch;
    for (auto _ : state) {
        const TensorFile file = openTensorFile(path);
        const LazyTensor& tensor = *file.tensors.front();
        const std::int64_t rows = tensor.shape()[0];
        for (std::int64_t first = 0; first < rows; first += batchRows) {
            tensor.readRows(first, std::min(batchRows, rows - first), batch);
            benchmark::DoNotOptimize(batch.bytes());
        }
    }
    countBytes(state, path);
}

/// The measure for the others: what the system needs to read the file and write it elsewhere.
void copyFile(benchmark::State& state, const std::filesystem::path& path) {
    const std::filesystem::path copy = folder().file("copy");
    for (auto _ : state)
        std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    countBytes(state, path);
}

[[maybe_unused]] const bool isRegistered = [] {
    for (const std::int64_t rows : {std::int64_t{4096}, std::int64_t{65536}}) {
        const std::string suffix = "/" + std::to_string(rows * columns * 4 >> 20) + "MiB";
        benchmark::RegisterBenchmark(("copy_file" + suffix).c_str(),
                                     [rows](benchmark::State& state) { copyFile(state, npyFile(rows)); });
        benchmark::RegisterBenchmark(("read_npy" + suffix).c_str(),
                                     [rows](benchmark::State& state) { readInBatches(state, npyFile(rows)); });
        benchmark::RegisterBenchmark(("read_safetensors" + suffix).c_str(),
                                     [rows](benchmark::State& state) { readInBatches(state, safetensorsFile(rows)); });
    }
    for (const std::int64_t rows : {std::int64_t{4096}, std::int64_t{16384}})
        benchmark::RegisterBenchmark(("read_csv/" + std::to_string(rows) + "x" + std::to_string(columns)).c_str(),
                                     [rows](benchmark::State& state) { readInBatches(state, csvFile(rows)); });
    return true;
}();

}  // namespace
