// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/palette.h"

#include <QPalette>

namespace bnstudio {

Palette lightPalette() {
    Palette p;
    p.window = "#f2f4f7", p.panel = "#ffffff", p.field = "#f4f5f8", p.border = "#dfe3ea", p.grid = "#e9ecf1";
    p.text = "#1b2330", p.mutedText = "#566071", p.faintText = "#8a93a2";
    p.accent = "#3b4a6b", p.accentText = "#ffffff", p.accentSoft = "#e4eaf5";
    p.batch = "#dd7a3c", p.batchText = "#a4470c", p.batchPale = "#f6dccb";
    p.running = "#1f66c8", p.runningText = "#1a56ab", p.runningPale = "#bcd3f2";
    p.affine = "#1f8a5f", p.affineText = "#17704c", p.affinePale = "#bfe2d3";
    p.population = "#7d8798", p.normalised = "#8892a6";
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

QPalette qtPalette(const Palette& p) {
    QPalette q;
    q.setColor(QPalette::Window, p.window);
    q.setColor(QPalette::WindowText, p.text);
    q.setColor(QPalette::Base, p.panel);
    q.setColor(QPalette::AlternateBase, p.field);
    q.setColor(QPalette::Text, p.text);
    q.setColor(QPalette::PlaceholderText, p.mutedText);
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

}  // namespace bnstudio
