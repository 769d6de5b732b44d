// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/mnemonics.h"

#include <QApplication>
#include <QCheckBox>
#include <QDialog>
#include <QEvent>
#include <QKeySequence>
#include <QLabel>
#include <QPushButton>

#include <functional>
#include <set>
#include <vector>

namespace bnstudio {

namespace {

/// A text of a dialog that can carry a mnemonic.
struct Carrier {
    QString text;
    std::function<void(const QString&)> setText;
};

std::vector<Carrier> carriersIn(QWidget& dialog) {
    std::vector<Carrier> all;
    for (auto* widget : dialog.findChildren<QWidget*>()) {
        auto* label = qobject_cast<QLabel*>(widget);
        auto* button = qobject_cast<QAbstractButton*>(widget);
        if (label && label->buddy())
            all.push_back({label->text(), [label](const QString& text) { label->setText(text); }});
        else if (button && (qobject_cast<QPushButton*>(button) || qobject_cast<QCheckBox*>(button)))
            all.push_back({button->text(), [button](const QString& text) { button->setText(text); }});
    }
    return all;
}

/// Greek letters stand for numbers of the formulas and are on few keyboards.
bool canBeMnemonic(QChar letter) {
    return letter.isLetterOrNumber() && letter.script() != QChar::Script_Greek;
}

/// Where the letter for Alt may stand in a text: first letters of words, then the others.
std::vector<qsizetype> placesIn(const QString& text) {
    std::vector<qsizetype> first, other;
    for (qsizetype i = 0; i < text.size(); ++i)
        if (canBeMnemonic(text[i]))
            (i == 0 || text[i - 1].isSpace() ? first : other).push_back(i);
    first.insert(first.end(), other.begin(), other.end());
    return first;
}

class Watcher : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::Show)
            if (auto* dialog = qobject_cast<QDialog*>(watched))
                giveMnemonics(*dialog);
        return false;
    }
};

}  // namespace

void giveMnemonics(QWidget& dialog) {
    const std::vector<Carrier> carriers = carriersIn(dialog);
    std::set<QChar> taken;
    for (const Carrier& each : carriers)
        if (const QString key = QKeySequence::mnemonic(each.text).toString(); !key.isEmpty())
            taken.insert(key.back().toLower());
    for (const Carrier& each : carriers) {
        if (each.text.contains(u'&'))
            continue;
        for (const qsizetype place : placesIn(each.text))
            if (taken.insert(each.text[place].toLower()).second) {
                each.setText(QString(each.text).insert(place, u'&'));
                break;
            }
    }
}

void installMnemonics() {
    static bool isDone = false;
    if (!isDone)
        qApp->installEventFilter(new Watcher(qApp));
    isDone = true;
}

}  // namespace bnstudio
