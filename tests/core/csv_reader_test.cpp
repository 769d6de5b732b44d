// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/io/tensor_file.h"
#include "support/interop.h"

#include <QTemporaryDir>
#include <QTest>

#include <clocale>
#include <cmath>
#include <filesystem>
#include <limits>

using namespace bnstudio;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

bool isSame(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

}  // namespace

class CsvReaderTest : public QObject {
    Q_OBJECT

private slots:
    void readsRealTables_data();
    void readsRealTables();
    void readsTables_data();
    void readsTables();
    void namesColumns_data();
    void namesColumns();
    void notes_data();
    void notes();
    void refuses_data();
    void refuses();
    void ignoresTheLocale();
    void readsAcrossBlocks();
    void readsRows();
    void refusesALongRow();
    void refusesManyColumns();
    void reportsProgressAndStops();
    void recognisesTablesByContent_data();
    void recognisesTablesByContent();
    void believesNamesOfOtherFormats();

private:
    std::filesystem::path write(const QByteArray& text, const char* name = "case.csv") {
        const std::filesystem::path path = m_folder.filePath(name).toStdString();
        interop::writeFile(path, text);
        return path;
    }
    QTemporaryDir m_folder;
};

void CsvReaderTest::readsRealTables_data() {
    QTest::addColumn<QString>("name");
    for (const char* extension : {"csv", "txt", "tsv"})
        for (const QString& name : interop::goodFiles(extension))
            QTest::newRow(qPrintable(name)) << name;
}

void CsvReaderTest::readsRealTables() {
    QFETCH(QString, name);
    const TensorFile file = openTensorFile(interop::goodFile(name));
    const QJsonObject expected = interop::expectedTensors(name).first().toObject();
    QCOMPARE(file.format, "csv");
    QCOMPARE(file.tensors.size(), std::size_t{1});
    QCOMPARE(file.tensors[0]->name(), "data");
    QCOMPARE(file.columns.size(), std::size_t{4});
    const Tensor values = file.tensors[0]->read();
    QCOMPARE(values.dtype(), DType::Float64);
    QCOMPARE(values.shape(), interop::dims(expected["shape"].toArray()));
    QCOMPARE(interop::sha256(values), expected["sha256_le_c"].toString().toLatin1());
}

void CsvReaderTest::readsTables_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("columns");
    QTest::addColumn<QList<double>>("expected");
    const auto row = [](const char* name, const QByteArray& text, int columns, const QList<double>& expected) {
        QTest::newRow(name) << text << columns << expected;
    };
    const QList<double> square{1, 2, 3, 4};
    const QList<double> fractions{1.5, 2.25, -3, 4};
    row("comma", "a,b\n1,2\n3,4\n", 2, square);
    row("comma and blanks", "a, b\n1, 2\n3 ,4 \n", 2, square);
    row("semicolon", "a;b\n1;2\n3;4\n", 2, square);
    row("tab", "a\tb\n1\t2\n3\t4\n", 2, square);
    row("blanks", "  1   2\n3 4  \n", 2, square);
    row("blanks and tabs mixed", "1 \t 2\n3\t4\n", 2, square);
    row("one column", "a\n1\n2\n", 1, {1, 2});
    row("one column with blanks in its name", "sepal length (cm)\n1\n2\n", 1, {1, 2});
    row("one row", "1,2\n", 2, {1, 2});
    row("one number", "7", 1, {7});
    row("no header", "1,2\n3,4", 2, square);
    row("CRLF", "a,b\r\n1,2\r\n3,4\r\n", 2, square);
    row("byte order mark",
        "\xef\xbb\xbf"
        "1,2\n3,4\n",
        2, square);
    row("blank lines", "a,b\n\n1,2\n   \n3,4\n\n\n", 2, square);
    row("comments", "# made by hand\n1,2\n# between\n3,4\n", 2, square);
    row("quotes", "\"a\",\"b\"\n\"1\",\"2\"\n\"3\", \"4\" \n", 2, square);
    row("quoted line break in a label", "a,label,b\n1,\"x\ny\",2\n3,\"p\"\"q\",4\n", 2, square);
    row("quoted delimiter in a label", "a,label,b\n1,\"x,y\",2\n3,\"p,q\",4\n", 2, square);
    row("label column first", "label,a,b\nx,1,2\ny,3,4\n", 2, square);
    row("label column without header", "1,2,x\n3,4,y\n", 2, square);
    row("label that says NA", "a,label,b\n1,NA,2\n3,x,4\n", 2, square);
    row("decimal comma and semicolon", "a;b\n1,5;2,25\n-3;4\n", 2, fractions);
    row("decimal comma and tab", "1,5\t2,25\n-3\t4\n", 2, fractions);
    row("decimal comma and blanks", "1,5 2,25\n-3,0 4,0\n", 2, fractions);
    row("decimal comma after integers", "a;b\n1;2\n3;4,0\n", 2, square);
    row("decimal comma in quotes", "a;b\n\"1,5\";\"2,25\"\n-3;4\n", 2, fractions);
    row("signs and exponents", "+1.5,22.5e-1\n-3E0,.4e+1\n", 2, fractions);
    row("fractions without digits", "1.,2.\n3.,4.\n", 2, square);
    row("missing", "a,b\n1,\n,NA\nnan,NULL\n?,4\n", 2, {1, missing, missing, missing, missing, missing, missing, 4});
    row("infinities", "inf,-Infinity\n+inf,-INF\n", 2, {infinity, -infinity, infinity, -infinity});
    row("overflow and underflow", "1e400,-1e400\n1e-400,4.9e-324\n", 2, {infinity, -infinity, 0, 4.9e-324});
    row("17 digits", "0.1000000000000000055511151231257827,9007199254740993\n", 2, {0.1, 9007199254740992.0});
    row("a trailing comma everywhere", "a,b,\n1,2,\n3,4,\n", 2, square);
    row("a column of nan words stays", "a,b\n1,nan\n3,nan\n", 2, {1, missing, 3, missing});
    row("pandas with numbered columns", ",0,1\n0,1,2\n1,3,4\n", 3, {0, 1, 2, 1, 3, 4});
    row("a mark that only a label has", "a;label\n1.5;x,y\n2.25;z\n", 1, {1.5, 2.25});
}

void CsvReaderTest::readsTables() {
    QFETCH(QByteArray, text);
    QFETCH(int, columns);
    QFETCH(QList<double>, expected);
    const TensorFile file = openTensorFile(write(text));
    const Tensor values = file.tensors[0]->read();
    QCOMPARE(values.shape(), (Dims{expected.size() / columns, columns}));
    QCOMPARE(static_cast<int>(file.columns.size()), columns);
    for (qsizetype i = 0; i < expected.size(); ++i)
        QVERIFY2(isSame(values.at(i), expected[i]), qPrintable(QString("%1 at %2").arg(values.at(i)).arg(i)));
}

void CsvReaderTest::namesColumns_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("header") << QByteArray("a,b\n1,2\n") << QStringList{"a", "b"};
    QTest::newRow("no header") << QByteArray("1,2\n") << QStringList{"column 1", "column 2"};
    QTest::newRow("duplicates") << QByteArray("x,x,x.1,x\n1,2,3,4\n") << QStringList{"x", "x.2", "x.1", "x.3"};
    QTest::newRow("a name missing") << QByteArray("a,,c\n1,2,3\n") << QStringList{"a", "column 2", "c"};
    QTest::newRow("comment") << QByteArray("# made by hand\n# a b\n1 2\n") << QStringList{"a", "b"};
    QTest::newRow("comment of another length") << QByteArray("# a b c\n1 2\n") << QStringList{"column 1", "column 2"};
    QTest::newRow("text column between") << QByteArray("a,t,b\n1,x,2\n") << QStringList{"a", "b"};
    QTest::newRow("Latin-1") << QByteArray("gr\xf6\xdf"
                                           "e,b\n1,2\n")
                             << QStringList{"größe", "b"};
    QTest::newRow("UTF-8") << QByteArray("größe,b\n1,2\n") << QStringList{"größe", "b"};
    QTest::newRow("sodium") << QByteArray("Na,K\n1,2\n") << QStringList{"Na", "K"};
}

void CsvReaderTest::namesColumns() {
    QFETCH(QByteArray, text);
    QFETCH(QStringList, names);
    QStringList found;
    for (const std::string& name : openTensorFile(write(text)).columns)
        found += QString::fromStdString(name);
    QCOMPARE(found, names);
}

void CsvReaderTest::notes_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("note");
    const auto row = [](const char* name, const QByteArray& text, const char* note) {
        QTest::newRow(name) << text << note;
    };
    row("nothing to say", "a,b\n1,2\n", "");
    row("text columns", "a,t,u\n1,x,y\n", "left out because they hold text: \"t\", \"u\"");
    row("empty cell", "a,b\n1,\n2,3\n", "1 empty cell became NaN");
    row("missing words", "a,b\n1,NA\n2,nan\n3,4\n", "2 cells such as NA or nan are NaN");
    row("infinite", "a,b\n1,inf\n", "1 value is infinite");
    row("beyond float64", "a,b\n1,1e400\n", "1 value is too large for float64 and became infinite");
    row("beyond float32", "a,b\n1,1e39\n", "1 value is too large for float32 and is infinite there");
    row("just within float32", "a,b\n1,3.4028235e38\n", "");
    row("decimal commas", "a;b\n1,5;2\n", "commas were read as decimal points");
    row("empty column", "a,b,\n1,2,\n", "\"column 3\" is empty in every row; it was left out");
    row("index", ",a\n0,7\n1,8\n",
        "the first column has no name and counts the rows: an index, it seems, and still a "
        "channel");
    row("Latin-1", "\xe4,b\n1,2\n", "the names of the columns are no UTF-8 and were read as Latin-1");
}

void CsvReaderTest::notes() {
    QFETCH(QByteArray, text);
    QFETCH(QString, note);
    QStringList found;
    for (const std::string& line : openTensorFile(write(text)).notes)
        found += QString::fromStdString(line);
    QCOMPARE(found.join("|"), note);
}

void CsvReaderTest::refuses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const QByteArray& text, const char* part) {
        QTest::newRow(name) << text << part;
    };
    row("junk behind a number", "a,b\n1.5x,2\n3,4\n", "row 2, column 1: \"1.5x\" is not a number, but row 3");
    row("junk below numbers", "a,b\n1,2\n3,1.5x\n", "row 3, column 2: \"1.5x\" is not a number");
    row("hexadecimal", "a,b\n0x10,2\n3,4\n", "row 2, column 1: \"0x10\"");
    row("underscores", "a,b\n1_000,2\n3,4\n", "row 2, column 1: \"1_000\"");
    row("thousands in quotes", "a,b\n\"1,234\",2\n3,4\n", "row 2, column 1: \"1,234\"");
    row("half an exponent", "a,b\n1e,2\n3,4\n", "row 2, column 1: \"1e\"");
    row("only a sign", "a,b\n+,2\n3,4\n", "row 2, column 1: \"+\"");
    row("short row", "a,b,c\n1,2,3\n4,5\n", "row 3, column 3: the row has 2 cells, expected 3 as in row 1");
    row("long row", "a,b\n1,2\n3,4,5\n", "row 3, column 3: the row has 3 cells, expected 2");
    row("rows after a line break in quotes", "a,b\n\"x\ny\",2\nz\n", "row 4, column 2: the row has 1 cell");
    row("another delimiter", "a,b\n1;2\n3,4\n", "row 2, column 2: the row has 1 cell");
    row("NUL", QByteArray("a,b\n1\0,2\n", 9), "row 2, column 1: holds a NUL byte");
    row("NUL in the header", QByteArray("a\0,b\n1,2\n", 9), "row 1, column 1: holds a NUL byte");
    row("short row at once", "1,2\n3\n", "row 2, column 2: the row has 1 cell,");
    row("decimal commas in a single column", "5\n3,4\n2,7\n", "row 2, column 1: \"3,4\" is not a number");
    row("UTF-16",
        QByteArray("\xff\xfe"
                   "1\0,\0",
                   6),
        "row 1, column 1");
    row("header only", "a,b\n", "row 2, column 1: is missing: only names");
    row("comments only", "# a\n\n", "row 1, column 1: holds no table");
    row("text only", "species\nsetosa\nvirginica\n", "row 2, column 1: \"setosa\" is not a number");
    row("empty cells only", ",\n,\n", "no column holds numbers");
    row("both decimal marks", "a;b\n1.5;2\n3;4,5\n",
        "row 3, column 2: \"4,5\" has another decimal mark than row 2, "
        "column 1");
    row("point after comma", "a;b\n1,5;2\n3;4.5\n", "row 3, column 2: \"4.5\" has another decimal mark");
    row("quote that does not end", "a,b\n1,\"2\n3,4\n", "row 2: a quoted cell does not end");
    row("carriage returns alone", "a,b\r1,2\r3,4\r", "row 1: a carriage return without a line feed");
    row("text behind a quote", "a,b\n\"1\"x,2\n", "row 2, column 1: goes on after its closing quote");
}

void CsvReaderTest::refuses() {
    QFETCH(QByteArray, text);
    QFETCH(QString, part);
    const std::filesystem::path path = write(text);
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains(part), qPrintable(message));
}

void CsvReaderTest::ignoresTheLocale() {
    const char* const previous = std::setlocale(LC_NUMERIC, nullptr);
    const std::string kept = previous;
    std::setlocale(LC_NUMERIC, "de_DE.UTF-8");  // has a decimal comma where it is installed
    const Tensor values = openTensorFile(write("a,b\n1.5,2.25\n")).tensors[0]->read();
    std::setlocale(LC_NUMERIC, kept.c_str());
    QCOMPARE(values.at(0), 1.5);
    QCOMPARE(values.at(1), 2.25);
}

void CsvReaderTest::readsAcrossBlocks() {
    // Several blocks of 1 MiB, with rows of changing length so that they break at every place.
    QByteArray text = "n,label,square\n";
    constexpr int rows = 150'000;
    for (int i = 0; i < rows; ++i)
        text +=
            QByteArray::number(i) + ",\"label\n" + QByteArray(i % 13, 'x') + "\"," + QByteArray::number(0.5 * i) + "\n";
    QVERIFY(text.size() > 3 << 20);
    const Tensor tensor = openTensorFile(write(text)).tensors[0]->read();
    QCOMPARE(tensor.shape(), (Dims{rows, 2}));
    const auto values = tensor.values<double>();
    for (std::size_t i = 0; i < rows; ++i)
        QVERIFY(values[2 * i] == static_cast<double>(i) && values[2 * i + 1] == 0.5 * static_cast<double>(i));
}

void CsvReaderTest::readsRows() {
    const auto path = write("1,2\n3,4\n5,6\n");
    const auto tensor = openTensorFile(path).tensors[0];
    Tensor piece;
    tensor->readRows(1, 2, piece);
    QCOMPARE(piece.shape(), (Dims{2, 2}));
    QCOMPARE(piece.at(0), 3.0);
    QCOMPARE(piece.at(3), 6.0);
    QVERIFY(interop::errorOf([&] { tensor->readRows(2, 2, piece); }, path).contains("3 rows"));
}

void CsvReaderTest::refusesALongRow() {
    const auto path = write("a,b\n1," + QByteArray(66 << 20, '7') + "\n");
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains("row 2 is longer than 64 MiB (it goes on after column 2)"), qPrintable(message));
}

void CsvReaderTest::refusesManyColumns() {
    QByteArray text;
    for (int i = 0; i < 1'000'001; ++i)
        text += "1,";
    const auto path = write(text + "1\n");
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains("row 1, column 1000001"), qPrintable(message));
}

void CsvReaderTest::reportsProgressAndStops() {
    const auto path = write("a,b\n" + QByteArray("1,2\n").repeated(1 << 20));
    std::vector<double> seen;
    openTensorFile(path, [&](double part) { seen.push_back(part); });
    QCOMPARE(seen.size(), std::size_t{5});  // one per block of 1 MiB
    QVERIFY(std::is_sorted(seen.begin(), seen.end()) && seen.back() < 1);
    std::stop_source stop;
    try {
        openTensorFile(
            path,
            [&](double part) {
                if (part > 0)
                    stop.request_stop();
            },
            stop.get_token());
        QFAIL("went on after the request to stop");
    } catch (const Error& error) {
        QCOMPARE(error.code(), ErrorCode::Cancelled);
    }
}

void CsvReaderTest::recognisesTablesByContent_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("isTable");
    QTest::newRow("no extension") << "table" << QByteArray("a b\n1 2\n") << true;
    QTest::newRow("dat") << "table.dat" << QByteArray("1;2\n3;4\n") << true;
    QTest::newRow("upper case") << "TABLE.CSV" << QByteArray("1;2\n3;4\n") << true;
    QTest::newRow("prose") << "notes" << QByteArray("This is no table.\nNot at all.\n") << false;
    QTest::newRow("binary") << "table.dat" << QByteArray("1,2\n\x01\x02\n", 8) << false;
    QTest::newRow("recipe") << "recipe.json" << QByteArray("{\"a\": 1}") << false;
}

void CsvReaderTest::recognisesTablesByContent() {
    QFETCH(QString, name);
    QFETCH(QByteArray, text);
    QFETCH(bool, isTable);
    const auto path = write(text, qPrintable(name));
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    if (isTable)
        QCOMPARE(message, QString());
    else
        QVERIFY2(message.contains("not a format I know; known are npy, npz, "), qPrintable(message));
}

/// A name that promises another format is believed: a table of that name is most likely a damaged file.
void CsvReaderTest::believesNamesOfOtherFormats() {
    const auto path = write("1,2\n", "bn.pt");
    const QString message = interop::errorOf([&] { openTensorFile(path); }, path);
    QVERIFY2(message.contains("is no PyTorch file"), qPrintable(message));
}

QTEST_GUILESS_MAIN(CsvReaderTest)
#include "csv_reader_test.moc"
