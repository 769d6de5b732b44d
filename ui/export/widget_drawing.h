// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/picture_file.h"

class QWidget;

namespace bnstudio {

/// While one lives, widgets that show finished pictures of themselves paint lines and text instead.
class VectorPainting {
public:
    VectorPainting() { ++depth; }
    ~VectorPainting() { --depth; }
    VectorPainting(const VectorPainting&) = delete;
    VectorPainting& operator=(const VectorPainting&) = delete;
    static bool isOn() { return depth > 0; }

private:
    static inline int depth = 0;
};

/// How a widget with all that is in it gets into a picture, magnified as a whole. Lines and text stay that in a PDF. An
/// SVG of Qt knows no clipping, so there only plots and the flow do, and a picture stands for what is around them.
Drawing drawingOf(QWidget& widget);

}  // namespace bnstudio
