// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme.h"

#include "ui/style_sheet.h"

#include <QApplication>
#include <QEvent>
#include <QPalette>
#include <QScopedValueRollback>
#include <QStyleFactory>
#include <QWidget>

#include <algorithm>
#include <utility>

// Resources of a static library are linked in only when something asks for them, and not from within a namespace.
static void loadResources() {
    Q_INIT_RESOURCE(resources);
}

namespace bnstudio {

namespace {

constexpr int basePixelSize = 13;

// Families after the first fill in characters that it lacks; the packages of the first two are dependencies of the
// project. Roboto has figures of equal width and places the hat of x̂ by mark anchors; its arrows come from the second.
QFont fontOf(const QStringList& families, int pixelSize) {
    QFont font;
    font.setFamilies(families);
    font.setPixelSize(pixelSize);
    return font;
}

}  // namespace

Theme& Theme::instance() {
    static Theme theme;
    return theme;
}

Palette Theme::paletteOf(bool dark) {
    return dark ? darkPalette() : lightPalette();
}

// --- setting -------------------------------------------------------------------------------------------------------

void Theme::apply(QApplication& application, Mode mode) {
    loadResources();
    if (std::exchange(m_application, &application) != &application) {
        application.setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
        application.installEventFilter(this);
        connect(&application, &QObject::destroyed, this, [this] { m_application = nullptr; });
    }
    m_mode = mode;
    paint();
}

void Theme::setTextSize(TextSize size) {
    size.percent = std::clamp(size.percent, TextSize::leastPercent, TextSize::mostPercent);
    if (size == m_size)
        return;
    m_size = size;
    if (m_application)
        paint();
}

void Theme::paint() {
    {
        const QScopedValueRollback applying(m_isApplying, true);
        m_palette = paletteOf(m_mode == Mode::Dark || (m_mode == Mode::System && systemIsDark()));
        m_application->setFont(textFont());
        m_application->setPalette(qtPalette(m_palette));
        m_application->setStyleSheet(styleSheet(m_palette, scale()));
    }
    emit changed();
}

// --- following the desktop -----------------------------------------------------------------------------------------

// Qt 6.4 does not say whether the desktop is dark (colorScheme() came with 6.5). The palette that it would use by itself
// does: an application with an empty palette of its own has that one.
bool Theme::systemIsDark() {
    if (m_isDark)
        return m_isDark();
    m_application->setPalette(QPalette());
    const QPalette system = m_application->palette();
    return system.color(QPalette::WindowText).lightness() > system.color(QPalette::Window).lightness();
}

// A change of the desktop's theme arrives as ThemeChange at every window, and as ApplicationPaletteChange at the
// application when roles that our palette leaves open have become others. Both may come, many times over; one look
// afterwards is enough.
bool Theme::eventFilter(QObject* watched, QEvent* event) {
    const bool concerns = event->type() == QEvent::ThemeChange
                          || (event->type() == QEvent::ApplicationPaletteChange && watched == m_application);
    if (concerns && m_mode == Mode::System && !m_isApplying && !std::exchange(m_isQueued, true))
        QMetaObject::invokeMethod(this, &Theme::followSystem, Qt::QueuedConnection);
    return false;
}

void Theme::followSystem() {
    m_isQueued = false;
    if (m_mode != Mode::System || !m_application)
        return;
    bool dark = false;
    {
        const QScopedValueRollback applying(m_isApplying, true);
        dark = systemIsDark();
        m_application->setPalette(qtPalette(m_palette));
    }
    if (dark != m_palette.dark)
        paint();
}

// --- fonts ---------------------------------------------------------------------------------------------------------

int Theme::pixelSize(int delta) const {
    return std::max(qRound((basePixelSize + delta) * m_size.percent / 100.0), m_size.leastPixels);
}

double Theme::scale() const {
    return static_cast<double>(pixelSize(0)) / basePixelSize;
}

int Theme::scaled(double pixels) const {
    return qRound(pixels * scale());
}

QFont Theme::textFont(int delta) const {
    static const QStringList families{QStringLiteral("Roboto"), QStringLiteral("JetBrains Mono"),
                                      QStringLiteral("DejaVu Sans")};
    return fontOf(families, pixelSize(delta));
}

QFont Theme::boldFont(int delta) const {
    QFont font = textFont(delta);
    font.setWeight(QFont::Medium);
    return font;
}

QFont Theme::numberFont(int delta) const {
    static const QStringList families{QStringLiteral("JetBrains Mono"), QStringLiteral("DejaVu Sans Mono")};
    return fontOf(families, pixelSize(delta));
}

void fitToText(QWidget* widget, const std::function<void()>& fit) {
    fit();
    QObject::connect(&Theme::instance(), &Theme::changed, widget, fit);
}

void useFont(QWidget* widget, TextRole role, int delta) {
    fitToText(widget, [=] {
        const Theme& theme = Theme::instance();
        widget->setFont(role == TextRole::Text   ? theme.textFont(delta)
                        : role == TextRole::Bold ? theme.boldFont(delta)
                                                 : theme.numberFont(delta));
    });
}

}  // namespace bnstudio
