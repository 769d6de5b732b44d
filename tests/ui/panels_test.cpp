// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/focus_keys.h"
#include "ui/models/channel_columns.h"
#include "ui/panels/channel_panel.h"
#include "ui/panels/data_panel.h"
#include "ui/panels/events_panel.h"
#include "ui/panels/layer_panel.h"
#include "ui/panels/recipe_channels.h"
#include "ui/panels/training_panel.h"
#include "ui/theme.h"
#include "ui/widgets/commit_field.h"
#include "ui/widgets/number_list.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScrollArea>
#include <QScrollBar>
#include <QShortcut>
#include <QSignalSpy>
#include <QSlider>
#include <QStyleOptionFrame>
#include <QTableView>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>
#include <QWheelEvent>

using namespace bnstudio;

namespace {

constexpr int patienceMs = 60000;

bool awaitStep(Session& session, std::int64_t step) {
    return QTest::qWaitFor([&] { return session.shown().step == step && session.isCurrent(); }, patienceMs);
}

Recipe smallRecipe() {
    Recipe recipe;
    GeneratorSpec generator;
    generator.n = 8;
    generator.c = 5;
    recipe.data.sources = {generator};
    return recipe;
}

/// A session at step 2 and one panel, ready to click.
template <class Panel>
struct Desk {
    explicit Desk(Recipe recipe = smallRecipe(), std::int64_t steps = 3)
        : session(std::move(recipe), steps), panel(session) {
        ready = awaitStep(session, steps - 1);
        panel.resize(240, 600);
        panel.show();
    }
    template <class Widget = QWidget>
    Widget* find(const char* id) const {
        return panel.template findChild<Widget*>(QLatin1String(id));
    }
    /// Types a text over a field and presses Enter.
    void type(const char* id, const QString& text) {
        auto* field = find<QLineEdit>(id);
        field->setFocus();
        field->selectAll();
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
    }
    void click(const char* id) { QTest::mouseClick(find(id), Qt::LeftButton); }
    void choose(const char* id, int index) {
        auto* combo = find<QComboBox>(id);
        combo->setFocus();
        combo->setCurrentIndex(index);
        emit combo->activated(index);
    }
    /// Shortcuts need an active window and the focus.
    bool focus(const char* id) {
        panel.activateWindow();
        find(id)->setFocus();
        return QTest::qWaitForWindowActive(&panel) && QTest::qWaitFor([&] { return find(id)->hasFocus(); }, patienceMs);
    }
    const LaneSpec& lane() const { return session.recipe().lanes.front(); }
    const GeneratorSpec& generator() const { return std::get<GeneratorSpec>(session.recipe().data.sources.front()); }

    Session session;
    Panel panel;
    bool ready = false;
};

QDialog* openDialog(QWidget& owner, const char* id) {
    auto* dialog = owner.findChild<QDialog*>(QLatin1String(id));
    return dialog && dialog->isVisible() ? dialog : nullptr;
}

}  // namespace

class PanelsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();

    void layerFieldsShowTheRecipe();
    void epsFromStartIsOneUndoableEdit();
    void epsFromHereIsAnEvent();
    void badTextIsMarkedAndChangesNothing();
    void escapeBringsTheValueBack();
    void escapeAndEnterGiveTheKeysBack();
    void undoAfterEnterIsTheWindows();
    void focusOutCommits();
    void wheelScrollsAndDoesNotEdit();
    void momentumFieldHoldsWhatTheSliderSets();
    void sliderDragIsOneEdit();
    void noneSwitchAndItsField();
    void switchesSetTheFlags();
    void resetButtonsAreEventsUnderBothScopes();
    void switchesFromStartBringAGivenStateAlong();
    void dtypeBelongsToTheWholeRun();
    void hiddenStartValueIsSaid();
    void parametersFromStart();
    void parametersFromHere();
    void numFeaturesFollowsTheData();
    void sentenceAndCounterFollowTheStep();

    void generatorFieldsEditTheSpec_data();
    void generatorFieldsEditTheSpec();
    void badGeneratorTextIsRefused_data();
    void badGeneratorTextIsRefused();
    void channelsCarryTheirListsAlong();
    void distributionShowsItsOwnFields();
    void channelTableNarrowsEqualValues();
    void longListsAreForReadingOnly();
    void newSeedIsUndoable();
    void sourcesCanAlternate();
    void pastedValuesBecomeTheData();
    void chosenFileAsksForIt();
    void fileNotesAreWholeAndShort();
    void scheduleOfSamples();
    void batchMenuMakesEvents();

    void trainingPasses();
    void lossAndItsFields();
    void optimizerFields();
    void lossValueOfTheStep();

    void tableAndSessionShareTheSelection();
    void columnsHoldTheirNumbers();
    void copyIsTabSeparated();
    void manyChannelsRefreshQuickly();
    void eventsListDeletesAndGoesThere();

    void textsRead_data();
    void textsRead();
    void checkBoxesAreDrawn();
    void everyControlIsNamed();
    void nothingIsWiderThanTheColumn();
};

void PanelsTest::initTestCase() {
    Theme::instance().apply(*qApp, Theme::Mode::Light);
}

// --- layer ---------------------------------------------------------------------------------------------------------

void PanelsTest::layerFieldsShowTheRecipe() {
    Desk<LayerPanel> desk;
    QVERIFY(desk.ready);
    QCOMPARE(desk.find<QLineEdit>("epsField")->text(), QString("1e-05"));
    QCOMPARE(desk.find<QLineEdit>("momentumField")->text(), QString("0.1"));
    QVERIFY(desk.find<QAbstractButton>("affineSwitch")->isChecked());
    QVERIFY(desk.find<QAbstractButton>("trackSwitch")->isChecked());
    QVERIFY(!desk.find<QAbstractButton>("momentumNone")->isChecked());
    QCOMPARE(desk.find<QComboBox>("dtypeCombo")->currentText(), QString("float32"));
    QCOMPARE(desk.find<QLabel>("momentumNote")->text(), QString("new batch's weight (TensorFlow: 0.9)"));
}

void PanelsTest::epsFromStartIsOneUndoableEdit() {
    Desk<LayerPanel> desk;
    desk.type("epsField", "0.001");
    QCOMPARE(desk.lane().layer.eps, 0.001);
    QVERIFY(desk.session.recipe().events.empty());
    QCOMPARE(desk.session.undoStack().count(), 1);
    desk.session.undoStack().undo();
    QCOMPARE(desk.lane().layer.eps, 1e-5);
    QCOMPARE(desk.find<QLineEdit>("epsField")->text(), QString("1e-05"));
    desk.session.undoStack().redo();
    QCOMPARE(desk.find<QLineEdit>("epsField")->text(), QString("0.001"));
}

void PanelsTest::epsFromHereIsAnEvent() {
    Desk<LayerPanel> desk;
    desk.click("scopeFromHere");
    QVERIFY(desk.session.editScope() == Session::EditScope::FromHere);
    desk.type("epsField", "0.5");
    QCOMPARE(desk.lane().layer.eps, 1e-5);
    QCOMPARE(desk.session.recipe().events.size(), std::size_t(1));
    QVERIFY(desk.session.recipe().events.front() == (Event{2, -1, SetEps{0.5}}));
    QCOMPARE(desk.find<QLineEdit>("epsField")->text(), QString("0.5"));
    desk.session.goTo(1);
    QVERIFY(awaitStep(desk.session, 1));
    QCOMPARE(desk.find<QLineEdit>("epsField")->text(), QString("1e-05"));
    desk.session.undoStack().undo();
    QVERIFY(desk.session.recipe().events.empty());
}

void PanelsTest::badTextIsMarkedAndChangesNothing() {
    Desk<LayerPanel> desk;
    const Recipe before = desk.session.recipe();
    for (const char* text : {"abc", "1,5", "-1", "nan", ""}) {
        desk.type("epsField", text[0] ? text : " ");
        QVERIFY2(desk.find<CommitField>("epsField")->isMarked(), text);
        QVERIFY(!desk.session.message().isEmpty());
        QVERIFY(desk.session.recipe() == before);
        QTest::keyClick(desk.find("epsField"), Qt::Key_Escape);
    }
    QCOMPARE(desk.session.undoStack().count(), 0);
    desk.type("epsField", "2");
    QVERIFY(!desk.find<CommitField>("epsField")->isMarked());
    QCOMPARE(desk.lane().layer.eps, 2.0);
}

void PanelsTest::escapeBringsTheValueBack() {
    Desk<LayerPanel> desk;
    auto* field = desk.find<CommitField>("epsField");
    field->setFocus();
    field->selectAll();
    QTest::keyClicks(field, "7");
    QTest::keyClick(field, Qt::Key_Escape);
    QCOMPARE(field->text(), QString("1e-05"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(desk.session.undoStack().count(), 0);
}

void PanelsTest::escapeAndEnterGiveTheKeysBack() {
    Desk<LayerPanel> desk;
    QVERIFY(desk.focus("epsField"));
    auto* field = desk.find<CommitField>("epsField");
    QTest::keyClicks(field, "7");
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(field->hasFocus());
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(!field->hasFocus());
    desk.type("epsField", "nonsense");
    QVERIFY(field->hasFocus());
    desk.type("epsField", "0.25");
    QVERIFY(!field->hasFocus());
    QCOMPARE(desk.lane().layer.eps, 0.25);
}

void PanelsTest::undoAfterEnterIsTheWindows() {
    Desk<LayerPanel> desk;
    QShortcut undo(QKeySequence::Undo, &desk.panel);
    connect(&undo, &QShortcut::activated, &desk.session.undoStack(), &QUndoStack::undo);
    auto* field = desk.find<CommitField>("epsField");
    QVERIFY(desk.focus("epsField"));
    desk.type("epsField", "0.25");
    QVERIFY(!field->isUndoAvailable());
    QVERIFY(desk.focus("epsField"));
    QTest::keyClick(field, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(desk.lane().layer.eps, 1e-5);
    QCOMPARE(field->text(), QString("1e-05"));
    // What is being typed is undone in the field.
    desk.session.undoStack().redo();
    QTest::keyClicks(field, "7");
    QTest::keyClick(field, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(field->text(), QString("0.25"));
    QCOMPARE(desk.lane().layer.eps, 0.25);
}

void PanelsTest::wheelScrollsAndDoesNotEdit() {
    FocusKeys filter;
    qApp->installEventFilter(&filter);
    Session session(smallRecipe(), 1);
    QVERIFY(awaitStep(session, 0));
    const Recipe before = session.recipe();
    auto* panel = new LayerPanel(session);
    QScrollArea area;
    area.setWidgetResizable(true);
    area.setWidget(panel);
    area.resize(240, 100);
    area.show();
    area.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&area));
    for (const char* id : {"momentumSlider", "dtypeCombo"}) {
        auto* control = panel->findChild<QWidget*>(QLatin1String(id));
        QCOMPARE(control->focusPolicy(), Qt::StrongFocus);
        control->setFocus();
        area.verticalScrollBar()->setValue(0);
        QWheelEvent turn(QPointF(5, 5), QPointF(control->mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, -120),
                         Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QSpontaneKeyEvent::setSpontaneous(&turn);  // only events of the window system go on to the parents
        qApp->notify(control, &turn);              // sendEvent would call it synthesized
        QVERIFY2(session.recipe() == before, id);
        QVERIFY2(area.verticalScrollBar()->value() > 0, id);
    }
    QComboBox outside;
    outside.addItems({"a", "b"});
    outside.show();
    QWheelEvent turn(QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt::NoButton, Qt::NoModifier,
                     Qt::NoScrollPhase, false);
    QApplication::sendEvent(&outside, &turn);
    QCOMPARE(outside.currentIndex(), 0);
}

void PanelsTest::focusOutCommits() {
    Desk<LayerPanel> desk;
    auto* field = desk.find<CommitField>("momentumField");
    desk.panel.activateWindow();
    field->setFocus();
    QVERIFY(QTest::qWaitFor([&] { return field->hasFocus(); }, patienceMs));
    field->selectAll();
    QTest::keyClicks(field, "0.25");
    QCOMPARE(desk.session.undoStack().count(), 0);
    desk.find("epsField")->setFocus();
    QCOMPARE(desk.lane().layer.momentum, std::optional(0.25));
    QCOMPARE(desk.find<QLabel>("momentumNote")->text(), QString("new batch's weight (TensorFlow: 0.75)"));
}

void PanelsTest::momentumFieldHoldsWhatTheSliderSets() {
    Desk<LayerPanel> desk;
    auto* slider = desk.find<QSlider>("momentumSlider");
    auto* field = desk.find<QLineEdit>("momentumField");
    QStyleOptionFrame option;
    option.initFrom(field);
    // The line edit keeps two pixels on either side of its text.
    const int room = field->style()->subElementRect(QStyle::SE_LineEditContents, &option, field).width() - 4;
    for (int position = slider->maximum(); position >= 0; --position) {
        slider->setValue(position);
        const double value = *desk.lane().layer.momentum;
        if (value == 0 || value >= 0.001)
            QVERIFY2(field->fontMetrics().horizontalAdvance(field->text()) <= room, field->text().toUtf8());
    }
}

void PanelsTest::sliderDragIsOneEdit() {
    Desk<LayerPanel> desk;
    auto* slider = desk.find<QSlider>("momentumSlider");
    for (const int position : {40, 50, 60, 70})
        slider->setValue(position);
    // The place is the square root of the momentum.
    QCOMPARE(desk.lane().layer.momentum, std::optional(0.49));
    QCOMPARE(desk.session.undoStack().count(), 1);
    desk.session.undoStack().undo();
    QCOMPARE(desk.lane().layer.momentum, std::optional(0.1));
    QCOMPARE(slider->value(), 32);
    slider->setValue(0);
    QCOMPARE(desk.lane().layer.momentum, std::optional(0.0));
    slider->setValue(slider->maximum());
    QCOMPARE(desk.lane().layer.momentum, std::optional(1.0));
}

void PanelsTest::noneSwitchAndItsField() {
    Desk<LayerPanel> desk;
    desk.click("momentumNone");
    QVERIFY(!desk.lane().layer.momentum);
    QCOMPARE(desk.find<QLineEdit>("momentumField")->text(), QString("None"));
    QVERIFY(!desk.find("momentumSlider")->isEnabled());
    desk.click("momentumNone");
    QCOMPARE(desk.lane().layer.momentum, std::optional(0.1));
    desk.type("momentumField", "none");
    QVERIFY(!desk.lane().layer.momentum);
    desk.type("momentumField", "1.5");
    QCOMPARE(desk.lane().layer.momentum, std::optional(1.5));
}

void PanelsTest::switchesSetTheFlags() {
    Desk<LayerPanel> desk;
    desk.click("affineSwitch");
    QVERIFY(!desk.lane().layer.affine);
    QVERIFY(!desk.find("editParameters")->isEnabled());
    desk.click("trackSwitch");
    QVERIFY(!desk.lane().layer.trackRunningStats);
    desk.click("scopeFromHere");
    desk.click("affineSwitch");
    desk.click("trackSwitch");
    QVERIFY(!desk.lane().layer.affine);
    const std::vector<Event> expected{{2, -1, SetAffine{true}}, {2, -1, SetTrackRunningStats{true}}};
    QVERIFY(desk.session.recipe().events == expected);
}

void PanelsTest::resetButtonsAreEventsUnderBothScopes() {
    Desk<LayerPanel> desk;
    desk.click("resetRunningStats");
    desk.click("scopeFromHere");
    desk.click("resetParameters");
    const std::vector<Event> expected{{2, -1, ResetRunningStats{}}, {2, -1, ResetParameters{}}};
    QVERIFY(desk.session.recipe().events == expected);
}

void PanelsTest::switchesFromStartBringAGivenStateAlong() {
    Recipe recipe = smallRecipe();
    LayerState state;
    state.weight = {1, 2, 3, 4, 5};
    state.bias = {0, 0, 0, 0, 0};
    state.runningMean = {0, 0, 0, 0, 0};
    state.runningVar = {1, 1, 1, 1, 1};
    state.numBatchesTracked = 4;
    recipe.lanes[0].initialState = state;
    Desk<LayerPanel> desk(recipe);
    desk.click("affineSwitch");
    QVERIFY(!desk.lane().initialState->weight);
    QVERIFY(QTest::qWaitFor([&] { return !desk.session.shown().state->layer.state().weight; }, patienceMs));
    desk.click("affineSwitch");
    QCOMPARE(*desk.lane().initialState->weight, ChannelVector({1, 1, 1, 1, 1}));
    desk.click("trackSwitch");
    QVERIFY(!desk.lane().initialState->runningMean);
    QVERIFY(!desk.lane().initialState->numBatchesTracked);
    for (int i = 0; i < 3; ++i)
        desk.session.undoStack().undo();
    QVERIFY(desk.lane().initialState == state);
}

void PanelsTest::dtypeBelongsToTheWholeRun() {
    Desk<LayerPanel> desk;
    desk.choose("dtypeCombo", 1);
    QVERIFY(desk.lane().layer.dtype == DType::Float64);
    desk.click("scopeFromHere");
    QVERIFY(!desk.find("dtypeCombo")->isEnabled());
    QVERIFY(!desk.find("numFeaturesField")->isEnabled());
    QVERIFY(desk.find("dtypeCombo")->toolTip().contains("whole run"));
    desk.click("scopeFromStart");
    QVERIFY(desk.find("dtypeCombo")->isEnabled());
    QVERIFY(!desk.find("dtypeCombo")->toolTip().contains("whole run"));
}

void PanelsTest::hiddenStartValueIsSaid() {
    Recipe recipe = smallRecipe();
    insertEvent(recipe, {1, -1, SetMomentum{0.3}});
    Desk<LayerPanel> desk(recipe);
    QCOMPARE(desk.find<QLineEdit>("momentumField")->text(), QString("0.3"));
    desk.type("momentumField", "0.7");
    QCOMPARE(desk.lane().layer.momentum, std::optional(0.7));
    QCOMPARE(desk.find<QLineEdit>("momentumField")->text(), QString("0.3"));
    QCOMPARE(desk.session.message(), QString("The start has changed, but an event at step 1 (momentum 0.3) sets this "
                                             "again before step 2."));
}

void PanelsTest::parametersFromStart() {
    Desk<LayerPanel> desk;
    desk.click("editParameters");
    QDialog* dialog = openDialog(desk.panel, "parametersDialog");
    QVERIFY(dialog);
    auto* table = dialog->findChild<QTableView*>("valueTable");
    QCOMPARE(table->model()->rowCount(), 5);
    QVERIFY(table->model()->setData(table->model()->index(3, 0), "0.5"));
    QVERIFY(table->model()->setData(table->model()->index(4, 1), "-2"));
    dialog->accept();
    QVERIFY(desk.session.recipe().events.empty());
    QVERIFY(desk.lane().initialState.has_value());
    QCOMPARE(*desk.lane().initialState->weight, ChannelVector({1, 1, 1, 0.5, 1}));
    QCOMPARE(*desk.lane().initialState->bias, ChannelVector({0, 0, 0, 0, -2}));
    QCOMPARE(desk.session.undoStack().count(), 1);
    desk.session.undoStack().undo();
    QVERIFY(!desk.lane().initialState);
}

void PanelsTest::parametersFromHere() {
    Desk<LayerPanel> desk;
    desk.click("scopeFromHere");
    desk.click("editParameters");
    QDialog* dialog = openDialog(desk.panel, "parametersDialog");
    QVERIFY(dialog);
    auto* table = dialog->findChild<QTableView*>("valueTable");
    QVERIFY(table->model()->setData(table->model()->index(3, 0), "0.5"));
    QVERIFY(!table->model()->setData(table->model()->index(2, 0), "half"));
    dialog->accept();
    const std::vector<Event> expected{{2, -1, SetWeight{3, 0.5}}};
    QVERIFY(desk.session.recipe().events == expected);
    QVERIFY(!desk.lane().initialState);
}

void PanelsTest::numFeaturesFollowsTheData() {
    Desk<LayerPanel> desk;
    auto* field = desk.find<QLineEdit>("numFeaturesField");
    QCOMPARE(field->text(), QString());
    QCOMPARE(field->placeholderText(), QString("5 (data)"));
    desk.type("numFeaturesField", "7");
    QCOMPARE(desk.lane().layer.numFeatures, 7);
    QVERIFY(
        QTest::qWaitFor([&] { return desk.session.shown().lane && desk.session.shown().lane->refused(); }, patienceMs));
    QVERIFY(desk.find<QLabel>("sentence")->text().contains("running_mean should contain 5 elements not 7"));
}

void PanelsTest::sentenceAndCounterFollowTheStep() {
    Desk<LayerPanel> desk;
    QCOMPARE(desk.find<QLabel>("batchesTracked")->text(), QString("2 → 3"));
    QVERIFY(desk.find<QLabel>("sentence")->text().contains("÷8"));
    desk.session.goTo(-1);
    QVERIFY(awaitStep(desk.session, -1));
    QCOMPARE(desk.find<QLabel>("batchesTracked")->text(), QString("0"));
    QVERIFY(desk.find<QLabel>("sentence")->text().startsWith("Before step 0"));
}

// --- data ----------------------------------------------------------------------------------------------------------

void PanelsTest::generatorFieldsEditTheSpec_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("shown");
    QTest::newRow("shape") << "shapeField"
                           << "16x5"
                           << "normal:n=16,c=5"
                           << "16 × 5";
    QTest::newRow("positions") << "shapeField"
                               << "(4, 5, 3)"
                               << "normal:n=4,c=5,l=3"
                               << "4 × 5 × 3";
    QTest::newRow("mean") << "meanField"
                          << "5"
                          << "normal:n=8,c=5,mean=5"
                          << "5";
    QTest::newRow("means") << "meanField"
                           << "1/2/3/4/5"
                           << "normal:n=8,c=5,mean=1/2/3/4/5"
                           << "1/2/3/4/5";
    QTest::newRow("std") << "stdField"
                         << "1 2 1 2 0.5"
                         << "normal:n=8,c=5,std=1/2/1/2/0.5"
                         << "1/2/1/2/0.5";
    QTest::newRow("spread") << "spreadField"
                            << "3"
                            << "normal:n=8,c=5,spread=3"
                            << "3";
    QTest::newRow("correlation") << "correlationField"
                                 << "0.5"
                                 << "normal:n=8,c=5,correlation=0.5"
                                 << "0.5";
    QTest::newRow("drift") << "driftField"
                           << "0.02"
                           << "normal:n=8,c=5,drift=0.02"
                           << "0.02";
    QTest::newRow("outliers") << "outliersField"
                              << "7 %"
                              << "normal:n=8,c=5,outliers=0.07"
                              << "7";
    QTest::newRow("nan") << "nanField"
                         << "0.1"
                         << "normal:n=8,c=5,nan=0.001"
                         << "0.1";
    QTest::newRow("seed") << "seedField"
                          << "18446744073709551615"
                          << "normal:n=8,c=5,seed=18446744073709551615"
                          << "18446744073709551615";
}

void PanelsTest::generatorFieldsEditTheSpec() {
    QFETCH(QString, field);
    QFETCH(QString, text);
    QFETCH(QString, spec);
    QFETCH(QString, shown);
    Desk<DataPanel> desk;
    const Recipe before = desk.session.recipe();
    desk.type(field.toLatin1(), text);
    QVERIFY(desk.generator() == parseGeneratorSpec(spec.toStdString()));
    QCOMPARE(desk.find<QLineEdit>(field.toLatin1())->text(), shown);
    QCOMPARE(desk.session.undoStack().count(), 1);
    desk.session.undoStack().undo();
    QVERIFY(desk.session.recipe() == before);
}

void PanelsTest::badGeneratorTextIsRefused_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::newRow("no shape") << "shapeField"
                              << "32";
    QTest::newRow("no samples") << "shapeField"
                                << "0 x -1";
    QTest::newRow("a batch beyond memory") << "shapeField"
                                           << "99999999 x 5 x 99999999";
    QTest::newRow("lists beyond memory") << "shapeField"
                                         << "1 x 4194305";
    QTest::newRow("both beyond memory") << "shapeField"
                                        << "99999999 x 99999999";
    QTest::newRow("two of five means") << "meanField"
                                       << "1/2";
    QTest::newRow("negative std") << "stdField"
                                  << "-1";
    QTest::newRow("full correlation") << "correlationField"
                                      << "1";
    QTest::newRow("more than all") << "outliersField"
                                   << "101";
    QTest::newRow("decimal comma") << "driftField"
                                   << "0,5";
    QTest::newRow("seed with sign") << "seedField"
                                    << "-1";
    QTest::newRow("no number") << "nanField"
                               << "some";
}

void PanelsTest::badGeneratorTextIsRefused() {
    QFETCH(QString, field);
    QFETCH(QString, text);
    Desk<DataPanel> desk;
    const Recipe before = desk.session.recipe();
    desk.type(field.toLatin1(), text);
    QVERIFY(desk.session.recipe() == before);
    QVERIFY(desk.find<CommitField>(field.toLatin1())->isMarked());
    QVERIFY(!desk.session.message().isEmpty());
    QCOMPARE(desk.session.undoStack().count(), 0);
}

void PanelsTest::channelsCarryTheirListsAlong() {
    Recipe recipe = smallRecipe();
    std::get<GeneratorSpec>(recipe.data.sources[0]).mean = {1, 2, 3, 4, 5};
    recipe.lanes[0].training.loss.kind = LossSpec::Kind::MseTeacher;
    recipe.lanes[0].training.loss.teacherWeight = {1, 1, 1, 1, 2};
    LayerState state;
    state.weight = {1, 1, 1, 1, 3};
    recipe.lanes[0].initialState = state;
    insertEvent(recipe, {1, -1, SetWeight{4, 2}});
    insertEvent(recipe, {1, -1, SetWeight{-1, 2}});
    Recipe fewer = recipe;
    fitChannels(fewer, 5, 2);
    QCOMPARE(std::get<GeneratorSpec>(fewer.data.sources[0]).c, 2);
    QCOMPARE(std::get<GeneratorSpec>(fewer.data.sources[0]).mean, std::vector<double>({1, 2}));
    QCOMPARE(fewer.lanes[0].training.loss.teacherWeight, std::vector<double>({1, 1}));
    QCOMPARE(fewer.events.size(), std::size_t(1));
    Recipe more = recipe;
    fitChannels(more, 5, 7);
    QCOMPARE(std::get<GeneratorSpec>(more.data.sources[0]).mean, std::vector<double>({1, 2, 3, 4, 5, 5, 5}));
    QCOMPARE(*more.lanes[0].initialState->weight, ChannelVector({1, 1, 1, 1, 3, 1, 1}));
    QCOMPARE(more.events.size(), std::size_t(2));

    recipe.lanes[0].initialState.reset();
    Desk<DataPanel> desk(recipe);
    desk.type("shapeField", "8 × 3");
    QVERIFY(QTest::qWaitFor([&] { return desk.session.channels() == 3; }, patienceMs));
    QVERIFY(awaitStep(desk.session, 2));
    QCOMPARE(desk.session.message(), QString());
    QVERIFY(!desk.session.shown().lane->refused());
}

void PanelsTest::distributionShowsItsOwnFields() {
    Desk<DataPanel> desk;
    QVERIFY(!desk.find("dfField")->isVisible());
    QVERIFY(!desk.find("mean2Field")->isVisible());
    desk.type("correlationField", "0.5");
    desk.choose("distributionCombo", 3);
    QVERIFY(desk.generator().kind == GeneratorSpec::Kind::StudentT);
    QCOMPARE(desk.generator().correlation, 0.0);
    QVERIFY(desk.find("stdField")->isEnabled());
    QVERIFY(desk.find("dfField")->isVisible());
    QVERIFY(!desk.find("correlationField")->isEnabled());
    desk.choose("distributionCombo", 4);
    QVERIFY(!desk.find("stdField")->isEnabled());
    desk.choose("distributionCombo", 5);
    QVERIFY(!desk.find("dfField")->isVisible());
    QVERIFY(desk.find("mean2Field")->isVisible());
    desk.type("weight2Field", "25");
    QCOMPARE(desk.generator().weight2, 0.25);
}

void PanelsTest::channelTableNarrowsEqualValues() {
    Desk<DataPanel> desk;
    desk.click("perChannelButton");
    QDialog* dialog = openDialog(desk.panel, "perChannelDialog");
    QVERIFY(dialog);
    QAbstractItemModel* model = dialog->findChild<QTableView*>("valueTable")->model();
    for (int row = 0; row < 5; ++row)
        QVERIFY(model->setData(model->index(row, 0), "2"));
    QVERIFY(model->setData(model->index(1, 2), "0.1"));
    dialog->accept();
    QCOMPARE(desk.generator().mean, std::vector<double>({2}));
    QCOMPARE(desk.generator().std, std::vector<double>({1}));
    QCOMPARE(desk.generator().drift, std::vector<double>({0, 0.1, 0, 0, 0}));
    QCOMPARE(desk.session.undoStack().count(), 1);
}

void PanelsTest::longListsAreForReadingOnly() {
    Recipe recipe = smallRecipe();
    auto& generator = std::get<GeneratorSpec>(recipe.data.sources[0]);
    generator.c = 100;
    generator.mean.assign(100, 2.5);
    generator.mean[99] = 7;
    Desk<DataPanel> desk(recipe);
    const QString shown = desk.find<QLineEdit>("meanField")->text();
    QVERIFY(shown.endsWith("/2.5/…"));
    QVERIFY(shown.size() < 250);
    for (const QString& text : {shown, QStringLiteral("1/…")}) {
        auto* field = desk.find<QLineEdit>("meanField");
        field->setText(text);
        field->setModified(true);
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(desk.session.recipe() == recipe);
    }
    QVERIFY(desk.find<CommitField>("meanField")->isMarked());
    desk.type("meanField", "3");
    QCOMPARE(desk.generator().mean, std::vector<double>({3}));
}

void PanelsTest::newSeedIsUndoable() {
    Desk<DataPanel> desk;
    desk.click("newSeedButton");
    QVERIFY(desk.generator().seed != 42 || desk.session.undoStack().count() == 0);
    desk.session.undoStack().undo();
    QCOMPARE(desk.generator().seed, std::uint64_t(42));
}

void PanelsTest::sourcesCanAlternate() {
    Desk<DataPanel> desk;
    desk.click("addSourceButton");
    QCOMPARE(desk.session.recipe().data.sources.size(), std::size_t(2));
    QVERIFY(desk.session.recipe().data.schedule.order == Schedule::Order::Alternating);
    desk.type("meanField", "3");
    QCOMPARE(std::get<GeneratorSpec>(desk.session.recipe().data.sources[1]).mean, std::vector<double>({3}));
    QCOMPARE(desk.generator().mean, std::vector<double>({0}));
    desk.choose("sourceIndexCombo", 0);
    QCOMPARE(desk.find<QLineEdit>("meanField")->text(), QString("0"));
    desk.type("repeatField", "2");
    QCOMPARE(desk.session.recipe().data.schedule.repeat, 2);
    desk.type("pinnedRowsField", "0, 3-5");
    QCOMPARE(desk.session.recipe().data.schedule.pinnedRows, std::vector<std::int64_t>({0, 3, 4, 5}));
    QCOMPARE(desk.find<QLineEdit>("pinnedRowsField")->text(), QString("0, 3-5"));
    desk.click("removeSourceButton");
    QCOMPARE(desk.session.recipe().data.sources.size(), std::size_t(1));
    QCOMPARE(desk.generator().mean, std::vector<double>({3}));
}

void PanelsTest::pastedValuesBecomeTheData() {
    Desk<DataPanel> desk;
    desk.choose("sourceCombo", 2);
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 0);
    QDialog* dialog = openDialog(desk.panel, "pasteDialog");
    QVERIFY(dialog);
    auto* editor = dialog->findChild<QPlainTextEdit*>("pasteEditor");
    auto* result = dialog->findChild<QLabel*>("pasteResult");
    editor->setPlainText("1, 2\n3, x\n");
    QVERIFY(QTest::qWaitFor([&] { return result->text().contains("row 2, column 2"); }, patienceMs));
    dialog->accept();
    QVERIFY(dialog->isVisible());
    editor->setPlainText("[[1, 2], [3, 4], [5, 6]]");
    QVERIFY(QTest::qWaitFor([&] { return result->text() == "Reads as (3, 2): 3 samples, 2 channels."; }, patienceMs));
    dialog->accept();
    QVERIFY(QTest::qWaitFor([&] { return desk.session.channels() == 2; }, patienceMs));
    QVERIFY(desk.session.recipe().data.sources.front() == SourceSpec(PastedSpec{{3, 2}, {1, 2, 3, 4, 5, 6}}));
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 2);
    QVERIFY(QTest::qWaitFor([&] { return desk.find<QLabel>("pastedShape")->isVisible(); }, patienceMs));
    QCOMPARE(desk.session.undoStack().count(), 1);
    desk.session.undoStack().undo();
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 0);
}

void PanelsTest::chosenFileAsksForIt() {
    Desk<DataPanel> desk;
    QSignalSpy asked(&desk.panel, &DataPanel::openFileRequested);
    desk.choose("sourceCombo", 1);
    QCOMPARE(asked.count(), 1);
    QCOMPARE(desk.find<QComboBox>("sourceCombo")->currentIndex(), 0);
    QCOMPARE(desk.session.undoStack().count(), 0);
}

void PanelsTest::fileNotesAreWholeAndShort() {
    QTemporaryDir folder;
    const QString path = folder.filePath("measurements.csv");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("first,second,a column of words that no layer could ever normalise because they are no "
               "numbers\n1,2,x\n3,4,y\n5,6,z\n");
    file.close();
    Recipe recipe = smallRecipe();
    FileSpec spec;
    spec.path = path.toStdString();
    recipe.data.sources = {spec};
    Desk<DataPanel> desk(recipe, 1);
    auto* notes = desk.find<QLabel>("fileNotes");
    QVERIFY(QTest::qWaitFor([&] { return notes->isVisible() && !notes->text().isEmpty(); }, patienceMs));
    QVERIFY(!notes->text().contains(folder.path()));
    QVERIFY(notes->text().contains("measurements.csv"));
    QVERIFY(notes->toolTip().contains(path));
    QVERIFY(QTest::qWaitFor([&] { return notes->height() >= notes->heightForWidth(notes->width()); }, patienceMs));
    QVERIFY(notes->heightForWidth(notes->width()) > 2 * notes->fontMetrics().height());
    QVERIFY(notes->parentWidget()->rect().contains(notes->geometry()));
}

void PanelsTest::scheduleOfSamples() {
    Recipe recipe = smallRecipe();
    recipe.data.sources = {PastedSpec{{5, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}};
    Desk<DataPanel> desk(recipe);
    QVERIFY(desk.find("batchSizeField")->isVisible());
    desk.type("batchSizeField", "2");
    QCOMPARE(desk.session.recipe().data.batchSize, std::optional<std::int64_t>(2));
    desk.click("dropLastSwitch");
    QVERIFY(desk.session.recipe().data.dropLast);
    desk.click("shuffleSwitch");
    QCOMPARE(desk.session.recipe().data.shuffleSeed, std::optional<std::uint64_t>(0));
    desk.type("shuffleSeedField", "9");
    QCOMPARE(desk.session.recipe().data.shuffleSeed, std::optional<std::uint64_t>(9));
    const Recipe before = desk.session.recipe();
    desk.type("batchSizeField", "0");
    QVERIFY(desk.session.recipe() == before);
    QVERIFY(desk.find<CommitField>("batchSizeField")->isMarked());
    desk.type("batchSizeField", " ");
    QVERIFY(!desk.session.recipe().data.batchSize);
}

void PanelsTest::batchMenuMakesEvents() {
    Desk<DataPanel> desk;
    desk.find<QAction>("batchSkip")->trigger();
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, SkipBatch{}}}));
    QVERIFY(desk.find<QAction>("batchSkip")->isChecked());
    desk.find<QAction>("batchSkip")->trigger();
    QVERIFY(desk.session.recipe().events.empty());
    QVERIFY(awaitStep(desk.session, 2));

    desk.find<QAction>("batchPad")->trigger();
    QDialog* pad = openDialog(desk.panel, "padDialog");
    QVERIFY(pad);
    pad->findChild<QLineEdit*>("padRows")->setText("3");
    pad->findChild<QLineEdit*>("padValue")->setText("-1");
    pad->accept();
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, PadBatch{3, -1}}}));
    desk.session.undoStack().undo();

    QVERIFY(QTest::qWaitFor([&] { return desk.session.shown().frame != nullptr; }, patienceMs));
    desk.find<QAction>("batchEditCell")->trigger();
    QDialog* cell = openDialog(desk.panel, "cellDialog");
    QVERIFY(cell);
    cell->findChild<QLineEdit*>("cellN")->setText("7");
    cell->findChild<QLineEdit*>("cellC")->setText("4");
    cell->findChild<QLineEdit*>("cellValue")->setText("inf");
    cell->accept();
    const double infinity = std::numeric_limits<double>::infinity();
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, EditCell{7, 4, 0, infinity}}}));
}

// --- training ------------------------------------------------------------------------------------------------------

void PanelsTest::trainingPasses() {
    Desk<TrainingPanel> desk;
    QVERIFY(desk.find<QCheckBox>("trainingForward")->isChecked());
    QVERIFY(!desk.find("trainingForward")->isEnabled());
    desk.find<QCheckBox>("trainingUpdate")->click();
    QVERIFY(desk.lane().training.passes == (Passes{true, true}));
    desk.find<QCheckBox>("trainingBackward")->click();
    QVERIFY(desk.lane().training.passes == (Passes{false, false}));
    QCOMPARE(desk.session.undoStack().count(), 2);
}

void PanelsTest::lossAndItsFields() {
    Desk<TrainingPanel> desk;
    QVERIFY(desk.find("upstreamCombo")->isVisible());
    desk.choose("upstreamCombo", 2);
    QVERIFY(desk.lane().training.upstream.kind == UpstreamSpec::Kind::Random);
    desk.type("upstreamSeedField", "12");
    QCOMPARE(desk.lane().training.upstream.seed, std::uint64_t(12));
    desk.choose("lossCombo", 2);
    QCOMPARE(desk.lane().training.loss.target.size(), std::size_t(5));
    QVERIFY(!desk.find("upstreamCombo")->isVisible());
    desk.type("targetField", "3");
    QCOMPARE(desk.lane().training.loss.target, std::vector<double>({3}));
    QCOMPARE(desk.find<QComboBox>("lossCombo")->currentIndex(), 1);
    desk.choose("lossCombo", 3);
    desk.type("teacherWeightField", "1/2");
    QVERIFY(desk.find<CommitField>("teacherWeightField")->isMarked());
    desk.type("teacherWeightField", "1/2/3/4/5");
    QCOMPARE(desk.lane().training.loss.teacherWeight, std::vector<double>({1, 2, 3, 4, 5}));
    desk.choose("lossCombo", 0);
    QSignalSpy asked(&desk.panel, &TrainingPanel::openGradientFileRequested);
    desk.choose("upstreamCombo", 3);
    QCOMPARE(asked.count(), 1);
    QVERIFY(desk.lane().training.upstream.kind == UpstreamSpec::Kind::Random);
}

void PanelsTest::optimizerFields() {
    Desk<TrainingPanel> desk;
    desk.choose("optimizerCombo", 1);
    QVERIFY(!desk.find("nesterovSwitch")->isEnabled());
    desk.type("sgdMomentumField", "0.9");
    desk.click("nesterovSwitch");
    QVERIFY(desk.lane().training.optimizer.nesterov);
    desk.type("sgdMomentumField", "0");
    QVERIFY(!desk.lane().training.optimizer.nesterov);
    desk.session.setEditScope(Session::EditScope::FromHere);
    desk.type("sgdLrField", "0.01");
    QCOMPARE(desk.lane().training.optimizer.lr, 0.1);
    QCOMPARE(std::get<SetOptimizer>(desk.session.recipe().events.at(0).action).optimizer.lr, 0.01);
    desk.session.setEditScope(Session::EditScope::FromStart);
    desk.session.undoStack().undo();
    desk.choose("optimizerCombo", 2);
    desk.type("beta1Field", "1");
    QVERIFY(desk.find<CommitField>("beta1Field")->isMarked());
    QCOMPARE(desk.lane().training.optimizer.beta1, 0.9);
}

void PanelsTest::lossValueOfTheStep() {
    Recipe recipe = smallRecipe();
    recipe.data.sources = {PastedSpec{{2, 1}, {-1, 1}}};
    recipe.lanes[0].layer.eps = 0;
    recipe.lanes[0].training.passes.backward = true;
    recipe.lanes[0].training.loss.kind = LossSpec::Kind::MseTarget;
    Desk<TrainingPanel> desk(recipe);
    // y = x = ±1, target 0: the mean square is 1.
    QCOMPARE(desk.find<QLabel>("lossValue")->text(), QString("1"));
}

// --- channels and events -------------------------------------------------------------------------------------------

void PanelsTest::tableAndSessionShareTheSelection() {
    Desk<ChannelPanel> desk;
    auto* table = desk.find<QTableView>("channelTable");
    QCOMPARE(table->currentIndex().row(), 3);
    QSignalSpy changes(&desk.session, &Session::changed);
    desk.session.selectChannels({1, 4}, 4);
    QCOMPARE(changes.count(), 1);
    QCOMPARE(table->selectionModel()->selectedRows().size(), 2);
    QCOMPARE(table->currentIndex().row(), 4);
    table->sortByColumn(0, Qt::DescendingOrder);
    QCOMPARE(table->currentIndex().data().toString(), QString("4"));
    table->selectRow(0);
    QCOMPARE(desk.session.currentChannel(), 4);
    QCOMPARE(desk.session.selectedChannels(), std::vector<std::int64_t>({4}));
    QTest::keyClick(table, Qt::Key_Down);
    QCOMPARE(desk.session.selectedChannels(), std::vector<std::int64_t>({3}));
    QTest::keyClick(table, Qt::Key_Down, Qt::ShiftModifier);
    QCOMPARE(desk.session.selectedChannels(), std::vector<std::int64_t>({2, 3}));
    QCOMPARE(desk.session.currentChannel(), 2);
    QCOMPARE(desk.find<QLabel>("channelOrder")->text(), QString("sorted by index, last first"));
}

void PanelsTest::columnsHoldTheirNumbers() {
    Desk<ChannelPanel> desk;
    auto* table = desk.find<QTableView>("channelTable");
    QFont bold = table->font();
    bold.setWeight(QFont::DemiBold);
    const int margin = 2 * (table->style()->pixelMetric(QStyle::PM_FocusFrameHMargin, nullptr, table) + 1);
    const auto need = [&](const char* number) { return QFontMetrics(bold).horizontalAdvance(number) + margin; };
    for (const ChannelColumn column : {ChannelColumn::BatchMean, ChannelColumn::RunningMean})
        QVERIFY(table->columnWidth(static_cast<int>(column)) >= need("-0.04321"));
    QVERIFY(table->columnWidth(static_cast<int>(ChannelColumn::Distance)) >= need("-0.0432"));
    desk.panel.resize(700, 300);
    for (const ChannelColumn column : {ChannelColumn::BatchMean, ChannelColumn::RunningMean})
        QVERIFY(table->columnWidth(static_cast<int>(column)) >= need("-0.004321"));
    QCOMPARE(table->horizontalHeader()->length(), table->viewport()->width());
}

void PanelsTest::copyIsTabSeparated() {
    Desk<ChannelPanel> desk;
    desk.session.selectChannel(2);
    QVERIFY(desk.focus("channelTable"));
    QTest::keySequence(desk.find("channelTable"), QKeySequence::Copy);
    const QStringList lines = QApplication::clipboard()->text().split('\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].startsWith("channel\tbatch mean\trunning mean\t"));
    QVERIFY(lines[1].startsWith("2\t"));
    QCOMPARE(lines[1].count('\t'), 10);
    desk.panel.copyAll();
    QCOMPARE(QApplication::clipboard()->text().count('\n'), 6);
}

void PanelsTest::manyChannelsRefreshQuickly() {
    Recipe recipe = smallRecipe();
    std::get<GeneratorSpec>(recipe.data.sources[0]).c = 4096;
    Desk<ChannelPanel> desk(recipe);
    auto* table = desk.find<QTableView>("channelTable");
    QCOMPARE(table->model()->rowCount(), 4096);
    QSignalSpy resets(table->model(), &QAbstractItemModel::modelReset),
        rows(table->model(), &QAbstractItemModel::dataChanged);
    desk.session.goTo(1);
    QVERIFY(awaitStep(desk.session, 1));
    QCOMPARE(resets.count(), 0);
    // Only what is on screen is announced: far fewer than the 4096 rows.
    QVERIFY(rows.count() >= 1);
    for (const QList<QVariant>& change : rows)
        QVERIFY(change[1].toModelIndex().row() - change[0].toModelIndex().row() < 100);
    table->selectAll();
    QCOMPARE(desk.session.selectedChannels().size(), std::size_t(4096));
}

void PanelsTest::eventsListDeletesAndGoesThere() {
    Recipe recipe = smallRecipe();
    insertEvent(recipe, {1, -1, SetMomentum{0.3}});
    insertEvent(recipe, {2, -1, ResetRunningStats{}});
    Desk<EventsPanel> desk(recipe);
    auto* table = desk.find<QTableView>("eventsTable");
    QVERIFY(!desk.find("deleteEventButton")->isEnabled());
    table->selectRow(0);
    QTest::mouseClick(desk.find("goToEventButton"), Qt::LeftButton);
    QCOMPARE(desk.session.playhead(), 1);
    QVERIFY(desk.focus("eventsTable"));
    QTest::keyClick(table, Qt::Key_Delete);
    QVERIFY(desk.session.recipe().events == (std::vector<Event>{{2, -1, ResetRunningStats{}}}));
    desk.session.undoStack().undo();
    QCOMPARE(table->model()->rowCount(), 2);
}

// --- all -----------------------------------------------------------------------------------------------------------

void PanelsTest::textsRead_data() {
    QTest::addColumn<QString>("rows");
    QTest::addColumn<bool>("ok");
    QTest::addColumn<QString>("back");
    QTest::newRow("empty") << "" << true << "";
    QTest::newRow("single") << "4" << true << "4";
    QTest::newRow("mixed") << " 0,1, 4-7 ,9" << true << "0, 1, 4-7, 9";
    QTest::newRow("backwards") << "5-3" << false << "";
    QTest::newRow("words") << "all" << false << "";
    QTest::newRow("absurd") << "0-999999999" << false << "";
}

void PanelsTest::textsRead() {
    QFETCH(QString, rows);
    QFETCH(bool, ok);
    QFETCH(QString, back);
    std::vector<std::int64_t> read;
    QCOMPARE(parseRowList(rows, read), ok);
    QCOMPARE(rowListText(read), back);
}

void PanelsTest::checkBoxesAreDrawn() {
    for (const Theme::Mode mode : {Theme::Mode::Dark, Theme::Mode::Light}) {
        Theme::instance().apply(*qApp, mode);
        const QString border = QStringLiteral("border: 1px solid ") + colors().mutedText.name();
        const QString sheet = qApp->styleSheet();
        const auto indicator = sheet.indexOf("QCheckBox::indicator {");
        QVERIFY(indicator >= 0);
        QVERIFY(sheet.mid(indicator, 160).contains(border));
        static const QRegularExpression image("indicator:checked \\{[^}]*url\\(([^)]*)\\)");
        const QRegularExpressionMatch match = image.match(sheet);
        QVERIFY(match.hasMatch());
        QVERIFY2(!QImage(match.captured(1)).isNull(), match.captured(1).toUtf8());
    }
}

void PanelsTest::everyControlIsNamed() {
    Session session(smallRecipe(), 1);
    QVERIFY(awaitStep(session, 0));
    DataPanel data(session);
    LayerPanel layer(session);
    TrainingPanel training(session);
    ChannelPanel channels(session);
    EventsPanel events(session);
    QSet<QString> ids;
    for (const QWidget* panel : std::initializer_list<QWidget*>{&data, &layer, &training, &channels, &events})
        for (const QWidget* control : panel->findChildren<QWidget*>()) {
            const bool isControl = control->focusPolicy() != Qt::NoFocus && !control->objectName().startsWith("qt_")
                                   && !control->inherits("QHeaderView") && !control->inherits("QMenu")
                                   && !control->inherits("QComboBoxPrivateContainer")
                                   && !qobject_cast<const QAbstractItemView*>(control->parentWidget())
                                   && !control->parentWidget()->inherits("QComboBoxPrivateContainer");
            if (!isControl)
                continue;
            const QByteArray where =
                control->metaObject()->className() + QByteArray(" ") + control->objectName().toLatin1();
            QVERIFY2(!control->objectName().isEmpty(), where);
            QVERIFY2(!control->accessibleName().isEmpty(), where);
            QVERIFY2(!control->toolTip().isEmpty(), where);
            QVERIFY2(!control->whatsThis().isEmpty(), where);
            QVERIFY2(!ids.contains(control->objectName()), where);
            ids.insert(control->objectName());
        }
    QVERIFY(ids.contains("momentumField"));
    QVERIFY(ids.size() > 40);
}

void PanelsTest::nothingIsWiderThanTheColumn() {
    Recipe recipe = defaultRecipe();
    Session session(recipe, 1);
    QVERIFY(awaitStep(session, 0));
    DataPanel data(session);
    LayerPanel layer(session);
    TrainingPanel training(session);
    // The narrowest dock is 240 pixels wide, with 10 pixels of margin on either side and perhaps a scroll bar of 10.
    for (QWidget* panel : std::initializer_list<QWidget*>{&data, &layer, &training})
        QVERIFY2(panel->minimumSizeHint().width() <= 210,
                 QByteArray(panel->metaObject()->className()) + QByteArray::number(panel->minimumSizeHint().width()));
}

QTEST_MAIN(PanelsTest)
#include "panels_test.moc"
