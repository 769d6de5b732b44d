// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/core_text.h"

#include "core/explain/phases.h"
#include "core/findings/findings.h"

#include <QCoreApplication>

namespace bnstudio {

QString coreText(const std::string& fixed) {
    return fixed.empty() ? QString() : QCoreApplication::translate("Core", fixed.c_str());
}

QString coreText(const Phrase& phrase) {
    return QString::fromStdString(
        phrase.text([](const std::string& pattern) { return coreText(pattern).toStdString(); }));
}

QString sentenceOf(const Finding& finding) {
    return coreText(finding.phrase);
}

QString remedyOf(const Finding& finding) {
    return coreText(finding.remedy);
}

QString titleOf(const PhaseText& phase) {
    return coreText(phase.title);
}

QString sentenceOf(const PhaseText& phase) {
    return coreText(phase.sentence);
}

}  // namespace bnstudio
