// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/recording_panel.h"

#include "ui/format.h"
#include "ui/session/recorded_training.h"
#include "ui/session/session.h"
#include "ui/theme.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTableView>
#include <QVBoxLayout>

namespace bnstudio {

namespace {

int rowHeight() {
    return Theme::instance().scaled(22);
}

QString fromCore(const std::string& text) {
    return QString::fromStdString(text);
}

QStringList fromCore(const std::vector<std::string>& texts) {
    QStringList lines;
    for (const std::string& text : texts)
        lines << fromCore(text);
    return lines;
}

/// Text and numbers in columns; the first column is text.
void fillModel(QStandardItemModel& model, const QStringList& headings, const std::vector<QStringList>& rows) {
    model.clear();
    model.setHorizontalHeaderLabels(headings);
    for (int column = 0; column < headings.size(); ++column)
        model.horizontalHeaderItem(column)->setTextAlignment(column == 0 ? Qt::AlignLeft : Qt::AlignRight);
    for (const QStringList& cells : rows) {
        QList<QStandardItem*> items;
        for (const QString& cell : cells) {
            auto* item = new QStandardItem(cell);
            item->setEditable(false);
            item->setToolTip(cell);
            item->setTextAlignment((items.isEmpty() ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
            items << item;
        }
        model.appendRow(items);
    }
}

/// The panel scrolls as a whole; its tables show all of their rows.
void fitHeight(QTableView& table) {
    const int rows = table.model()->rowCount();
    table.setFixedHeight(table.horizontalHeader()->sizeHint().height() + rows * rowHeight() + 4);
}

QLabel* makeTitle(const QString& text) {
    auto* label = new QLabel(text);
    useFont(label, TextRole::Bold);
    return label;
}

}  // namespace

RecordingPanel::RecordingPanel(Session& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_empty(makeNote(tr("No recording is open. A recording is a real training in PyTorch, written by the module that "
                          "File ▸ Save the recorder for PyTorch… puts beside your script. Open its .npz file to replay "
                          "it and to compare every number with what must come out."))),
      m_file(makeNote()),
      m_work(new QWidget),
      m_doing(makeNote()),
      m_progress(new QProgressBar),
      m_cancel(new QPushButton(tr("Cancel"))),
      m_again(new QPushButton(tr("Compare again"))),
      m_verdict(new QLabel),
      m_link(new QLabel),
      m_numbers(makeNote()),
      m_advice(new QLabel),
      m_deviationsTitle(makeTitle(tr("Deviations"))),
      m_explanationsTitle(makeTitle(tr("Explanations tried"))),
      m_notes(makeNote()) {
    m_deviations = makeTable(new QStandardItemModel(this), "deviationsTable", tr("Deviations"),
                             tr("For every quantity, at how many steps it differs, and the value furthest beyond its "
                                "tolerance; double-click goes there."));
    m_explanations = makeTable(new QStandardItemModel(this), "explanationsTable", tr("Explanations tried"),
                               tr("What would have to be true instead, how many of the differences it explains, and "
                                  "how far beyond the tolerance what remains is. The best one is first."));
    introduce(m_verdict, "recordingVerdict", tr("Verdict"), tr("What the comparison of the recording says."));
    introduce(m_link, "firstDifferenceLink", tr("First difference"),
              tr("Goes to the first step that differs, and selects the channel."));
    introduce(m_cancel, "cancelRecordingButton", tr("Cancel"), tr("Stops the comparison; the replay stays."));
    introduce(m_again, "compareAgainButton", tr("Compare again"), tr("Reads the file and compares it once more."));
    m_file->setObjectName(QStringLiteral("recordingFile"));
    m_numbers->setObjectName(QStringLiteral("recordingNumbers"));
    m_notes->setObjectName(QStringLiteral("recordingNotes"));
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(6);
    for (QLabel* label : {m_verdict, m_link, m_advice})
        label->setWordWrap(true);
    m_verdict->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_verdict->setContentsMargins(8, 6, 8, 6);
    m_verdict->setAutoFillBackground(true);
    m_link->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    auto* working = new QHBoxLayout(m_work);
    working->setContentsMargins(0, 0, 0, 0);
    working->addWidget(m_doing);
    working->addWidget(m_progress, 1);
    working->addWidget(m_cancel);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_empty, m_file, m_work, m_verdict, m_link, m_numbers, m_advice,
                                         m_deviationsTitle, m_deviations, m_explanationsTitle, m_explanations, m_notes})
        column->addWidget(widget);
    column->addWidget(m_again, 0, Qt::AlignLeft);
    column->addStretch(1);
    RecordedTraining& recorded = m_session.recorded();
    connect(m_cancel, &QPushButton::clicked, &recorded, &RecordedTraining::cancel);
    connect(m_again, &QPushButton::clicked, &recorded, &RecordedTraining::restart);
    connect(m_link, &QLabel::linkActivated, this, [this] {
        if (m_shown && m_shown->first)
            goTo(*m_shown->first);
    });
    connect(m_deviations, &QTableView::activated, this,
            [this](const QModelIndex& index) { goTo(m_rows.at(static_cast<std::size_t>(index.row())).worst); });
    connect(&m_session, &Session::changed, this, [this](Changes changes) {
        if (changes & (Change::Recording | Change::Data))
            refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, &RecordingPanel::paintVerdict);
    refresh();
}

QTableView* RecordingPanel::makeTable(QStandardItemModel* model, const char* id, const QString& name,
                                      const QString& sentence) {
    auto* table = new QTableView;
    introduce(table, id, name, sentence);
    table->setModel(model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setShowGrid(false);
    table->setTabKeyNavigation(false);
    table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    table->verticalHeader()->hide();
    fitToText(table, [table] {
        table->verticalHeader()->setDefaultSectionSize(rowHeight());
        fitHeight(*table);
    });
    table->horizontalHeader()->setHighlightSections(false);
    return table;
}

void RecordingPanel::goTo(const TraceCheck& check) {
    if (!m_session.recorded().isReplayed())
        return;
    m_session.pause();
    m_session.goTo(check.index);
    if (check.channel >= 0)
        m_session.selectChannel(check.channel);
}

void RecordingPanel::refresh() {
    const RecordedTraining& recorded = m_session.recorded();
    m_shown = recorded.diagnosis();
    m_empty->setVisible(recorded.state() == RecordedTraining::State::None);
    showProgress();
    showFile();
    showVerdict();
    showFirst();
    showTables();
}

void RecordingPanel::showProgress() {
    using enum RecordedTraining::State;
    const RecordedTraining& recorded = m_session.recorded();
    m_work->setVisible(recorded.isBusy());
    m_doing->setText(recorded.state() == Reading ? tr("Reading…") : tr("Comparing…"));
    m_progress->setRange(0, 1000);
    m_progress->setValue(static_cast<int>(recorded.progress() * 1000));
    m_again->setVisible(recorded.state() == Cancelled || recorded.state() == Failed);
}

/// "trace.npz · net.1 · 80 steps · PyTorch 1.13.1 · autocast bfloat16"
void RecordingPanel::showFile() {
    const RecordedTraining& recorded = m_session.recorded();
    m_file->setVisible(!recorded.path().isEmpty());
    m_file->setToolTip(recorded.path());
    QStringList words{QFileInfo(recorded.path()).fileName()};
    if (const auto trace = recorded.trace()) {
        const TraceMeta& meta = trace->meta();
        if (!meta.layer.empty())
            words << fromCore(meta.layer);
        words << tr("%1 steps").arg(formatCount(trace->length()));
        if (!trace->hasBatches())
            words << tr("statistics only");
        if (!meta.torchVersion.empty())
            words << tr("PyTorch %1").arg(fromCore(meta.torchVersion));
        if (!meta.autocast.empty())
            words << tr("autocast %1").arg(fromCore(meta.autocast));
    }
    m_file->setText(words.join(QStringLiteral(" · ")));
}

void RecordingPanel::showVerdict() {
    const RecordedTraining& recorded = m_session.recorded();
    QString text;
    if (m_shown)
        text = (m_shown->agrees() ? QStringLiteral("✓ ") : QStringLiteral("⚑ ")) + fromCore(m_shown->verdict);
    else if (recorded.state() == RecordedTraining::State::Failed)
        text = recorded.error();
    else if (recorded.state() == RecordedTraining::State::Cancelled)
        text = tr("The comparison was cancelled.");
    m_verdict->setText(text);
    m_verdict->setVisible(!text.isEmpty());
    m_advice->setText(m_shown ? fromCore(m_shown->advice) : QString());
    m_advice->setVisible(!m_advice->text().isEmpty());
    QStringList notes = m_shown ? fromCore(m_shown->notes) : QStringList();
    if (const auto trace = recorded.trace(); trace && m_shown)
        for (const QString& note : fromCore(trace->notes()))
            if (!notes.contains(note))
                notes << note;
    m_notes->setText(notes.join(u'\n'));
    m_notes->setVisible(!notes.isEmpty());
    paintVerdict();
}

void RecordingPanel::paintVerdict() {
    const bool agrees = m_shown && m_shown->agrees(), differs = m_shown && !m_shown->agrees();
    QPalette palette = m_verdict->palette();
    palette.setColor(QPalette::Window, agrees    ? colors().affinePale
                                       : differs ? colors().differenceSoft
                                                 : colors().warningSoft);
    m_verdict->setPalette(palette);
}

void RecordingPanel::showFirst() {
    const bool differs = m_shown && m_shown->first;
    m_link->setVisible(differs);
    m_numbers->setVisible(differs);
    if (!differs)
        return;
    const TraceCheck& first = *m_shown->first;
    const QString place = placeText(first, m_session).toHtmlEscaped();
    m_link->setText(m_session.recorded().isReplayed()
                        ? tr("First difference: %1").arg(QStringLiteral("<a href=\"first\">%1</a>").arg(place))
                        : tr("First difference: %1").arg(place));
    m_numbers->setText(
        tr("recorded %1, expected %2, tolerance %3")
            .arg(formatNumber(first.recorded, 7), formatNumber(first.expected, 7), formatNumber(first.tolerance, 2)));
}

void RecordingPanel::showTables() {
    m_rows = m_shown ? deviationRows(*m_shown) : std::vector<DeviationRow>();
    std::vector<QStringList> deviations, explanations;
    for (const DeviationRow& row : m_rows)
        deviations.push_back(deviationCells(row));
    if (m_shown)
        for (const TraceAlternative& tried : m_shown->tried)
            explanations.push_back(explanationCells(tried));
    const auto show = [](QTableView& table, QLabel& title, const QStringList& headings,
                         const std::vector<QStringList>& rows) {
        fillModel(*static_cast<QStandardItemModel*>(table.model()), headings, rows);
        table.horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
        table.horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
        table.horizontalHeader()->setMinimumSectionSize(30);
        fitHeight(table);
        table.setVisible(!rows.empty());
        title.setVisible(!rows.empty());
    };
    show(*m_deviations, *m_deviationsTitle, deviationHeadings(), deviations);
    show(*m_explanations, *m_explanationsTitle, explanationHeadings(), explanations);
}

}  // namespace bnstudio
