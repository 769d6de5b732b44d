// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/parallel/parallel.h"
#include "core/tensor/tensor.h"

#include <QTest>

#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>

using namespace bnstudio;

namespace {

std::string messageOf(const std::function<void()>& body) {
    try {
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

class TensorTest : public QObject {
    Q_OBJECT

private slots:
    void dtypes_data() {
        QTest::addColumn<int>("dtype");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("scalarType");
        QTest::addColumn<int>("bytes");
        const auto row = [](DType dtype, const char* name, const char* scalarType, int bytes) {
            QTest::newRow(name) << static_cast<int>(dtype) << name << scalarType << bytes;
        };
        row(DType::Float32, "float32", "Float", 4);
        row(DType::Float64, "float64", "Double", 8);
        row(DType::Float16, "float16", "Half", 2);
        row(DType::BFloat16, "bfloat16", "BFloat16", 2);
        row(DType::Int8, "int8", "Char", 1);
        row(DType::Int16, "int16", "Short", 2);
        row(DType::Int32, "int32", "Int", 4);
        row(DType::Int64, "int64", "Long", 8);
        row(DType::UInt8, "uint8", "Byte", 1);
        row(DType::UInt16, "uint16", "UInt16", 2);
        row(DType::UInt32, "uint32", "UInt32", 4);
        row(DType::UInt64, "uint64", "UInt64", 8);
        row(DType::Bool, "bool", "Bool", 1);
    }

    void dtypes() {
        QFETCH(int, dtype);
        const DType type = static_cast<DType>(dtype);
        QTEST(QString::fromUtf8(name(type).data(), static_cast<int>(name(type).size())), "name");
        QTEST(QString::fromStdString(std::string(scalarTypeName(type))), "scalarType");
        QTEST(static_cast<int>(itemSize(type)), "bytes");
        QCOMPARE(static_cast<int>(*dtypeFromName(name(type))), dtype);
    }

    void unknownDTypeNames() {
        QVERIFY(!dtypeFromName("float"));
        QVERIFY(!dtypeFromName(""));
        QVERIFY(!dtypeFromName("Float32"));
    }

    void halfValues_data() {
        QTest::addColumn<int>("bits");
        QTest::addColumn<double>("value");
        QTest::newRow("zero") << 0x0000 << 0.0;
        QTest::newRow("one") << 0x3c00 << 1.0;
        QTest::newRow("minus two") << 0xc000 << -2.0;
        QTest::newRow("largest") << 0x7bff << 65504.0;
        QTest::newRow("smallest normal") << 0x0400 << 0x1p-14;
        QTest::newRow("largest subnormal") << 0x03ff << 1023 * 0x1p-24;
        QTest::newRow("smallest subnormal") << 0x0001 << 0x1p-24;
        QTest::newRow("infinity") << 0x7c00 << std::numeric_limits<double>::infinity();
        QTest::newRow("minus infinity") << 0xfc00 << -std::numeric_limits<double>::infinity();
    }

    void halfValues() {
        QFETCH(int, bits);
        QFETCH(double, value);
        QVERIFY(static_cast<double>(halfToFloat(static_cast<std::uint16_t>(bits))) == value);
        QVERIFY(std::isnan(halfToFloat(0x7e01)));
        QVERIFY(std::signbit(halfToFloat(0x8000)));
    }

    void bfloat16Values() {
        QVERIFY(bfloat16ToFloat(0x3f80) == 1.0f);
        QVERIFY(bfloat16ToFloat(0xc040) == -3.0f);
        QVERIFY(bfloat16ToFloat(0x0001) == 0x1p-133f);
        QVERIFY(std::isnan(bfloat16ToFloat(0x7fc0)));
    }

    void elementCounts() {
        QCOMPARE(checkedElementCount({}, 4), 1);
        QCOMPARE(checkedElementCount({3, 0, 5}, 4), 0);
        QCOMPARE(checkedElementCount({3, 4}, 8), 12);
        QCOMPARE(checkedElementCount({std::int64_t{1} << 59}, 8), std::int64_t{1} << 59);
        const std::int64_t huge = std::int64_t{1} << 60;
        QCOMPARE(
            messageOf([&] { checkedElementCount({huge}, 8); }),
            std::string("shape (1152921504606846976,) with 8 bytes an element is too large; the size in bytes must "
                        "fit 63 bits"));
        QVERIFY(!messageOf([&] { checkedElementCount({huge, huge}, 1); }).empty());
        QCOMPARE(messageOf([] {
                     checkedElementCount({0, -1}, 1);
                 }),
                 std::string("shape (0, -1) has the negative dimension -1; dimensions must be 0 or more"));
    }

    void shapeTexts() {
        QCOMPARE(shapeText({}), std::string("()"));
        QCOMPARE(shapeText({5}), std::string("(5,)"));
        QCOMPARE(shapeText({32, 8}), std::string("(32, 8)"));
        QCOMPARE(torchSizeText({}), std::string("torch.Size([])"));
        QCOMPARE(torchSizeText({1, 3}), std::string("torch.Size([1, 3])"));
    }

    void newTensorIsZeroAndAligned() {
        const Tensor tensor(DType::Float64, {3, 5});
        QCOMPARE(tensor.size(), 15);
        QCOMPARE(tensor.byteSize(), std::size_t{120});
        QCOMPARE(reinterpret_cast<std::uintptr_t>(tensor.bytes()) % 64, std::uintptr_t{0});
        for (const double value : tensor.values<double>())
            QVERIFY(value == 0);
    }

    void copiesAreDeep() {
        Tensor original = Tensor::of<float>({2}, {1, 2});
        const Tensor copy = original;
        original.set(0, 9);
        QVERIFY(copy.at(0) == 1 && original.at(0) == 9);
        Tensor assigned(DType::Int64, {7});
        assigned = original;
        QVERIFY(assigned.dtype() == DType::Float32 && assigned.shape() == Dims{2} && assigned.at(0) == 9);
        const Tensor empty;
        const Tensor emptyCopy = empty;
        QCOMPARE(emptyCopy.size(), 0);
    }

    void setRoundsToTheDType() {
        Tensor single(DType::Float32, {1}), wide(DType::Float64, {1});
        single.set(0, 0.1);
        wide.set(0, 0.1);
        QVERIFY(single.at(0) == static_cast<double>(0.1f));
        QVERIFY(wide.at(0) == 0.1);
        single.set(0, 1e300);
        QVERIFY(std::isinf(single.at(0)));
    }

    void reshapeForKeepsTheStorageItCan() {
        Tensor tensor(DType::Float64, {4, 4});
        const std::byte* storage = tensor.bytes();
        tensor.reshapeFor(DType::Float32, {2, 3});
        QVERIFY(tensor.bytes() == storage && tensor.shape() == Dims({2, 3}) && tensor.dtype() == DType::Float32);
        tensor.reshapeFor(DType::Float64, {4, 4});
        QVERIFY(tensor.bytes() == storage);
        tensor.reshapeFor(DType::Float64, {5, 4});
        QCOMPARE(tensor.size(), 20);
    }

    void setShapeNeedsTheSameSize() {
        Tensor tensor = Tensor::of<float>({2, 3}, {0, 1, 2, 3, 4, 5});
        tensor.setShape({3, 2});
        QVERIFY(tensor.shape() == Dims({3, 2}) && tensor.at(5) == 5);
        QCOMPARE(messageOf([&] { tensor.setShape({4}); }),
                 std::string("shape (4,) does not hold the 6 values of a tensor of shape (3, 2)"));
        QVERIFY(tensor.shape() == Dims({3, 2}));
    }

    void conversions() {
        // 2^24 + 1 is no float; 2^60 + 2^36 + 1 would round twice on a way through double.
        const Tensor integers =
            Tensor::of<std::int64_t>({3}, {-5, (1 << 24) + 1, (std::int64_t{1} << 60) + (std::int64_t{1} << 36) + 1});
        const Tensor single = integers.convertedTo(DType::Float32);
        QVERIFY(single.at(0) == -5 && single.at(1) == 0x1p24);
        QVERIFY(single.at(2) == 0x1p60 + 0x1p37);
        QVERIFY(integers.convertedTo(DType::Float64).at(1) == 0x1p24 + 1);
        const Tensor halves = Tensor::of<std::uint16_t>({1}, {0x3c00});
        Tensor half(DType::Float16, {1});
        std::copy_n(halves.bytes(), 2, half.bytes());
        QVERIFY(half.convertedTo(DType::Float32).at(0) == 1);
        QVERIFY(Tensor::of<double>({1}, {0.1}).convertedTo(DType::Float32).at(0) == static_cast<double>(0.1f));
    }

    void anyNonZeroByteIsTrue() {
        Tensor tensor(DType::Bool, {2});
        tensor.bytes()[1] = std::byte{7};
        QVERIFY(tensor.at(0) == 0 && tensor.at(1) == 1);
    }

    void parallelForRunsEveryIndexOnce() {
        for (const int threads : {1, 2, 3, 16}) {
            std::vector<std::atomic<int>> hits(1000);
            Arena arena(threads);
            QCOMPARE(arena.threads(), threads);
            arena.run([&] { parallelFor(1000, [&](std::int64_t i) { ++hits[static_cast<std::size_t>(i)]; }); });
            QVERIFY(std::all_of(hits.begin(), hits.end(), [](const auto& count) { return count == 1; }));
        }
        parallelFor(0, [](std::int64_t) { QFAIL("nothing to run"); });
        parallelFor(-3, [](std::int64_t) { QFAIL("nothing to run"); });
    }

    void parallelForRethrows() {
        const auto failing = [](std::int64_t i) {
            if (i == 77)
                throw Error(ErrorCode::Cancelled, "stopped");
        };
        QCOMPARE(messageOf([&] { parallelFor(100, failing); }), std::string("stopped"));
        QCOMPARE(messageOf([&] { Arena(3).run([&] { parallelFor(100, failing); }); }), std::string("stopped"));
    }
};

QTEST_GUILESS_MAIN(TensorTest)
#include "tensor_test.moc"
