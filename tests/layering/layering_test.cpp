// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

namespace {

struct SourceFile {
    QString path;  ///< from the project root
    QString text;
};

/// What a file includes, quotes or angle brackets; comments and strings do not count.
QStringList includesOf(const QString& text) {
    static const QRegularExpression include(QStringLiteral(R"(^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"])"),
                                            QRegularExpression::MultilineOption);
    QStringList names;
    for (auto it = include.globalMatch(text); it.hasNext();)
        names << it.next().captured(1);
    return names;
}

QString roomOf(const QString& path) {
    return path.section(u'/', 0, 0);
}

bool isQt(const QString& include) {
    static const QRegularExpression qt(QStringLiteral("^(Q[A-Z]|Qt[A-Z]?|qt|q[a-z]+\\.h$)"));
    return qt.match(include).hasMatch();
}

/// Which includes of a file break the design's arrows: app → ui → core, no Qt in the core, TBB in core/parallel alone,
/// QCustomPlot in ui/plots alone.
QStringList violations(const SourceFile& file) {
    const QString room = roomOf(file.path);
    QStringList found;
    const auto blame = [&](const QString& include, const char* rule) {
        found << file.path + " includes " + include + ": " + QLatin1String(rule);
    };
    for (const QString& include : includesOf(file.text)) {
        const QString target = roomOf(include);
        if (target == "app" && room != "app")
            blame(include, "only app includes app");
        if (target == "ui" && room == "core")
            blame(include, "the core does not know the window");
        if (target == "tests" || include.startsWith("support/"))
            blame(include, "the program does not know its tests");
        if (room == "core" && (isQt(include) || include == "qcustomplot.h"))
            blame(include, "no Qt in the core");
        if (target == "tbb" || target == "oneapi") {
            if (!file.path.startsWith("core/parallel"))
                blame(include, "only core/parallel includes TBB");
        }
        if (include == "qcustomplot.h" && !file.path.startsWith("ui/plots/"))
            blame(include, "only ui/plots includes qcustomplot.h");
        if (include.startsWith(u'/') || include.startsWith(".."))
            blame(include, "includes start at the project root");
    }
    return found;
}

/// Absolute names that exist on one machine only.
QStringList machineNames(const SourceFile& file) {
    static const QRegularExpression name(QStringLiteral("(^|[\\s\"'(=:])/(work|home|root|Users|mnt)/[A-Za-z0-9_.]"));
    QStringList found;
    for (const QString& line : file.text.split(u'\n')) {
        if (name.match(line).hasMatch())
            found << file.path + ": " + line.trimmed();
    }
    return found;
}

bool hasLicence(const SourceFile& file) {
    const QString start = file.text.section(u'\n', 0, 2);
    return start.contains(QStringLiteral("SPDX-License-Identifier: GPL-3.0-or-later"));
}

QList<SourceFile> sources(const QStringList& rooms, const QStringList& patterns) {
    QList<SourceFile> files;
    const QString root = QStringLiteral(BNSTUDIO_SOURCE_DIR "/");
    for (const QString& room : rooms) {
        QDirIterator it(root + room, patterns, QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext()) {
            QFile file(it.next());
            if (file.open(QIODevice::ReadOnly))
                files.append({file.fileName().mid(root.size()), QString::fromUtf8(file.readAll())});
        }
    }
    return files;
}

const QStringList cpp{"*.cpp", "*.h"};

}  // namespace

class LayeringTest : public QObject {
    Q_OBJECT

private slots:
    void arrows();
    void licences();
    void noNamesOfThisMachine();
    void plantedIncludes_data();
    void plantedIncludes();
    void plantedNames();
};

void LayeringTest::arrows() {
    const QList<SourceFile> files = sources({"core", "ui", "app"}, cpp);
    QVERIFY(files.size() > 50);
    QStringList found;
    for (const SourceFile& file : files)
        found += violations(file);
    QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
}

void LayeringTest::licences() {
    QStringList found;
    for (const SourceFile& file : sources({"core", "ui", "app", "tests", "scripts", "resources"},
                                          cpp + QStringList{"*.py", "*.sh", "CMakeLists.txt"})) {
        if (!hasLicence(file))
            found << file.path;
    }
    QVERIFY2(found.isEmpty(), qPrintable("without SPDX line: " + found.join(u' ')));
}

void LayeringTest::noNamesOfThisMachine() {
    QStringList found;
    const QStringList patterns = cpp + QStringList{"*.py", "*.sh", "*.txt", "*.md", "*.json", "*.desktop", "*.xml"};
    for (const SourceFile& file : sources({"core", "ui", "app", "tests", "scripts", "resources", "docs"}, patterns)) {
        if (!file.path.endsWith("layering_test.cpp"))  // the planted names below
            found += machineNames(file);
    }
    QVERIFY2(found.isEmpty(), qPrintable(found.join(u'\n')));
}

void LayeringTest::plantedIncludes_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("line");
    QTest::addColumn<int>("count");
    const auto row = [](const char* path, const char* line, int count) {
        QTest::addRow("%s: %s", path, line) << path << line << count;
    };
    row("core/norm/a.cpp", "#include <QString>", 1);
    row("core/norm/a.cpp", "#include <QtCore/QString>", 1);
    row("core/norm/a.h", "  #  include <qstring.h>", 1);
    row("core/norm/a.cpp", "#include \"ui/theme.h\"", 1);
    row("core/norm/a.cpp", "#include \"app/options.h\"", 1);
    row("core/norm/a.cpp", "#include <tbb/parallel_for.h>", 1);
    row("core/norm/a.cpp", "#include <oneapi/tbb.h>", 1);
    row("ui/a.cpp", "#include <tbb/parallel_for.h>", 1);
    row("app/a.cpp", "#include <tbb/parallel_for.h>", 1);
    row("ui/panels/a.cpp", "#include <qcustomplot.h>", 1);
    row("ui/panels/a.cpp", "#include \"app/options.h\"", 1);
    row("core/io/a.cpp", "#include \"support/reference.h\"", 1);
    row("core/io/a.cpp", "#include \"../norm/layer.h\"", 1);
    row("core/parallel/parallel.cpp", "#include <tbb/parallel_for.h>", 0);
    row("ui/plots/a.cpp", "#include <qcustomplot.h>", 0);
    row("ui/panels/a.cpp", "#include <QString>", 0);
    row("app/a.cpp", "#include \"ui/main_window.h\"", 0);
    row("core/norm/a.cpp", "// #include <QString>", 0);
    row("core/norm/a.cpp", "#include <queue>", 0);
}

void LayeringTest::plantedIncludes() {
    QFETCH(QString, path);
    QFETCH(QString, line);
    QFETCH(int, count);
    QCOMPARE(violations({path, "// first line\n" + line + "\n"}).size(), count);
}

void LayeringTest::plantedNames() {
    QCOMPARE(machineNames({"a.cpp", "open(\"/home/me/data.npy\");\nopen(\"/usr/bin/python3\");\n"}).size(), 1);
    const QString folder = QStringLiteral("/wo") + QStringLiteral("rk/main");
    QCOMPARE(machineNames({"a.sh", "cp x " + folder + "\n"}).size(), 1);
    QVERIFY(!hasLicence({"a.cpp", "#include <vector>\n"}));
    QVERIFY(hasLicence({"a.sh", "#!/bin/sh\n# SPDX-License-Identifier: GPL-3.0-or-later\n"}));
}

QTEST_GUILESS_MAIN(LayeringTest)
#include "layering_test.moc"
