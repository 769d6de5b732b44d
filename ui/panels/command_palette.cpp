// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/command_palette.h"

#include "ui/models/command_list_model.h"
#include "ui/panels/command_row.h"
#include "ui/theme.h"
#include "ui/widgets/introduce.h"
#include "ui/widgets/spoken.h"

#include <QApplication>
#include <QFrame>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSettings>
#include <QVBoxLayout>

#include <algorithm>

namespace bnstudio {

namespace {

const QString recentKey = QStringLiteral("commands/recent");
constexpr int mostRecent = 20, mostRows = 9, fullWidth = 640, fromTop = 72;

/// Field and list together are what screen readers know as an editable combo box.
class ComboFrame : public QFrame, public Spoken {
public:
    QAccessible::Role spokenRole() const override { return QAccessible::ComboBox; }
    QString spokenDescription() override { return accessibleDescription(); }
};

}  // namespace

CommandPalette::CommandPalette(std::vector<Command> commands, Typed typed, QWidget& window)
    : QDialog(&window, Qt::Dialog | Qt::FramelessWindowHint),
      m_typed(std::move(typed)),
      m_model(new CommandListModel(std::move(commands), recentlyUsed(), this)),
      m_field(new QLineEdit),
      m_list(new QListView),
      m_nothing(new QLabel),
      m_before(QApplication::focusWidget()) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setObjectName(QStringLiteral("commandPalette"));
    setWindowTitle(tr("Find a command"));
    build();
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::find);
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex& index) {
        setRow(index.row());
        choose();
    });
    find({});
}

void CommandPalette::build() {
    introduce(m_field, "commandField", tr("Find a command"),
              tr("Type a few letters; the arrow keys walk the list, Enter runs the chosen command, Esc closes."));
    m_field->setPlaceholderText(tr("A command, a panel, “step 120”, “channel 3”, “momentum 0.3” …"));
    m_field->setClearButtonEnabled(false);
    m_field->setMinimumHeight(34);
    m_field->installEventFilter(this);
    introduce(m_list, "commandList", tr("Commands that fit"), tr("The commands that fit what was typed, best first."));
    m_list->setToolTip({});  // would cover the rows
    m_list->setModel(m_model);
    m_list->setItemDelegate(new CommandRow(m_list));
    m_list->setFocusPolicy(Qt::NoFocus);  // walked through from the field
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setMouseTracking(true);
    m_nothing->setObjectName(QStringLiteral("muted"));
    m_nothing->setContentsMargins(10, 6, 10, 6);
    m_nothing->setWordWrap(true);
    auto* frame = new ComboFrame;
    frame->setObjectName(QStringLiteral("cardFrame"));
    frame->setAccessibleName(windowTitle());
    auto* column = new QVBoxLayout(frame);
    column->setContentsMargins(10, 10, 10, 8);
    column->setSpacing(6);
    for (QWidget* part : std::initializer_list<QWidget*>{m_field, m_nothing, m_list})
        column->addWidget(part);
    auto* outside = new QVBoxLayout(this);
    outside->setContentsMargins(0, 0, 0, 0);
    outside->addWidget(frame);
    setStyleSheet(QStringLiteral("#cardFrame { background: %1; border: 1px solid %2; } QListView { border: none; }")
                      .arg(colors().panel.name(), colors().faintText.name()));
}

void CommandPalette::showEvent(QShowEvent* event) {
    const QWidget* window = parentWidget();
    setFixedWidth(std::min(fullWidth, window->width() - 40));
    m_list->setFixedHeight(mostRows * CommandRow::height() + 2);
    adjustSize();
    const QPoint middle = window->mapToGlobal(QPoint((window->width() - width()) / 2, fromTop));
    QDialog::move(middle);
    m_field->setFocus(Qt::PopupFocusReason);
    QDialog::showEvent(event);
}

QStringList CommandPalette::rows() const {
    QStringList texts;
    for (int row = 0; row < m_model->rowCount(); ++row)
        texts << m_model->command(row).text;
    return texts;
}

QStringList CommandPalette::recentlyUsed() {
    return QSettings().value(recentKey).toStringList();
}

void CommandPalette::find(const QString& query) {
    m_model->find(query, m_typed(query));
    m_nothing->setText(tr("Nothing fits “%1”. Try a word of what you want to see or change.").arg(query.simplified()));
    m_nothing->setVisible(m_model->rowCount() == 0);
    m_list->setVisible(m_model->rowCount() > 0);
    if (m_model->rowCount() > 0)
        setRow(0);
}

void CommandPalette::setRow(int row) {
    const QModelIndex index = m_model->index(row);
    m_list->setCurrentIndex(index);
    m_list->scrollTo(index);
    // The focus stays in the field; a screen reader hears the row all the same.
    m_field->setAccessibleDescription(index.data(Qt::AccessibleTextRole).toString());
    QAccessibleEvent spoken(m_list, QAccessible::Focus);
    spoken.setChild(row);
    QAccessible::updateAccessibility(&spoken);
}

void CommandPalette::move(int rows) {
    const int count = m_model->rowCount();
    if (count == 0)
        return;
    const int wanted = m_list->currentIndex().row() + rows;
    if (std::abs(rows) == 1)
        setRow((wanted + count) % count);
    else
        setRow(std::clamp(wanted, 0, count - 1));
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_field || event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Up:
        move(-1);
        return true;
    case Qt::Key_Down:
        move(1);
        return true;
    case Qt::Key_PageUp:
        move(1 - mostRows);
        return true;
    case Qt::Key_PageDown:
        move(mostRows - 1);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        choose();
        return true;
    default:
        return false;
    }
}

void CommandPalette::choose() {
    const QModelIndex index = m_list->currentIndex();
    if (!index.isValid() || m_model->rowCount() == 0)
        return;
    const Command chosen = m_model->command(index.row());  // the model goes away with the dialog
    if (!chosen.enabled)
        return;
    if (!chosen.completion.isEmpty())
        return m_field->setText(chosen.completion);
    QStringList recent = recentlyUsed();
    recent.removeAll(chosen.id);
    recent.prepend(chosen.id);
    QSettings().setValue(recentKey, QStringList(recent.mid(0, mostRecent)));
    accept();
    chosen.run();
}

/// The focus goes back before a command runs, which may act on what has it or move it elsewhere.
void CommandPalette::done(int result) {
    QDialog::done(result);
    parentWidget()->activateWindow();
    if (m_before)
        m_before->setFocus(Qt::PopupFocusReason);
}

}  // namespace bnstudio
