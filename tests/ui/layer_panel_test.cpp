// SPDX-License-Identifier: GPL-3.0-or-later
// The layer: its settings from the start and from here.
#include "tests/ui/panel_desk.h"
#include "ui/focus_keys.h"
#include "ui/panels/layer_panel.h"
#include "ui/theme.h"
#include "ui/widgets/commit_field.h"

#include <QAbstractButton>
#include <QApplication>
#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QShortcut>
#include <QSlider>
#include <QStyleOptionFrame>
#include <QTableView>
#include <QWheelEvent>

using namespace bnstudio;
using namespace bnstudio::test;

class LayerPanelTest : public QObject {
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
    void wheelScrollsAndDoesNotEdit();
    void focusOutCommits();
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
};

void LayerPanelTest::initTestCase() {
    Theme::instance().apply(*qApp, Theme::Mode::Light);
}

void LayerPanelTest::layerFieldsShowTheRecipe() {
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

void LayerPanelTest::epsFromStartIsOneUndoableEdit() {
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

void LayerPanelTest::epsFromHereIsAnEvent() {
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

void LayerPanelTest::badTextIsMarkedAndChangesNothing() {
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

void LayerPanelTest::escapeBringsTheValueBack() {
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

void LayerPanelTest::escapeAndEnterGiveTheKeysBack() {
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

void LayerPanelTest::undoAfterEnterIsTheWindows() {
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

void LayerPanelTest::wheelScrollsAndDoesNotEdit() {
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

void LayerPanelTest::focusOutCommits() {
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

void LayerPanelTest::momentumFieldHoldsWhatTheSliderSets() {
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

void LayerPanelTest::sliderDragIsOneEdit() {
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

void LayerPanelTest::noneSwitchAndItsField() {
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

void LayerPanelTest::switchesSetTheFlags() {
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

void LayerPanelTest::resetButtonsAreEventsUnderBothScopes() {
    Desk<LayerPanel> desk;
    desk.click("resetRunningStats");
    desk.click("scopeFromHere");
    desk.click("resetParameters");
    const std::vector<Event> expected{{2, -1, ResetRunningStats{}}, {2, -1, ResetParameters{}}};
    QVERIFY(desk.session.recipe().events == expected);
}

void LayerPanelTest::switchesFromStartBringAGivenStateAlong() {
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

void LayerPanelTest::dtypeBelongsToTheWholeRun() {
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

void LayerPanelTest::hiddenStartValueIsSaid() {
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

void LayerPanelTest::parametersFromStart() {
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

void LayerPanelTest::parametersFromHere() {
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

void LayerPanelTest::numFeaturesFollowsTheData() {
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

void LayerPanelTest::sentenceAndCounterFollowTheStep() {
    Desk<LayerPanel> desk;
    QCOMPARE(desk.find<QLabel>("batchesTracked")->text(), QString("2 → 3"));
    QVERIFY(desk.find<QLabel>("sentence")->text().contains("÷8"));
    desk.session.goTo(-1);
    QVERIFY(awaitStep(desk.session, -1));
    QCOMPARE(desk.find<QLabel>("batchesTracked")->text(), QString("0"));
    QVERIFY(desk.find<QLabel>("sentence")->text().startsWith("Before step 0"));
}

QTEST_MAIN(LayerPanelTest)
#include "layer_panel_test.moc"
