// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/picture_file.h"

#include "core/error.h"
#include "core/io/atomic_file.h"
#include "ui/export/figure_xml.h"

#include <QBuffer>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPdfWriter>
#include <QScreen>
#include <QSvgGenerator>

#include <algorithm>

namespace bnstudio {

namespace {

double screenDpi() {
    const QScreen* screen = QGuiApplication::primaryScreen();
    return screen ? screen->logicalDotsPerInchX() : 96.0;
}

QString endingOf(const QString& path) {
    return QFileInfo(path).suffix().toLower();
}

QByteArray pngBytes(const PictureFile& file, const FigureTexts& texts, const Drawing& drawing) {
    if (std::max(file.pixels.width(), file.pixels.height()) > mostPictureEdge)
        throw Error(ErrorCode::Usage, "a PNG's edges have at most " + std::to_string(mostPictureEdge) + " pixels, not "
                                          + std::to_string(file.pixels.width()) + "x"
                                          + std::to_string(file.pixels.height()));
    QImage image = drawing.image(file.size, file.pixels);
    image.setDevicePixelRatio(1);
    image.setDotsPerMeterX(qRound(file.pixels.width() / file.sizeMm.width() * 1000));
    image.setDotsPerMeterY(qRound(file.pixels.height() / file.sizeMm.height() * 1000));
    image.setText(QStringLiteral("Title"), file.title);
    if (!texts.isEmpty()) {
        image.setText(QLatin1String(FigureTexts::recipeName), QString::fromUtf8(texts.recipe));
        image.setText(QLatin1String(FigureTexts::viewName), QString::fromUtf8(texts.view));
    }
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    constexpr int smallest = 0;  // of the qualities: the most work for the compression, which loses nothing
    image.save(&buffer, "PNG", smallest);
    return buffer.data();
}

QByteArray svgBytes(const PictureFile& file, const FigureTexts& texts, const Drawing& drawing) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setResolution(qRound(screenDpi()));
        generator.setSize((file.sizeMm * pixelsPerMm()).toSize());
        generator.setViewBox(QRect(QPoint(0, 0), file.size));
        generator.setTitle(file.title.toHtmlEscaped());
        drawing.vectors(generator, file.size, 1);
    }
    QByteArray svg = buffer.data();
    if (texts.isEmpty())
        return svg;
    // QSvgGenerator has no place for metadata; they go behind the title.
    const QByteArray end("</title>");
    const qsizetype titleEnd = svg.indexOf(end);
    const qsizetype rootEnd = svg.indexOf('>', svg.indexOf("<svg")) + 1;
    svg.insert(titleEnd >= 0 ? titleEnd + end.size() : rootEnd, "\n" + svgMetadata(texts));
    return svg;
}

QByteArray pdfBytes(const PictureFile& file, const FigureTexts& texts, const Drawing& drawing) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setTitle(file.title);
        writer.setCreator(QStringLiteral("BatchNorm1d Studio"));
        writer.setPageLayout(
            QPageLayout(QPageSize(file.sizeMm, QPageSize::Millimeter, QString(), QPageSize::ExactMatch),
                        QPageLayout::Portrait, QMarginsF()));
        writer.setResolution(qRound(screenDpi()));
        if (!texts.isEmpty()) {
            writer.setDocumentXmpMetadata(xmpPacket(texts, file.title));
            writer.addFileAttachment(QStringLiteral("recipe.json"), texts.recipe, QStringLiteral("application/json"));
        }
        drawing.vectors(writer, file.size, file.sizeMm.width() * pixelsPerMm() / file.size.width());
    }
    return buffer.data();
}

}  // namespace

double pixelsPerMm() {
    return screenDpi() / 25.4;
}

PictureFile PictureFile::ofSize(const QString& path, QSize size, double pngScale) {
    PictureFile file;
    file.path = path;
    file.size = size;
    file.pixels = (QSizeF(size) * pngScale).toSize();
    file.sizeMm = QSizeF(size) / pixelsPerMm();
    return file;
}

void requirePictureName(const QString& path) {
    const QString ending = endingOf(path);
    if (ending != u"png" && ending != u"svg" && ending != u"pdf")
        throw Error(ErrorCode::Usage,
                    "a picture's file name should end in .png, .svg or .pdf, not \"" + path.toStdString() + "\"");
}

bool writePicture(const PictureFile& file, const Drawing& drawing) {
    requirePictureName(file.path);
    AtomicFile target(file.path.toStdString());  // the place must be writable before the work is done
    const FigureTexts texts = file.carriesOrigin ? textsOf(file.origin, file.path) : FigureTexts{};
    const QString ending = endingOf(file.path);
    const QByteArray bytes = ending == u"png"   ? pngBytes(file, texts, drawing)
                             : ending == u"svg" ? svgBytes(file, texts, drawing)
                                                : pdfBytes(file, texts, drawing);
    target.write(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    target.commit();
    return !texts.isEmpty() || !file.carriesOrigin;
}

}  // namespace bnstudio
