// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/run/diagnosis.h"
#include "support/planted_trace.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <functional>

using namespace bnstudio;
using namespace bnstudio::testing;

namespace {

const std::string sample = BNSTUDIO_SOURCE_DIR "/resources/samples/digits_mlp_trace.npz";
using Fault = std::function<void(PlantedTrace&)>;

/// Everything the report says, for messages of failing tests.
std::string text(const TraceDiagnosis& diagnosis) {
    std::string all = diagnosis.verdict + " | " + diagnosis.advice;
    for (const TraceAlternative& tried : diagnosis.tried)
        all += "\n   " + tried.name + ": " + std::to_string(tried.explained) + " of " + std::to_string(tried.differing)
               + ", excess " + std::to_string(tried.excessBefore) + " to " + std::to_string(tried.excessAfter);
    return all;
}

}  // namespace

Q_DECLARE_METATYPE(Fault)

class DiagnosisTest : public QObject {
    Q_OBJECT

private slots:
    void cleanSample();
    void cleanPlanted_data();
    void cleanPlanted();
    void causes_data();
    void causes();
    void valueOfTheSampleScaled();
    void sampleReversedFromStep30();
    void oneChannelOfOneStep();
    void trainingGoesOnFromAWrongValue();
    void statisticsAlone();
    void unknownStart();
    void structure();
    void evidence();
    void batchWithoutValues();
    void noiseHasNoCause();
    void stops();

private:
    std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }
    TraceDiagnosis diagnosed(const PlantedTrace& plan) const {
        plan.write(path("planted.npz"));
        return diagnose(*Trace::open(path("planted.npz")));
    }
    QTemporaryDir m_folder;
};

void DiagnosisTest::cleanSample() {
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(sample));
    QVERIFY2(diagnosis.agrees(), text(diagnosis).c_str());
    QCOMPARE(diagnosis.cause, TraceCause::None);
    QCOMPARE(diagnosis.verdict, std::string("The recording agrees with PyTorch's rule in all 80 steps."));
    QCOMPARE(diagnosis.checks.size(), std::size_t{80 * 6});
}

void DiagnosisTest::cleanPlanted_data() {
    QTest::addColumn<qint64>("n");
    QTest::addColumn<bool>("gradients");
    for (const qint64 n : {2, 3, 8, 64, 512, 4096, 20000}) {
        QTest::addRow("n %lld", n) << n << false;
        QTest::addRow("n %lld, gradients", n) << n << true;
    }
}

void DiagnosisTest::cleanPlanted() {
    QFETCH(qint64, n);
    QFETCH(bool, gradients);
    PlantedTrace plan;
    plan.n = n;
    plan.recordsGradients = gradients;
    const TraceDiagnosis diagnosis = diagnosed(plan);
    QVERIFY2(diagnosis.agrees(), text(diagnosis).c_str());
}

void DiagnosisTest::causes_data() {
    QTest::addColumn<Fault>("plant");
    QTest::addColumn<int>("cause");
    QTest::addColumn<double>("parameter");  // NaN: none
    QTest::addColumn<qint64>("n");
    const auto rows = [](const char* name, TraceCause cause, double parameter, std::initializer_list<qint64> sizes,
                         const Fault& plant) {
        for (const qint64 n : sizes)
            QTest::addRow("%s, n %lld", name, n) << plant << static_cast<int>(cause) << parameter << n;
    };
    const double none = qQNaN();
    const std::initializer_list<qint64> all{8, 64, 512, 4096};
    rows("biased variance", TraceCause::BiasedVariance, none, all, [](PlantedTrace& p) { p.biased = true; });
    rows("momentum reversed", TraceCause::ReversedMomentum, none, all, [](PlantedTrace& p) { p.trueMomentum = 0.9f; });
    rows("momentum 0.01", TraceCause::OtherMomentum, 0.01, all, [](PlantedTrace& p) { p.trueMomentum = 0.01f; });
    rows("momentum 0.25", TraceCause::OtherMomentum, 0.25, all, [](PlantedTrace& p) { p.trueMomentum = 0.25f; });
    rows("momentum None", TraceCause::CumulativeAverage, none, all, [](PlantedTrace& p) { p.cumulative = true; });
    rows("eps 1e-3", TraceCause::OtherEps, 1e-3, all, [](PlantedTrace& p) { p.trueEps = 1e-3; });
    rows("eps 1e-8", TraceCause::OtherEps, 1e-8, all, [](PlantedTrace& p) { p.trueEps = 1e-8; });
    rows("eps 1e-14", TraceCause::OtherEps, 0, all, [](PlantedTrace& p) { p.trueEps = 1e-14; });
    rows("eps outside", TraceCause::EpsOutsideRoot, none, all, [](PlantedTrace& p) { p.epsOutside = true; });
    rows("eps 1e-3 outside", TraceCause::EpsOutsideRoot, 1e-3, all, [](PlantedTrace& p) {
        p.epsOutside = true;
        p.trueEps = 1e-3;
    });
    rows("applied twice", TraceCause::RepeatedUpdate, 2, all, [](PlantedTrace& p) { p.repeats = 2; });
    rows("applied four times from step 5", TraceCause::RepeatedUpdate, 4, all, [](PlantedTrace& p) {
        p.repeats = 4;
        p.from = 5;
    });
    rows("frozen", TraceCause::MissingUpdate, none, all, [](PlantedTrace& p) {
        p.trueMomentum = 0;
        p.from = 3;
    });
    rows("eval", TraceCause::EvalInsteadOfTrain, none, all, [](PlantedTrace& p) {
        p.evalMode = true;
        p.from = 4;
    });
    rows("late", TraceCause::PreviousBatch, none, all, [](PlantedTrace& p) { p.late = true; });
    rows("not recorded", TraceCause::UnrecordedForwards, 1, all, [](PlantedTrace& p) {
        p.unrecorded = 1;
        p.from = 2;
    });
    rows("half of the batch", TraceCause::PartOfBatch, 2, all, [](PlantedTrace& p) { p.parts = 2; });
    rows("quarter of the batch", TraceCause::PartOfBatch, 4, all, [](PlantedTrace& p) { p.parts = 4; });
    rows("bfloat16 x", TraceCause::RoundedInput, none, all, [](PlantedTrace& p) { p.roundedInput = DType::BFloat16; });
    rows("float16 x", TraceCause::RoundedInput, none, all, [](PlantedTrace& p) { p.roundedInput = DType::Float16; });
    rows("float16 y", TraceCause::RoundedOutput, none, all, [](PlantedTrace& p) { p.roundedOutput = DType::Float16; });
    rows("bfloat16 statistics", TraceCause::RoundedStatistics, none, all,
         [](PlantedTrace& p) { p.roundedStatistics = DType::BFloat16; });
    rows("accumulated", TraceCause::AccumulatedGradient, none, all, [](PlantedTrace& p) {
        p.recordsGradients = true;
        p.accumulated = true;
    });
    rows("gradient scale", TraceCause::ScaledGradient, 0.5, all, [](PlantedTrace& p) {
        p.recordsGradients = true;
        p.gradientScale = 0.5f;
    });
}

/// Every fault is found at the first step that has it, in float32 and at every size of the batch.
void DiagnosisTest::causes() {
    QFETCH(Fault, plant);
    QFETCH(int, cause);
    QFETCH(double, parameter);
    QFETCH(qint64, n);
    PlantedTrace plan;
    plan.n = n;
    plant(plan);
    const TraceDiagnosis diagnosis = diagnosed(plan);
    QVERIFY2(static_cast<int>(diagnosis.cause) == cause, text(diagnosis).c_str());
    QVERIFY2(diagnosis.tried.front().explainsAll(), text(diagnosis).c_str());
    if (!qIsNaN(parameter))
        QCOMPARE(diagnosis.parameter, parameter);
    // At step 0 there is no earlier gradient to add to, and a frozen or cumulative average differs from step 1 on.
    QVERIFY(diagnosis.first->step >= plan.from && diagnosis.first->step <= plan.from + 1);
    QVERIFY(!diagnosis.advice.empty());
}

/// Only the recorded value is wrong: step 8 goes on from the right one.
void DiagnosisTest::valueOfTheSampleScaled() {
    TraceMembers members = readMembers(sample);
    Tensor& var = members["running_var.7"];
    for (std::int64_t c = 0; c < var.size(); ++c)
        var.set(c, 1.05 * var.at(c));
    writeMembers(path("scaled.npz"), members);
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(path("scaled.npz")));
    QVERIFY2(diagnosis.cause == TraceCause::ScaledValue, text(diagnosis).c_str());
    QCOMPARE(diagnosis.parameter, 1.05);
    QCOMPARE(diagnosis.first->step, 7);
    QCOMPARE(diagnosis.first->quantity, TraceQuantity::RunningVar);
    QCOMPARE(diagnosis.first->channelsBeyond, 24);
    QCOMPARE(diagnosis.stepsDiffering, 1);
    QCOMPARE(diagnosis.laterStepsFollow, false);
    QVERIFY2(QString::fromStdString(diagnosis.verdict)
                 .startsWith("In step 7: running_var is 1.05 times what the batch leads to; later steps do not follow "
                             "from it"),
             text(diagnosis).c_str());
}

/// From step 30 on the running statistics are those of momentum 0.9, formed in float32 from the recorded batches.
void DiagnosisTest::sampleReversedFromStep30() {
    TraceMembers members = readMembers(sample);
    for (int k = 30; k < 80; ++k) {
        const std::string number = "." + std::to_string(k), before = "." + std::to_string(k - 1);
        const BatchStatistics batch = batchStatistics(members["x" + number]);
        for (std::int64_t c = 0; c < 24; ++c) {
            const auto at = static_cast<std::size_t>(c);
            const double unbiased = batch.var[at] * 64 / 63;
            members["running_mean" + number].set(c,
                                                 0.1 * members["running_mean" + before].at(c) + 0.9 * batch.mean[at]);
            members["running_var" + number].set(c, 0.1 * members["running_var" + before].at(c) + 0.9 * unbiased);
        }
    }
    writeMembers(path("reversed.npz"), members);
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(path("reversed.npz")));
    QVERIFY2(diagnosis.cause == TraceCause::ReversedMomentum, text(diagnosis).c_str());
    QCOMPARE(diagnosis.first->step, 30);
    QCOMPARE(diagnosis.first->quantity, TraceQuantity::RunningMean);
    QCOMPARE(diagnosis.stepsDiffering, 50);
    QVERIFY2(
        diagnosis.verdict.starts_with("From step 30 on: running_mean and running_var follow the momentum the other "
                                      "way round: 1 − 0.1"),
        text(diagnosis).c_str());
}

void DiagnosisTest::oneChannelOfOneStep() {
    TraceMembers members = readMembers(sample);
    members["running_mean.11"].set(5, members["running_mean.11"].at(5) * 2);
    writeMembers(path("one.npz"), members);
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(path("one.npz")));
    QCOMPARE(diagnosis.cause, TraceCause::ScaledValue);
    QCOMPARE(diagnosis.parameter, 2.0);
    QCOMPARE(diagnosis.first->channel, 5);
    QCOMPARE(diagnosis.first->channelsBeyond, 1);

    members["y.40"].set(7, 100);
    writeMembers(path("two.npz"), members);
    const TraceDiagnosis two = diagnose(*Trace::open(path("two.npz")));
    QCOMPARE(two.first->step, 11);
    QCOMPARE(two.stepsDiffering, 2);
    QCOMPARE(two.lastDiffering, 40);
}

/// A state that really was changed before step 6: the steps from there on follow from it.
void DiagnosisTest::trainingGoesOnFromAWrongValue() {
    PlantedTrace plan;
    plan.steps = 6;
    plan.write(path("start.npz"));
    TraceMembers members = readMembers(path("start.npz"));
    for (int k = 3; k < 6; ++k) {
        const std::string number = "." + std::to_string(k), before = "." + std::to_string(k - 1);
        const BatchStatistics batch = batchStatistics(members["x" + number]);
        for (std::int64_t c = 0; c < 4; ++c) {
            const double start = members["running_mean" + before].at(c) + (k == 3 ? 0.5 : 0);
            members["running_mean" + number].set(c, 0.9 * start + 0.1 * batch.mean[static_cast<std::size_t>(c)]);
        }
    }
    writeMembers(path("moved.npz"), members);
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(path("moved.npz")));
    QCOMPARE(diagnosis.stepsDiffering, 1);
    QCOMPARE(diagnosis.first->step, 3);
    QCOMPARE(diagnosis.laterStepsFollow, true);
}

void DiagnosisTest::statisticsAlone() {
    PlantedTrace plan;
    plan.recordsBatches = false;
    const TraceDiagnosis clean = diagnosed(plan);
    QVERIFY2(clean.agrees(), text(clean).c_str());
    QCOMPARE(clean.checks.size(), std::size_t{12 * 3});
    plan.biased = true;
    QCOMPARE(diagnosed(plan).cause, TraceCause::BiasedVariance);
    plan.biased = false;
    plan.trueMomentum = 0.3f;
    const TraceDiagnosis momentum = diagnosed(plan);
    QVERIFY2(momentum.cause == TraceCause::OtherMomentum, text(momentum).c_str());
    QCOMPARE(momentum.parameter, 0.3);
}

/// Steps 0 to 3 and 8 to 11, without the state before step 8: what cannot be known is not checked.
void DiagnosisTest::unknownStart() {
    PlantedTrace().write(path("whole.npz"));
    TraceMembers members = readMembers(path("whole.npz"));
    std::erase_if(members, [](const auto& member) {
        const char last = member.first.back();
        return last >= '4' && last <= '7';
    });
    writeMembers(path("gap.npz"), members);
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(path("gap.npz")));
    QVERIFY2(diagnosis.agrees(), text(diagnosis).c_str());
    QVERIFY(diagnosis.notes.back().starts_with("the running statistics of 1 steps were not checked"));
}

void DiagnosisTest::structure() {
    PlantedTrace plan;
    plan.trueMomentum = 0.9f;
    plan.from = 2;
    const TraceDiagnosis diagnosis = diagnosed(plan);
    QCOMPARE(diagnosis.where, std::string("step 2, running_mean, channel ") + std::to_string(diagnosis.first->channel));
    QCOMPARE(diagnosis.steps, 12);
    QCOMPARE(diagnosis.stepsDiffering, 10);
    QVERIFY(diagnosis.tried.size() > 20);
    const TraceAlternative& best = diagnosis.tried.front();
    QVERIFY(best.excessAfter <= 1 && best.excessBefore > 1000 && best.errorAfter < best.errorBefore);
    for (std::size_t i = 1; i < diagnosis.tried.size(); ++i)
        QVERIFY(!diagnosis.tried[i].explainsAll() || diagnosis.tried[i].explained == best.explained);
}

/// The numbers in the sentence differ, however near they are.
void DiagnosisTest::evidence() {
    PlantedTrace plan;
    plan.n = 4096;
    plan.biased = true;
    const QString verdict = QString::fromStdString(diagnosed(plan).verdict);
    const QRegularExpressionMatch match = QRegularExpression("recorded ([^,]+), expected ([^)]+)\\)").match(verdict);
    QVERIFY2(match.hasMatch() && match.captured(1) != match.captured(2), qPrintable(verdict));
}

/// PyTorch counts such a batch and leaves the statistics alone.
void DiagnosisTest::batchWithoutValues() {
    PlantedTrace().write(path("whole.npz"));
    TraceMembers members = readMembers(path("whole.npz"));
    members["x.12"] = members["y.12"] = Tensor(DType::Float32, {0, 4});
    for (const char* key : {"running_mean", "running_var"})
        members[std::string(key) + ".12"] = members[std::string(key) + ".11"];
    members["num_batches_tracked.12"] = Tensor::of<std::int64_t>({}, {13});
    writeMembers(path("empty.npz"), members);
    const TraceDiagnosis clean = diagnose(*Trace::open(path("empty.npz")));
    QVERIFY2(clean.agrees() && clean.steps == 13, text(clean).c_str());
    members["running_var.12"].set(1, 7);
    writeMembers(path("moved.npz"), members);
    const TraceDiagnosis moved = diagnose(*Trace::open(path("moved.npz")));
    QCOMPARE(moved.first->step, 12);
    QCOMPARE(moved.first->quantity, TraceQuantity::RunningVar);
}

/// What an explanation says nothing about does not speak for it, and a few values that fall in place by chance neither.
void DiagnosisTest::noiseHasNoCause() {
    PlantedTrace plan;
    plan.recordsGradients = true;
    plan.write(path("quiet.npz"));
    TraceMembers members = readMembers(path("quiet.npz"));
    TestNoise noise{3};
    for (auto& [name, tensor] : members) {
        const bool isNoisy = name.starts_with("y.") || name.starts_with("running_") || name.starts_with("grad_weight.");
        for (std::int64_t i = 0; isNoisy && i < tensor.size(); ++i)
            tensor.set(i, tensor.at(i) * (1 + 0.01 * noise.normal()));
    }
    writeMembers(path("noisy.npz"), members);
    const TraceDiagnosis diagnosis = diagnose(*Trace::open(path("noisy.npz")));
    QVERIFY2(diagnosis.cause == TraceCause::Unknown, text(diagnosis).c_str());
    QVERIFY2(diagnosis.verdict.find("nothing that was tried explains it") != std::string::npos,
             text(diagnosis).c_str());
}

void DiagnosisTest::stops() {
    const auto trace = Trace::open(sample);
    std::stop_source source;
    int calls = 0;
    const Progress progress = [&](double share) {
        QVERIFY(share >= 0 && share <= 1);
        if (++calls == 5)
            source.request_stop();
    };
    QVERIFY_THROWS_EXCEPTION(Error, diagnose(*trace, progress, source.get_token()));
    QCOMPARE(calls, 5);
}

QTEST_GUILESS_MAIN(DiagnosisTest)
#include "diagnosis_test.moc"
