// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/generator_form.h"

#include "core/data/batch_stream.h"
#include "core/error.h"
#include "ui/format.h"
#include "ui/panels/apply_setting.h"
#include "ui/panels/recipe_channels.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/number_list.h"
#include "ui/widgets/value_table_dialog.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QRandomGenerator>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace bnstudio {
namespace {

/// Kinds whose values are a sum of mean and normal noise, part of which channels can share.
bool canCorrelate(GeneratorSpec::Kind kind) {
    using Kind = GeneratorSpec::Kind;
    return kind == Kind::Normal || kind == Kind::LogNormal || kind == Kind::Mixture;
}

std::vector<double> widened(const std::vector<double>& values, std::int64_t channels) {
    std::vector<double> wide(static_cast<std::size_t>(channels));
    for (std::size_t c = 0; c < wide.size(); ++c)
        wide[c] = perChannel(values, static_cast<std::int64_t>(c));
    return wide;
}

/// More channels than any layer on display needs; every list of one value a channel would grow to that size.
constexpr std::int64_t maximumChannels = std::int64_t{1} << 22;

/// A sentence when a batch of this shape is larger than the run would take. Called before anything is made as wide as
/// the shape asks for.
QString shapeProblem(const GeneratorSpec& spec, DType dtype) {
    const std::int64_t most = BatchStream::defaultByteLimit / static_cast<std::int64_t>(itemSize(dtype));
    // Divided rather than multiplied: the product of three fields of nine digits does not fit 64 bits.
    const std::int64_t mostSamples = most / std::max<std::int64_t>(spec.c, 1) / std::max<std::int64_t>(spec.l, 1);
    if (spec.c <= maximumChannels && spec.n <= mostSamples)
        return {};
    return GeneratorForm::tr("N × C × L: %1 is too large; a batch has at most %2 channels and %3 values of %4.")
        .arg(shapeFieldText(spec.n, spec.c, spec.l), formatCount(maximumChannels), formatCount(most),
             QString::fromStdString(std::string(name(dtype))));
}

/// One value again when all channels have the same.
std::vector<double> narrowed(const std::vector<double>& values) {
    for (const double value : values)
        if (value != values.front())
            return values;
    return {values.front()};
}

}  // namespace

GeneratorForm::GeneratorForm(Session& session, QWidget* parent) : QWidget(parent), m_session(session) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    m_rows = new FormRows(12);
    column->addWidget(m_rows);
    column->addStretch(1);
    makeDistribution();
    makeRows();
}

const GeneratorSpec* GeneratorForm::current() const {
    const std::vector<SourceSpec>& sources = m_session.recipe().data.sources;
    if (m_source < 0 || m_source >= static_cast<int>(sources.size()))
        return nullptr;
    return std::get_if<GeneratorSpec>(&sources[static_cast<std::size_t>(m_source)]);
}

void GeneratorForm::makeDistribution() {
    m_kind = new QComboBox;
    introduce(m_kind, "distributionCombo", tr("Distribution"),
              tr("The distribution that every value of a channel is drawn from."));
    using Kind = GeneratorSpec::Kind;
    const std::pair<QString, Kind> kinds[] = {{tr("normal"), Kind::Normal},        {tr("uniform"), Kind::Uniform},
                                              {tr("log-normal"), Kind::LogNormal}, {tr("Student-t"), Kind::StudentT},
                                              {tr("constant"), Kind::Constant},    {tr("mixture"), Kind::Mixture}};
    for (const auto& [text, kind] : kinds)
        m_kind->addItem(text, static_cast<int>(kind));
    m_kind->setMinimumContentsLength(6);
    m_kind->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    connect(m_kind, &QComboBox::activated, this, &GeneratorForm::chooseKind);
}

void GeneratorForm::makeRows() {
    CommitField* shape = addField(
        "shapeField", tr("N × C × L"),
        tr("Samples × channels × positions of a batch; every channel is normalised over its N·L values."),
        [](const GeneratorSpec& spec) { return shapeFieldText(spec.n, spec.c, spec.l); },
        [](GeneratorSpec& spec, const QString& text) {
            return parseShape(text, spec.n, spec.c, spec.l)
                       ? QString()
                       : tr("N × C × L: “%1” is not a shape; expected one like 32 × 8 or 16 × 4 × 10.").arg(text);
        });
    m_rows->addRow(tr("N × C × L"), shape);
    m_rows->addRow(tr("Distribution"), m_kind);
    m_rows->addRow(tr("Mean"), makeMeanRow());
    m_std = addList("stdField", tr("standard deviation"),
                    tr("Standard deviation of a channel's values; one number for all channels, or one each: 1/2/0.5."),
                    &GeneratorSpec::std);
    m_rows->addRow(tr("Std"), m_std);
    m_correlation = addNumber("correlationField", tr("correlation"),
                              tr("Share of the variance that all channels of a sample have in common, from 0 up to 1."),
                              &GeneratorSpec::correlation);
    m_rows->addPair(tr("Spread, corr."),
                    addNumber("spreadField", tr("spread of the means"),
                              tr("Fans the channel means out: the first lies this many std lower, the last as many "
                                 "higher."),
                              &GeneratorSpec::spread),
                    m_correlation);
    m_rows->addRow(tr("Drift per step"),
                   addList("driftField", tr("drift per step"),
                           tr("Added to the mean at every step: running_mean has to follow a moving target."),
                           &GeneratorSpec::drift));
    m_rows->addPair(tr("Outl., NaN %"),
                    addNumber("outliersField", tr("outliers in percent"),
                              tr("Percent of the values that lie ten times as far from their mean."),
                              &GeneratorSpec::outliers, 0.01),
                    addNumber("nanField", tr("NaN in percent"),
                              tr("Percent of the values that are NaN: a single one makes the whole channel NaN."),
                              &GeneratorSpec::nan, 0.01));
    m_rows->addRow(tr("Seed"), makeSeedRow());
    m_df =
        addNumber("dfField", tr("degrees of freedom"),
                  tr("Degrees of freedom of Student's t: the smaller, the heavier the tails; the variance needs more "
                     "than 2."),
                  &GeneratorSpec::df);
    m_rows->addRow(tr("Freedom df"), m_df);
    m_mean2 = addList("mean2Field", tr("mean of the second population"), tr("Mean of the second population."),
                      &GeneratorSpec::mean2);
    m_rows->addPair(tr("2nd µ, std"), m_mean2,
                    addList("std2Field", tr("std of the second population"),
                            tr("Standard deviation of the second population."), &GeneratorSpec::std2));
    m_weight2 =
        addNumber("weight2Field", tr("share of the second population in percent"),
                  tr("Percent of the values that come from the second population."), &GeneratorSpec::weight2, 0.01);
    m_rows->addRow(tr("2nd share %"), m_weight2);
}

QWidget* GeneratorForm::makeMeanRow() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(addList("meanField", tr("mean"),
                              tr("Mean of a channel's values; one number for all channels, or one each: 0/5/-3."),
                              &GeneratorSpec::mean));
    auto* table = new QToolButton;
    table->setText(QStringLiteral("…"));
    table->setStyleSheet(QStringLiteral("padding: 3px 4px;"));
    introduce(table, "perChannelButton", tr("per channel…"),
              tr("per channel…: a table of mean, std and drift for each channel."));
    connect(table, &QToolButton::clicked, this, &GeneratorForm::openChannelTable);
    layout->addWidget(table);
    return row;
}

QWidget* GeneratorForm::makeSeedRow() {
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(addField(
        "seedField", tr("seed"), tr("The same seed gives the same numbers on every machine."),
        [](const GeneratorSpec& spec) { return QString::number(spec.seed); },
        [](GeneratorSpec& spec, const QString& text) {
            return parseSeed(text, spec.seed)
                       ? QString()
                       : tr("Seed: “%1” is not a whole number from 0 to 18446744073709551615.").arg(text);
        }));
    auto* fresh = new QToolButton;
    fresh->setText(tr("new"));
    fresh->setStyleSheet(QStringLiteral("padding: 3px 6px;"));
    introduce(fresh, "newSeedButton", tr("new seed"), tr("new seed: other numbers from the same distribution."));
    connect(fresh, &QToolButton::clicked, this, [this] {
        if (const GeneratorSpec* spec = current()) {
            GeneratorSpec next = *spec;
            next.seed = QRandomGenerator::global()->bounded(1000000);
            push(next, tr("Seed %1").arg(next.seed));
        }
    });
    layout->addWidget(fresh);
    return row;
}

CommitField* GeneratorForm::addField(const char* id, const QString& name, const QString& sentence, Writer write,
                                     Reader read) {
    auto* field = new CommitField;
    introduce(field, id, name, sentence);
    m_entries.push_back({field, name, std::move(write), std::move(read)});
    connect(field, &CommitField::committed, this, [this, i = m_entries.size() - 1] { commit(m_entries[i]); });
    return field;
}

CommitField* GeneratorForm::addNumber(const char* id, const QString& name, const QString& sentence,
                                      double GeneratorSpec::*member, double unit) {
    return addField(
        id, name, sentence,
        [=](const GeneratorSpec& spec) {
            // Percent are rounded for reading: 0.07 · 100 is not quite 7.
            return unit == 1 ? formatExact(spec.*member) : QString::number(spec.*member / unit, 'g', 12);
        },
        [=](GeneratorSpec& spec, const QString& text) {
            double value = 0;
            QString number = text.trimmed();
            if (unit != 1 && number.endsWith(QLatin1Char('%')))
                number.chop(1);
            if (!parseNumber(number, value))
                return tr("%1: “%2” is not a number; expected one like 0.5.").arg(name, text);
            spec.*member = unit == 1 ? value : value / (1 / unit);
            return QString();
        });
}

CommitField* GeneratorForm::addList(const char* id, const QString& name, const QString& sentence,
                                    std::vector<double> GeneratorSpec::*member) {
    return addField(
        id, name, sentence, [=](const GeneratorSpec& spec) { return numberListText(spec.*member); },
        [=](GeneratorSpec& spec, const QString& text) {
            QString problem;
            parseNumberList(text, spec.c, spec.*member, problem);
            return problem.isEmpty() ? problem : name + QStringLiteral(": ") + problem;
        });
}

void GeneratorForm::commit(const Entry& entry) {
    const GeneratorSpec* spec = current();
    if (!spec)
        return;
    GeneratorSpec next = *spec;
    const QString problem = entry.read(next, entry.field->text());
    if (!problem.isEmpty()) {
        refuseText(m_session, *entry.field, problem);
        return;
    }
    push(next, tr("Data: %1 %2").arg(entry.name, entry.write(next)), entry.field);
}

void GeneratorForm::chooseKind(int index) {
    const GeneratorSpec* spec = current();
    if (!spec)
        return;
    GeneratorSpec next = *spec;
    next.kind = static_cast<GeneratorSpec::Kind>(m_kind->itemData(index).toInt());
    if (!canCorrelate(next.kind))
        next.correlation = 0;
    push(next, tr("Data: %1").arg(m_kind->itemText(index)));
}

bool GeneratorForm::push(GeneratorSpec spec, const QString& text, CommitField* field) {
    Recipe next = m_session.recipe();
    auto& target = std::get<GeneratorSpec>(next.data.sources[static_cast<std::size_t>(m_source)]);
    const std::int64_t channels = target.c;
    const QString problem = shapeProblem(spec, next.lanes.front().layer.dtype);
    const bool reshaped = spec.n != target.n || spec.c != target.c || spec.l != target.l;
    if (reshaped && !problem.isEmpty()) {
        refuse(problem, field);
        return false;
    }
    if (spec.c != channels) {
        target.n = spec.n;
        target.l = spec.l;
        fitChannels(next, channels, spec.c);
        spec = target;
    }
    try {
        validate(spec);
    } catch (const Error& error) {
        refuse(QString::fromUtf8(error.what()), field);
        return false;
    }
    target = std::move(spec);
    m_session.edit(text, std::move(next));
    return true;
}

void GeneratorForm::refuse(const QString& sentence, CommitField* field) {
    if (field)
        refuseText(m_session, *field, sentence);
    else
        m_session.showMessage(sentence);
}

void GeneratorForm::openChannelTable() {
    const GeneratorSpec* spec = current();
    if (!spec)
        return;
    std::vector<ValueColumn> columns{{tr("mean"), widened(spec->mean, spec->c)},
                                     {tr("std"), widened(spec->std, spec->c)},
                                     {tr("drift per step"), widened(spec->drift, spec->c)}};
    if (spec->kind == GeneratorSpec::Kind::Mixture) {
        columns.push_back({tr("2nd mean"), widened(spec->mean2, spec->c)});
        columns.push_back({tr("2nd std"), widened(spec->std2, spec->c)});
    }
    auto* dialog = new ValueTableDialog(tr("Data per channel"), m_session, columns, this);
    dialog->setObjectName(QStringLiteral("perChannelDialog"));
    connect(dialog, &ValueTableDialog::accepted, this, [this, dialog, count = columns.size()] {
        if (!current())
            return;
        GeneratorSpec next = *current();
        const std::array lists{&next.mean, &next.std, &next.drift, &next.mean2, &next.std2};
        for (std::size_t i = 0; i < count; ++i)
            *lists[i] = narrowed(dialog->values(i));
        push(next, tr("Data per channel"));
    });
    dialog->open();
}

void GeneratorForm::showSource(int source) {
    m_source = source;
    const GeneratorSpec* spec = current();
    if (!spec)
        return;
    for (const Entry& entry : m_entries)
        entry.field->showValue(entry.write(*spec));
    m_kind->setCurrentIndex(m_kind->findData(static_cast<int>(spec->kind)));
    m_std->setEnabled(spec->kind != GeneratorSpec::Kind::Constant);
    m_correlation->setEnabled(canCorrelate(spec->kind));
    m_rows->setRowVisible(m_df, spec->kind == GeneratorSpec::Kind::StudentT);
    m_rows->setRowVisible(m_mean2, spec->kind == GeneratorSpec::Kind::Mixture);
    m_rows->setRowVisible(m_weight2, spec->kind == GeneratorSpec::Kind::Mixture);
}

}  // namespace bnstudio
