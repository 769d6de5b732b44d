// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAccessible>
#include <QString>

#include <optional>

namespace bnstudio {

/// A number that a widget stands for, as a slider does.
struct SpokenValue {
    double now = 0, least = 0, most = 0;
};

/// A widget that paints what a screen reader cannot see and says it in words instead, at the moment it is asked: nothing
/// is put into words while nobody listens. A widget inherits this beside QWidget, and calls speakUp() when the words or
/// the value are other ones.
class Spoken {
public:
    virtual ~Spoken() = default;
    virtual QAccessible::Role spokenRole() const { return QAccessible::Graphic; }
    /// What there is to see, in words.
    virtual QString spokenDescription() = 0;
    virtual std::optional<SpokenValue> spokenValue() const { return std::nullopt; }
    virtual void setSpokenValue(double) {}

protected:
    /// Tells a screen reader that the description, and the value if there is one, changed.
    void speakUp();
};

/// Makes Qt's accessibility ask the widgets of this kind; to be called once before they are shown. More calls do nothing.
void installSpoken();

}  // namespace bnstudio
