// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panel_texts.h"

#include "ui/card_dock.h"

#include <QCoreApplication>
#include <QMainWindow>

namespace bnstudio {

namespace {

struct PanelText {
    const char* name;  ///< of the dock
    const char* sentence;
};

const PanelText texts[] = {
    {"data", QT_TRANSLATE_NOOP("PanelTexts",
                               "Where the batches come from: generator, file or pasted values, their shape (N, C) or "
                               "(N, C, L), and the order in which they come.")},
    {"flow", QT_TRANSLATE_NOOP("PanelTexts",
                               "The displayed batch on its way through the layer: x, its mean and var, x̂, γ and β, y, "
                               "with the running statistics as a branch of their own.")},
    {"layer", QT_TRANSLATE_NOOP("PanelTexts",
                                "The arguments of torch.nn.BatchNorm1d and its buffers; edits apply from the start or "
                                "from the displayed step on.")},
    {"training", QT_TRANSLATE_NOOP("PanelTexts",
                                   "What follows the forward pass: the loss, the backward pass, and the optimizer that "
                                   "updates γ (weight) and β (bias).")},
    {"recording",
     QT_TRANSLATE_NOOP("PanelTexts", "A training that was recorded in PyTorch, compared step by step with what "
                                     "BatchNorm1d must have done.")},
    {"runningMean",
     QT_TRANSLATE_NOOP("PanelTexts", "running_mean of the selected channels over the steps, with the batch means that "
                                     "went into it as dots.")},
    {"runningVar",
     QT_TRANSLATE_NOOP("PanelTexts", "running_var of the selected channels over the steps, with the batch variances "
                                     "÷(n−1) that went into it as dots.")},
    {"profile",
     QT_TRANSLATE_NOOP("PanelTexts", "The mean of every channel in the displayed batch beside its running_mean, or the "
                                     "variances beside running_var.")},
    {"distributions",
     QT_TRANSLATE_NOOP("PanelTexts", "Histograms of the current channel's x, x̂ and y in the displayed batch, with the "
                                     "mean that is subtracted.")},
    {"heat",
     QT_TRANSLATE_NOOP("PanelTexts",
                       "Every channel in every step: how far the batch mean lies from running_mean, in standard "
                       "errors; sampling noise alone gives about ±1.")},
    {"parameters",
     QT_TRANSLATE_NOOP("PanelTexts", "γ (weight) and β (bias) of the selected channels over the steps, or their "
                                     "gradients.")},
    {"loss", QT_TRANSLATE_NOOP("PanelTexts", "The loss of every step's batch, before γ and β take the step.")},
    {"calculation",
     QT_TRANSLATE_NOOP("PanelTexts", "The formulas of the selected cell with its numbers in them, each linked to where "
                                     "it comes from.")},
    {"findings",
     QT_TRANSLATE_NOOP("PanelTexts", "What the program points out about this run: the evidence, since which step, why, "
                                     "and what a remedy would cost.")},
    {"channels",
     QT_TRANSLATE_NOOP("PanelTexts", "The numbers of every channel in the displayed step; selecting a row selects the "
                                     "channel everywhere.")},
    {"events",
     QT_TRANSLATE_NOOP("PanelTexts", "What changes between two steps, in order: settings, resets, edited or skipped "
                                     "batches.")},
};

}  // namespace

void explainPanels(QMainWindow& window) {
    window.setWhatsThis(QCoreApplication::translate(
        "PanelTexts",
        "Panels show the run from different sides. Those that share a place stand behind tabs, a panel is "
        "moved by its title, and View, Panels opens and closes them."));
    for (const PanelText& text : texts)
        if (auto* dock = window.findChild<CardDock*>(QLatin1String(text.name))) {
            const QString sentence = QCoreApplication::translate("PanelTexts", text.sentence);
            dock->setWhatsThis(sentence);
            dock->setAccessibleDescription(sentence);
        }
}

}  // namespace bnstudio
