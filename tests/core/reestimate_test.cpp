// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/npz_writer.h"
#include "core/run/reestimate.h"
#include "support/recipes.h"

#include <QTemporaryDir>
#include <QTest>

using namespace bnstudio;
using namespace bnstudio::test;

/// Re-estimated statistics are plain averages over the batches.
class ReestimateTest : public QObject {
    Q_OBJECT

private slots:
    void everyBatchWeighsTheSame_data();
    void everyBatchWeighsTheSame();
    void nothingToAverage();

private:
    /// Batches as "1,3 5 2,4": one channel, values by commas.
    Recipe recipeOf(const QString& batches) const {
        const std::string path = m_folder.filePath("x.npz").toStdString();
        NpzWriter writer(path);
        int number = 0;
        for (const QString& batch : batches.split(' ')) {
            std::vector<float> values;
            for (const QString& value : batch.split(',', Qt::SkipEmptyParts))
                values.push_back(value.toFloat());
            writer.add("x." + std::to_string(number++), Tensor::of<float>({static_cast<std::int64_t>(values.size()), 1},
                                                                          std::span<const float>(values)));
        }
        writer.commit();
        return recipeOn(FileSpec{path, "x", 0, 0, ""});
    }
    QTemporaryDir m_folder;
};

void ReestimateTest::everyBatchWeighsTheSame_data() {
    QTest::addColumn<QString>("batches");
    QTest::addColumn<int>("refused");
    QTest::newRow("all accepted") << "0,2 4,8" << 0;
    QTest::newRow("refused first") << "7 0,2 4,8" << 1;
    QTest::newRow("refused between") << "0,2 7 7 4,8" << 2;
    QTest::newRow("refused last") << "0,2 4,8 7" << 1;
    QTest::newRow("empty first") << ", 0,2 4,8" << 0;
}

/// (0, 2) and (4, 8): means 1 and 6, unbiased variances 2 and 8. A batch of one value is refused.
void ReestimateTest::everyBatchWeighsTheSame() {
    QFETCH(QString, batches);
    QFETCH(int, refused);
    const Reestimated result = reestimateStatistics(recipeOf(batches), batches.count(' ') + 1);
    QCOMPARE(result.runningMean, ChannelVector{3.5});
    QCOMPARE(result.runningVar, ChannelVector{5});
    QCOMPARE(result.numBatchesTracked, 2);
    QCOMPARE(result.refused, refused);
    QCOMPARE(result.firstError.empty(), refused == 0);
}

void ReestimateTest::nothingToAverage() {
    QVERIFY_THROWS_EXCEPTION(Error, reestimateStatistics(recipeOf("7 8"), 2));
    QVERIFY_THROWS_EXCEPTION(Error, reestimateStatistics(recipeOf(","), 1));
}

QTEST_GUILESS_MAIN(ReestimateTest)
#include "reestimate_test.moc"
