// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/phrase.h"

#include <QString>

namespace bnstudio {

struct Finding;
struct PhaseText;

/// What the core says in English, in the language of the window. Fixed texts and patterns of phrases are looked up in the
/// context "Core"; without a translation they stay as they are.
QString coreText(const std::string& fixed);
QString coreText(const Phrase& phrase);

/// "Channel 6: eps is 11 % of the variance."
QString sentenceOf(const Finding& finding);
QString remedyOf(const Finding& finding);
/// "mean"
QString titleOf(const PhaseText& phase);
/// What happens in the phase.
QString sentenceOf(const PhaseText& phase);

}  // namespace bnstudio
