// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme.h"

#include <QApplication>
#include <QPalette>
#include <QStyle>
#include <QStyleFactory>

// Resources of a static library are linked in only when something asks for them, and not from within a namespace.
static void loadResources() {
    Q_INIT_RESOURCE(resources);
}

namespace bnstudio {

namespace {

Palette lightPalette() {
    Palette p;
    p.window = "#f2f4f7", p.panel = "#ffffff", p.field = "#f4f5f8", p.border = "#dfe3ea", p.grid = "#e9ecf1";
    p.text = "#1b2330", p.mutedText = "#566071", p.faintText = "#8a93a2";
    p.accent = "#3b4a6b", p.accentText = "#ffffff", p.accentSoft = "#e4eaf5";
    p.batch = "#dd7a3c", p.batchText = "#a4470c", p.batchPale = "#f6dccb";
    p.running = "#1f66c8", p.runningText = "#1a56ab", p.runningPale = "#bcd3f2";
    p.affine = "#1f8a5f", p.affineText = "#17704c", p.affinePale = "#bfe2d3";
    p.population = "#7d8798", p.normalised = "#8e98ab";
    p.negative = "#5a3ea6", p.neutral = "#f5f3ef", p.positive = "#9c7410";
    p.warning = "#b7791f", p.warningText = "#7a4d06", p.warningSoft = "#fdf1d3";
    p.difference = "#cf3a35", p.differenceSoft = "#fbe4e2";
    return p;
}

Palette darkPalette() {
    Palette p;
    p.dark = true;
    p.window = "#11141a", p.panel = "#191e26", p.field = "#11151b", p.border = "#2b323d", p.grid = "#262d38";
    p.text = "#e6e9ef", p.mutedText = "#a0a9b8", p.faintText = "#717b8b";
    p.accent = "#b8c5e3", p.accentText = "#141922", p.accentSoft = "#28324a";
    p.batch = "#ef8d45", p.batchText = "#f6a468", p.batchPale = "#6a4228";
    p.running = "#5c9bf5", p.runningText = "#86b4fa", p.runningPale = "#2a4a7a";
    p.affine = "#3fb683", p.affineText = "#62c99c", p.affinePale = "#235c45";
    p.population = "#8b95a6", p.normalised = "#7c8799";
    p.negative = "#a484ff", p.neutral = "#20262f", p.positive = "#dfb040";
    p.warning = "#e0a83a", p.warningText = "#f2c66a", p.warningSoft = "#3d3116";
    p.difference = "#ff6b63", p.differenceSoft = "#43211f";
    return p;
}

bool systemIsDark(const QPalette& system) {
    return system.color(QPalette::WindowText).lightness() > system.color(QPalette::Window).lightness();
}

QPalette qtPalette(const Palette& p) {
    QPalette q;
    q.setColor(QPalette::Window, p.window);
    q.setColor(QPalette::WindowText, p.text);
    q.setColor(QPalette::Base, p.panel);
    q.setColor(QPalette::AlternateBase, p.field);
    q.setColor(QPalette::Text, p.text);
    q.setColor(QPalette::PlaceholderText, p.faintText);
    q.setColor(QPalette::Button, p.panel);
    q.setColor(QPalette::ButtonText, p.text);
    q.setColor(QPalette::ToolTipBase, p.panel);
    q.setColor(QPalette::ToolTipText, p.text);
    q.setColor(QPalette::Highlight, p.accentSoft);
    q.setColor(QPalette::HighlightedText, p.text);
    q.setColor(QPalette::Link, p.runningText);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        q.setColor(QPalette::Disabled, role, p.faintText);
    return q;
}

QString styleSheet(const Palette& p) {
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
QPushButton:disabled, QToolButton:disabled { color: @faintText; background: @field; }
QToolButton#flat { border: none; background: transparent; padding: 2px; }
QToolButton#flat:hover { background: @accentSoft; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit { background: @field; border: 1px solid @border; border-radius: 6px;
    padding: 2px 7px; selection-background-color: @accent; selection-color: @accentText; }
QLineEdit[invalid="true"] { border: 1px solid @warning; background: @warningSoft; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @border; selection-background-color: @accentSoft; selection-color: @text; }
QComboBox::drop-down { border: none; width: 18px; }
QComboBox::down-arrow { image: url(:/icons/chevron-@shade.svg); width: 10px; height: 10px; }
QCheckBox::indicator { width: 13px; height: 13px; border: 1px solid @mutedText; border-radius: 3px; background: @field; }
QCheckBox::indicator:hover { border-color: @text; }
QCheckBox::indicator:checked { background: @accent; border-color: @accent; image: url(:/icons/check-@shade.svg); }
QCheckBox::indicator:disabled { border-color: @faintText; }
QCheckBox::indicator:checked:disabled { background: @faintText; }
QTabBar { background: @window; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @mutedText; padding: 4px 12px; border-radius: 6px; margin: 2px 2px 0 6px; }
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
    sheet.replace(QLatin1String("@shade"), QLatin1String(p.dark ? "dark" : "light"));
    for (const auto& [name, color] : names)
        sheet.replace(QLatin1String(name), color.name());
    return sheet;
}

// Families after the first fill in characters that it lacks; the packages of the first two are dependencies of the
// project. Roboto has figures of equal width and places the hat of x̂ by mark anchors; its arrows come from the second.
QFont fontOf(const QStringList& families, int pixelSize) {
    QFont font;
    font.setFamilies(families);
    font.setPixelSize(pixelSize);
    return font;
}

constexpr int basePixelSize = 13;

}  // namespace

Theme& Theme::instance() {
    static Theme theme;
    return theme;
}

Palette Theme::paletteOf(bool dark) {
    return dark ? darkPalette() : lightPalette();
}

void Theme::apply(QApplication& application, Mode mode) {
    loadResources();
    static const QPalette system = application.palette();
    m_mode = mode;
    const bool dark = mode == Mode::Dark || (mode == Mode::System && systemIsDark(system));
    m_palette = dark ? darkPalette() : lightPalette();
    application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    application.setFont(textFont());
    application.setPalette(qtPalette(m_palette));
    application.setStyleSheet(styleSheet(m_palette));
    emit changed();
}

QFont Theme::textFont(int delta) const {
    static const QStringList families{QStringLiteral("Roboto"), QStringLiteral("JetBrains Mono"),
                                      QStringLiteral("DejaVu Sans")};
    return fontOf(families, basePixelSize + delta);
}

QFont Theme::boldFont(int delta) const {
    QFont font = textFont(delta);
    font.setWeight(QFont::Medium);
    return font;
}

QFont Theme::numberFont(int delta) const {
    static const QStringList families{QStringLiteral("JetBrains Mono"), QStringLiteral("DejaVu Sans Mono")};
    return fontOf(families, basePixelSize + delta);
}

}  // namespace bnstudio
