// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/standard_buttons.h"

#include <QApplication>
#include <QDialogButtonBox>
#include <QEvent>
#include <QPushButton>

namespace bnstudio {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(bnstudio::StandardButtons)
};

QString sentenceFor(QDialogButtonBox::ButtonRole role) {
    switch (role) {
    case QDialogButtonBox::AcceptRole:
    case QDialogButtonBox::YesRole:
        return Words::tr("Does what this dialog says and closes it.");
    case QDialogButtonBox::RejectRole:
    case QDialogButtonBox::NoRole:
        return Words::tr("Closes this dialog and changes nothing.");
    case QDialogButtonBox::DestructiveRole:
        return Words::tr("Goes on without keeping the changes.");
    case QDialogButtonBox::ResetRole:
        return Words::tr("Puts the first values back.");
    default:
        return {};
    }
}

class Explaining : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() != QEvent::Polish)
            return false;
        auto* button = qobject_cast<QPushButton*>(watched);
        const auto* box = button ? qobject_cast<QDialogButtonBox*>(button->parentWidget()) : nullptr;
        if (!box || !button->toolTip().isEmpty())
            return false;
        const QString sentence = sentenceFor(box->buttonRole(button));
        button->setToolTip(sentence);
        button->setWhatsThis(sentence);
        return false;
    }
};

}  // namespace

void explainStandardButtons() {
    static bool isDone = false;
    if (!isDone)
        qApp->installEventFilter(new Explaining(qApp));
    isDone = true;
}

}  // namespace bnstudio
