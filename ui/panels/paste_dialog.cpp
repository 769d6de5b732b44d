// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panels/paste_dialog.h"

#include "core/error.h"
#include "core/io/tensor_file.h"
#include "ui/format.h"
#include "ui/theme.h"
#include "ui/widgets/form_rows.h"
#include "ui/widgets/introduce.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace bnstudio {
namespace {

/// A pause in typing after which the text is read.
constexpr int pauseMs = 150;
/// Longer values are not written back into the editor.
constexpr std::size_t maximumShown = 100000;

QStringList numberTexts(const PastedSpec& spec, std::size_t first, std::size_t count) {
    QStringList parts;
    for (std::size_t i = first; i < first + count; ++i)
        parts << formatExact(spec.values[i]);
    return parts;
}

}  // namespace

QString pastedText(const PastedSpec& spec) {
    const auto rows = static_cast<std::size_t>(spec.shape[0]);
    const auto channels = static_cast<std::size_t>(spec.shape[1]);
    QStringList lines;
    if (spec.shape.size() == 2) {
        for (std::size_t n = 0; n < rows; ++n)
            lines << numberTexts(spec, n * channels, channels).join(QStringLiteral(", "));
        return lines.join(QLatin1Char('\n'));
    }
    const auto length = static_cast<std::size_t>(spec.shape[2]);
    for (std::size_t n = 0; n < rows; ++n) {
        QStringList lists;
        for (std::size_t c = 0; c < channels; ++c)
            lists << QStringLiteral("[%1]").arg(
                numberTexts(spec, (n * channels + c) * length, length).join(QStringLiteral(", ")));
        lines << QStringLiteral("[%1]").arg(lists.join(QStringLiteral(", ")));
    }
    return QStringLiteral("[%1]").arg(lines.join(QStringLiteral(",\n ")));
}

PasteDialog::PasteDialog(const std::optional<PastedSpec>& present, QWidget* parent)
    : QDialog(parent),
      m_editor(new QPlainTextEdit),
      m_result(makeNote()),
      m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setObjectName(QStringLiteral("pasteDialog"));
    setWindowTitle(tr("Paste or type values"));
    introduce(m_editor, "pasteEditor", tr("Values"),
              tr("A line is a sample, a column a channel; or a nested list; or the text of a tensor."));
    useFont(m_editor, TextRole::Number);
    m_editor->setTabChangesFocus(true);
    m_editor->setPlaceholderText(tr("1.0, 2.0\n3.0, 4.0\n\nor [[1, 2], [3, 4]] or tensor([[1., 2.], [3., 4.]])"));
    if (present && present->values.size() <= maximumShown)
        m_editor->setPlainText(pastedText(*present));
    m_result->setObjectName(QStringLiteral("pasteResult"));
    auto* column = new QVBoxLayout(this);
    column->addWidget(makeNote(tr("Samples in lines, channels in columns; three nested levels make (N, C, L).")));
    column->addWidget(m_editor, 1);
    column->addWidget(m_result);
    column->addWidget(m_buttons);
    m_pause.setSingleShot(true);
    m_pause.setInterval(pauseMs);
    connect(m_editor, &QPlainTextEdit::textChanged, this, [this] { m_pause.start(); });
    connect(&m_pause, &QTimer::timeout, this, &PasteDialog::read);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &PasteDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    resize(520, 380);
    read();
}

std::optional<PastedSpec> PasteDialog::read() {
    QPushButton* ok = m_buttons->button(QDialogButtonBox::Ok);
    const QString text = m_editor->toPlainText();
    if (text.trimmed().isEmpty()) {
        m_result->setText(tr("Nothing to read yet."));
        ok->setEnabled(false);
        return std::nullopt;
    }
    try {
        const Tensor tensor = parsePastedTensor(text.toStdString());
        const auto values = tensor.values<double>();
        m_result->setText(tr("Reads as %1: %2 samples, %3 channels.")
                              .arg(QString::fromStdString(shapeText(tensor.shape())))
                              .arg(tensor.shape()[0])
                              .arg(tensor.shape()[1]));
        ok->setEnabled(true);
        return PastedSpec{tensor.shape(), {values.begin(), values.end()}};
    } catch (const Error& error) {
        m_result->setText(QString::fromUtf8(error.what()));
        ok->setEnabled(false);
        return std::nullopt;
    }
}

void PasteDialog::accept() {
    if (const std::optional<PastedSpec> spec = read()) {
        emit pasted(*spec);
        QDialog::accept();
    }
}

}  // namespace bnstudio
