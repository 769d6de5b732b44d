// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/session/session.h"

#include <QElapsedTimer>
#include <QUndoCommand>

namespace bnstudio {

/// The one kind of undo entry: the recipe before and after.
class RecipeCommand : public QUndoCommand {
public:
    /// @p alreadyApplied: the session has the new recipe, the first redo does nothing.
    RecipeCommand(Session& session, const QString& text, Recipe before, Recipe after, int mergeId, bool alreadyApplied);
    void undo() override;
    void redo() override;
    int id() const override { return m_mergeId; }
    bool mergeWith(const QUndoCommand* other) override;
    bool leadsTo(const Recipe& recipe) const { return m_after == recipe; }

private:
    Session& m_session;
    Recipe m_before, m_after;
    int m_mergeId;
    bool m_skipRedo;
    QElapsedTimer m_age;
};

}  // namespace bnstudio
