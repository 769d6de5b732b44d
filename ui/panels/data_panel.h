// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QWidget>

class QComboBox;
class QStackedWidget;
class QToolButton;

namespace bnstudio {

class BatchMenu;
class ElidedLabel;
class FileForm;
class FormRows;
class GeneratorForm;
class PastedForm;
class ScheduleForm;

/// Where the batches come from: a generator, a file, or values typed by hand. Edits go to the recipe's data at once,
/// always from the start.
class DataPanel : public QWidget {
    Q_OBJECT
public:
    explicit DataPanel(Session& session, QWidget* parent = nullptr);
    /// A muted line for the title bar of the card; it stands on top of the panel until a card takes it.
    QWidget* header() const;
    /// The menu of edits of the displayed step's batch, for the menu bar.
    BatchMenu* batchMenu() const { return m_batchMenu; }

public slots:
    void openPasteDialog();

signals:
    /// The user wants to choose a data file for the source being edited.
    void openFileRequested();

private:
    QWidget* makeSourceRow();
    void chooseKind(int kind);
    void addSource();
    void removeSource();
    void showSource(int source);
    void refresh();
    void refreshOrigin();

    Session& m_session;
    int m_source = 0;  ///< which of the recipe's sources the forms show
    ElidedLabel* m_origin = nullptr;
    FormRows* m_sourceRows = nullptr;
    QComboBox* m_kind = nullptr;
    QComboBox* m_which = nullptr;
    QToolButton* m_remove = nullptr;
    QStackedWidget* m_forms = nullptr;
    GeneratorForm* m_generator = nullptr;
    FileForm* m_file = nullptr;
    PastedForm* m_pasted = nullptr;
    ScheduleForm* m_schedule = nullptr;
    BatchMenu* m_batchMenu = nullptr;
};

}  // namespace bnstudio
