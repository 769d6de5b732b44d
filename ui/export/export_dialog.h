// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/export/export_items.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QSpinBox;

namespace bnstudio {

class FormRows;

enum class ExportColours { AsShown, Light, Dark };

/// What the user wants of an item.
struct ExportChoice {
    std::size_t item = 0;
    QString ending = QStringLiteral("png");
    QSizeF size;  ///< pixels, or millimetres
    bool inMm = false;
    double zoom = 1;  ///< of text and lines
    int dpi = 300;    ///< of a PNG whose size is in millimetres
    ExportColours colours = ExportColours::AsShown;
    bool withTable = false;
};

/// The choice as it starts out: as on the screen, a PNG twice as fine.
ExportChoice firstChoice(const ExportItem& item, const QString& ending);
/// Sizes in pixels, millimetres and layout that follow from a choice; path, title and origin are left to the caller.
PictureFile pictureOf(const ExportChoice& choice);

/// Asks what, in which format, how large and in which colours. Where to is asked afterwards.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    /// @p preferred is shown first.
    ExportDialog(const std::vector<ExportItem>& items, std::size_t preferred, QWidget* parent);
    ExportChoice choice() const;

private:
    void makeRows();
    void itemChosen();
    void formatChosen();
    void unitChosen();
    void widthEdited();
    void heightEdited();
    void showSize(QSizeF size);
    void showFittingRows();
    const ExportItem& item() const;

    std::vector<ExportItem> m_items;  ///< those with pictures
    std::vector<std::size_t> m_places;
    FormRows* m_rows;
    QComboBox *m_what, *m_format, *m_unit, *m_zoom, *m_colours;
    QDoubleSpinBox *m_width, *m_height;
    QSpinBox* m_dpi;
    QCheckBox* m_table;
    bool m_inMm = false;  ///< the unit that the fields were filled with
};

}  // namespace bnstudio
