// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace bnstudio;

class PastedTensorTest : public QObject {
    Q_OBJECT

private slots:
    void reads_data();
    void reads();
    void readsWordsForSpecialValues();
    void refuses_data();
    void refuses();
    void survivesDeepNesting();
};

void PastedTensorTest::reads_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Dims>("shape");
    const auto row = [](const char* name, const QByteArray& text, const Dims& shape) {
        QTest::newRow(name) << text << shape;
    };
    const Dims square{2, 2};
    row("commas", "1,2\n3,4", square);
    row("semicolons", "1;2\n3;4\n", square);
    row("tabs, as a spreadsheet copies", "1\t2\r\n3\t4\r\n", square);
    row("blanks", "  1 2\n  3 4\n", square);
    row("decimal commas", "1,0;2,0\n3,0;4,0", square);
    row("with names", "a,b\n1,2\n3,4", square);
    row("one number a line", "1\n2\n3\n4\n", {4, 1});
    row("one row", "1, 2, 3, 4", {1, 4});
    row("one row of blanks", "1 2 3 4", {1, 4});
    row("one number", "1", {1, 1});
    row("nested list", "[[1, 2], [3, 4]]", square);
    row("nested list over lines", "[\n  [1, 2],\n  [3, 4],\n]\n", square);
    row("flat list", "[1, 2, 3, 4]", {1, 4});
    row("flat list over lines", "[1,\n 2,\n 3,\n 4]", {1, 4});
    row("NumPy's print", "[[1. 2.]\n [3. 4.]]", square);
    row("tensor", "tensor([[1., 2.],\n        [3., 4.]])", square);
    row("tensor with options", "tensor([[1., 2.],\n        [3., 4.]], dtype=torch.float64, grad_fn=<AddBackward0>)",
        square);
    row("options on a line of their own", "tensor([[1., 2.],\n        [3., 4.]],\n       device='cuda:0')\n", square);
    row("exponents", "tensor([[1.0000e+00, 2.0000e+00],\n        [3.0000e+00, 4.0000e+00]])", square);
    row("parameter", "Parameter containing:\ntensor([[1., 2.],\n        [3., 4.]], requires_grad=True)", square);
    row("assignment", "x = torch.tensor([[1, 2], [3, 4]])", square);
    row("assignment of a list", "x = [[1, 2], [3, 4]]", square);
    row("array", "array([[1., 2.],\n       [3., 4.]], dtype=float32)", square);
    row("three levels", "[[[1, 2]], [[3, 4]]]", {2, 1, 2});
    row("three levels with blank lines",
        "tensor([[[1., 2.],\n         [3., 4.]],\n\n        [[5., 6.],\n"
        "         [7., 8.]]])",
        {2, 2, 2});
}

void PastedTensorTest::reads() {
    QFETCH(QByteArray, text);
    QFETCH(Dims, shape);
    const Tensor values = parsePastedTensor(text.toStdString());
    QCOMPARE(values.dtype(), DType::Float64);
    QCOMPARE(values.shape(), shape);
    for (std::int64_t i = 0; i < values.size(); ++i)
        QCOMPARE(values.at(i), static_cast<double>(i + 1));
}

void PastedTensorTest::readsWordsForSpecialValues() {
    for (const char* text : {"tensor([[nan, inf], [-inf, -0.5]])", "nan,inf\n-inf,-0.5", "NaN Infinity\n-Inf -.5"}) {
        const Tensor values = parsePastedTensor(text);
        QCOMPARE(values.shape(), (Dims{2, 2}));
        QVERIFY(std::isnan(values.at(0)));
        QCOMPARE(values.at(1), std::numeric_limits<double>::infinity());
        QCOMPARE(values.at(2), -std::numeric_limits<double>::infinity());
        QCOMPARE(values.at(3), -0.5);
    }
}

void PastedTensorTest::refuses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const QByteArray& text, const char* part) {
        QTest::newRow(name) << text << part;
    };
    row("nothing", "", "line 1, column 1: there is nothing");
    row("blanks", " \n\t\n", "line 1, column 1: there is nothing");
    row("elided", "tensor([[1., 2., ..., 3.],\n [1., 2., ..., 3.]])",
        "line 1, column 18: the values between are left out");
    row("elided rows", "[[1, 2],\n ...,\n [3, 4]]", "line 2, column 2: the values between are left out");
    row("ragged list", "[[1, 2],\n [3]]", "line 2, column 2: this list has 1 entries, expected 2");
    row("ragged table", "1,2\n3\n", "row 2, column 2: the row has 1 cell");
    row("ragged third level", "[[[1,2],[3,4]],[[5,6],[7]]]", "column 23: this list has 1 entries, expected 2");
    row("ragged second level", "[[[1,2],[3,4]],[[5,6]]]", "column 16: this list has 1 entries, expected 2");
    row("four levels", "[[[[1]]]]", "column 4: more than three levels");
    row("number beside a list", "[[1, 2], 3]", "column 10: a number where the lists before have lists");
    row("list beside a number", "[1, [2, 3]]", "column 5: a list where the lists before have numbers");
    row("word", "[[1, x]]", "column 6: \"x\" is not a number");
    row("junk behind a number", "[[1, 2.5x]]", "\"2.5x\" is not a number");
    row("bool", "tensor([[True, False]])", "\"True\" is not a number");
    row("empty list", "tensor([])", "an empty list");
    row("empty row", "[[1], []]", "column 7: an empty list");
    row("two commas", "[[1,, 2]]", "column 5: there is nothing before this comma");
    row("never closed", "[[1, 2],\n [3, 4]", "line 1, column 1: this '[' is never closed");
    row("too many closed", "[[1, 2]]]", "column 9: \"]\" stands behind the list");
    row("call never closed", "tensor([[1, 2]]", "expected ')'");
    row("two tensors", "tensor([[1, 2]]), tensor([[3, 4]])", "expected ')'");
    row("two tensors, one as an option", "tensor([[1, 2]], tensor([[3, 4]]))", "a second list");
    row("another function", "print([[1, 2]])", "line 1, column 1: \"print(\" stands before the list");
    row("text column", "a,b\n1,x\n2,y\n", "the column \"b\" holds text");
    row("text", "hello", "only names of columns");
    row("junk in a table", "1,2\n3,4x\n", "row 2, column 2: \"4x\" is not a number");
}

void PastedTensorTest::refuses() {
    QFETCH(QByteArray, text);
    QFETCH(QString, part);
    const QString message = interop::errorOf([&] { parsePastedTensor(text.toStdString()); }, "pasted text");
    QVERIFY2(message.contains(part), qPrintable(message));
}

void PastedTensorTest::survivesDeepNesting() {
    const QString message = interop::errorOf([] { parsePastedTensor(std::string(1'000'000, '[')); }, "pasted text");
    QVERIFY(message.contains("more than three levels"));
}

QTEST_GUILESS_MAIN(PastedTensorTest)
#include "pasted_tensor_test.moc"
