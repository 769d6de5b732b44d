// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/preferences_dialog.h"

#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/segmented_switch.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSlider>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

constexpr int percentStep = 10;
constexpr int labelCharacters = 13;

struct SegmentSpec {
    QString text;
    const char* id;
    QString sentence;
};

/// Segments in the order of an enumeration's values.
SegmentedSwitch* makeSwitch(const SegmentSpec& whole, std::initializer_list<SegmentSpec> segments) {
    auto* made = new SegmentedSwitch;
    introduce(made, whole.id, whole.text, whole.sentence);
    for (const SegmentSpec& each : segments)
        made->addSegment(each.text, each.id, each.sentence);
    return made;
}

}  // namespace

PreferencesDialog::PreferencesDialog(const QList<PanelChoice>& panels, QWidget* parent)
    : QDialog(parent), m_before(preferences()) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("preferencesDialog"));
    setWindowTitle(tr("Preferences"));
    m_theme = makeSwitch({tr("Theme"), "themeSwitch", tr("The colours of the window.")},
                         {{tr("as the system"), "themeSystem", tr("Light or dark as the desktop is.")},
                          {tr("light"), "themeLight", tr("Dark text on a light ground.")},
                          {tr("dark"), "themeDark", tr("Light text on a dark ground.")}});
    m_numbers =
        makeSwitch({tr("Numbers"), "numbersSwitch", tr("How numbers are written.")},
                   {{tr("short"), "numbersShort", tr("A few significant digits.")},
                    {tr("full"), "numbersFull", tr("All digits: the text reads back to the same number.")},
                    {tr("scientific"), "numbersScientific", tr("A few significant digits and a power of ten.")}});
    m_motion = makeSwitch({tr("Motion"), "motionSwitch", tr("Whether things move on their way.")},
                          {{tr("as the system"), "motionSystem", tr("Motion as the desktop asks for it.")},
                           {tr("usual"), "motionUsual", tr("Short movements show what goes where.")},
                           {tr("reduced"), "motionReduced", tr("Nothing glides, fades or blinks.")}});
    auto* rows = new FormRows(labelCharacters);
    rows->addRow(tr("Theme"), m_theme);
    rows->addRow(tr("Size of text"), makeSize());
    rows->addRow(tr("Numbers"), m_numbers);
    rows->addRow(QString(), makeNumbers());
    rows->addRow(tr("Motion"), m_motion);
    rows->addRow(tr("Presentation"), makePanels(panels));
    auto* buttons =
        new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel | QDialogButtonBox::RestoreDefaults);
    connect(buttons, &QDialogButtonBox::accepted, this, &PreferencesDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &PreferencesDialog::reject);
    connect(buttons->button(QDialogButtonBox::RestoreDefaults), &QPushButton::clicked, this, [this] {
        setPreferences(Preferences());
        display(preferences());
    });
    auto* column = new QVBoxLayout(this);
    column->setSizeConstraint(QLayout::SetFixedSize);  // grows and shrinks with the text
    column->setSpacing(12);
    column->addWidget(rows);
    column->addWidget(buttons);
    for (SegmentedSwitch* each : {m_theme, m_numbers, m_motion})
        connect(each, &SegmentedSwitch::chosen, this, &PreferencesDialog::take);
    display(m_before);
}

QWidget* PreferencesDialog::makeSize() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    m_size = new QSlider(Qt::Horizontal);
    introduce(m_size, "textSize", tr("Size of text"), tr("Everywhere, in plots too; from 80 % to 200 % of the usual."));
    m_size->setRange(TextSize::leastPercent / percentStep, TextSize::mostPercent / percentStep);
    m_size->setPageStep(1);
    m_percent = new QLabel;
    m_percent->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    layout->addWidget(m_size, 1);
    layout->addWidget(m_percent);
    connect(m_size, &QSlider::valueChanged, this, &PreferencesDialog::take);
    return row;
}

QWidget* PreferencesDialog::makeNumbers() {
    auto* row = new QWidget;
    auto* layout = new QVBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    m_grouped = new QCheckBox(tr("groups of three digits"));
    introduce(m_grouped, "groupDigits", tr("Groups of three digits"),
              tr("A narrow space between groups; the decimal point stays a point."));
    m_example = new QLabel;
    m_example->setObjectName(QStringLiteral("numberExample"));
    useFont(m_example, TextRole::Number, -1);
    muteLabel(m_example);
    layout->addWidget(m_grouped);
    layout->addWidget(m_example);
    connect(m_grouped, &QCheckBox::toggled, this, &PreferencesDialog::take);
    return row;
}

QWidget* PreferencesDialog::makePanels(const QList<PanelChoice>& panels) {
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    for (int i = 0; i < Preferences::mostPanels; ++i) {
        auto* combo = new QComboBox;
        introduce(combo, "", tr("Panel %1 of the presentation").arg(i + 1),
                  tr("What the presentation (F5) shows beside the transport. With nothing chosen at all it shows the "
                     "calculation and what is most instructive."));
        combo->setObjectName(QStringLiteral("presentationPanel%1").arg(i + 1));
        combo->addItem(QStringLiteral("–"), QString());
        for (const PanelChoice& panel : panels)
            combo->addItem(panel.title, panel.name);
        connect(combo, &QComboBox::activated, this, &PreferencesDialog::take);
        layout->addWidget(combo);
        m_panels << combo;
    }
    return box;
}

void PreferencesDialog::display(const Preferences& shown) {
    const QScopedValueRollback showing(m_isShowing, true);
    m_theme->setCurrent(static_cast<int>(shown.shownTheme()));
    m_size->setValue(qRound(shown.textPercent / static_cast<double>(percentStep)));
    m_numbers->setCurrent(static_cast<int>(shown.numbers.style));
    m_grouped->setChecked(shown.numbers.grouped);
    m_motion->setCurrent(static_cast<int>(shown.motion));
    for (qsizetype i = 0; i < m_panels.size(); ++i)
        m_panels[i]->setCurrentIndex(std::max(0, m_panels[i]->findData(shown.presentationPanels.value(i))));
    refreshTexts();
}

Preferences PreferencesDialog::chosen() const {
    Preferences wanted;
    wanted.theme = preferences().theme;
    wanted.themeOfRun = preferences().themeOfRun;
    if (const auto theme = static_cast<Theme::Mode>(m_theme->current()); theme != wanted.shownTheme())
        wanted.chooseTheme(theme);
    wanted.textPercent = m_size->value() * percentStep;
    wanted.numbers = {static_cast<NumberStyle>(m_numbers->current()), m_grouped->isChecked()};
    wanted.motion = static_cast<Motion>(m_motion->current());
    for (const QComboBox* combo : m_panels)
        if (const QString name = combo->currentData().toString();
            !name.isEmpty() && !wanted.presentationPanels.contains(name))
            wanted.presentationPanels << name;
    return wanted;
}

void PreferencesDialog::take() {
    if (m_isShowing)
        return;
    setPreferences(chosen());
    refreshTexts();
}

void PreferencesDialog::refreshTexts() {
    m_percent->setText(tr("%1 %").arg(m_size->value() * percentStep));
    m_percent->setMinimumWidth(m_percent->fontMetrics().horizontalAdvance(tr("%1 %").arg(TextSize::mostPercent)));
    m_example->setText(QStringLiteral("%1   %2   %3")
                           .arg(formatNumber(5.53314), formatNumber(-0.0000920317), formatNumber(31415.9265)));
}

void PreferencesDialog::accept() {
    savePreferences(preferences());
    QDialog::accept();
}

void PreferencesDialog::reject() {
    setPreferences(m_before);
    QDialog::reject();
}

}  // namespace bnstudio
