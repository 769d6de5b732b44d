// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/flow/flow_figure.h"

#include "core/error.h"
#include "ui/export/picture_file.h"
#include "ui/flow/flow_painter.h"
#include "ui/flow/heat_picture.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace bnstudio {

namespace {

constexpr double vectorRatio = 4;  // pixels of a heat map in a vector file for each logical one
constexpr double titleShare = 1.2;

std::string sizeText(QSizeF mm) {
    const auto number = [](double value) { return QString::number(value, 'g', 4).toStdString(); };
    return number(mm.width()) + "x" + number(mm.height()) + "mm";
}

class FlowDrawing {
public:
    explicit FlowDrawing(const FigureRequest& request) : m_request(request) {
        FlowSource source;
        source.frame = request.frame;
        source.lane = request.lane;
        source.phase = phasesOf(*request.lane).back();
        source.unfolded = unfoldedAtFirst(FlowMatrix::of(request.frame->x.shape()), 0);
        m_content = flowContent(source);
        m_look.palette = Theme::paletteOf(false);
        m_look.palette.panel = Qt::white;
        m_look.small = Theme::instance().textFont();
        m_look.small.setPointSizeF(request.fontPoints);
        m_look.title = Theme::instance().boldFont();
        m_look.title.setPointSizeF(request.fontPoints * titleShare);
        m_look.selected = {0, request.channels.front(), 0};
        m_look.hint =
            QCoreApplication::translate("Flow", "step %1, channel %2").arg(request.step).arg(request.channels.front());
    }

    const QString& title() const { return m_look.hint; }

    QSize leastSize() const { return FlowGeometry::leastSize(frameFor({})); }

    void paint(QPainter& painter, QSize size, double ratio) {
        const FlowGeometry geometry(frameFor(size));
        for (std::size_t i = 0; i < 3; ++i)
            takePicture(i, geometry, ratio);
        paintFlow({painter, m_content, geometry, m_look});
    }

private:
    FlowFrame frameFor(QSize size) const { return flowFrame(m_content, {}, size, m_look.small, m_look.title); }

    void takePicture(std::size_t place, const FlowGeometry& geometry, double ratio) {
        const FlowMapContent& map = m_content.maps[place];
        if (!map.isShown())
            return;
        const QSize cells = geometry.maps()[place].cells.size();
        const BinGrid grid =
            BinGrid::fitting(geometry.frame().matrix, geometry.frame().window, cells.width(), cells.height());
        const BinnedMap bins = binFrame(*m_content.frame, std::array{map.map}, grid).front();
        m_look.areExact[place] = grid.isExact();
        m_look.notFinite[place] = notFiniteOf(bins);
        m_look.pictures[place] = heatPicture(bins, {cells, ratio, map.limit, false});
    }

    const FigureRequest& m_request;
    FlowContent m_content;
    FlowLook m_look;
};

void check(const FigureRequest& request) {
    if (!request.frame || !request.lane || FlowMatrix::of(request.frame->x.shape()).isEmpty())
        throw Error(ErrorCode::Usage, "there is nothing to draw: the step has no values");
    const std::int64_t channels = request.frame->x.shape()[1];
    if (request.channels.empty())
        throw Error(ErrorCode::Usage, "a figure needs at least one channel");
    if (request.channels.front() < 0 || request.channels.front() >= channels)
        throw Error(ErrorCode::Usage, "channel " + std::to_string(request.channels.front())
                                          + " does not exist: the run has " + std::to_string(channels)
                                          + " channels, numbered from 0");
}

void checkSize(const FigureRequest& request, QSize least) {
    const QSizeF mm = QSizeF(least) / pixelsPerMm();
    if (request.sizeMm.width() >= mm.width() && request.sizeMm.height() >= mm.height())
        return;
    const QSizeF needed(std::max(request.sizeMm.width(), std::ceil(mm.width())),
                        std::max(request.sizeMm.height(), std::ceil(mm.height())));
    throw Error(ErrorCode::Usage, "--figure-size: a figure of " + sizeText(request.sizeMm) + " with text of "
                                      + QString::number(request.fontPoints, 'g', 4).toStdString()
                                      + " points needs at least " + sizeText(needed));
}

}  // namespace

bool saveFlowFigure(const FigureRequest& request, const QString& path) {
    check(request);
    FlowDrawing flow(request);
    checkSize(request, flow.leastSize());
    const QSize size = (request.sizeMm * pixelsPerMm()).toSize();
    PictureFile file = PictureFile::ofSize(path, size, request.pngDpi / (pixelsPerMm() * 25.4));
    file.sizeMm = request.sizeMm;
    file.title = flow.title();
    file.origin = {request.recipe, request.step, request.step + 1, request.channels.front()};
    Drawing drawing;
    drawing.image = [&flow](QSize logical, QSize pixels) {
        QImage image(pixels, QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        const double ratio = double(pixels.width()) / logical.width();
        painter.scale(ratio, ratio);
        flow.paint(painter, logical, ratio);
        return image;
    };
    drawing.vectors = [&flow](QPaintDevice& device, QSize logical, double zoom) {
        QPainter painter(&device);
        painter.scale(zoom, zoom);
        flow.paint(painter, logical, vectorRatio);
    };
    return writePicture(file, drawing);
}

}  // namespace bnstudio
