// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/recipe.h"

#include <QString>

#include <functional>

class QComboBox;
class QLineEdit;

namespace bnstudio {

class FormRows;

/// What is wrong with the text of a field, as a sentence.
struct FieldProblem {
    QString sentence;
};

/// The fields that fit an action: a number, a choice, a few of them, or none.
class ActionFields {
public:
    /// Adds its rows to @p rows; @p changed is called after every change by the user.
    ActionFields(FormRows& rows, const Action& action, std::int64_t channels, std::function<void()> changed);
    /// The action with the values of the fields. Throws FieldProblem.
    Action read() const { return m_read(); }
    bool isEmpty() const { return m_isEmpty; }

private:
    void show(const SetMomentum& action);
    void show(const SetEps& action);
    void show(const SetTrackRunningStats& action);
    void show(const SetAffine& action);
    void show(const SetWeight& action);
    void show(const SetBias& action);
    void show(const RemoveBuffers& action);
    void show(const SetMode& action);
    void show(const SetPasses& action);
    void show(const SetLoss& action);
    void show(const SetUpstream& action);
    void show(const SetOptimizer& action);
    void show(const EditCell& action);
    void show(const PadBatch& action);
    void show(const ScaleBatch& action);
    template <class T>
    void show(const T& action);

    template <class T>
    void showParameter(const T& action, const QString& name);
    QLineEdit* text(const char* id, const QString& name, const QString& text, const QString& sentence);
    QComboBox* choice(const char* id, const QString& name, const QStringList& words, int current);
    /// Fields that give back what was typed, or throw.
    std::function<double()> number(const char* id, const QString& name, double value);
    std::function<std::int64_t()> count(const char* id, const QString& name, std::int64_t value, std::int64_t low);
    std::function<std::uint64_t()> seed(const char* id, const QString& name, std::uint64_t value);
    std::function<std::vector<double>()> list(const char* id, const QString& name, const std::vector<double>& values);

    FormRows& m_rows;
    std::int64_t m_channels;
    std::function<void()> m_changed;
    std::function<Action()> m_read;
    bool m_isEmpty = false;
};

}  // namespace bnstudio
