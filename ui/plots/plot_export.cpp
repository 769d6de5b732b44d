// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/plot_export.h"

#include "core/error.h"

#include <QBuffer>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPdfWriter>
#include <QSaveFile>
#include <QScreen>
#include <QSvgGenerator>

namespace bnstudio {

namespace {

double screenDpi() {
    const QScreen* screen = QGuiApplication::primaryScreen();
    return screen ? screen->logicalDotsPerInchX() : 96.0;
}

QByteArray pngBytes(QCustomPlot& plot, const PlotFile& file) {
    QImage image = plot.toPixmap(file.size.width(), file.size.height(), file.pngScale).toImage();
    image.setDevicePixelRatio(1);
    const int dotsPerMetre = qRound(pixelsPerMm() * 1000 * file.pngScale);
    image.setDotsPerMeterX(dotsPerMetre);
    image.setDotsPerMeterY(dotsPerMetre);
    image.setText(QStringLiteral("Title"), file.title);
    image.setText(QStringLiteral("bnstudio-recipe"), file.recipeJson);
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return buffer.data();
}

void paintVector(QCustomPlot& plot, QPaintDevice& device, QSize size) {
    QCPPainter painter;
    painter.begin(&device);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, size.width(), size.height());
    painter.end();
}

QByteArray svgBytes(QCustomPlot& plot, const PlotFile& file) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setResolution(qRound(screenDpi()));
        generator.setSize(file.size);
        generator.setViewBox(QRect(QPoint(0, 0), file.size));
        generator.setTitle(file.title.toHtmlEscaped());
        paintVector(plot, generator, file.size);
    }
    // QSvgGenerator has no place for metadata; it goes behind the title.
    QByteArray svg = buffer.data();
    const QByteArray metadata =
        "<metadata id=\"bnstudio-recipe\">" + file.recipeJson.toHtmlEscaped().toUtf8() + "</metadata>\n";
    const qsizetype titleEnd = svg.indexOf("</title>");
    const qsizetype rootEnd = svg.indexOf('>', svg.indexOf("<svg"));
    svg.insert(titleEnd >= 0 ? titleEnd + 8 : rootEnd + 1, "\n" + metadata);
    return svg;
}

QByteArray pdfBytes(QCustomPlot& plot, const PlotFile& file) {
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    {
        QPdfWriter writer(&buffer);
        writer.setTitle(file.title);
        writer.setCreator(QStringLiteral("BatchNorm1d Studio"));
        const QSizeF mm = file.sizeMm.isEmpty() ? QSizeF(file.size) / pixelsPerMm() : file.sizeMm;
        writer.setPageLayout(QPageLayout(QPageSize(mm, QPageSize::Millimeter, QString(), QPageSize::ExactMatch),
                                         QPageLayout::Portrait, QMarginsF()));
        writer.setResolution(qRound(screenDpi()));
        writer.addFileAttachment(QStringLiteral("recipe.json"), file.recipeJson.toUtf8(),
                                 QStringLiteral("application/json"));
        paintVector(plot, writer, file.size);
    }
    return buffer.data();
}

}  // namespace

double pixelsPerMm() {
    return screenDpi() / 25.4;
}

void exportPlot(QCustomPlot& plot, const PlotFile& file) {
    const QString ending = QFileInfo(file.path).suffix().toLower();
    if (ending != u"png" && ending != u"svg" && ending != u"pdf")
        throw Error(ErrorCode::Usage,
                    "a figure's file name should end in .png, .svg or .pdf, not \"" + file.path.toStdString() + "\"");
    const QByteArray bytes = ending == u"png"   ? pngBytes(plot, file)
                             : ending == u"svg" ? svgBytes(plot, file)
                                                : pdfBytes(plot, file);
    QSaveFile target(file.path);
    if (!target.open(QIODevice::WriteOnly) || target.write(bytes) != bytes.size() || !target.commit())
        throw Error(ErrorCode::WriteFailed, file.path.toStdString() + ": the figure could not be written: "
                                                + target.errorString().toStdString());
}

FigureHeader::FigureHeader(QCustomPlot& plot, const QString& title, std::vector<LegendEntry> legend,
                           const Palette& palette, const QFont& font)
    : QCPLayoutElement(&plot),
      m_title(title),
      m_legend(std::move(legend)),
      m_palette(palette),
      m_titleFont(font),
      m_font(font) {
    m_titleFont.setWeight(QFont::DemiBold);
    setMinimumMargins(QMargins(0, 0, 0, 0));
}

bool FigureHeader::needsTwoLines() const {
    int legendWidth = 0;
    for (const LegendEntry& entry : m_legend)
        legendWidth += QFontMetrics(m_font).horizontalAdvance(entry.text) + 30;
    return QFontMetrics(m_titleFont).horizontalAdvance(m_title) + legendWidth + 16 > mParentPlot->viewport().width();
}

QSize FigureHeader::minimumOuterSizeHint() const {
    const int line = QFontMetrics(m_titleFont).height() + 2;
    return {40, needsTwoLines() ? 2 * line : line};
}

QSize FigureHeader::maximumOuterSizeHint() const {
    return {QWIDGETSIZE_MAX, minimumOuterSizeHint().height()};
}

void FigureHeader::draw(QCPPainter* painter) {
    const int line = QFontMetrics(m_titleFont).height() + 2;
    const QRect area = mRect.adjusted(6, 2, -6, 0);
    painter->setFont(m_titleFont);
    painter->setPen(m_palette.text);
    painter->drawText(QRect(area.left(), area.top(), area.width(), line), Qt::AlignLeft | Qt::AlignVCenter,
                      QFontMetrics(m_titleFont).elidedText(m_title, Qt::ElideRight, area.width()));
    paintLegend(*painter, QRect(area.left(), area.top() + (needsTwoLines() ? line : 0), area.width(), line), m_legend,
                m_font);
}

}  // namespace bnstudio
