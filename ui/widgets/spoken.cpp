// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/spoken.h"

#include <QAccessibleWidget>
#include <QWidget>

namespace bnstudio {

namespace {

class SpokenInterface : public QAccessibleWidget, public QAccessibleValueInterface {
public:
    SpokenInterface(QWidget* widget, Spoken& spoken)
        : QAccessibleWidget(widget, spoken.spokenRole(), widget->accessibleName()), m_spoken(spoken) {}

    QString text(QAccessible::Text kind) const override {
        if (kind == QAccessible::Description)
            return m_spoken.spokenDescription();
        if (kind == QAccessible::Value && m_spoken.spokenValue())
            return QString::number(m_spoken.spokenValue()->now);
        return QAccessibleWidget::text(kind);
    }
    void* interface_cast(QAccessible::InterfaceType type) override {
        if (type == QAccessible::ValueInterface && m_spoken.spokenValue())
            return static_cast<QAccessibleValueInterface*>(this);
        return QAccessibleWidget::interface_cast(type);
    }
    QVariant currentValue() const override { return value().now; }
    void setCurrentValue(const QVariant& value) override { m_spoken.setSpokenValue(value.toDouble()); }
    QVariant minimumValue() const override { return value().least; }
    QVariant maximumValue() const override { return value().most; }
    QVariant minimumStepSize() const override { return 1.0; }

private:
    SpokenValue value() const { return m_spoken.spokenValue().value_or(SpokenValue()); }
    Spoken& m_spoken;
};

QAccessibleInterface* makeSpokenInterface(const QString&, QObject* object) {
    auto* widget = qobject_cast<QWidget*>(object);
    auto* spoken = dynamic_cast<Spoken*>(widget);
    return spoken ? new SpokenInterface(widget, *spoken) : nullptr;
}

}  // namespace

void installSpoken() {
    static const bool once = (QAccessible::installFactory(&makeSpokenInterface), true);
    static_cast<void>(once);
}

void Spoken::speakUp() {
    auto* widget = dynamic_cast<QWidget*>(this);
    if (!widget || !QAccessible::isActive())
        return;
    QAccessibleEvent description(widget, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&description);
    if (const auto value = spokenValue()) {
        QAccessibleValueChangeEvent event(widget, value->now);
        QAccessible::updateAccessibility(&event);
    }
}

}  // namespace bnstudio
