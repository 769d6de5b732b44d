// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

#include <functional>
#include <vector>

class QComboBox;

namespace bnstudio {

class CommitField;
class FormRows;

/// The settings of a generator source.
class GeneratorForm : public QWidget {
    Q_OBJECT
public:
    explicit GeneratorForm(Session& session, QWidget* parent = nullptr);
    /// Shows the recipe's source number @p source when that is a generator.
    void showSource(int source);
    /// The table of everything that can differ from channel to channel.
    void openChannelTable();

private:
    /// Writes the value into the spec, or returns a sentence that says what is wrong with the text.
    using Reader = std::function<QString(GeneratorSpec& spec, const QString& text)>;
    using Writer = std::function<QString(const GeneratorSpec& spec)>;
    struct Entry {
        CommitField* field;
        QString name;
        Writer write;
        Reader read;
    };
    CommitField* addField(const char* id, const QString& name, const QString& sentence, Writer write, Reader read);
    CommitField* addNumber(const char* id, const QString& name, const QString& sentence, double GeneratorSpec::*member,
                           double unit = 1);
    CommitField* addList(const char* id, const QString& name, const QString& sentence,
                         std::vector<double> GeneratorSpec::*member);
    void makeDistribution();
    QWidget* makeSeedRow();
    QWidget* makeMeanRow();
    void makeRows();
    void commit(const Entry& entry);
    void chooseKind(int index);
    bool push(GeneratorSpec spec, const QString& text, CommitField* field = nullptr);
    void refuse(const QString& sentence, CommitField* field);
    const GeneratorSpec* current() const;

    Session& m_session;
    int m_source = 0;
    std::vector<Entry> m_entries;
    FormRows* m_rows = nullptr;
    QComboBox* m_kind = nullptr;
    CommitField* m_std = nullptr;
    CommitField* m_correlation = nullptr;
    CommitField* m_df = nullptr;
    CommitField* m_mean2 = nullptr;
    CommitField* m_weight2 = nullptr;
};

}  // namespace bnstudio
