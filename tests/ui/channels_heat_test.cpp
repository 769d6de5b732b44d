// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plots/channels_heat_view.h"
#include "ui/plots/heat_bins.h"
#include "window_fixture.h"

#include <QComboBox>

#include <cmath>

using namespace bnstudio;

namespace {

/// The map of its own, on a run.
struct Desk {
    Desk(Recipe recipe, std::int64_t steps, QSize size = {460, 260})
        : session(std::move(recipe), steps), view(session) {
        view.resize(size);
        view.show();
        ok = QTest::qWaitForWindowExposed(&view) && awaitHead(steps) && awaitMap();
    }
    bool awaitHead(std::int64_t steps) {
        return QTest::qWaitFor([&] { return session.isCurrent() && session.head() >= steps; }, patienceMs);
    }
    bool awaitMap() {
        view.refresh();
        return QTest::qWaitFor([&] { return view.isComplete(); }, patienceMs);
    }
    QComboBox* combo(const char* name) { return view.header()->findChild<QComboBox*>(QLatin1String(name)); }
    void choose(const char* name, int index) {
        QTest::keyClick(combo(name), Qt::Key_Home);
        for (int i = 0; i < index; ++i)
            QTest::keyClick(combo(name), Qt::Key_Down);
    }
    double series(Quantity quantity, std::int64_t step, std::int64_t channel) const {
        return session.series().at(quantity, step, channel);
    }

    Session session;
    ChannelsHeatView view;
    bool ok = false;
};

Recipe recipeOf(std::int64_t n, std::int64_t c) {
    Recipe recipe;
    GeneratorSpec source;
    source.n = n;
    source.c = c;
    recipe.data.sources = {source};
    return recipe;
}

// Bins hold floats: 24 bits.
bool isClose(double a, double b) {
    return std::abs(a - b) <= std::abs(b) * 1e-6;
}

}  // namespace

class ChannelsHeatTest : public QObject {
    Q_OBJECT
private slots:
    void init();
    void quantities_data();
    void quantities();
    void varianceRatioKnowsResets();
    void countsOfNonFinite();
    void choiceIsRemembered();
    void sortsByTheDisplayedStep();
    void sortsByTheLargestEver();
    void sortingPutsNanLast();
    void clickAndKeysFollowTheOrder();
    void scaleIsSymmetric();
    void editsOfThePastFillAnew();
    void manyChannelsAndSteps();
    void binsKeepExtremesInAnyColumn();
    void limits_data();
    void limits();
};

void ChannelsHeatTest::init() {
    QSettings().clear();
}

void ChannelsHeatTest::quantities_data() {
    QTest::addColumn<HeatQuantity>("quantity");
    QTest::addColumn<Quantity>("column");
    QTest::newRow("γ") << HeatQuantity::Weight << Quantity::Weight;
    QTest::newRow("β") << HeatQuantity::Bias << Quantity::Bias;
    QTest::newRow("gradient of γ") << HeatQuantity::GradWeight << Quantity::GradWeight;
    QTest::newRow("gradient of β") << HeatQuantity::GradBias << Quantity::GradBias;
}

void ChannelsHeatTest::quantities() {
    QFETCH(HeatQuantity, quantity);
    QFETCH(Quantity, column);
    Desk desk(defaultRecipe(), 20);
    QVERIFY(desk.ok);
    QCOMPARE(desk.view.quantity(), HeatQuantity::Surprise);
    desk.choose("heatQuantity", static_cast<int>(quantity));
    QCOMPARE(desk.view.quantity(), quantity);
    QTRY_VERIFY(desk.view.isComplete());
    for (std::int64_t step = 0; step < 20; ++step)
        for (std::int64_t channel = 0; channel < 8; ++channel)
            QCOMPARE(desk.view.cellValue(step, channel),
                     static_cast<double>(static_cast<float>(desk.series(column, step, channel))));
    QCOMPARE(desk.view.legendWords(), QStringList{factsOf(quantity).formula});
}

void ChannelsHeatTest::varianceRatioKnowsResets() {
    Recipe recipe = recipeOf(8, 3);
    insertEvent(recipe, {4, -1, ResetRunningStats{}});
    Desk desk(recipe, 8);
    QVERIFY(desk.ok);
    desk.choose("heatQuantity", static_cast<int>(HeatQuantity::VarianceRatio));
    QTRY_VERIFY(desk.view.isComplete());
    for (std::int64_t step = 0; step < 8; ++step)
        for (std::int64_t channel = 0; channel < 3; ++channel) {
            const double before = step == 0 || step == 4 ? 1 : desk.series(Quantity::RunningVar, step - 1, channel);
            QVERIFY(isClose(desk.view.cellValue(step, channel),
                            std::log2(desk.series(Quantity::BatchVarUnbiased, step, channel) / before)));
        }
}

void ChannelsHeatTest::countsOfNonFinite() {
    Recipe recipe = recipeOf(8, 3);
    insertEvent(recipe, {2, -1, EditCell{0, 1, 0, std::numeric_limits<double>::quiet_NaN()}});
    insertEvent(recipe, {2, -1, EditCell{5, 1, 0, std::numeric_limits<double>::infinity()}});
    Desk desk(recipe, 5);
    QVERIFY(desk.ok);
    // z of a batch with NaN is no number, which the scale explains.
    QVERIFY(std::isnan(desk.view.cellValue(2, 1)));
    QTRY_VERIFY(desk.view.scaleTexts().contains(QStringLiteral("no number")));
    desk.view.setQuantity(HeatQuantity::NonFinite);
    QTRY_VERIFY(desk.view.isComplete());
    QCOMPARE(desk.view.cellValue(2, 1), 2.0);
    QCOMPARE(desk.view.cellValue(2, 0), 0.0);
    QCOMPARE(desk.view.cellValue(3, 1), 0.0);
    QCOMPARE(desk.view.scaleTexts().first(), QStringLiteral("0"));
}

void ChannelsHeatTest::choiceIsRemembered() {
    {
        Desk desk(defaultRecipe(), 3);
        QVERIFY(desk.ok);
        desk.view.setQuantity(HeatQuantity::GradBias);
        desk.view.setOrder(ChannelOrder::LargestFirst);
        for (const char* name : {"heatQuantity", "heatOrder"}) {
            QVERIFY(!desk.combo(name)->accessibleName().isEmpty());
            QVERIFY(!desk.combo(name)->accessibleDescription().isEmpty());
        }
    }
    Desk again(defaultRecipe(), 3);
    QCOMPARE(again.view.quantity(), HeatQuantity::GradBias);
    QCOMPARE(again.view.order(), ChannelOrder::LargestFirst);
    // What another version of the program may have written means the first choice.
    QSettings().setValue(QStringLiteral("heat/quantity"), QStringLiteral("colour of the sky"));
    Desk unknown(defaultRecipe(), 3);
    QCOMPARE(unknown.view.quantity(), HeatQuantity::Surprise);
}

void ChannelsHeatTest::sortsByTheDisplayedStep() {
    Desk desk(defaultRecipe(), 20);
    QVERIFY(desk.ok);
    desk.choose("heatOrder", 1);
    QCOMPARE(desk.view.order(), ChannelOrder::HereFirst);
    const auto isSorted = [&](std::int64_t step) {
        for (std::int64_t position = 1; position < 8; ++position)
            if (std::abs(desk.view.cellValue(step, desk.view.channelAt(position - 1)))
                < std::abs(desk.view.cellValue(step, desk.view.channelAt(position))))
                return false;
        return true;
    };
    QVERIFY(isSorted(19));
    desk.session.goTo(3);
    QVERIFY(desk.awaitHead(20));
    QTRY_VERIFY(isSorted(3));
    // At the start there is no step to sort by.
    desk.session.goTo(-1);
    QVERIFY(desk.awaitHead(20));
    QTRY_COMPARE(desk.view.channelAt(5), 5);
}

void ChannelsHeatTest::sortsByTheLargestEver() {
    Desk desk(defaultRecipe(), 20);
    QVERIFY(desk.ok);
    desk.view.setOrder(ChannelOrder::LargestFirst);
    QTRY_VERIFY(desk.view.isComplete());
    double last = std::numeric_limits<double>::infinity();
    std::vector<std::int64_t> seen;
    for (std::int64_t position = 0; position < 8; ++position) {
        const std::int64_t channel = desk.view.channelAt(position);
        double largest = 0;
        for (std::int64_t step = 0; step < 20; ++step)
            largest = std::max(largest, std::abs(desk.view.cellValue(step, channel)));
        QVERIFY(largest <= last);
        last = largest;
        seen.push_back(channel);
    }
    std::sort(seen.begin(), seen.end());
    QCOMPARE(seen, (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
    QCOMPARE(desk.view.channelAt(8), -1);
    QCOMPARE(desk.view.channelAt(-1), -1);
}

void ChannelsHeatTest::sortingPutsNanLast() {
    Recipe recipe = recipeOf(8, 4);
    insertEvent(recipe, {5, -1, EditCell{0, 0, 0, std::numeric_limits<double>::quiet_NaN()}});
    Desk desk(recipe, 6);
    QVERIFY(desk.ok);
    desk.view.setOrder(ChannelOrder::HereFirst);
    QTRY_VERIFY(desk.view.isComplete());
    QCOMPARE(desk.view.channelAt(3), 0);
}

void ChannelsHeatTest::clickAndKeysFollowTheOrder() {
    Desk desk(defaultRecipe(), 20);
    QVERIFY(desk.ok);
    desk.view.setOrder(ChannelOrder::LargestFirst);
    QTRY_VERIFY(desk.view.isComplete());
    desk.session.selectChannel(desk.view.channelAt(2));
    desk.view.setFocus();
    QTest::keyClick(&desk.view, Qt::Key_Down);
    QCOMPARE(desk.session.currentChannel(), desk.view.channelAt(3));
    QTest::keyClick(&desk.view, Qt::Key_Up);
    QTest::keyClick(&desk.view, Qt::Key_Up);
    QCOMPARE(desk.session.currentChannel(), desk.view.channelAt(1));
    QTest::keyClick(&desk.view, Qt::Key_Left);
    QCOMPARE(desk.session.playhead(), 18);
    // A click, found by what the readout says about the place.
    auto* plot = desk.view.findChild<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
    for (QWidget* child : desk.view.findChildren<QWidget*>())
        if (child->inherits("QCustomPlot"))
            plot = child;
    const QString wanted = QStringLiteral("step 7  ·  channel %1  ·").arg(desk.view.channelAt(5));
    QPoint place(-1, -1);
    for (int y = 0; y < plot->height() && place.x() < 0; y += 2)
        for (int x = 0; x < plot->width() && place.x() < 0; x += 1)
            if (desk.view.readoutAt(QPointF(x, y)).startsWith(wanted))
                place = QPoint(x, y + 1);
    QVERIFY(place.x() >= 0);
    QTest::mouseClick(plot, Qt::LeftButton, {}, place);
    QCOMPARE(desk.session.playhead(), 7);
    QCOMPARE(desk.session.currentChannel(), desk.view.channelAt(5));
}

void ChannelsHeatTest::scaleIsSymmetric() {
    Desk desk(defaultRecipe(), 20);
    QVERIFY(desk.ok);
    QCOMPARE(desk.view.scaleTexts().mid(0, 2), (QStringList{"≤ −6", "≥ +6"}));
    QVERIFY(desk.view.scaleTexts().contains(QStringLiteral("hatched: after the playhead")));
    desk.view.setQuantity(HeatQuantity::Weight);
    QTRY_VERIFY(desk.view.isComplete());
    const QStringList texts = desk.view.scaleTexts();
    QVERIFY(texts[0].startsWith(QStringLiteral("≤ −")) && texts[1].startsWith(QStringLiteral("≥ +")));
    QCOMPARE(texts[0].mid(3), texts[1].mid(3));
    QVERIFY(texts[1].mid(3).toDouble() >= 1);  // γ starts at 1
}

void ChannelsHeatTest::editsOfThePastFillAnew() {
    Desk desk(defaultRecipe(), 30);
    QVERIFY(desk.ok);
    const double before = desk.view.cellValue(25, 2);
    desk.session.setEditScope(Session::EditScope::FromStart);
    desk.session.apply(SetMomentum{0.9});
    QVERIFY(desk.awaitHead(30));
    QTRY_VERIFY(desk.view.isComplete() && desk.view.cellValue(25, 2) != before);
    const double mean = desk.series(Quantity::RunningMean, 24, 2), var = desk.series(Quantity::RunningVar, 24, 2);
    QVERIFY(
        isClose(desk.view.cellValue(25, 2), (desk.series(Quantity::BatchMean, 25, 2) - mean) / std::sqrt(var / 32)));
}

void ChannelsHeatTest::manyChannelsAndSteps() {
    Recipe recipe = recipeOf(2, 4096);
    Desk desk(recipe, 400);
    QVERIFY(desk.ok);
    qInfo() << "last frame" << desk.view.lastFrameMs() << "ms";
    for (const ChannelOrder order : {ChannelOrder::HereFirst, ChannelOrder::LargestFirst}) {
        desk.view.setOrder(order);
        QTRY_VERIFY(desk.view.isComplete());
        QVERIFY(desk.view.channelAt(4095) >= 0);
        qInfo() << "sorting" << desk.view.lastFrameMs() << "ms";
    }
    // A frame may take 50 ms; twice that for a machine that is busy with other tests.
    desk.view.setOrder(ChannelOrder::Index);
    double slowest = 0;
    desk.view.setQuantity(HeatQuantity::VarianceRatio);
    while (!desk.view.isComplete()) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
        slowest = std::max(slowest, desk.view.lastFrameMs());
    }
    qInfo() << "slowest frame of another quantity" << slowest << "ms";
    QVERIFY(slowest < 100);
    QVERIFY(isClose(desk.view.cellValue(399, 4095), desk.view.cellValue(399, 4095)));
}

void ChannelsHeatTest::binsKeepExtremesInAnyColumn() {
    Desk desk(defaultRecipe(), 500);
    QVERIFY(desk.ok);
    const SeriesView& series = desk.session.series();
    HeatBins bins;
    bins.reset({0, -1, 0, 8}, 32, 8, runningBefore(desk.session.recipe()), HeatQuantity::GradWeight);
    // In small pieces, as frames bring them.
    while (!bins.advance(series, 40))
        QVERIFY(bins.takeChanged() <= bins.columns());
    QVERIFY(bins.columns() <= 32);
    for (int column = 0; column < bins.columns(); ++column)
        for (int channel = 0; channel < 8; ++channel) {
            float expected = std::numeric_limits<float>::quiet_NaN();
            for (std::int64_t i = 0; i < bins.stepsPerColumn(); ++i)
                if (const std::int64_t step = column * bins.stepsPerColumn() + i; step < 500)
                    expected =
                        HeatBins::farther(expected, static_cast<float>(series.at(Quantity::GradWeight, step, channel)));
            QCOMPARE(bins.at(column, channel), expected);
        }
    QCOMPARE(bins.takeChanged() <= bins.columns(), true);
    QCOMPARE(bins.takeChanged(), bins.columns());
}

void ChannelsHeatTest::limits_data() {
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("steps");
    QTest::addColumn<QSize>("size");
    QTest::newRow("one channel") << 1 << 10 << QSize(460, 260);
    QTest::newRow("no step") << 8 << 0 << QSize(460, 260);
    QTest::newRow("low") << 8 << 10 << QSize(460, 112);
    QTest::newRow("narrow") << 300 << 40 << QSize(180, 150);
    QTest::newRow("more channels than can be sorted") << 9000 << 3 << QSize(460, 260);
}

void ChannelsHeatTest::limits() {
    QFETCH(int, channels);
    QFETCH(int, steps);
    QFETCH(QSize, size);
    Desk desk(recipeOf(3, channels), steps, size);
    if (steps == 0)
        QCOMPARE(desk.view.emptyText(), QStringLiteral("No step has run yet."));
    else
        QVERIFY(desk.ok);
    for (int quantity = 0; quantity < heatQuantityCount; ++quantity)
        for (int order = 0; order < 3; ++order) {
            desk.view.setQuantity(static_cast<HeatQuantity>(quantity));
            desk.view.setOrder(static_cast<ChannelOrder>(order));
            QTRY_VERIFY(steps == 0 || desk.view.isComplete());
            QVERIFY(!desk.view.grab().isNull());
        }
    QCOMPARE(desk.combo("heatOrder")->isEnabled(), channels <= 8192);
    desk.view.zoomY(0.3);
    desk.view.zoomX(0.3);
    QVERIFY(!desk.view.grab().isNull());
}

int main(int argc, char** argv) {
    return runWindowTest<ChannelsHeatTest>(argc, argv);
}
#include "channels_heat_test.moc"
