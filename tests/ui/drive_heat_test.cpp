// SPDX-License-Identifier: GPL-3.0-or-later
// All channels × steps, and the findings of a run, used by keys alone and by the mouse alone.
#include "ui/panels/finding_card.h"
#include "ui/panels/findings_badge.h"
#include "ui/plots/channels_heat_view.h"
#include "ui/session/run_findings.h"
#include "window_driver.h"

#include <QComboBox>
#include <QLabel>

using namespace bnstudio;

namespace {

struct HeatDriver : WindowDriver {
    explicit HeatDriver(std::int64_t steps = 20) : WindowDriver(steps) {
        ok = ok && await([this] { return heat().isComplete(); });
    }
    ChannelsHeatView& heat() { return panel<ChannelsHeatView>(); }
    QWidget& area() {
        for (QWidget* child : heat().findChildren<QWidget*>())
            if (child->inherits("QCustomPlot"))
                return *child;
        qFatal("no plot");
    }
    /// Where a step of a channel is drawn, found by what the readout says there.
    QPoint placeOf(std::int64_t step, std::int64_t channel) {
        const QString wanted = QStringLiteral("step %1  ·  channel %2  ·").arg(step).arg(channel);
        for (int y = 0; y < area().height(); y += 2)
            for (int x = 0; x < area().width(); ++x)
                if (heat().readoutAt(QPointF(x, y)).startsWith(wanted))
                    return {x, y + 1};
        return {-1, -1};
    }
    bool awaitFindings() {
        return await([this] { return session.findings() && session.findings()->steps == session.head(); });
    }
    QList<QLabel*> labels(const char* name) {
        QList<QLabel*> shown;
        for (QLabel* label : dock("findings").findChildren<QLabel*>(QLatin1String(name)))
            if (label->isVisible())
                shown << label;
        return shown;
    }
    /// Where in its label the link with this text can be clicked.
    QPoint linkIn(QLabel& label, const QString& link) {
        QString* hovered = &m_hovered;
        const auto connection =
            QObject::connect(&label, &QLabel::linkHovered, &label, [hovered](const QString& text) { *hovered = text; });
        QPoint found(-1, -1);
        for (int x = 1; x < label.width() && found.x() < 0; x += 3)
            for (int y = 2; y < label.height() && found.x() < 0; y += 4) {
                move(label, {x, y});
                if (m_hovered == link)
                    found = {x, y};
            }
        QObject::disconnect(connection);
        return found;
    }

private:
    QString m_hovered;
};

Recipe withConstantChannel() {
    Recipe recipe = defaultRecipe();
    auto& generator = std::get<GeneratorSpec>(recipe.data.sources.front());
    generator.std = std::vector<double>(8, 1.0);
    generator.std[1] = 0;
    return recipe;
}

}  // namespace

class DriveHeatTest : public QObject {
    Q_OBJECT
private slots:
    void init() { QSettings().clear(); }

    void selectsByKeys();
    void selectsByMouse();
    void quantityAndOrderByKeys();
    void quantityAndOrderByMouse();
    void manyChannelsByMouse();
    void followsAFindingByKeys();
    void followsAFindingByMouse();
};

void DriveHeatTest::selectsByKeys() {
    HeatDriver f;
    QVERIFY(f.ok && f.enter("heat") && (f.heat().hasFocus() || f.tabTo(f.heat())));
    const std::int64_t channel = f.session.currentChannel();
    f.key(Qt::Key_Down);
    QCOMPARE(f.session.currentChannel(), channel + 1);
    f.key(Qt::Key_Up);
    f.key(Qt::Key_Up);
    QCOMPARE(f.session.currentChannel(), channel - 1);
    f.key(Qt::Key_Left);
    QVERIFY(f.awaitStep(18));
    f.key(Qt::Key_T, Qt::ControlModifier);  // the numbers behind it
    QVERIFY(f.await([&] { return f.window.findChild<QDialog*>(QStringLiteral("plotTable")); }));
    f.key(Qt::Key_Escape);
    QVERIFY(f.await([&] { return !f.window.findChild<QDialog*>(QStringLiteral("plotTable")); }));
    QVERIFY(f.front() && f.heat().hasFocus());
}

void DriveHeatTest::selectsByMouse() {
    HeatDriver f;
    QVERIFY(f.ok);
    const QPoint place = f.placeOf(7, 5);
    QVERIFY(place.x() >= 0);
    QVERIFY(f.click(f.area(), place));
    QVERIFY(f.awaitStep(7));
    QCOMPARE(f.session.currentChannel(), 5);
    const QRectF before = f.heat().visibleRange();
    f.wheel(f.area(), place, 5);
    QVERIFY(f.heat().isZoomed());
    QVERIFY(f.heat().visibleRange().width() < before.width());
    f.doubleClick(f.area(), place);
    QVERIFY(!f.heat().isZoomed());
    QCOMPARE(f.session.playhead(), 7);
}

void DriveHeatTest::quantityAndOrderByKeys() {
    HeatDriver f;
    QVERIFY(f.ok && f.enter("heat"));
    const auto combos = f.dock("heat").findChildren<QComboBox*>();
    QCOMPARE(combos.size(), 2);
    const HeatQuantity quantity = f.heat().quantity();
    QVERIFY(f.tabTo(*combos[0]));
    f.key(Qt::Key_Down);
    QVERIFY(f.heat().quantity() != quantity);
    QVERIFY(f.tabTo(*combos[1]));
    f.key(Qt::Key_Down);
    QVERIFY(f.heat().order() != ChannelOrder::Index);
    QVERIFY(f.await([&] { return f.heat().isComplete(); }));
}

void DriveHeatTest::quantityAndOrderByMouse() {
    HeatDriver f;
    QVERIFY(f.ok);
    const auto combos = f.dock("heat").findChildren<QComboBox*>();
    for (QComboBox* combo : combos) {
        QVERIFY(f.click(*combo));
        QAbstractItemView* list = combo->view();
        QVERIFY(f.await([&] { return list->isVisible(); }));
        const QRect row = list->visualRect(list->model()->index(1, 0));
        QTest::qWait(QApplication::doubleClickInterval() / 2 + 50);  // a combo box ignores the click that opened it
        QTest::mouseClick(list->window()->windowHandle(), Qt::LeftButton, {},
                          list->viewport()->mapTo(list->window(), row.center()));
        QVERIFY(f.await([&] { return !list->isVisible(); }));
        QCOMPARE(combo->currentIndex(), 1);
    }
    QVERIFY(f.heat().order() != ChannelOrder::Index);
}

void DriveHeatTest::manyChannelsByMouse() {
    HeatDriver f;
    Recipe recipe;
    GeneratorSpec wide;
    wide.n = 4;
    wide.c = 4096;
    recipe.data.sources = {wide};
    QVERIFY(f.ok && f.openRun(recipe, 40) && f.await([&] { return f.heat().isComplete(); }));
    const QPoint middle = f.area().rect().center();
    QVERIFY(f.click(f.area(), middle));
    QVERIFY(f.session.currentChannel() > 1000 && f.session.currentChannel() < 3000);
    QVERIFY(f.session.playhead() > 5 && f.session.playhead() < 35);
}

void DriveHeatTest::followsAFindingByKeys() {
    HeatDriver f;
    QVERIFY(f.ok && f.openRun(withConstantChannel(), 20) && f.awaitFindings());
    f.key(Qt::Key_F);
    QVERIFY(f.dock("findings").isAncestorOf(QApplication::focusWidget()));
    const Finding first = f.session.findings()->list.front();
    f.key(Qt::Key_Tab);
    f.key(Qt::Key_Return);
    QVERIFY(f.awaitStep(first.step));
    if (!first.channels.empty())
        QCOMPARE(f.session.currentChannel(), first.channels.front());
    f.key(Qt::Key_Tab);
    f.key(Qt::Key_Return);
    QVERIFY(f.await([&] { return !f.labels("findingWhy").isEmpty(); }));
}

void DriveHeatTest::followsAFindingByMouse() {
    HeatDriver f;
    QVERIFY(f.ok && f.openRun(withConstantChannel(), 20) && f.awaitFindings());
    QVERIFY(f.click(f.panel<FindingsBadge>()));
    QVERIFY(!f.labels("findingSentence").isEmpty());
    QLabel& links = *f.labels("findingLinks").front();
    const Finding first = f.session.findings()->list.front();
    const QPoint why = f.linkIn(links, QStringLiteral("why"));
    QVERIFY(why.x() >= 0 && f.click(links, why));
    QVERIFY(!f.labels("findingWhy").isEmpty());
    const QPoint since = f.linkIn(links, QStringLiteral("step"));
    QVERIFY(since.x() >= 0 && f.click(links, since));
    QVERIFY(f.awaitStep(first.step));
}

int main(int argc, char** argv) {
    return runWindowTest<DriveHeatTest>(argc, argv);
}

#include "drive_heat_test.moc"
