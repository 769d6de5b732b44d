// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/preferences.h"

#include <QApplication>
#include <QSettings>
#include <QStyle>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace bnstudio {

namespace {

constexpr int longestPanelName = 64;

Preferences& inForce() {
    static Preferences theOnes;
    return theOnes;
}

// Words and not numbers, so that the file says what it means and a row that is added between does not move the others.
const std::pair<const char*, Theme::Mode> themeWords[] = {
    {"system", Theme::Mode::System}, {"light", Theme::Mode::Light}, {"dark", Theme::Mode::Dark}};
const std::pair<const char*, NumberStyle> numberWords[] = {
    {"short", NumberStyle::Short}, {"full", NumberStyle::Full}, {"scientific", NumberStyle::Scientific}};
const std::pair<const char*, Motion> motionWords[] = {
    {"system", Motion::System}, {"usual", Motion::Usual}, {"reduced", Motion::Reduced}};

QString keyOf(const char* name) {
    return QStringLiteral("preferences/") + QLatin1String(name);
}

template <class Words, class Value>
void read(const QSettings& settings, const char* name, const Words& words, Value& value) {
    const QString word = settings.value(keyOf(name)).toString();
    for (const auto& [known, meaning] : words)
        if (word == QLatin1String(known))
            value = meaning;
}

template <class Words, class Value>
void write(QSettings& settings, const char* name, const Words& words, Value value) {
    for (const auto& [known, meaning] : words)
        if (meaning == value)
            settings.setValue(keyOf(name), QString::fromLatin1(known));
}

constexpr Qt::UIEffect effects[] = {Qt::UI_AnimateMenu,    Qt::UI_FadeMenu,    Qt::UI_AnimateCombo,
                                    Qt::UI_AnimateTooltip, Qt::UI_FadeTooltip, Qt::UI_AnimateToolBox};

/// Qt's own motion: menus and tips that fade, text cursors that blink.
void applyMotion() {
    static const int usualFlash = QApplication::cursorFlashTime();
    static const auto usual = [] {
        std::array<bool, std::size(effects)> enabled{};
        std::transform(std::begin(effects), std::end(effects), enabled.begin(), &QApplication::isEffectEnabled);
        return enabled;
    }();
    const bool reduced = motionIsReduced();
    for (std::size_t i = 0; i < std::size(effects); ++i)
        QApplication::setEffectEnabled(effects[i], usual[i] && !reduced);
    QApplication::setCursorFlashTime(reduced ? 0 : usualFlash);
}

}  // namespace

const Preferences& preferences() {
    return inForce();
}

void setPreferences(Preferences wanted) {
    wanted.textPercent = std::clamp(wanted.textPercent, TextSize::leastPercent, TextSize::mostPercent);
    wanted.presentationPanels = wanted.presentationPanels.mid(0, Preferences::mostPanels);
    const Preferences before = std::exchange(inForce(), wanted);
    Theme& theme = Theme::instance();
    setNumberFormat(wanted.numbers);
    if (wanted.shownTheme() != theme.mode())
        theme.apply(*qApp, wanted.shownTheme());
    TextSize size = theme.textSize();
    size.percent = wanted.textPercent;
    theme.setTextSize(size);
    applyMotion();
    if (!(wanted.numbers == before.numbers))
        theme.announce();
}

Preferences savedPreferences() {
    const QSettings settings;
    Preferences saved;
    read(settings, "theme", themeWords, saved.theme);
    read(settings, "numbers", numberWords, saved.numbers.style);
    read(settings, "motion", motionWords, saved.motion);
    saved.numbers.grouped = settings.value(keyOf("groupDigits"), false).toBool();
    bool isNumber = false;
    const int percent = settings.value(keyOf("textPercent")).toInt(&isNumber);
    if (isNumber)
        saved.textPercent = std::clamp(percent, TextSize::leastPercent, TextSize::mostPercent);
    for (const QString& name : settings.value(keyOf("presentationPanels")).toStringList())
        if (!name.isEmpty() && name.size() <= longestPanelName
            && saved.presentationPanels.size() < Preferences::mostPanels)
            saved.presentationPanels << name;
    return saved;
}

void savePreferences(const Preferences& wanted) {
    QSettings settings;
    write(settings, "theme", themeWords, wanted.theme);
    write(settings, "numbers", numberWords, wanted.numbers.style);
    write(settings, "motion", motionWords, wanted.motion);
    settings.setValue(keyOf("groupDigits"), wanted.numbers.grouped);
    settings.setValue(keyOf("textPercent"), wanted.textPercent);
    settings.setValue(keyOf("presentationPanels"), wanted.presentationPanels);
}

// Qt 6.4 has no question for this; its own widgets ask the platform whether they may animate, and so does this.
bool motionIsReduced() {
    const Motion motion = inForce().motion;
    if (motion != Motion::System)
        return motion == Motion::Reduced;
    return QApplication::style()->styleHint(QStyle::SH_Widget_Animation_Duration) == 0;
}

}  // namespace bnstudio
