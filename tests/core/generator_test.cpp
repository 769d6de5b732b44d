// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/data/generator.h"
#include "core/data/random.h"
#include "core/parallel/parallel.h"
#include "support/generated.h"

#include <QTest>

#include <cmath>

using namespace bnstudio;
using namespace bnstudio::test;

namespace {

using Kind = GeneratorSpec::Kind;

/// FNV-1a, 64 bit, over the bytes in memory order (little-endian, as on every machine we build for).
std::uint64_t hashOf(const Tensor& tensor) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (std::size_t i = 0; i < tensor.byteSize(); ++i)
        hash = (hash ^ static_cast<std::uint64_t>(tensor.bytes()[i])) * 0x100000001b3;
    return hash;
}

/// The values of a channel, sample by sample.
std::vector<double> channelOf(const Tensor& batch, std::int64_t channel) {
    const BatchShape shape = BatchShape::of(batch.shape());
    std::vector<double> values;
    for (std::int64_t n = 0; n < shape.n; ++n)
        for (std::int64_t l = 0; l < shape.l; ++l)
            values.push_back(batch.at((n * shape.c + channel) * shape.l + l));
    return values;
}

struct Sample {
    double mean = 0, var = 0, fourth = 0;  ///< fourth central moment
};

Sample momentsOf(const std::vector<double>& values) {
    const auto count = static_cast<double>(values.size());
    Sample sample;
    for (const double value : values)
        sample.mean += value / count;
    for (const double value : values) {
        const double square = (value - sample.mean) * (value - sample.mean);
        sample.var += square / count;
        sample.fourth += square * square / count;
    }
    return sample;
}

double correlationOf(const std::vector<double>& a, const std::vector<double>& b) {
    const Sample sa = momentsOf(a), sb = momentsOf(b);
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += (a[i] - sa.mean) * (b[i] - sb.mean);
    return sum / static_cast<double>(a.size()) / std::sqrt(sa.var * sb.var);
}

}  // namespace

class GeneratorTest : public QObject {
    Q_OBJECT

private slots:
    void momentsAreThePopulations_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("k");
        const auto row = [](const char* text, int k = 0) { QTest::addRow("%s @%d", text, k) << text << k; };
        row("normal:n=40000,c=3,mean=5/-2/0,std=2/0.5/1");
        row("normal:n=4000,c=2,l=10,mean=1e6,std=3");
        row("normal:n=40000,c=3,spread=2,std=1/2/3,drift=0.25/0/-1", 8);
        row("normal:n=40000,c=2,mean=3,std=2,outliers=0.02");
        row("uniform:n=40000,c=2,mean=3/-1,std=2/0.1");
        row("uniform:n=40000,c=2,outliers=0.05,drift=0.5", 4);
        row("lognormal:n=40000,c=2,mean=0.5/-1,std=0.25/0.5");
        row("lognormal:n=40000,c=3,spread=1,std=0.25,drift=2,outliers=0.01", 3);
        row("student_t:n=40000,c=2,mean=2/-2,std=1/3,df=12");
        row("student_t:n=40000,c=2,df=9.5,drift=1,outliers=0.01", 2);
        row("mixture:n=40000,c=2,mean=-3,std=0.5,mean2=4/5,std2=2,weight2=0.25");
        row("mixture:n=40000,c=3,mean=-3,mean2=4,spread=1,drift=0.5,outliers=0.01", 2);
        row("mixture:n=40000,c=2,mean=1,mean2=9,weight2=0");
        row("mixture:n=40000,c=2,mean=1,mean2=9,weight2=1");
    }
    /// The mean of M values has standard deviation √(var/M), their variance √((m4 − var²)/M) with m4 the fourth central
    /// moment, taken from the sample. 5 of these is enough for every fixed seed here and far below any wrong factor.
    void momentsAreThePopulations() {
        QFETCH(QString, text);
        QFETCH(int, k);
        const GeneratorSpec spec = parseGeneratorSpec(text.toStdString());
        const Tensor batch = batchOf(spec, k);
        const Population expected = population(spec, k);
        for (std::size_t c = 0; c < expected.mean.size(); ++c) {
            const std::vector<double> values = channelOf(batch, static_cast<std::int64_t>(c));
            const Sample sample = momentsOf(values);
            const auto count = static_cast<double>(values.size());
            const double meanBound = 5 * std::sqrt(expected.var[c] / count);
            const double varBound = 5 * std::sqrt((sample.fourth - sample.var * sample.var) / count);
            QVERIFY2(std::abs(sample.mean - expected.mean[c]) < meanBound,
                     qPrintable(QString("channel %1: mean %2, not %3").arg(c).arg(sample.mean).arg(expected.mean[c])));
            QVERIFY2(std::abs(sample.var - expected.var[c]) < varBound,
                     qPrintable(QString("channel %1: var %2, not %3").arg(c).arg(sample.var).arg(expected.var[c])));
        }
    }

    void populationByHand_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("k");
        QTest::addColumn<QVector<double>>("mean");
        QTest::addColumn<QVector<double>>("var");
        const double nothing = std::nan("");
        using Values = QVector<double>;
        const auto row = [](const char* text, int k, Values mean, Values var) {
            QTest::addRow("%s @%d", text, k) << text << k << mean << var;
        };
        row("normal:c=1,mean=5,std=2", 7, {5}, {4});
        row("normal:c=2,mean=5/6,drift=0.5/-1", 4, {7, 2}, {1, 1});
        row("normal:c=5,mean=1,std=2,spread=3", 0, {-5, -2, 1, 4, 7}, {4, 4, 4, 4, 4});
        row("normal:c=1,spread=3", 0, {0}, {1});
        row("normal:c=1,std=2,outliers=0.5,nan=0.5", 0, {0}, {202});
        row("normal:c=2,mean=1,std=3,correlation=0.5", 0, {1, 1}, {9, 9});
        row("uniform:c=1,mean=2,std=0.5", 0, {2}, {0.25});
        row("student_t:c=1,mean=2,std=3,df=6", 0, {2}, {13.5});
        row("student_t:c=1,mean=2,std=3,df=2", 0, {2}, {nothing});
        row("student_t:c=1,mean=2,df=1", 0, {nothing}, {nothing});
        row("constant:c=2,mean=2/3,std=5,outliers=1", 0, {2, 3}, {0, 0});
        row("constant:c=3,mean=2,std=5,spread=1,drift=1", 3, {0, 5, 10}, {0, 0, 0});
        row("lognormal:c=1,std=0,drift=2", 3, {7}, {0});
        // ¾·(1 + 1²) + ¼·(2² + 3²), about the mean −3·¾ + 1·¼ = −2.
        row("mixture:c=1,mean=-3,std=1,mean2=1,std2=2,weight2=0.25", 0, {-2}, {4.75});
        row("mixture:c=1,mean=-3,std=1,mean2=1,std2=2,weight2=0.25,drift=1", 2, {0}, {4.75});
        row("mixture:c=2,mean=0,std=1,mean2=0,std2=3,spread=2", 0, {-2, 2}, {5, 5});
    }
    /// All of these are exact in double.
    void populationByHand() {
        QFETCH(QString, text);
        QFETCH(int, k);
        QFETCH(QVector<double>, mean);
        QFETCH(QVector<double>, var);
        const auto same = [](const std::vector<double>& a, const QVector<double>& b) {
            return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                              [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
        };
        const Population result = population(parseGeneratorSpec(text.toStdString()), k);
        QVERIFY(same(result.mean, mean));
        QVERIFY(same(result.var, var));
    }

    /// Mean e^(m + s²/2), variance (e^(s²) − 1)·e^(2m + s²); a few roundings, each 2⁻⁵³ or its like: 1e-14 is ample.
    void populationOfLogNormal() {
        const Population result = population(parseGeneratorSpec("lognormal:c=1,mean=0.5,std=0.75,drift=2"), 3);
        const double mean = std::exp(0.5 + 0.5625 / 2), var = std::expm1(0.5625) * std::exp(1 + 0.5625);
        QVERIFY(std::abs(result.mean[0] - (mean + 6)) < 1e-14 * (mean + 6));
        QVERIFY(std::abs(result.var[0] - var) < 1e-14 * var);
        const Population narrow = population(parseGeneratorSpec("lognormal:c=1,std=1e-9"), 0);
        QVERIFY(std::abs(narrow.var[0] - 1e-18) < 1e-32);
    }

    void valuesFollowTheStream() {
        const Tensor batch = batchOf("normal:n=5,c=3,l=4,mean=1/2/3,std=0.5/1/2,seed=9", 6);
        QCOMPARE(batch.shape(), (Dims{5, 3, 4}));
        std::vector<double> z(60);
        normalValues(9, stream::values, 6, 0, z);
        const double mean[] = {1, 2, 3}, std[] = {0.5, 1, 2};
        for (std::size_t i = 0; i < z.size(); ++i)
            QVERIFY(batch.at(static_cast<std::int64_t>(i)) == mean[i / 4 % 3] + std[i / 4 % 3] * z[i]);
    }

    void constantIsExact() {
        const Tensor batch = batchOf("constant:n=3,c=2,mean=0.1/-7,std=3,outliers=0.5", 5);
        for (std::int64_t i = 0; i < batch.size(); ++i)
            QVERIFY(batch.at(i) == (i % 2 == 0 ? 0.1 : -7));
        QVERIFY(batchOf("constant:n=1,c=1,mean=1,drift=0.5", 3).at(0) == 2.5);
    }

    void shapes_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QVector<qint64>>("shape");
        QTest::newRow("default") << "normal" << QVector<qint64>{32, 8};
        QTest::newRow("N = 0") << "normal:n=0" << QVector<qint64>{0, 8};
        QTest::newRow("N = 0 with L") << "mixture:n=0,c=1,l=3,correlation=0.5,outliers=1" << QVector<qint64>{0, 1, 3};
        QTest::newRow("one value") << "student_t:n=1,c=1" << QVector<qint64>{1, 1};
        QTest::newRow("L = 1") << "uniform:n=2,c=3,l=1" << QVector<qint64>{2, 3, 1};
    }
    void shapes() {
        QFETCH(QString, text);
        QFETCH(QVector<qint64>, shape);
        Tensor batch = Tensor::of<float>({2}, {1.0f, 2.0f});
        generateBatch(parseGeneratorSpec(text.toStdString()), 0, DType::Float64, batch);
        QCOMPARE(batch.dtype(), DType::Float64);
        QCOMPARE(QVector<qint64>(batch.shape().begin(), batch.shape().end()), shape);
    }

    void float32IsTheDoubleRoundedOnce() {
        const char* text = "mixture:n=999,c=7,mean=3,mean2=-2,correlation=0.3,outliers=0.1";
        const Tensor wide = batchOf(text), narrow = batchOf(text, 0, DType::Float32);
        for (std::int64_t i = 0; i < wide.size(); ++i)
            QVERIFY(narrow.values<float>()[static_cast<std::size_t>(i)] == static_cast<float>(wide.at(i)));
    }

    void batchesAreRandomAccess() {
        const GeneratorSpec spec = parseGeneratorSpec("normal:n=100,c=8,outliers=0.1,nan=0.1,correlation=0.5");
        Tensor reused;
        std::vector<Tensor> forward;
        for (std::int64_t k = 0; k < 5; ++k) {
            generateBatch(spec, k, DType::Float32, reused);
            forward.push_back(reused);
        }
        for (std::int64_t k = 4; k >= 0; --k)
            QVERIFY(sameBytes(batchOf(spec, k, DType::Float32), forward[static_cast<std::size_t>(k)]));
        QVERIFY(!sameBytes(forward[0], forward[1]));
        QVERIFY(!sameBytes(batchOf("normal:seed=1"), batchOf("normal:seed=2")));
    }

    void bitsDoNotDependOnThreads_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("many pieces") << "normal:n=12345,c=9,mean=3";
        QTest::newRow("everything on") << "mixture:n=1000,c=5,l=13,correlation=0.4,outliers=0.05,nan=0.01,mean2=4";
        QTest::newRow("long rows") << "lognormal:n=3,c=4,l=9001,correlation=0.4,drift=1";
        QTest::newRow("student_t") << "student_t:n=5000,c=7,df=3.5,outliers=0.2";
    }
    void bitsDoNotDependOnThreads() {
        QFETCH(QString, text);
        const GeneratorSpec spec = parseGeneratorSpec(text.toStdString());
        const Tensor expected = batchOf(spec, 3, DType::Float32);
        for (const int threads : {1, 2, 3, 5, 16}) {
            Arena arena(threads);
            Tensor batch;
            arena.run([&] { generateBatch(spec, 3, DType::Float32, batch); });
            QVERIFY2(sameBytes(batch, expected), qPrintable(QString::number(threads)));
        }
    }

    /// Any change of a bit changes the numbers of saved recipes; these hashes keep watch.
    void bitsArePinned_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<quint64>("float32");
        QTest::addColumn<quint64>("float64");
        QTest::newRow("normal") << "normal:n=3000,c=7,mean=5,std=2" << quint64{0xb418e255c1cbc6a9}
                                << quint64{0x463c024515d73cea};
        QTest::newRow("normal with everything")
            << "normal:n=300,c=7,l=11,spread=2,correlation=0.5,drift=0.5,outliers=0.1,nan=0.1,seed=1"
            << quint64{0x6ef1bded720ebb56} << quint64{0x3a69328d41ecbd18};
        QTest::newRow("uniform") << "uniform:n=3000,c=7,mean=1,std=3" << quint64{0xf1d8e483cb82e16f}
                                 << quint64{0x730bcfd6914921ae};
        QTest::newRow("lognormal") << "lognormal:n=3000,c=7,mean=0.5,std=0.75,drift=1" << quint64{0xcbc56a0d56f908bb}
                                   << quint64{0xf3dfc20b9347bf64};
        QTest::newRow("student_t") << "student_t:n=3000,c=7,df=3.5" << quint64{0x3a1e2e9e0e07fbbf}
                                   << quint64{0x78f9a9f2e043a3a1};
        QTest::newRow("constant") << "constant:n=30,c=7,mean=0.1,spread=1,drift=0.3" << quint64{0xda3dd706d3660bf1}
                                  << quint64{0x7b85952077f87c91};
        QTest::newRow("mixture") << "mixture:n=3000,c=7,mean=-2,mean2=3,std2=0.5,weight2=0.25,correlation=0.5"
                                 << quint64{0x5c0f6e2a4ccffe69} << quint64{0x43fba61535c1975a};
    }
    void bitsArePinned() {
        QFETCH(QString, text);
        QFETCH(quint64, float32);
        QFETCH(quint64, float64);
        const GeneratorSpec spec = parseGeneratorSpec(text.toStdString());
        QCOMPARE(QString::number(hashOf(batchOf(spec, 2, DType::Float32)), 16), QString::number(float32, 16));
        QCOMPARE(QString::number(hashOf(batchOf(spec, 2, DType::Float64)), 16), QString::number(float64, 16));
    }

    void driftMovesEveryStep_data() {
        QTest::addColumn<QString>("kind");
        for (const char* kind : {"normal", "uniform", "lognormal", "student_t", "constant", "mixture"})
            QTest::newRow(kind) << kind;
    }
    /// Batch k with drift is batch k without it, moved. The drift is inside a sum of a few roundings.
    void driftMovesEveryStep() {
        QFETCH(QString, kind);
        const std::string text = kind.toStdString() + ":n=50,c=3";
        const Tensor still = batchOf((text).c_str(), 10), moved = batchOf((text + ",drift=0.5/0/-2").c_str(), 10);
        const double step[] = {5, 0, -20};
        for (std::int64_t i = 0; i < still.size(); ++i)
            QVERIFY(std::abs(moved.at(i) - still.at(i) - step[i % 3]) < 1e-13);
    }

    /// Outliers are 10 times as far from the mean, at the given rate, and leave the other values as they were.
    void outliersAreRareAndFar() {
        const Tensor plain = batchOf("normal:n=20000,c=4,mean=3"),
                     wild = batchOf("normal:n=20000,c=4,mean=3,outliers=0.1");
        int moved = 0;
        for (std::int64_t i = 0; i < plain.size(); ++i) {
            if (wild.at(i) == plain.at(i))
                continue;
            ++moved;
            QVERIFY(wild.at(i) == 3 + 10 * (plain.at(i) - 3));
        }
        // Binomial, 80000 draws at 0.1: mean 8000, standard deviation 85; 4 of these.
        QVERIFY2(std::abs(moved - 8000) < 340, qPrintable(QString::number(moved)));
    }

    void nansAreCountedAndNothingElseChanges() {
        const char* text = "lognormal:n=20000,c=4,outliers=0.1,correlation=0.2";
        const Tensor plain = batchOf(text), holed = batchOf((std::string(text) + ",nan=0.05").c_str());
        int holes = 0;
        for (std::int64_t i = 0; i < plain.size(); ++i) {
            if (std::isnan(holed.at(i)))
                ++holes;
            else
                QVERIFY(holed.at(i) == plain.at(i));
        }
        // Binomial, 80000 draws at 0.05: mean 4000, standard deviation 62; 4 of these.
        QVERIFY2(std::abs(holes - 4000) < 248, qPrintable(QString::number(holes)));
        const Tensor all = batchOf("constant:nan=1");
        for (std::int64_t i = 0; i < all.size(); ++i)
            QVERIFY(std::isnan(all.at(i)));
    }

    void correlationIsMeasured_data() {
        QTest::addColumn<QString>("shape");
        QTest::addColumn<double>("rho");
        QTest::newRow("none") << "n=40000,c=3" << 0.0;
        QTest::newRow("N, C") << "n=40000,c=3" << 0.6;
        QTest::newRow("strong") << "n=40000,c=3" << 0.99;
        QTest::newRow("short L") << "n=8000,c=3,l=5" << 0.6;
        QTest::newRow("long L") << "n=40,c=3,l=1000" << 0.6;
    }
    /// A correlation of M pairs has standard deviation about (1 − ρ²)/√M, at most 0.005 here; 4 of these.
    void correlationIsMeasured() {
        QFETCH(QString, shape);
        QFETCH(double, rho);
        const auto text = QString("normal:%1,std=1/2/5,correlation=%2").arg(shape).arg(rho).toStdString();
        const Tensor batch = batchOf(text.c_str());
        std::vector<std::vector<double>> channels;
        for (std::int64_t c = 0; c < 3; ++c)
            channels.push_back(channelOf(batch, c));
        for (const auto& [a, b] : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
            const double measured =
                correlationOf(channels[static_cast<std::size_t>(a)], channels[static_cast<std::size_t>(b)]);
            QVERIFY2(std::abs(measured - rho) < 0.02, qPrintable(QString::number(measured)));
        }
        // Positions and samples share nothing: neighbours within a channel are uncorrelated.
        std::vector<double> here = channels[0], next = channels[0];
        here.pop_back();
        next.erase(next.begin());
        QVERIFY(std::abs(correlationOf(here, next)) < 0.02);
    }

    /// One factor a sample and position, number n·L + l of its stream: the two ways to look it up agree with it.
    void sharedFactorIsOneASampleAndPosition_data() {
        QTest::addColumn<int>("l");
        for (const int l : {0, 1, 2, 63, 64, 65, 1500})
            QTest::addRow("L = %d", l) << l;
    }
    void sharedFactorIsOneASampleAndPosition() {
        QFETCH(int, l);
        GeneratorSpec spec;
        spec.n = 40, spec.c = 3, spec.l = l, spec.correlation = 0.25;
        const Tensor batch = batchOf(spec, 1);
        const std::size_t positions = static_cast<std::size_t>(std::max(l, 1));
        std::vector<double> own(40 * 3 * positions), shared(40 * positions);
        normalValues(42, stream::values, 1, 0, own);
        normalValues(42, stream::sharedFactor, 1, 0, shared);
        for (std::size_t i = 0; i < own.size(); ++i) {
            const std::size_t sample = i / (3 * positions), position = i % positions;
            const double expected = 0.5 * shared[sample * positions + position] + std::sqrt(0.75) * own[i];
            QVERIFY(batch.at(static_cast<std::int64_t>(i)) == expected);
        }
    }
};

QTEST_GUILESS_MAIN(GeneratorTest)
#include "generator_test.moc"
