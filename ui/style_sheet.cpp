// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style_sheet.h"

#include <utility>

namespace bnstudio {

QString styleSheet(const Palette& p, double scale) {
    QString sheet = QStringLiteral(R"(
QMainWindow, QMainWindow::separator { background: @window; }
QMainWindow::separator { width: 3px; height: 3px; }
QMenuBar { background: @panel; border-bottom: 1px solid @border; padding: 2px 8px; }
QMenuBar::item { padding: 4px 9px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected, QMenu::item:selected { background: @accentSoft; color: @text; }
QMenu { background: @panel; border: 1px solid @border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 20px; border-radius: 4px; }
QMenu::item:disabled { color: @faintText; }
QMenu::separator { height: 1px; background: @border; margin: 4px 8px; }
QToolBar { background: @panel; border: none; border-bottom: 1px solid @border; padding: 4px 10px; spacing: 6px; }
QStatusBar { background: @panel; border-top: 1px solid @border; color: @mutedText; }
QStatusBar::item { border: none; }
QToolTip { background: @panel; color: @text; border: 1px solid @border; padding: 4px; }
#cardTitle { background: @panel; border: 1px solid @border; border-bottom: none;
             border-top-left-radius: 8px; border-top-right-radius: 8px; }
#cardBody { background: @panel; border: 1px solid @border; border-top: none;
            border-bottom-left-radius: 8px; border-bottom-right-radius: 8px; }
#cardBody QScrollArea, #cardBody QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QPushButton, QToolButton { background: @panel; border: 1px solid @border; border-radius: 6px; padding: 4px 10px; }
QPushButton:hover, QToolButton:hover { background: @field; border-color: @faintText; }
QPushButton:pressed, QToolButton:pressed { background: @accentSoft; }
QPushButton:checked, QToolButton:checked, QToolButton#playButton { background: @accent; color: @accentText; border-color: @accent; }
QPushButton:focus, QToolButton:focus, QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QPlainTextEdit:focus, QTableView:focus { border: 1px solid @accent; }
QPushButton:checked:focus, QToolButton:checked:focus, QToolButton#playButton:focus { border: 2px solid @faintText; padding: 3px 9px; }
QCheckBox:focus, QSlider:focus { background: @accentSoft; border-radius: 4px; }
QPushButton:disabled, QToolButton:disabled { color: @faintText; background: @field; }
QToolButton#flat { border: none; background: transparent; padding: 2px; }
QToolButton#flat:hover { background: @accentSoft; }
QToolButton#flat:focus { border: 1px solid @accent; padding: 1px; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit { background: @field; border: 1px solid @border; border-radius: 6px;
    padding: 2px 7px; selection-background-color: @accent; selection-color: @accentText; }
QLineEdit[invalid="true"] { border: 1px solid @warning; background: @warningSoft; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @border; selection-background-color: @accentSoft; selection-color: @text; }
QComboBox::drop-down { border: none; width: @arrowRoom; }
QComboBox::down-arrow { image: url(:/icons/chevron-@shade.svg); width: @arrow; height: @arrow; }
QCheckBox::indicator { width: @box; height: @box; border: 1px solid @mutedText; border-radius: 3px; background: @field; }
QCheckBox::indicator:hover { border-color: @text; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(:/icons/check-@shade.svg); }
QCheckBox::indicator:disabled { border-color: @faintText; }
QCheckBox::indicator:checked:disabled { background: @faintText; }
QTabBar { background: @window; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @mutedText; padding: 4px 9px; border-radius: 6px; margin: 2px 0 0 4px; }
QTabBar::tab:selected { background: @accentSoft; color: @text; }
QLineEdit:disabled, QComboBox:disabled, QCheckBox:disabled, QLabel:disabled { color: @faintText; }
QTableView, QListView, QTreeView { background: @panel; border: none; gridline-color: @grid; alternate-background-color: @panel;
    selection-background-color: @accentSoft; selection-color: @text; }
QTableView:focus { border: none; }
QHeaderView, QHeaderView::section { background: @panel; color: @mutedText; }
QHeaderView::section { border: none; border-bottom: 1px solid @border; padding: 3px 4px; }
QTableCornerButton::section { background: @panel; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @border; border-radius: 4px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @faintText; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { height: 4px; background: @border; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: @panel; border: 2px solid @accent; }
QLabel#muted { color: @mutedText; }
QLabel#sentence { background: @accentSoft; border-radius: 6px; padding: 7px; }
#messageBar { background: @warningSoft; border: none; border-bottom: 1px solid @border; }
#messageBar QLabel { color: @warningText; }
)");
    const std::pair<const char*, QColor> names[] = {{"@accentSoft", p.accentSoft},
                                                    {"@accentText", p.accentText},
                                                    {"@accent", p.accent},
                                                    {"@window", p.window},
                                                    {"@panel", p.panel},
                                                    {"@field", p.field},
                                                    {"@border", p.border},
                                                    {"@grid", p.grid},
                                                    {"@mutedText", p.mutedText},
                                                    {"@faintText", p.faintText},
                                                    {"@text", p.text},
                                                    {"@warningSoft", p.warningSoft},
                                                    {"@warningText", p.warningText},
                                                    {"@warning", p.warning}};
    const std::pair<const char*, int> lengths[] = {{"@box", 13}, {"@arrowRoom", 18}, {"@arrow", 10}};
    for (const auto& [name, pixels] : lengths)
        sheet.replace(QLatin1String(name), QStringLiteral("%1px").arg(qRound(pixels * scale)));
    sheet.replace(QLatin1String("@shade"), QLatin1String(p.dark ? "dark" : "light"));
    for (const auto& [name, color] : names)
        sheet.replace(QLatin1String(name), color.name());
    return sheet;
}

}  // namespace bnstudio
