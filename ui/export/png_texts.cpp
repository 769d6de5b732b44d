// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/png_texts.h"

#include "core/error.h"
#include "core/io/crc32.h"
#include "core/io/input_file.h"

#include <zlib.h>

#include <QtEndian>

namespace bnstudio {

namespace {

// Written figures have a handful of chunks before their pixels.
constexpr int mostChunks = 1000;
constexpr std::uint64_t signatureBytes = 8, frameBytes = 12;  // length, type, checksum

QByteArray bytesAt(const InputFile& file, std::uint64_t offset, std::uint64_t count) {
    QByteArray bytes(static_cast<qsizetype>(count), Qt::Uninitialized);
    file.readAt(offset, std::as_writable_bytes(std::span(bytes.data(), static_cast<std::size_t>(bytes.size()))));
    return bytes;
}

[[noreturn]] void refuseText(const InputFile& file, const QByteArray& name, const std::string& reason) {
    refuse(file.label(), "the text " + inQuotes(name.toStdString()) + " in it " + reason);
}

QByteArray inflated(const InputFile& file, const QByteArray& name, QByteArrayView packed) {
    z_stream stream{};
    if (inflateInit(&stream) != Z_OK)
        refuseText(file, name, "could not be unpacked");
    // zlib does not change its input; its interface is older than const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    QByteArray text;
    int result = Z_OK;
    while (result == Z_OK && text.size() <= FigureTexts::longest) {
        constexpr qsizetype block = 64 << 10;
        const qsizetype before = text.size();
        text.resize(before + block);
        stream.next_out = reinterpret_cast<Bytef*>(text.data() + before);
        stream.avail_out = block;
        result = inflate(&stream, Z_NO_FLUSH);
        text.resize(before + block - static_cast<qsizetype>(stream.avail_out));
    }
    inflateEnd(&stream);
    if (text.size() > FigureTexts::longest)
        refuseText(file, name, "is longer than 16 MiB, which no figure carries");
    if (result != Z_STREAM_END)
        refuseText(file, name, "is damaged: it cannot be unpacked");
    return text;
}

/// Behind the name: how the chunk's type stores the text.
QByteArray textOf(const InputFile& file, const QByteArray& type, const QByteArray& name, QByteArrayView rest) {
    if (type == "tEXt")
        return QString::fromLatin1(rest).toUtf8();
    if (type == "zTXt")
        return rest.isEmpty() ? QByteArray() : QString::fromLatin1(inflated(file, name, rest.sliced(1))).toUtf8();
    // iTXt: two bytes about compression, a language and a translated name, each ended by a zero.
    const qsizetype language = rest.size() < 2 ? -1 : rest.indexOf('\0', 2);
    const qsizetype translated = language < 0 ? -1 : rest.indexOf('\0', language + 1);
    if (translated < 0)
        refuseText(file, name, "is damaged: its chunk ends too early");
    const QByteArrayView text = rest.sliced(translated + 1);
    return rest[0] == 0 ? text.toByteArray() : inflated(file, name, text);
}

void take(const InputFile& file, const QByteArray& type, const QByteArray& content, FigureTexts& texts) {
    const qsizetype end = content.indexOf('\0');
    const QByteArray name = content.left(std::max<qsizetype>(end, 0));
    QByteArray* text = name == FigureTexts::recipeName ? &texts.recipe
                       : name == FigureTexts::viewName ? &texts.view
                                                       : nullptr;
    if (text)
        *text = textOf(file, type, name, QByteArrayView(content).sliced(end + 1));
}

void checkSum(const InputFile& file, const QByteArray& type, const QByteArray& content, std::uint32_t expected) {
    const auto bytes = [](const QByteArray& text) {
        return std::as_bytes(std::span(text.constData(), static_cast<std::size_t>(text.size())));
    };
    if (crc32(crc32(0, bytes(type)), bytes(content)) != expected)
        refuse(file.label(), "a text in it is damaged: its checksum is wrong");
}

}  // namespace

FigureTexts pngTexts(const InputFile& file) {
    FigureTexts texts;
    std::uint64_t place = signatureBytes;
    for (int chunk = 0; chunk < mostChunks && place + frameBytes <= file.size(); ++chunk) {
        const QByteArray head = bytesAt(file, place, 8);
        const std::uint64_t length = qFromBigEndian<quint32>(head.constData());
        const QByteArray type = head.mid(4);
        if (length > file.size() - place - frameBytes)
            refuse(file.label(), "is cut off or no PNG: a chunk at byte " + std::to_string(place)
                                     + " ends behind the end of the file");
        if (type == "IDAT" || type == "IEND")
            break;
        if (type == "tEXt" || type == "zTXt" || type == "iTXt") {
            constexpr std::uint64_t names = 1 << 10;
            const QByteArray start = bytesAt(file, place + 8, std::min(length, names));
            if (start.startsWith("bnstudio-")) {
                if (length > static_cast<std::uint64_t>(FigureTexts::longest) + names)
                    refuse(file.label(), "a text in it is longer than 16 MiB, which no figure carries");
                const QByteArray content = bytesAt(file, place + 8, length);
                const QByteArray sum = bytesAt(file, place + 8 + length, 4);
                checkSum(file, type, content, qFromBigEndian<quint32>(sum.constData()));
                take(file, type, content, texts);
            }
        }
        place += frameBytes + length;
    }
    return texts;
}

}  // namespace bnstudio
