// Ready for another language: every sentence of the window passes through Qt's translation, core's too, and lupdate finds each of them.
#include "filefixture.h"
#include "jobfixture.h"
#include "widgets/controls/badge.h"
#include "widgets/help/glossary.h"
#include "widgets/panel.h"
#include "widgets/said.h"
#include "widgets/run.h"
#include "windowfixture.h"

#include "core/data/dataset.h"
#include "core/engine/config.h"
#include "core/files/json.h"
#include "core/files/safetensors.h"
#include "core/files/said.h"
#include "core/nn/encoder.h"
#include "core/ssl/method.h"

#include <QAbstractButton>
#include <QAction>
#include <QDirIterator>
#include <QDockWidget>
#include <QLabel>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <QTextDocumentFragment>
#include <QTranslator>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <set>

using namespace pretext;

namespace {

struct Source
{
    QString path, text; // from the tree's root; without comments and preprocessor lines, as many lines as before
};

QList<Source> sourcesOf(const QStringList &folders)
{
    static const QRegularExpression aside(R"(^\s*#.*$|(?:^|[;,{}()])\s*//.*$)", QRegularExpression::MultilineOption);
    const QDir root(PRETEXT_SOURCE_DIR);
    QList<Source> found;
    for (const QString &folder : folders) {
        QDirIterator files(root.filePath(folder), {"*.h", "*.cpp"}, QDir::Files, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            const QString path = root.relativeFilePath(file.fileName());
            if (!path.startsWith("app/cli/") && !path.startsWith("app/uibench/") && !path.startsWith("app/helper/") && file.open(QIODevice::ReadOnly))
                found.append({path, QString::fromUtf8(file.readAll()).remove(aside)});
        }
    }
    return found;
}

/// What a user of the window reads from; the command line speaks English, which scripts read.
QList<Source> windowSources()
{
    return sourcesOf({"widgets", "app"});
}

/// Core's folders whose every sentence passes through said(); of the others only the tables do.
QList<Source> coreSources()
{
    return sourcesOf(
        {"core/files", "core/system", "core/knobs", "core/data", "core/nn", "core/ssl", "core/engine", "core/analysis", "core/exchange", "core/modalities"});
}

/// What is wrong with the program, not with what the user did, stays English: an index beyond the end, and what these places in the code refuse.
bool isProgrammersFault(const QString &statement)
{
    static const QRegularExpression thrown(R"(\bthrow std::(out_of_range|logic_error)\()"),
        place(
            R"("\[(augment|corrupt|masking|prefix|denoising|text augmentation|tokens|transformer|patches|projector|heads|module|follow|likeness|SimCSE|siamese)"
            R"(|neighbour graph|t-SNE|UMAP|gif|encoder copy|evaluate|analysis|pca|probe|linear probe|ridge regression|standardise|n-gram|alignment|uniformity)"
            R"(|singular values|rankme|deviations)"
            R"(|nearest neighbours|modality|multi-crop|softmax of pairs|dataset)\] )"),
        check(R"(\b(checkShare|checkSame|static_assert)\()");
    return thrown.match(statement).hasMatch() || place.match(statement).hasMatch() || check.match(statement).hasMatch();
}

/// Literals of two words or more that no translation sees, as "file: literal"; the pieces of one literal count as one.
QStringList untranslated(const Source &source)
{
    static const QRegularExpression literal(R"("(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*)"), words("[A-Za-z]{2,} [A-Za-z]{2,}"),
        translates(R"((?:\btr|\bPRETEXT_SAID|\bsaid|\btold)\(\s*$)");
    // Keys of the glossary; what is wrong with the program, not with what the user did; tables for other programs; widths; the renderer's own name.
    static const QRegularExpression key(R"((?:setTerm\([^;"]*|openHelp\(|addButton\("[^"]*", |\badd\()$)"), fault(R"(^"\[[a-z ]+\] )"),
        table(R"(^"(\\n)?[a-z /]+,(?! ))"), width(R"(horizontalAdvance\((QStringLiteral\()?$)"), markup("^\"<(td|tr|img )|^\"</b>");
    static const QMap<QString, QRegularExpression> allowed{
        {"app/closesignals.cpp", QRegularExpression("^\"a pipe for signals\"$")},             // the system's own failure, on the terminal
        {"app/window.cpp", QRegularExpression(".")},                                          // the command line is in English
        {"widgets/imguiview/imguiview.cpp", QRegularExpression("^\"Software Rasterizer\"$")}, // a renderer's name
        {"widgets/runs/rundatabase.cpp", QRegularExpression("^\"(PRAGMA|CREATE|SELECT|BEGIN|INSERT|DELETE|no such) ")}, // what SQLite is told, and answers
        {"widgets/runs/runrow.cpp", QRegularExpression("^\"TEXT PRIMARY KEY\"$")},
        {"widgets/plots/heatmap.cpp", QRegularExpression("^\" cells but \"$")}, // the program's own fault, as "[...] "
        {"widgets/plots/scatter.cpp", QRegularExpression("^\" points but \"$")},
        {"core/data/sources/text/captions.cpp", QRegularExpression(".")}, // the data's own text
        {"core/data/sources/movingshapes.cpp", QRegularExpression("^\"((up|down) (left|right)|, having bounced|, about to bounce| moving )\"$")},
        {"core/data/sources/shapes.cpp", QRegularExpression("^\"(in the centre|at the )\"$")},
        {"core/data/sources/fashionmnist.cpp", QRegularExpression("^\"ankle boot\"$")}, // names of classes, in every file of embeddings
        {"core/data/sources/folder.cpp", QRegularExpression("^\"\\(no sub-folder\\)\"$")},
        {"core/data/sources/text/textfolder.cpp", QRegularExpression("^\"\\(no sub-folder\\)\"$")},
        {"core/data/sources/text/poems.cpp", QRegularExpression("^\"(five|seven) characters\"$")},
        {"core/data/sources/text/kjv.cpp", QRegularExpression("^\"(Song of Solomon|Old Testament|New Testament)\"$")},
        {"core/analysis/baselines.cpp", QRegularExpression("^\"raw pixels\"$")}, // names of rows, in files of scores
        {"core/analysis/ngram.cpp", QRegularExpression("^\"(left|right) bigram\"$")},
        {"core/analysis/tokenevaluation.cpp", QRegularExpression("^\"right bigram\"$")},
        {"core/analysis/knn.cpp", QRegularExpression("^\" predictions for \"$")},             // the program's own fault
        {"core/analysis/objectives.cpp", QRegularExpression("^\"one sentence\"$")},           // data that nobody chooses
        {"core/engine/profiler.cpp", QRegularExpression("^\"make batch\"$")},                 // in a trace, for other programs
        {"core/engine/sweeptrials.cpp", QRegularExpression("^\"(stopped early|to come)\"$")}, // in JSON and CSV
        {"widgets/sweeps/sweepform.cpp", QRegularExpression("^\"pretext sweep --config ")},   // a command
        {"widgets/sweeps/sweepworker.cpp", QRegularExpression("^\"pretext sweep: \"$")},      // what the command line says first
        {"core/exchange/encoderfile.cpp", QRegularExpression("^\"images N x H x ")},          // in the written file
        {"core/exchange/huggingface.cpp", QRegularExpression("^\"Tokens to hidden states")},
        {"core/exchange/onnximages.cpp", QRegularExpression("^\"Images to embeddings")},
        {"core/exchange/onnxtext.cpp", QRegularExpression("^\"Texts to embeddings")},
        {"core/modalities/text.cpp", QRegularExpression("^\"mean of the hidden states")},
        {"core/exchange/libraries.cpp", QRegularExpression("^\"(Protocol Buffers|Dear ImGui)\"$")}, // names
        {"core/ssl/share.cpp", QRegularExpression("^\"(\\] |softmax rows|gradient share)")},        // the program's own fault
        {"core/data/sources/orientation.cpp", QRegularExpression("^\"Raw profile type\"$")},        // of a PNG's text
        {"core/data/sources/pictureindex.cpp", QRegularExpression("^\"truncated index\"$")},        // caught there
        {"core/data/tokens/tokenizertraining.cpp", QRegularExpression("^\"Alphabet size=\"$")},     // looked for in another program's lines
    };
    const bool core = source.path.startsWith("core/");
    QString code = source.text; // its literals blank, so that a statement's end is one
    for (auto match = literal.globalMatch(source.text); match.hasNext();) {
        const QRegularExpressionMatch hit = match.next();
        code.replace(hit.capturedStart(), hit.capturedLength(), QString(hit.capturedLength(), ' '));
    }
    static const QRegularExpression end("[;{}]");
    QStringList found;
    for (auto match = literal.globalMatch(source.text); match.hasNext();) {
        const QRegularExpressionMatch hit = match.next();
        const QString text = hit.captured(),
                      before = source.text.mid(std::max<qsizetype>(0, hit.capturedStart() - 80), std::min<qsizetype>(80, hit.capturedStart()));
        if (!words.match(text).hasMatch() || translates.match(before).hasMatch() || key.match(before).hasMatch() || width.match(before).hasMatch()
            || (!core && fault.match(text).hasMatch()) || table.match(text).hasMatch() || markup.match(text).hasMatch())
            continue;
        if (const qsizetype begin = code.lastIndexOf(end, hit.capturedStart()) + 1;
            core && isProgrammersFault(source.text.mid(begin, hit.capturedEnd() - begin)))
            continue;
        if (!allowed.contains(source.path) || !allowed[source.path].match(text).hasMatch())
            found.append(source.path + ": " + text.left(100));
    }
    return found;
}

/// The sentences that core's sources mark.
QStringList saidByCore()
{
    static const QRegularExpression marked(R"re((?:\bPRETEXT_SAID|\bsaid|\btold)\(\s*((?:"(?:[^"\\\n]|\\.)*"\s*)+))re"), piece(R"re("((?:[^"\\\n]|\\.)*)")re");
    QStringList all;
    for (const Source &source : sourcesOf({"core"}))
        for (auto match = marked.globalMatch(source.text); match.hasNext();) {
            QString sentence;
            for (auto pieces = piece.globalMatch(match.next().captured(1)); pieces.hasNext();)
                sentence += pieces.next().captured(1);
            all.append(sentence.replace("\\\"", "\""));
        }
    return all;
}

/// Puts brackets around whatever passes through it, so that what does not is seen.
class Bracketing : public QTranslator
{
public:
    QString translate(const char *, const char *text, const char *, int) const override { return "[" + QString::fromUtf8(text) + "]"; }
    bool isEmpty() const override { return false; }
};

RunConfig shapesConfig(const MethodType &method)
{
    return recommendedConfig(*openDataset(trainsOn(method, Modality::image) ? "shapes" : "shapes-captions"), method.name);
}

/// Of everything that core's tables offer.
QSet<QString> helps()
{
    QSet<QString> all;
    const auto add = [&all](const std::string &help) { all.insert(QString::fromStdString(help)); };
    const auto addKnobs = [&](const std::vector<Knob> &knobs) {
        for (const Knob &knob : knobs)
            add(knob.help);
    };
    for (const MethodType &type : methodTypes()) {
        add(type.title);
        add(type.help);
        addKnobs(shapesConfig(type).knobs.declarations());
    }
    for (const EncoderType &type : encoderTypes()) {
        add(type.help);
        addKnobs(type.knobs());
    }
    for (const DatasetType &type : datasetTypes())
        add(type.help);
    for (const Knob &knob : jobKnobs())
        add(knob.help);
    return all;
}

/// Names that stay as they are in every language: of data, methods, encoders, knobs and their choices.
QSet<QString> names()
{
    QSet<QString> all{"pretext", "Pretext"};
    const auto add = [&all](const std::string &name) { all.insert(QString::fromStdString(name)); };
    const auto addKnobs = [&](const std::vector<Knob> &knobs) {
        for (const Knob &knob : knobs) {
            const QString name = QString::fromStdString(knob.name), label = name.section('.', -1).replace('_', ' ');
            all += {name, label, name.section('.', 0, 0).replace('_', ' '), label + ' ' + QString::fromStdString(knob.symbol)};
            for (const std::string &choice : knob.choices)
                add(choice);
        }
    };
    for (const MethodType &type : methodTypes()) {
        add(type.name);
        addKnobs(shapesConfig(type).knobs.declarations());
    }
    for (const EncoderType &type : encoderTypes()) {
        add(type.name);
        addKnobs(type.knobs());
    }
    for (const DatasetType &type : datasetTypes())
        add(type.name);
    addKnobs(jobKnobs());
    QDirIterator lessons(":/lessons", {"*.md"}); // texts of their own
    while (lessons.hasNext())
        if (QFile lesson(lessons.next()); lesson.open(QIODevice::ReadOnly))
            all.insert(QString::fromUtf8(lesson.readLine()).remove("# ").trimmed());
    return all;
}

} // namespace

class TestTranslation : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { test::useOwnSettings("pretext-tst-translation"); }

    void everythingShownPassesThroughTheTranslation(); // the first: titles of panels are translated once

    void aSentenceOutsideOfTheTranslationIsFound()
    {
        QCOMPARE(untranslated({"widgets/x.cpp", "label->setText(\"Two words\");"}).size(), 1);
        QCOMPARE(untranslated({"widgets/x.cpp", "label->setText(QStringLiteral(\"One \"\n    \"word more\"));"}).size(), 1);
        QCOMPARE(untranslated({"widgets/x.cpp", "label->setText(tr(\"Two words\"));"}).size(), 0);
        QCOMPARE(untranslated({"widgets/x.cpp", "throw std::invalid_argument(said(\"Two words\"));"}).size(), 0);
        QCOMPARE(untranslated({"app/closesignals.cpp", "label->setText(\"Two words\");"}).size(), 1);
        const auto refusals = [](const char *thrown) { return untranslated({"core/data/x.cpp", QString("f(a); throw std::%1);").arg(thrown)}).size(); };
        QCOMPARE(refusals(R"(invalid_argument("[csv] " + path + ": it is; no table")"), 1);
        QCOMPARE(refusals(R"(invalid_argument("[csv] no table of " + path + ": it is; not one")"), 2);
        QCOMPARE(refusals(R"(invalid_argument("[csv] " + said("%1: it is no table", {path}))"), 0);
        QCOMPARE(refusals(R"(invalid_argument("[augment] a view; of " + size + " cannot be made")"), 0);
        QCOMPARE(refusals(R"(out_of_range("[csv] " + path + " has no such row")"), 0);
        QCOMPARE(untranslated({"core/data/x.cpp", "throw std::out_of_range(); return \"two words\";"}).size(), 1);
    }

    void everySentenceOfTheWindowIsTranslated()
    {
        const QList<Source> sources = windowSources();
        QVERIFY(sources.size() > 150);
        QStringList wrong;
        for (const Source &source : sources)
            wrong += untranslated(source);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    }

    void everySentenceOfCoreIsTranslated()
    {
        const QList<Source> sources = coreSources();
        QVERIFY(sources.size() > 150);
        QStringList wrong;
        for (const Source &source : sources)
            wrong += untranslated(source);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    }

    /// Whole sentences: nothing of a refusal but the file's name is outside of what the translation was asked for.
    void whatCoreRefusesIsTranslatedAsAWhole()
    {
        QTemporaryDir folder;
        const std::filesystem::path root(folder.path().toStdString());
        const std::pair<const char *, std::string> files[] = {
            {"one.png", "a"},
            {"a.pdf", "a"},
            {"nul.txt", std::string("a\0b", 3)},
            {"latin.txt", "caf\xe9"},
            {"wide.txt", std::string("\xFF\xFEh\0i\0", 6)},
            {"blank.txt", " "},
            {"one-line.txt", "a"},
            {"columns.csv", "a,b\n1,2\n"},
            {"twice.csv", "text,text\n1,2\n"},
            {"uneven.csv", "text,b\n1\n"},
            {"quote.csv", "text\n\"a"},
            {"rows.csv", "text\n"},
            {"images-idx3-ubyte", "abcd"},
            {"cut-images-idx3-ubyte", std::string("\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2ab", 18)},
            {"x.npy", "a"},
            {"data_batch_1.bin", "a"},
            {"x.zip", "a"},
            {"x.txt.gz", std::string("\x1f\x8b\x08", 3)},
            {"folder/a.png", "a"},
            {"folders/a.png", "a"},
            {"folders/b.png", "a"},
            {"nothing/a.pdf", "a"},
            {"texts/a.txt", ""},
        };
        setTranslation([](const char *text) { return "<" + std::string(text) + ">"; });
        static const QRegularExpression whole(R"(^\[[a-z]+\] ([^<>:]+: )?<.+>$)");
        QStringList wrong;
        std::set<std::filesystem::path> opened{"absent", "simclr"};
        for (const auto &[name, bytes] : files) {
            test::write(root / name, bytes);
            opened.insert(root / *std::filesystem::path(name).begin());
        }
        for (const std::filesystem::path &path : opened)
            if (const QString line = test::openingError(path); !whole.match(line).hasMatch())
                wrong.append(QString::fromStdString(path.string()) + " gives: " + line);
        KnobSet knobs({{.name = "size", .kind = KnobKind::integer, .minimum = 1, .maximum = 9, .defaultValue = 3.}});
        for (const auto &[name, value] : {std::pair("size", "ten"), {"sise", "3"}, {"other", "3"}})
            if (const QString line = test::errorOf([&] { knobs.setText(name, value); }); !whole.match(line).hasMatch())
                wrong.append(line);
        test::write(root / "x.safetensors", "a");
        for (const QString &line : {test::errorOf([&] { readSafetensors(root / "x.safetensors"); }), test::errorOf([&] { parseJson("{"); })})
            if (!line.startsWith('<') || !line.endsWith('>'))
                wrong.append(line);
        setTranslation(nullptr);
        QVERIFY(opened.size() > 20);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join('\n')));
    }

    /// Without a context of its own a panel's tr() looks in another class's than lupdate files it under.
    void aPanelThatTranslatesHasAContextOfItsOwn()
    {
        static const QRegularExpression panel(R"(^class (\w+)(?: final)? : public \w*Panel\b[^{;]*\{\s*(Q_OBJECT|Q_DECLARE_TR_FUNCTIONS\(pretext::\w+\))?)",
                                              QRegularExpression::MultilineOption);
        int judged = 0;
        for (const Source &source : windowSources())
            for (auto match = panel.globalMatch(source.text); match.hasNext(); ++judged) {
                const QRegularExpressionMatch hit = match.next();
                QVERIFY2(!hit.captured(2).isEmpty(), qPrintable(source.path + ": " + hit.captured(1) + " needs Q_OBJECT or Q_DECLARE_TR_FUNCTIONS"));
            }
        QVERIFY(judged >= int(panelTypes().size()));
    }

    void lupdateFindsTheSentencesOfEveryFolder()
    {
        if (!QFile::exists("/usr/lib/qt6/bin/lupdate"))
            QSKIP("lupdate (Debian package qt6-l10n-tools) is not installed");
        QTemporaryDir folder;
        QProcess translate;
        translate.setProcessChannelMode(QProcess::MergedChannels);
        translate.start(PRETEXT_SOURCE_DIR "/scripts/translate", {folder.filePath("pretext_zh.ts")});
        QVERIFY(translate.waitForFinished(120000));
        const QString said = QString::fromUtf8(translate.readAll());
        QCOMPARE(translate.exitCode(), 0);
        QVERIFY2(!said.contains("lacks Q_OBJECT"), qPrintable(said));
        QFile file(folder.filePath("pretext_zh.ts"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        QMap<QString, QString> contexts;
        for (const QString &context : text.split("<context>").mid(1))
            contexts[context.section("<name>", 1).section("</name>", 0, 0)] = context;
        // What core says is looked up under "pretext": in a function of a class, or behind a return type such as std::string, it is pretext::said().
        for (const QString &name : contexts.keys())
            QVERIFY2(name == "pretext" || name == "QObject" || name.startsWith("pretext::"), qPrintable(name + contexts[name].left(600)));
        const QList<QPair<QString, QString>> known{
            {"pretext", "Pulls two views of a sample together"}, // a method's help
            {"pretext", "Smallest share of the image that a crop keeps"},
            {"pretext", "speckle σ %.2f"},
            {"pretext", "%1: nearest neighbours"},
            {"pretext", "Cancelled; what was known by then is shown."},
            {"pretext", "The loss and every other scalar"}, // panels.def
            {"pretext", "60 000 + 10 000 grey images of clothes"},
            {"pretext", "%1: is one picture; choose the folder that it lies in"}, // thrown
            {"pretext", "its last %1 bytes belong to no tensor"},
            {"pretext", "a whole number from %1 to %2"}, // behind std::string
            {"pretext", "this process may run on %1 of them (its affinity)"},
            {"pretext", "is encrypted; unpack it first and choose the folder"}, // in a member function
            {"pretext", "only one file can be read, so %1"},                    // of a table
            {"pretext::MetricsPanel", "Log axis"},
            {"pretext::SimilarityPanel", "Gradient share"},
            {"pretext::Transport", "step %1 of %2, paused"},
            {"pretext::MainWindow", "&amp;File"},
            {"QObject", "replaced by another token"},
        };
        for (const auto &[context, sentence] : known)
            QVERIFY2(contexts.value(context).contains(sentence), qPrintable(context + ": " + sentence));
        QStringList texts, missing;
        for (const QString &message : contexts["pretext"].split("<source>").mid(1))
            texts.append(QTextDocumentFragment::fromHtml(message.section("</source>", 0, 0)).toPlainText().simplified());
        for (const QString &help : helps()) // or one composed of several, which begins with one of them
            if (std::none_of(texts.begin(), texts.end(), [&](const QString &known) { return help.startsWith(known); }))
                missing.append(help);
        QVERIFY(helps().size() > 90);
        const QSet<QString> found(texts.begin(), texts.end());
        const QStringList sentences = saidByCore();
        for (const QString &sentence : sentences)
            if (!found.contains(sentence.simplified()))
                missing.append("in the context of another name than pretext: " + sentence);
        QVERIFY(sentences.size() > 500);
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join('\n')));
    }

    void coreSpeaksTheLanguageOfTheWindow()
    {
        QCOMPARE(said("%2 before %1; 5 % of %3", {"a", "b"}), std::string("b before a; 5 % of %3"));
        QCOMPARE(said("%1, %2, %3 and %1", {7, std::string("%1"), uint8_t(65)}), std::string("7, %1, 65 and 7"));
        setTranslation([](const char *text) { return "<" + std::string(text) + ">"; });
        QCOMPARE(said("%1 samples", {"7"}), std::string("<7 samples>"));
        setTranslation(nullptr);
        QCOMPARE(said("flipped"), std::string("flipped"));
    }
};

void TestTranslation::everythingShownPassesThroughTheTranslation()
{
    Bracketing brackets;
    QCoreApplication::installTranslator(&brackets);
    useLanguage();
    const std::unique_ptr<MainWindow> window = test::shownWindow();
    QVERIFY(window);
    window->run().start(test::shapesJob());
    QTRY_VERIFY(window->run().hasJob() && window->run().status().state == TrainerState::paused);
    const QSet<QString> known = names();
    QStringList wrong;
    int judged = 0;
    const auto judge = [&](const QObject *what, const char *kind, QString text) {
        static const QRegularExpression letters("[A-Za-z]{2}");
        text.remove('&');
        if (!letters.match(text).hasMatch() || known.contains(text) || text.startsWith('/'))
            return;
        ++judged;
        if (!text.contains('['))
            wrong.append(QString("%1 of %2 %3: %4").arg(kind, what->metaObject()->className(), what->objectName(), text.left(120)));
    };
    for (const QWidget *widget : window->findChildren<QWidget *>()) {
        if (!qobject_cast<const QDockWidget *>(widget) && QString(widget->metaObject()->className()).startsWith("QTab"))
            continue; // of Qt's own, with the docks' titles
        judge(widget, "the tooltip", widget->toolTip());
        if (const auto *label = qobject_cast<const QLabel *>(widget))
            judge(label, "the text", label->text());
        else if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
            judge(button, "the text", button->text());
        else if (const auto *badge = qobject_cast<const Badge *>(widget))
            judge(badge, "the text", badge->text());
        else if (const auto *dock = qobject_cast<const QDockWidget *>(widget))
            judge(dock, "the title", dock->windowTitle());
    }
    for (const QAction *action : window->findChildren<QAction *>()) {
        judge(action, "the entry", action->text());
        judge(action, "the tooltip", action->toolTip());
    }
    window->run().stop();
    QCoreApplication::removeTranslator(&brackets);
    setTranslation(nullptr);
    QVERIFY2(judged > 150, qPrintable(QString::number(judged)));
    for (const QString &line : wrong)
        qWarning("%s", qPrintable(line));
    QVERIFY2(wrong.isEmpty(), "the lines above: without brackets");
}

QTEST_MAIN(TestTranslation)
#include "tst_translation.moc"
