// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/figure_file.h"

#include "core/error.h"
#include "core/io/input_file.h"
#include "ui/export/figure_xml.h"
#include "ui/export/png_texts.h"

#include <QFile>
#include <QFileInfo>

namespace bnstudio {

namespace {

enum class Kind { None, Png, Svg, Pdf };

Kind kindOf(QByteArray start) {
    if (start.startsWith("\x89PNG\r\n\x1a\n"))
        return Kind::Png;
    if (start.startsWith("%PDF-"))
        return Kind::Pdf;
    if (start.startsWith("\xEF\xBB\xBF"))
        start.remove(0, 3);
    start = start.trimmed();
    return start.startsWith('<') && start.contains("<svg") ? Kind::Svg : Kind::None;
}

Kind kindOfFile(const QString& path) {
    // A pipe or a device would wait for a writer.
    QFile file(path);
    return QFileInfo(path).isFile() && file.open(QIODevice::ReadOnly) ? kindOf(file.read(4096)) : Kind::None;
}

/// The start of the file: figures have their texts in front of the drawing.
QByteArray startOf(const InputFile& file) {
    constexpr std::uint64_t most = std::uint64_t{24} << 20;
    QByteArray start(static_cast<qsizetype>(std::min(file.size(), most)), Qt::Uninitialized);
    file.readAt(0, std::as_writable_bytes(std::span(start.data(), static_cast<std::size_t>(start.size()))));
    return start;
}

}  // namespace

bool isPicture(const QString& path) {
    return kindOfFile(path) != Kind::None;
}

FigureRecipe readFigure(const QString& path, const std::stop_token& stop) {
    const InputFile file{std::filesystem::path(path.toStdString())};
    FigureTexts texts;
    switch (kindOfFile(path)) {
    case Kind::Png:
        texts = pngTexts(file);
        break;
    case Kind::Svg:
        texts = svgTexts(startOf(file), file.label(), stop);
        break;
    case Kind::Pdf:
        texts = pdfTexts(startOf(file), file.label(), stop);
        break;
    case Kind::None:
        break;
    }
    if (texts.isEmpty())
        refuse(file.label(), "there is no recipe in this picture; pictures that this program saved carry one");
    return figureRecipeFrom(texts, path);
}

}  // namespace bnstudio
