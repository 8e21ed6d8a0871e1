// The house reads downwards: what the sources include says which folder stands on which, and nothing may climb.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

namespace {

/// The floors of core, lowest first; CONTRIBUTING.md draws them.
const QStringList kFloors{"files", "system", "knobs",  "tensor",   "backend",  "data",       "channels", "autograd",
                          "nn",    "ssl",    "engine", "analysis", "exchange", "modalities", "bench"};
const QStringList kHouses{"core", "widgets", "app"};

struct Source
{
    QString path, text;
};

/// The sources under `folder`, with paths from the root of the tree.
QList<Source> sources(const QString &folder)
{
    const QDir root(PRETEXT_SOURCE_DIR);
    QList<Source> found;
    QDirIterator files(root.filePath(folder), {"*.h", "*.cpp", "*.def"}, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (file.open(QIODevice::ReadOnly))
            found.append({root.relativeFilePath(file.fileName()), QString::fromUtf8(file.readAll())});
    }
    return found;
}

QStringList includesOf(const QString &text)
{
    static const QRegularExpression include("^#include \"([^\"]+)\"", QRegularExpression::MultilineOption);
    QStringList paths;
    for (auto match = include.globalMatch(text); match.hasNext();)
        paths.append(match.next().captured(1));
    return paths;
}

/// The tensor's functions are calls of the backend's table, which is made of tensors.
bool isOnePart(const QString &a, const QString &b)
{
    return a == "tensor" && b == "backend";
}

QString climbs(const QString &path, const QString &included)
{
    const QStringList from = path.split('/'), to = included.split('/');
    if (!kHouses.contains(to[0]))
        return {};
    if (kHouses.indexOf(from[0]) < kHouses.indexOf(to[0]))
        return path + " includes " + included;
    if (from[0] != "core" || to[0] != "core" || isOnePart(from[1], to[1]))
        return {};
    return kFloors.indexOf(from[1]) < kFloors.indexOf(to[1]) ? path + " includes " + included : QString();
}

} // namespace

class TestHouse : public QObject
{
    Q_OBJECT

private slots:
    void everyFolderOfCoreHasAFloor()
    {
        const QStringList folders = QDir(PRETEXT_SOURCE_DIR "/core").entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        QCOMPARE(QSet<QString>(folders.begin(), folders.end()), QSet<QString>(kFloors.begin(), kFloors.end()));
    }

    void aClimbIsFound()
    {
        QVERIFY(!climbs("core/data/dataset.h", "core/nn/encoder.h").isEmpty());
        QVERIFY(!climbs("core/ssl/method.h", "widgets/panel.h").isEmpty());
        QVERIFY(climbs("core/nn/encoder.h", "core/data/dataset.h").isEmpty());
        QVERIFY(climbs("core/tensor/tensor.cpp", "core/backend/backend.h").isEmpty());
    }

    void nothingIncludesWhatStandsAboveIt()
    {
        QStringList wrong;
        int includes = 0;
        for (const QString &house : kHouses)
            for (const Source &source : sources(house))
                for (const QString &included : includesOf(source.text)) {
                    ++includes;
                    if (const QString what = climbs(source.path, included); !what.isEmpty())
                        wrong.append(what);
                }
        QVERIFY(includes > 1000);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    }

    void coreKnowsNoQt()
    {
        for (const Source &source : sources("core"))
            QVERIFY2(!source.text.contains("#include <Q"), qPrintable(source.path));
    }

    /// A class whose functions are defined elsewhere is defined, at least in part, in the source of its header's name.
    void aClassHasItsSourceBesideIt()
    {
        static const QRegularExpression declared("^(?:class|struct) (\\w+)(?: final)?(?: : [^;{]+)?\\s*\\{", QRegularExpression::MultilineOption);
        static const QRegularExpression defined("^(?:[^\\s/#].*\\s[*&]*)?(\\w+)::~?\\w+\\(", QRegularExpression::MultilineOption);
        QMap<QString, QStringList> headers, definitions; // by class
        for (const QString &house : kHouses)
            for (const Source &source : sources(house)) {
                const bool header = source.path.endsWith(".h");
                for (auto match = (header ? declared : defined).globalMatch(source.text); match.hasNext();)
                    (header ? headers : definitions)[match.next().captured(1)].append(source.path);
            }
        QStringList wrong;
        int judged = 0;
        for (auto it = headers.cbegin(); it != headers.cend(); ++it) {
            if (it->size() != 1 || !definitions.contains(it.key()))
                continue; // of one name in several places, or all in its header
            ++judged;
            const QString beside = it->front().chopped(1) + "cpp";
            if (!definitions[it.key()].contains(beside) && it.key() != "Storage")
                wrong.append(it->front() + ": " + it.key() + " is in " + definitions[it.key()].join(", "));
        }
        QVERIFY(judged > 100);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    }
};

QTEST_APPLESS_MAIN(TestHouse)
#include "tst_house.moc"
