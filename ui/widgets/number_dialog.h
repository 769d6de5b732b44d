// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include <optional>
#include <vector>

class QDialogButtonBox;
class QLabel;
class QLineEdit;

namespace bnstudio {

class FormRows;

/// Asks for a few numbers. OK is enabled as long as every text makes sense. Deletes itself when it is closed.
class NumberDialog : public QDialog {
    Q_OBJECT
public:
    NumberDialog(const QString& title, const QString& explanation, QWidget* parent = nullptr);
    /// Any number, also nan and inf.
    void addNumber(const char* id, const QString& name, double value);
    /// A whole number from @p low to @p high.
    void addCount(const char* id, const QString& name, std::int64_t value, std::int64_t low, std::int64_t high);
    double number(std::size_t index) const;
    std::int64_t count(std::size_t index) const;

private:
    struct Field {
        QLineEdit* edit;
        QString name;
        bool whole;
        std::int64_t low, high;
    };
    void add(const char* id, Field field, const QString& text);
    /// What is wrong with a field; empty when nothing is.
    QString problem(const Field& field) const;
    void check();

    std::vector<Field> m_fields;
    FormRows* m_rows;
    QLabel* m_note;
    QDialogButtonBox* m_buttons;
};

}  // namespace bnstudio
