// SPDX-License-Identifier: GPL-3.0-or-later
// The one reader of foreign bytes that lives in ui: the recipe in a picture that is dropped on the window.
#include "core/error.h"
#include "core/io/crc32.h"
#include "fuzz/bytes_as_file.h"
#include "ui/export/figure_file.h"

#include <QString>
#include <QtEndian>

namespace bnstudio::fuzz {

namespace {

constexpr std::size_t signatureBytes = 8, headBytes = 8, sumBytes = 4;

/// A PNG whose chunks have right checksums, so that changed texts get past them; other bytes as they are.
std::vector<std::byte> withRightChecksums(Bytes input) {
    std::vector<std::byte> bytes(input.begin(), input.end());
    for (std::size_t place = signatureBytes; place + headBytes + sumBytes <= bytes.size();) {
        const std::size_t length = qFromBigEndian<quint32>(bytes.data() + place);
        if (length > bytes.size() - place - headBytes - sumBytes)
            break;
        const Bytes content(bytes.data() + place + sumBytes, length + headBytes - sumBytes);
        qToBigEndian<quint32>(crc32(0, content), bytes.data() + place + headBytes + length);
        place += headBytes + length + sumBytes;
    }
    return bytes;
}

void readOnce(Bytes input) {
    const BytesAsFile memory(input);
    try {
        const FigureRecipe figure = readFigure(QString::fromStdString(memory.path().string()));
        require(figure.step >= -1 && figure.steps > figure.step && figure.channel >= 0, "a view of the run");
        require(toJson(recipeFromJson(toJson(figure.recipe))) == toJson(figure.recipe), "a recipe");
    } catch (const Error& error) {
        const std::string message = error.what();
        require(!message.empty() && message.find('\n') == std::string::npos && message.size() < 2000, "one sentence");
    }
}

}  // namespace

void figure(Bytes input) {
    readOnce(input);
    const std::vector<std::byte> repaired = withRightChecksums(input);
    if (!std::equal(repaired.begin(), repaired.end(), input.begin(), input.end()))
        readOnce(repaired);
}

}  // namespace bnstudio::fuzz
