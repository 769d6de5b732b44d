// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/tensor_file.h"

#include <QTest>

using namespace bnstudio;

namespace {

class NamedTensor : public LazyTensor {
public:
    explicit NamedTensor(std::string name) : m_name(std::move(name)) {}
    const std::string& name() const override { return m_name; }
    DType dtype() const override { return DType::Float32; }
    const Dims& shape() const override { return m_shape; }
    void readRows(std::int64_t, std::int64_t count, Tensor& out) const override {
        out.reshapeFor(DType::Float32, {count});
    }

private:
    std::string m_name;
    Dims m_shape{1};
};

TensorFile fileWith(const QStringList& names) {
    TensorFile file;
    for (const QString& name : names)
        file.tensors.push_back(std::make_shared<const NamedTensor>(name.toStdString()));
    return file;
}

}  // namespace

class TensorSelectionTest : public QObject {
    Q_OBJECT

private slots:
    void selectsFamilies_data();
    void selectsFamilies();
    void splitsFileArguments_data();
    void splitsFileArguments();
};

void TensorSelectionTest::selectsFamilies_data() {
    QTest::addColumn<QStringList>("names");
    QTest::addColumn<QString>("family");
    QTest::addColumn<QStringList>("selected");
    const auto row = [](const char* name, const QStringList& names, const char* family, const QStringList& selected) {
        QTest::newRow(name) << names << family << selected;
    };
    row("numeric order", {"x.10", "x.2", "x.0", "y.1"}, "x", {"x.0", "x.2", "x.10"});
    row("underscores", {"x_1", "x_0"}, "x", {"x_0", "x_1"});
    row("no separator", {"x1", "x0", "x10"}, "x", {"x0", "x1", "x10"});
    row("leading zeros", {"x.010", "x.009", "x.000"}, "x", {"x.000", "x.009", "x.010"});
    row("an exact name comes alone", {"x", "x.0", "x.1"}, "x", {"x"});
    row("an exact numbered name", {"x.0", "x.1"}, "x.1", {"x.1"});
    row("longer words are no members", {"x.0", "x.0.bias", "xy.0", "x.", "x_", "x.-1"}, "x", {"x.0"});
    row("dots in the family", {"init.weight", "layer.x.1", "layer.x.0"}, "layer.x", {"layer.x.0", "layer.x.1"});
    row("numbers beyond 64 bits", {"x.100000000000000000000", "x.99999999999999999999"}, "x",
        {"x.99999999999999999999", "x.100000000000000000000"});
    row("neither", {"y.0"}, "x", {});
}

void TensorSelectionTest::selectsFamilies() {
    QFETCH(QStringList, names);
    QFETCH(QString, family);
    QFETCH(QStringList, selected);
    const TensorFile file = fileWith(names);
    QStringList found;
    for (const auto& tensor : selectFamily(file, family.toStdString()))
        found += QString::fromStdString(tensor->name());
    QCOMPARE(found, selected);
}

void TensorSelectionTest::splitsFileArguments_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("name");
    QTest::newRow("a.npz") << "a.npz"
                           << "";
    QTest::newRow("a.npz::x") << "a.npz"
                              << "x";
    QTest::newRow("odd::dir/a.npz::net.1.x") << "odd::dir/a.npz"
                                             << "net.1.x";
    QTest::newRow("a.npz::") << "a.npz"
                             << "";
    QTest::newRow("C:a.npz") << "C:a.npz"
                             << "";
}

void TensorSelectionTest::splitsFileArguments() {
    QFETCH(QString, path);
    QFETCH(QString, name);
    const FileArgument argument = parseFileArgument(QTest::currentDataTag());
    QCOMPARE(QString::fromStdString(argument.path.string()), path);
    QCOMPARE(QString::fromStdString(argument.name), name);
}

QTEST_GUILESS_MAIN(TensorSelectionTest)
#include "tensor_selection_test.moc"
