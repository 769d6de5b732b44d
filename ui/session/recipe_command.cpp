// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/session/recipe_command.h"

namespace bnstudio {

namespace {
constexpr qint64 mergeWindowMs = 1000;
}

RecipeCommand::RecipeCommand(Session& session, const QString& text, Recipe before, Recipe after, int mergeId,
                             bool alreadyApplied)
    : QUndoCommand(text),
      m_session(session),
      m_before(std::move(before)),
      m_after(std::move(after)),
      m_mergeId(mergeId),
      m_skipRedo(alreadyApplied) {
    m_age.start();
}

void RecipeCommand::undo() {
    m_session.setRecipe(m_before);
}

void RecipeCommand::redo() {
    if (std::exchange(m_skipRedo, false))
        return;
    m_session.setRecipe(m_after);
}

bool RecipeCommand::mergeWith(const QUndoCommand* other) {
    const auto* next = static_cast<const RecipeCommand*>(other);
    if (m_mergeId < 0 || m_age.elapsed() > mergeWindowMs)
        return false;
    m_after = next->m_after;
    m_age.restart();
    setObsolete(m_before == m_after);
    return true;
}

}  // namespace bnstudio
