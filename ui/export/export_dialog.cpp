// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/export/export_dialog.h"

#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

constexpr double mmPerInch = 25.4;
constexpr double leastPixels = 50, leastMm = 10, mostMm = 2000;

bool isPng(const QString& ending) {
    return ending == u"png";
}

}  // namespace

ExportChoice firstChoice(const ExportItem& item, const QString& ending) {
    ExportChoice choice;
    choice.ending = ending;
    choice.zoom = isPng(ending) ? 2 : 1;
    choice.size = QSizeF(item.size) * choice.zoom;
    return choice;
}

PictureFile pictureOf(const ExportChoice& choice) {
    PictureFile file;
    file.sizeMm = choice.inMm ? choice.size : choice.size / pixelsPerMm();
    file.size = (file.sizeMm * pixelsPerMm() / choice.zoom).toSize();
    file.pixels = choice.inMm ? (choice.size * choice.dpi / mmPerInch).toSize() : choice.size.toSize();
    return file;
}

ExportDialog::ExportDialog(const std::vector<ExportItem>& items, std::size_t preferred, QWidget* parent)
    : QDialog(parent),
      m_rows(new FormRows(12)),
      m_what(new QComboBox),
      m_format(new QComboBox),
      m_unit(new QComboBox),
      m_zoom(new QComboBox),
      m_colours(new QComboBox),
      m_width(new QDoubleSpinBox),
      m_height(new QDoubleSpinBox),
      m_dpi(new QSpinBox),
      m_table(new QCheckBox(tr("Save the numbers beside it as a table (CSV)"))) {
    setObjectName(QStringLiteral("exportDialog"));
    setWindowTitle(tr("Save a picture"));
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!items[i].hasPicture())
            continue;
        m_what->addItem(items[i].name);
        if (i == preferred)
            m_what->setCurrentIndex(m_what->count() - 1);
        m_items.push_back(items[i]);
        m_places.push_back(i);
    }
    makeRows();
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel);
    buttons->button(QDialogButtonBox::Save)->setText(tr("Save as…"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* note = makeNote(tr("The recipe travels in the file: dropped on the window, it opens this run at this step."));
    note->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(10);
    column->addWidget(m_rows);
    column->addWidget(note);
    column->addWidget(buttons);
    itemChosen();
}

void ExportDialog::makeRows() {
    introduce(m_what, "exportWhat", tr("What"), tr("The plot, the flow or the window to save."));
    introduce(m_format, "exportFormat", tr("Format"),
              tr("PNG has pixels; lines and text of an SVG or PDF stay sharp at any size."));
    introduce(m_width, "exportWidth", tr("Width"), tr("Width of the picture."));
    introduce(m_height, "exportHeight", tr("Height"), tr("Height of the picture."));
    introduce(m_unit, "exportUnit", tr("Unit"), tr("Pixels for screens, millimetres for paper."));
    introduce(m_zoom, "exportZoom", tr("Text and lines"), tr("How much larger text and lines are than on the screen."));
    introduce(m_dpi, "exportDpi", tr("Resolution"), tr("Pixels per inch of paper."));
    introduce(m_colours, "exportColours", tr("Colours"), tr("Light for paper, dark for slides."));
    introduce(m_table, "exportTable", tr("Table"), tr("A file of the same name that ends in .csv, with all digits."));
    for (const char* ending : {"png", "svg", "pdf"})
        m_format->addItem(QString::fromLatin1(ending).toUpper(), QLatin1String(ending));
    m_unit->addItems({tr("pixels"), tr("mm")});
    for (const double zoom : {1.0, 1.5, 2.0, 3.0})
        m_zoom->addItem(tr("%1 %").arg(100 * zoom), zoom);
    m_colours->addItems({tr("as shown"), tr("light"), tr("dark")});
    m_dpi->setRange(50, 1200);
    m_dpi->setValue(300);
    m_dpi->setSuffix(tr(" dpi"));
    for (QAbstractSpinBox* field : std::initializer_list<QAbstractSpinBox*>{m_width, m_height, m_dpi}) {
        field->setKeyboardTracking(false);
        field->setButtonSymbols(QAbstractSpinBox::NoButtons);
    }
    m_rows->addRow(tr("What"), m_what);
    m_rows->addRow(tr("Format"), m_format);
    m_rows->addPair(tr("Width, height"), m_width, m_height);
    m_rows->addRow(tr("in"), m_unit);
    m_rows->addRow(tr("Resolution"), m_dpi);
    m_rows->addRow(tr("Text and lines"), m_zoom);
    m_rows->addRow(tr("Colours"), m_colours);
    m_rows->addWide(m_table);
    connect(m_what, &QComboBox::currentIndexChanged, this, &ExportDialog::itemChosen);
    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::formatChosen);
    connect(m_unit, &QComboBox::currentIndexChanged, this, &ExportDialog::unitChosen);
    connect(m_width, &QDoubleSpinBox::valueChanged, this, &ExportDialog::widthEdited);
    connect(m_height, &QDoubleSpinBox::valueChanged, this, &ExportDialog::heightEdited);
}

const ExportItem& ExportDialog::item() const {
    return m_items[static_cast<std::size_t>(m_what->currentIndex())];
}

ExportChoice ExportDialog::choice() const {
    ExportChoice choice;
    choice.item = m_places[static_cast<std::size_t>(m_what->currentIndex())];
    choice.ending = m_format->currentData().toString();
    choice.size = {m_width->value(), m_height->value()};
    choice.inMm = m_inMm;
    choice.dpi = m_dpi->value();
    choice.colours = static_cast<ExportColours>(m_colours->currentIndex());
    choice.withTable = item().table && m_table->isChecked();
    choice.zoom = m_zoom->currentData().toDouble();
    if (item().keepsShape)  // the layout is that of the screen, whatever the size
        choice.zoom = (m_inMm ? choice.size * pixelsPerMm() : choice.size).width() / item().size.width();
    return choice;
}

void ExportDialog::itemChosen() {
    formatChosen();
}

/// Sizes start afresh: what suits a PNG is twice too large for a drawing.
void ExportDialog::formatChosen() {
    const ExportChoice first = firstChoice(item(), m_format->currentData().toString());
    m_zoom->setCurrentIndex(m_zoom->findData(first.zoom));
    showSize(m_inMm ? QSizeF(item().size) / pixelsPerMm() : first.size);
    showFittingRows();
}

void ExportDialog::unitChosen() {
    const bool inMm = m_unit->currentIndex() == 1;
    if (inMm == m_inMm)
        return;
    m_inMm = inMm;
    const double pixels = isPng(m_format->currentData().toString()) ? m_dpi->value() / mmPerInch : pixelsPerMm();
    const QSizeF size(m_width->value(), m_height->value());
    showSize(inMm ? size / pixels : size * pixels);
    showFittingRows();
}

void ExportDialog::widthEdited() {
    if (item().keepsShape)
        showSize({m_width->value(), m_width->value() * item().size.height() / item().size.width()});
}

void ExportDialog::heightEdited() {
    if (item().keepsShape)
        showSize({m_height->value() * item().size.width() / item().size.height(), m_height->value()});
}

void ExportDialog::showSize(QSizeF size) {
    const QSignalBlocker quietWidth(m_width), quietHeight(m_height);
    for (QDoubleSpinBox* field : {m_width, m_height}) {
        field->setDecimals(m_inMm ? 1 : 0);
        field->setRange(m_inMm ? leastMm : leastPixels, m_inMm ? mostMm : mostPictureEdge);
    }
    m_width->setValue(size.width());
    m_height->setValue(size.height());
}

void ExportDialog::showFittingRows() {
    m_rows->setRowVisible(m_dpi, m_inMm && isPng(m_format->currentData().toString()));
    m_rows->setRowVisible(m_zoom, !item().keepsShape);
    m_table->setVisible(item().table != nullptr);
}

}  // namespace bnstudio
