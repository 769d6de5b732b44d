// SPDX-License-Identifier: GPL-3.0-or-later
// Generators as text, and what is refused.
#include "core/data/generator.h"
#include "core/error.h"
#include "support/generated.h"

#include <QTest>

#include <functional>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

using Kind = GeneratorSpec::Kind;

std::string errorOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code() == ErrorCode::Usage ? error.what() : std::string("not a usage error: ") + error.what();
    }
    return "no error";
}

}  // namespace

class GeneratorTextTest : public QObject {
    Q_OBJECT

private slots:
    void roundTrips_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shortest");
        const auto row = [](const char* text, const char* shortest) { QTest::newRow(text) << text << shortest; };
        row("normal", "normal");
        row("normal:n=32,c=8,seed=42", "normal");
        row("normal:n=32,c=8,mean=5,std=2,seed=42", "normal:mean=5,std=2");
        row(" uniform : std = 0.10 , n = 64 ", "uniform:n=64,std=0.1");
        row("lognormal:c=3,mean=1/2.50/-3e2", "lognormal:c=3,mean=1/2.5/-300");
        row("student_t:df=2.5,l=7", "student_t:l=7,df=2.5");
        row("constant:mean=1e100,seed=18446744073709551615", "constant:mean=1e+100,seed=18446744073709551615");
        row("mixture:weight2=0.3,std2=2,mean2=-1,nan=0.5,outliers=1,drift=0.1,correlation=0.9,spread=-2",
            "mixture:spread=-2,correlation=0.9,drift=0.1,outliers=1,nan=0.5,mean2=-1,std2=2,weight2=0.3");
        row("normal:mean=0.1000000000000000055511151231257827", "normal:mean=0.1");
        row("normal:c=2,mean=0/0", "normal:c=2,mean=0/0");
    }
    void roundTrips() {
        QFETCH(QString, text);
        QFETCH(QString, shortest);
        const GeneratorSpec spec = parseGeneratorSpec(text.toStdString());
        QCOMPARE(QString::fromStdString(generatorSpecText(spec)), shortest);
        QVERIFY(parseGeneratorSpec(shortest.toStdString()) == spec);
    }

    void parsedValuesArrive() {
        GeneratorSpec expected;
        expected.kind = Kind::Mixture;
        expected.n = 3, expected.c = 2, expected.l = 4, expected.seed = 7;
        expected.mean = {1, 2}, expected.std = {3, 4}, expected.mean2 = {5, 6}, expected.std2 = {7, 8};
        expected.spread = 0.5, expected.correlation = 0.25, expected.drift = {0.125, 1}, expected.outliers = 0.75;
        expected.nan = 0.0625, expected.df = 9, expected.weight2 = 0.375;
        QVERIFY(parseGeneratorSpec("mixture:n=3,c=2,l=4,mean=1/2,std=3/4,spread=0.5,correlation=0.25,drift=0.125/1,"
                                   "outliers=0.75,nan=0.0625,df=9,mean2=5/6,std2=7/8,weight2=0.375,seed=7")
                == expected);
    }

    void refusedTexts_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* text, const char* message) { QTest::newRow(text) << text << message; };
        row("", "unknown kind \"\", expected normal, uniform, lognormal, student_t, constant or mixture");
        row("gauss:n=3", "unknown kind \"gauss\", expected normal, uniform, lognormal, student_t, constant or mixture");
        row("normal:", "nothing stands at character 8, expected key=value");
        row("normal:n=3,", "nothing stands at character 12, expected key=value");
        row("normal:n=3,,c=2", "nothing stands at character 12, expected key=value");
        row("normal:n", "\"n\" at character 8 has no \"=\", expected key=value");
        row("normal:n=3,size=2",
            "unknown key \"size\" at character 12, expected one of n c l mean std spread correlation "
            "drift outliers nan df mean2 std2 weight2 seed");
        row("normal:n=3,n=3", "n at character 12 is given a second time, expected once");
        row("normal:n=3.5", "n at character 8 is \"3.5\", expected a whole number");
        row("normal:n=99999999999999999999", "n at character 8 is \"99999999999999999999\", expected a whole number");
        row("normal:seed=-1", "seed at character 8 is \"-1\", expected a whole number from 0 to 18446744073709551615");
        row("normal:mean=", "mean at character 8 is \"\", expected a number");
        row("normal:c=2,mean=1/x", "mean at character 12 is \"x\", expected a number");
        row("normal:c=2,mean=1/", "mean at character 12 is \"\", expected a number");
        row("normal:std=0,5", "\"5\" at character 14 has no \"=\", expected key=value");
        row("normal:df=1 2", "df at character 8 is \"1 2\", expected a number");
        row("normal:n=-1", "n is -1, expected 0 or more");
        row("normal:c=0", "c is 0, expected 1 or more");
        row("normal:l=-2", "l is -2, expected 0 or more");
        row("normal:mean=1/2/3", "mean has 3 values, expected 1 or 8 (c)");
        row("normal:c=1,std=1/2", "std has 2 values, expected 1 (c)");
        row("normal:mean=nan", "mean is nan, expected a finite number");
        row("normal:c=2,mean=1/inf", "mean of channel 1 is inf, expected a finite number");
        row("normal:std=-1", "std is -1, expected 0 or more");
        row("normal:c=2,std2=1/-0.5", "std2 of channel 1 is -0.5, expected 0 or more");
        row("normal:drift=inf", "drift is inf, expected a finite number");
        row("normal:spread=-inf", "spread is -inf, expected a finite number");
        row("normal:outliers=1.5", "outliers is 1.5, expected a probability from 0 to 1");
        row("normal:nan=-0.1", "nan is -0.1, expected a probability from 0 to 1");
        row("normal:nan=nan", "nan is nan, expected a probability from 0 to 1");
        row("mixture:weight2=2", "weight2 is 2, expected a probability from 0 to 1");
        row("normal:correlation=1", "correlation is 1, expected 0 or more and less than 1");
        row("normal:correlation=-0.1", "correlation is -0.1, expected 0 or more and less than 1");
        row("uniform:correlation=0.5",
            "correlation is 0.5, which needs a Gaussian kind (normal, lognormal or mixture), not uniform");
        row("student_t:correlation=0.5",
            "correlation is 0.5, which needs a Gaussian kind (normal, lognormal or mixture), not student_t");
        row("student_t:df=0", "df is 0, expected a finite number above 0");
        row("student_t:df=inf", "df is inf, expected a finite number above 0");
    }
    void refusedTexts() {
        QFETCH(QString, text);
        QFETCH(QString, message);
        const std::string error = errorOf([&] { parseGeneratorSpec(text.toStdString()); });
        QCOMPARE(QString::fromStdString(error), "generate: " + message);
    }

    void impossibleSizesAreRefused() {
        const std::string error = errorOf([] { parseGeneratorSpec("normal:n=4000000000,c=4000000000,l=9"); });
        QVERIFY2(error.starts_with("generate: n=4000000000, c=4000000000, l=9 make a batch beyond all memory: "),
                 error.c_str());
    }

    /// A refusal leaves the output as it was.
    void generateBatchChecksFirst() {
        Tensor batch = Tensor::of<float>({2}, {1.0f, 2.0f});
        GeneratorSpec spec;
        QCOMPARE(errorOf([&] { generateBatch(spec, -1, DType::Float64, batch); }),
                 "generate: batch -1 asked for, expected 0 or more");
        spec.std.clear();
        QCOMPARE(errorOf([&] { generateBatch(spec, 0, DType::Float64, batch); }),
                 "generate: std has 0 values, expected 1 or 8 (c)");
        QVERIFY(sameBytes(batch, Tensor::of<float>({2}, {1.0f, 2.0f})));
    }
};

QTEST_GUILESS_MAIN(GeneratorTextTest)
#include "generator_text_test.moc"
