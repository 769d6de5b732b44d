// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/layer_panel.h"

#include "ui/format.h"
#include "ui/panels/apply_setting.h"
#include "ui/panels/layer_sentence.h"
#include "ui/panels/parameters_dialog.h"
#include "ui/theme.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/number_list.h"
#include "ui/widgets/segmented_switch.h"
#include "ui/widgets/toggle_switch.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>

#include <cmath>

namespace bnstudio {
namespace {

constexpr int sliderSteps = 100;
constexpr double defaultMomentum = 0.1;

/// The slider's place is the square root of the momentum: small values, where one decimal matters, get more room.
double momentumAt(int position) {
    const double part = static_cast<double>(position) / sliderSteps;
    // Two significant digits: what the slider sets is a value one would also type.
    return QString::number(part * part, 'g', 2).toDouble();
}

int positionOf(double momentum) {
    if (!(momentum > 0))
        return 0;
    return static_cast<int>(std::lround(std::sqrt(std::min(momentum, 1.0)) * sliderSteps));
}

QPushButton* makeButton(const QString& text) {
    auto* button = new QPushButton(text);
    button->setStyleSheet(QStringLiteral("padding: 3px 5px;"));
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    fitToText(button, [=] {
        button->setMinimumWidth(QFontMetrics(Theme::instance().textFont()).horizontalAdvance(text) + 12);
    });
    return button;
}

QString tooltipUnderScope(const QString& teaching, bool fromHere) {
    return fromHere ? teaching + QLatin1Char('\n')
                          + LayerPanel::tr("It belongs to the whole run: choose “from start” to change it.")
                    : teaching;
}

}  // namespace

LayerPanel::LayerPanel(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    makeFields();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_caption);
    column->addWidget(m_sentence);
    auto* rows = new FormRows;
    rows->addRow(tr("num_features"), m_numFeatures);
    rows->addRow(tr("eps"), m_eps);
    rows->addRow(tr("momentum"), makeMomentumRow());
    rows->addWide(m_momentumNote);
    rows->addRow(tr("None: cumulative"), m_momentumNone);
    rows->addRow(tr("affine (γ, β)"), m_affine);
    rows->addRow(tr("track_running_stats"), m_track);
    rows->addRow(tr("dtype"), m_dtype);
    column->addWidget(rows);
    // Its name is the longest: in rows of its own it does not push the fields aside.
    auto* counter = new FormRows;
    counter->addRow(tr("num_batches_tracked"), m_tracked);
    column->addWidget(counter);
    auto* scope = new FormRows;
    scope->addRow(tr("Edits apply"), m_scope);
    column->addWidget(scope);
    column->addWidget(makeButtons());
    column->addStretch(1);
    connectFields();
    connect(&session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Recipe | Change::Transport | Change::Data | Change::Shown))
            refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, &LayerPanel::refresh);
    refresh();
}

void LayerPanel::makeFields() {
    m_caption = new ElidedLabel;
    m_caption->setAlignment(Qt::AlignRight);
    m_caption->setObjectName(QStringLiteral("layerCaption"));
    muteLabel(m_caption);
    m_numFeatures = new CommitField;
    m_eps = new CommitField;
    introduce(m_eps, "epsField", tr("eps"),
              tr("Added to the variance before the square root, so that a constant channel does not divide by zero."));
    m_momentumNote = makeNote(tr("new batch's weight (TensorFlow: 0.9)"));
    m_momentumNote->setAlignment(Qt::AlignRight);
    useFont(m_momentumNote, TextRole::Text, -2);
    m_momentumNote->setObjectName(QStringLiteral("momentumNote"));
    m_momentumNone = new ToggleSwitch;
    introduce(m_momentumNone, "momentumNone", tr("momentum None: cumulative average"),
              tr("momentum=None: every batch gets the weight 1/num_batches_tracked, a plain average of all batches."));
    m_affine = new ToggleSwitch;
    introduce(m_affine, "affineSwitch", tr("affine"),
              tr("Whether the layer has γ (weight) and β (bias) to scale and shift x̂; off, y is x̂ itself."));
    m_track = new ToggleSwitch;
    introduce(m_track, "trackSwitch", tr("track_running_stats"),
              tr("Whether training updates running_mean and running_var; from here only the flag changes, the buffers "
                 "stay as they are."));
    m_dtype = new QComboBox;
    m_dtype->addItem(QStringLiteral("float32"), static_cast<int>(DType::Float32));
    m_dtype->addItem(QStringLiteral("float64"), static_cast<int>(DType::Float64));
    m_tracked = new QLabel;
    introduce(m_tracked, "batchesTracked", tr("num_batches_tracked"),
              tr("How many batches the running statistics have met: before → after this step."));
    m_scope = new SegmentedSwitch;
    introduce(m_scope, "scopeSwitch", tr("Scope of edits"),
              tr("Whether edits hold from the start or from this step on."));
    m_scope->addSegment(tr("from start"), "scopeFromStart",
                        tr("Edits change the settings the run begins with, and the whole run is computed again."));
    m_scope->addSegment(tr("from here"), "scopeFromHere",
                        tr("Edits become an event at the displayed step: everything before it stays as it was."));
    m_sentence = new QLabel;
    m_sentence->setWordWrap(true);
    m_sentence->setTextFormat(Qt::RichText);
    introduce(m_sentence, "sentence", tr("What the layer does now"),
              tr("What the layer does in the displayed step, in words."));
}

QWidget* LayerPanel::makeMomentumRow() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_momentumSlider = new QSlider(Qt::Horizontal);
    m_momentumSlider->setRange(0, sliderSteps);
    m_momentumSlider->setMinimumWidth(24);
    const QString teaching = tr("The weight of the new batch in the running statistics: running ← (1 − momentum) · "
                                "running + momentum · batch. TensorFlow's momentum is 1 minus this.");
    introduce(m_momentumSlider, "momentumSlider", tr("momentum"), teaching);
    m_momentum = new CommitField;
    introduce(m_momentum, "momentumField", tr("momentum"), teaching);
    // Room for the three digits of the smallest values one sets; frame, padding and the line edit's own margin aside.
    fitToText(m_momentum, [this] {
        const QFontMetrics metrics(Theme::instance().textFont());
        m_momentum->setFixedWidth(metrics.horizontalAdvance(QStringLiteral("0.0684")) + 22);
    });
    layout->addWidget(m_momentumSlider, 1);
    layout->addWidget(m_momentum);
    return row;
}

QWidget* LayerPanel::makeButtons() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    auto* resetStats = makeButton(tr("reset stats"));
    introduce(resetStats, "resetRunningStats", tr("reset_running_stats()"),
              tr("reset_running_stats() before the displayed step: mean 0, variance 1, counter 0."));
    auto* resetParameters = makeButton(tr("reset γ, β"));
    introduce(resetParameters, "resetParameters", tr("reset_parameters()"),
              tr("reset_parameters() before the displayed step: γ 1, β 0, and the running statistics too, as in "
                 "PyTorch."));
    m_parameters = makeButton(tr("γ, β…"));
    introduce(m_parameters, "editParameters", tr("Edit γ and β"),
              tr("γ (weight) and β (bias) of every channel in a table to edit."));
    connect(resetStats, &QPushButton::clicked, this, [this] { m_session.apply(ResetRunningStats{}); });
    connect(resetParameters, &QPushButton::clicked, this, [this] { m_session.apply(ResetParameters{}); });
    connect(m_parameters, &QPushButton::clicked, this, &LayerPanel::openParametersDialog);
    for (QPushButton* button : {resetStats, resetParameters, m_parameters})
        layout->addWidget(button);
    return row;
}

void LayerPanel::connectFields() {
    connect(m_numFeatures, &CommitField::committed, this, &LayerPanel::commitNumFeatures);
    connect(m_eps, &CommitField::committed, this, &LayerPanel::commitEps);
    connect(m_momentum, &CommitField::committed, this, &LayerPanel::commitMomentum);
    connect(m_momentumSlider, &QSlider::valueChanged, this, &LayerPanel::slideMomentum);
    connect(m_momentumNone, &ToggleSwitch::clicked, this, [this](bool on) {
        applySetting(m_session, SetMomentum{on ? std::nullopt : std::optional(defaultMomentum)});
    });
    connect(m_affine, &ToggleSwitch::clicked, this, [this](bool on) { applySetting(m_session, SetAffine{on}); });
    connect(m_track, &ToggleSwitch::clicked, this,
            [this](bool on) { applySetting(m_session, SetTrackRunningStats{on}); });
    connect(m_dtype, &QComboBox::activated, this, &LayerPanel::commitDType);
    connect(m_scope, &SegmentedSwitch::chosen, this, [this](int index) {
        m_session.setEditScope(index == 0 ? Session::EditScope::FromStart : Session::EditScope::FromHere);
    });
}

void LayerPanel::commitNumFeatures(const QString& text) {
    bool ok = true;
    const std::int64_t value = text.trimmed().isEmpty() ? 0 : text.trimmed().toLongLong(&ok);
    if (!ok || value < 0) {
        refuseText(m_session, *m_numFeatures,
                   tr("num_features: “%1” is not a number of channels; leave it empty to follow the data.").arg(text));
        return;
    }
    Recipe next = m_session.recipe();
    next.lanes.front().layer.numFeatures = value;
    m_session.edit(value > 0 ? tr("num_features %1").arg(value) : tr("num_features follows the data"), std::move(next));
}

void LayerPanel::commitEps(const QString&) {
    double value = 0;
    if (!readNumber(m_session, *m_eps, QStringLiteral("eps"), value))
        return;
    if (value < 0) {
        refuseText(m_session, *m_eps, tr("eps: got %1, expected a number of at least 0.").arg(formatExact(value)));
        return;
    }
    applySetting(m_session, SetEps{value});
}

void LayerPanel::commitMomentum(const QString& text) {
    if (text.trimmed().compare(QLatin1String("none"), Qt::CaseInsensitive) == 0) {
        applySetting(m_session, SetMomentum{std::nullopt});
        return;
    }
    double value = 0;
    if (readNumber(m_session, *m_momentum, QStringLiteral("momentum"), value))
        applySetting(m_session, SetMomentum{value});
}

void LayerPanel::slideMomentum(int position) {
    applySetting(m_session, SetMomentum{momentumAt(position)}, merge::momentum);
}

void LayerPanel::commitDType(int index) {
    Recipe next = m_session.recipe();
    const auto dtype = static_cast<DType>(m_dtype->itemData(index).toInt());
    for (LaneSpec& lane : next.lanes)
        lane.layer.dtype = dtype;
    m_session.edit(tr("dtype %1").arg(m_dtype->itemText(index)), std::move(next));
}

void LayerPanel::openParametersDialog() {
    openParametersEditor(m_session, this);
}

void LayerPanel::refresh() {
    refreshSettings();
    refreshStep();
}

void LayerPanel::refreshSettings() {
    const EffectiveSettings settings = m_session.settings();
    const LayerOptions& layer = settings.layer;
    const QSignalBlocker quiet(m_momentumSlider);
    m_caption->setFullText(
        QStringLiteral("BatchNorm1d(%1)").arg(layer.numFeatures > 0 ? layer.numFeatures : m_session.channels()));
    m_numFeatures->showValue(layer.numFeatures > 0 ? QString::number(layer.numFeatures) : QString());
    m_numFeatures->setPlaceholderText(tr("%1 (data)").arg(m_session.channels()));
    m_eps->showValue(formatExact(layer.eps));
    m_momentum->showValue(layer.momentum ? formatExact(*layer.momentum) : QStringLiteral("None"));
    m_momentumSlider->setEnabled(layer.momentum.has_value());
    m_momentumSlider->setValue(positionOf(layer.momentum.value_or(0)));
    m_momentumNone->setChecked(!layer.momentum);
    m_momentumNote->setText(layer.momentum
                                ? tr("new batch's weight (TensorFlow: %1)").arg(settingText(1 - *layer.momentum))
                                : tr("new batch's weight: 1/num_batches_tracked"));
    m_affine->setChecked(layer.affine);
    m_track->setChecked(layer.trackRunningStats);
    m_dtype->setCurrentIndex(m_dtype->findData(static_cast<int>(layer.dtype)));

    const bool fromHere = m_session.editScope() == Session::EditScope::FromHere;
    m_scope->setCurrent(fromHere ? 1 : 0);
    m_dtype->setEnabled(!fromHere);
    m_numFeatures->setEnabled(!fromHere);
    introduce(m_dtype, "dtypeCombo", tr("dtype"),
              tooltipUnderScope(tr("The number type of parameters, buffers and data: float32 has 24 significant bits, "
                                   "float64 has 53."),
                                fromHere));
    introduce(
        m_numFeatures, "numFeaturesField", tr("num_features"),
        tooltipUnderScope(tr("The number of channels the layer is made for; empty, it follows the data."), fromHere));
    m_parameters->setEnabled(hasParameters(m_session));
}

void LayerPanel::refreshStep() {
    const Shown& shown = m_session.shown();
    const auto count = [](const LaneState* state) {
        const auto counter = state ? state->layer.state().numBatchesTracked : std::nullopt;
        return counter ? QString::number(*counter) : QStringLiteral("None");
    };
    const QString after = count(shown.state.get());
    const QString before = shown.lane ? count(shown.lane->before.get()) : after;
    m_tracked->setText(before == after ? after : QStringLiteral("%1 → %2").arg(before, after));
    m_tracked->setFont(Theme::instance().textFont(-1));
    m_sentence->setText(describeLayerRich(shown, m_session.settings()));
    m_sentence->setAccessibleDescription(describeLayer(shown, m_session.settings()));
}

QWidget* LayerPanel::header() const {
    return m_caption;
}

}  // namespace bnstudio
