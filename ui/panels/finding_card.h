// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/findings/findings.h"

#include <QWidget>

class QLabel;

namespace bnstudio {

/// One finding: what, the evidence, since when, and on demand why and what would help.
class FindingCard : public QWidget {
    Q_OBJECT
public:
    explicit FindingCard(QWidget* parent = nullptr);
    /// Takes over another finding; one of the same kind leaves an open explanation open.
    void show(const Finding& finding);
    bool isExplained() const { return m_isExplained; }

signals:
    /// "Since step 12" was chosen.
    void placeWanted(const bnstudio::Finding& finding);

protected:
    void paintEvent(QPaintEvent*) override;

private:
    void openLink(const QString& link);
    void showTexts();

    QLabel* m_sentence;
    QLabel* m_evidence;
    QLabel* m_links;
    QLabel* m_why;
    Finding m_finding;
    bool m_isExplained = false;
};

}  // namespace bnstudio
