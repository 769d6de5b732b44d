// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/file_fingerprint.h"

#include <sys/stat.h>

#include <array>
#include <fstream>
#include <span>

namespace bnstudio {

namespace {

constexpr std::uint64_t sampleBytes = 4096, samples = 64;

class Fnv1a {
public:
    void add(std::span<const char> bytes) {
        for (const char byte : bytes)
            m_state = (m_state ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
    }
    std::string hex() const {
        constexpr const char* digits = "0123456789abcdef";
        std::string text;
        for (int shift = 60; shift >= 0; shift -= 4)
            text += digits[(m_state >> shift) & 15U];
        return text;
    }

private:
    std::uint64_t m_state = 0xCBF29CE484222325ULL;
};

}  // namespace

FileFingerprint fingerprintOf(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))  // opening a pipe would wait for a writer
        return {};
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return {};
    FileFingerprint result{static_cast<std::uint64_t>(status.st_size), status.st_mtime, {}};
    Fnv1a hash;
    const std::string size = std::to_string(result.size);
    hash.add(size);
    // Small files are read whole; of large ones the first and the last sample touch both ends.
    const bool whole = result.size <= sampleBytes * samples;
    const std::uint64_t count = whole ? (result.size + sampleBytes - 1) / sampleBytes : samples;
    const std::uint64_t last = result.size > sampleBytes ? result.size - sampleBytes : 0;
    std::array<char, sampleBytes> buffer{};
    for (std::uint64_t i = 0; i < count; ++i) {
        file.clear();
        file.seekg(static_cast<std::streamoff>(whole ? i * sampleBytes : last / (samples - 1) * i));
        if (i + 1 == count && !whole)
            file.seekg(static_cast<std::streamoff>(last));
        file.read(buffer.data(), static_cast<std::streamsize>(sampleBytes));
        hash.add(std::span<const char>(buffer.data(), static_cast<std::size_t>(file.gcount())));
    }
    result.hash = hash.hex();
    return result;
}

}  // namespace bnstudio
