// What holds for every subcommand alike, gone over by what --help lists: how numbers are read, empty values, output that cannot be written, and
// the exit status of each kind of fault.
#include "app/cli/cli.h"
#include "commandfixture.h"
#include "core/engine/runfolder.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

using namespace pretext;
using namespace pretext::test;

namespace {

const QStringList kSmall = {"--set", "encoder.width=8", "--set", "projector.width=8", "--encoder", "mlp", "--threads", "1", "--size", "8", "--batch", "4"};

/// What the parser says, without a process: of what it takes, status -1.
CommandResult parsed(const QStringList &arguments)
{
    std::vector<std::string> words{"pretext"};
    for (const QString &argument : arguments)
        words.push_back(argument.toStdString());
    std::vector<const char *> argv;
    for (const std::string &word : words)
        argv.push_back(word.c_str());
    const ParsedCommandLine line = parseCommandLine(int(argv.size()), argv.data());
    return {line.action ? -1 : line.status, {}, QString::fromStdString(line.where + ": " + line.text) + '\n'};
}

QString valueFor(const QString &option)
{
    return option == "--format" ? "tsv" : option == "--out" ? "out.npy" : "run";
}

} // namespace

class TestCommandLine : public QObject
{
    Q_OBJECT
private slots:
    void initTestCase();
    void helpHasEveryOption_data();
    void helpHasEveryOption();
    void helpHasTheWindowsOptions();
    void numbersAreWhatTheyLookLike();
    void whatIsNoNumberIsRefused_data();
    void whatIsNoNumberIsRefused();
    void emptyValuesAreRefused_data();
    void emptyValuesAreRefused();
    void outputThatCannotBeWrittenIsStatus1_data();
    void outputThatCannotBeWrittenIsStatus1();
    void foldersAreMade();
    void whatCannotBeWrittenIsSaidFirst();
    void aRunsOwnFilesAreNotReplaced();
    void dataOfAnotherKindAreTheCommandLinesFault();
    void dataThatAreGoneAreAskedFor();
    void longAndStrangeTextIsShownShortAndEscaped();
    void theExitStatusIsTheSameForAll_data();
    void theExitStatusIsTheSameForAll();

private:
    /// The subcommand with all that it requires but `option`.
    QStringList complete(const QString &subcommand, const QString &option = {}) const;
    const CommandFolder &folder() const { return *m_folder; }

    std::unique_ptr<CommandFolder> m_folder = std::make_unique<CommandFolder>();
};

void TestCommandLine::initTestCase()
{
    folder().writePictures("pictures", 40);
    const CommandResult trained = folder().run(QStringList{"train"} + kSmall + QStringList{"--steps", "2", "--dataset", "pictures", "--out", "run"});
    QVERIFY2(trained.status == 0, qPrintable(trained.error));
}

QStringList TestCommandLine::complete(const QString &subcommand, const QString &option) const
{
    QStringList arguments{subcommand};
    for (const CommandOption &other : folder().options(subcommand))
        if (other.required && other.name != option)
            arguments << (other.name.startsWith("--") ? QStringList{other.name, valueFor(other.name)} : QStringList{valueFor(other.name)});
    return arguments;
}

void TestCommandLine::helpHasEveryOption_data()
{
    QTest::addColumn<QString>("subcommand");
#define COMMAND(name, help) QTest::newRow(#name) << #name;
#include "app/cli/commands.def"
#undef COMMAND
}

/// What the parser takes and what --help says of it are the same, and it says what each option does.
void TestCommandLine::helpHasEveryOption()
{
    QFETCH(QString, subcommand);
    CLI::App command;
#define COMMAND(name, help)                                                                                                                                    \
    if (subcommand == #name)                                                                                                                                   \
        name##Command(command);
#include "app/cli/commands.def"
#undef COMMAND
    QVERIFY(folder().subcommands().contains(subcommand));
    const QString help = folder().run({subcommand, "--help"}).out;
    QStringList known;
    for (const CLI::Option *option : command.get_options()) {
        QVERIFY2(!option->get_description().empty(), option->get_name().c_str());
        for (const std::string &name : option->get_lnames())
            known << "--" + QString::fromStdString(name);
        const QString shown = QRegularExpression::escape(QString::fromStdString(option->get_name()));
        QVERIFY2(help.contains(QRegularExpression("^  (-h,)?" + shown + "[ :\n]", QRegularExpression::MultilineOption)),
                 qPrintable(option->get_name().c_str() + (" is missing in:\n" + help)));
    }
    for (auto word = QRegularExpression("(?<![-\\w])--[a-z][a-z-]*").globalMatch(help); word.hasNext();) {
        const QString name = word.next().captured();
        QVERIFY2(known.contains(name), qPrintable(name + " is no option of " + subcommand));
    }
}

void TestCommandLine::helpHasTheWindowsOptions()
{
    const QString help = folder().run({"--help"}).out;
    int options = 0;
    const auto verify = [&](const char *name, const char *value, const char *text) {
        const QString shown = QString("  --%1%2").arg(name, *value ? QString(" ") + value : QString());
        QVERIFY2(help.contains(QRegularExpression(QRegularExpression::escape(shown) + " +" + QRegularExpression::escape(text) + '\n')), name);
        const CommandResult windowless = folder().run({QString("--") + name + (*value ? "=1" : "")}); // it is known there, too
        QVERIFY2(!windowless.error.contains("Unknown option"), qPrintable(windowless.error));
        ++options;
    };
#define WINDOW_OPTION(name, value, standard, help) verify(name, value, help);
#include "app/windowoptions.def"
#undef WINDOW_OPTION
    QVERIFY(options >= 7 && folder().run({"--screnshot=1"}).error.contains("Unknown option"));
}

void TestCommandLine::numbersAreWhatTheyLookLike()
{
    QStringList arguments = kSmall;
    arguments.replaceInStrings("encoder.width=8", "encoder.width=08");
    arguments[arguments.indexOf("--batch") + 1] = "010";
    const CommandResult result =
        folder().run(QStringList{"train"} + arguments + QStringList{"--steps", "012", "--seed", "0100", "--dataset", "pictures", "--out", "zeros"});
    QVERIFY2(result.status == 0, qPrintable(result.error));
    QCOMPARE(readMetrics(folder().at("zeros/metrics.csv")).rows.size(), size_t(12));
    std::ifstream file(folder().at("zeros/config.json"));
    const auto config = nlohmann::json::parse(file);
    QCOMPARE(config.at("seed").get<int>(), 100);
    QCOMPARE(config.at("batch").get<int>(), 10);
    QCOMPARE(config.at("knobs").at("encoder.width").get<double>(), 8.0);
}

void TestCommandLine::whatIsNoNumberIsRefused_data()
{
    QTest::addColumn<QString>("subcommand");
    QTest::addColumn<QString>("option");
    QTest::addColumn<bool>("whole");
    int options = 0;
    for (const QString &subcommand : folder().subcommands())
        for (const CommandOption &option : folder().options(subcommand))
            if (option.valueName == "N" || option.valueName == "M") {
                QTest::newRow(qPrintable(subcommand + " " + option.name)) << subcommand << option.name << (option.valueName == "N");
                ++options;
            }
    QVERIFY(options >= 12);
}

void TestCommandLine::whatIsNoNumberIsRefused()
{
    QFETCH(QString, subcommand);
    QFETCH(QString, option);
    QFETCH(bool, whole);
    QStringList texts{"-1", "0x10", "1e1", "7x", "7 ", "+7", "nan", "99999999999999999999", QString(400, '9'), ""};
    if (whole)
        texts << "1.0";
    for (const QString &text : texts) {
        const CommandResult result = parsed(complete(subcommand) + QStringList{option + "=" + text});
        const bool beyondAReal = whole || text != "99999999999999999999"; // which is a number of minutes, but too many
        verifyOneLine(result, 2, beyondAReal ? QStringList{option, text.left(60)} : QStringList{option});
        QVERIFY2(result.error.size() < 300, qPrintable(result.error));
    }
}

void TestCommandLine::emptyValuesAreRefused_data()
{
    QTest::addColumn<QString>("subcommand");
    QTest::addColumn<QString>("option");
    for (const QString &subcommand : folder().subcommands())
        for (const CommandOption &option : folder().options(subcommand))
            if (!option.valueName.isEmpty() || !option.name.startsWith("--"))
                QTest::newRow(qPrintable(subcommand + " " + option.name)) << subcommand << option.name;
}

void TestCommandLine::emptyValuesAreRefused()
{
    QFETCH(QString, subcommand);
    QFETCH(QString, option);
    QStringList arguments = complete(subcommand, option);
    option.startsWith("--") ? arguments << option << "" : arguments << "";
    verifyOneLine(parsed(arguments), 2, {option});
}

void TestCommandLine::outputThatCannotBeWrittenIsStatus1_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("help") << QStringList{"--help"};
    QTest::newRow("version") << QStringList{"--version"};
    for (const QString &subcommand : folder().subcommands())
        QTest::newRow(qPrintable(subcommand + " help")) << QStringList{subcommand, "--help"};
    for (const char *list : {"methods", "datasets", "encoders", "devices"}) {
        QTest::newRow(list) << QStringList{list};
        QTest::newRow(qPrintable(list + QString(" json"))) << QStringList{list, "--json"};
    }
    QTest::newRow("bench") << QStringList{"bench", "--list"};
    QTest::newRow("train") << QStringList{"train"} + kSmall + QStringList{"--steps", "2", "--dataset", "pictures", "--out"};
    QTest::newRow("evaluate") << QStringList{"evaluate", "run", "--json", "--no-baselines"};
    QTest::newRow("embed") << QStringList{"embed", "run", "--split", "train", "--force", "--out", "z.npy"};
    QTest::newRow("export") << QStringList{"export", "run", "--format", "safetensors", "--force", "--out", "encoder.safetensors"};
}

void TestCommandLine::outputThatCannotBeWrittenIsStatus1()
{
    QFETCH(QStringList, arguments);
    const std::pair<const char *, const char *> ways[] = {
        {"full", "\"$@\" > /dev/full"},
        {"closed", "\"$@\" >&-"},
        {"reader gone",
         "exec 3>&1; { \"$@\"; echo $? > status; } | true; sleep 0; until test -s status; do sleep 0.01; done; s=$(cat status); rm status; exit $s"}};
    for (const auto &[way, shell] : ways) {
        const QStringList given = arguments.endsWith("--out") ? arguments + QStringList{QString("run-") + way} : arguments;
        const CommandResult result = folder().run(given, shell);
        if (way == QString("reader gone") && result.status == 0)
            continue; // it may have been quicker than its reader was to go
        QVERIFY2(result.status == 1, qPrintable(QString::number(result.status) + ": " + result.error));
        const QStringList said = linesOf(result.error); // how far the work was, and then one line
        if (way == QString("reader gone"))              // which has what it wanted
            QVERIFY2(!result.error.contains("standard output"), qPrintable(result.error));
        else
            QVERIFY2(!said.isEmpty() && said.last().contains("standard output"), qPrintable(result.error));
        if (!arguments.contains("run") && arguments.first() != "train")
            break; // of those that only print, one way is as good as another
    }
    if (arguments.first() == "train" && arguments.contains("--steps")) // which goes on to its end, and keeps everything
        QCOMPARE(readMetrics(folder().at("run-full/metrics.csv")).rows.size(), size_t(2));
}

void TestCommandLine::foldersAreMade()
{
    const auto verifyWritten = [&](const QStringList &arguments, const char *file) {
        const CommandResult result = folder().run(arguments);
        QVERIFY2(result.status == 0, qPrintable(result.error));
        QVERIFY(std::filesystem::exists(folder().at(file)));
    };
    verifyWritten(QStringList{"train"} + kSmall + QStringList{"--steps", "1", "--dataset", "pictures", "--out", "new/a/run"}, "new/a/run/config.json");
    verifyWritten({"embed", "run", "--split", "train", "--out", "new/b/c/z.npy"}, "new/b/c/z.labels.npy");
    verifyWritten({"export", "run", "--format", "tsv", "--out", "new/d/z.tsv"}, "new/d/z.metadata.tsv");
    verifyWritten({"export", "run", "--format", "onnx", "--out", "new/e/z.onnx"}, "new/e/z.onnx");
    verifyWritten({"export", "run", "--format", "safetensors", "--out", "new/f/z.safetensors"}, "new/f/z.safetensors");
    verifyOneLine(folder().run({"embed", "run", "--out", "run/config.json/z.npy"}), 1, {"run/config.json", "is a file"});
    verifyOneLine(folder().run({"embed", "absent", "--out", "never/z.npy"}), 2, {"absent"});
    QVERIFY(!std::filesystem::exists(folder().at("never"))); // what is refused leaves no folder behind
}

/// Before anything is trained or embedded. The superuser may write everywhere, so the program is somebody else then.
void TestCommandLine::whatCannotBeWrittenIsSaidFirst()
{
    const QString nobody = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups -- \"$@\"" : "\"$@\"";
    std::filesystem::create_directories(folder().at("closed"));
    std::filesystem::permissions(folder().at(""), std::filesystem::perms(0755));
    std::filesystem::permissions(folder().at("closed"), std::filesystem::perms(0555));
    if (folder().run({"--version"}, nobody).status != 0)
        QSKIP("nobody else may run the program where it lies");
    const QStringList train = QStringList{"train"} + kSmall + QStringList{"--steps", "1", "--dataset", "pictures", "--out"};
    const auto verifyRefused = [&](const QStringList &arguments, const QString &file, const QString &why) {
        const CommandResult result = folder().run(arguments, nobody);
        verifyOneLine(result, 1, {file + ": cannot be written: ", why, "choose another --out"});
        QVERIFY2(result.out.isEmpty(), qPrintable(result.out));
    };
    for (const char *out : {"closed", "closed/run", "closed/a/run"})
        verifyRefused(train + QStringList{out}, out, "Permission denied");
    for (const char *out : {"closed/z.npy", "closed/a/z.npy"})
        verifyRefused({"embed", "run", "--out", out}, out, "Permission denied");
    for (const char *format : {"onnx", "safetensors", "tsv"})
        verifyRefused({"export", "run", "--format", format, "--out", "closed/file"}, "closed/file", "Permission denied");
    verifyRefused(train + QStringList{"/proc/run"}, "/proc/run", "made up by the system");
    std::filesystem::permissions(folder().at("run"), std::filesystem::perms(0555));
    verifyRefused({"train", "--resume", "--out", "run", "--steps", "9"}, "run", "Permission denied");
    std::filesystem::permissions(folder().at("run"), std::filesystem::perms(0755));
}

void TestCommandLine::aRunsOwnFilesAreNotReplaced()
{
    for (const char *file : {"run/config.json", "run/metrics.csv", "run/checkpoints/step-00000002.safetensors", "run/checkpoints/new.safetensors"})
        verifyOneLine(folder().run({"export", "run", "--format", "safetensors", "--force", "--out", file}), 2, {file, "the run's own files"});
    verifyOneLine(folder().run({"embed", "run", "--force", "--out", "run/checkpoints/z.npy"}), 2, {"the run's own files"});
    QCOMPARE(folder().run({"export", "run", "--format", "safetensors", "--out", "run/exports/encoder.safetensors"}).status, 0);
    verifyOneLine(folder().run({"evaluate", "run/checkpoints"}), 1, {"run/checkpoints: is a folder of a run; give the run, run"});
    verifyOneLine(folder().run({"train", "--steps", "1", "--config", "run"}), 2, {"run: is a run; give run/config.json"});
}

void TestCommandLine::dataOfAnotherKindAreTheCommandLinesFault()
{
    folder().write("words.txt", QString("one line of some words\nand another one\n").repeated(40).toStdString());
    const QStringList commands[] = {{"evaluate", "run"}, {"embed", "run", "--out", "kind.npy"}, {"export", "run", "--format", "tsv", "--out", "kind.tsv"}};
    for (const QStringList &command : commands)
        verifyOneLine(folder().run(command + QStringList{"--dataset", "words.txt"}), 2, {"words.txt", "holds text, the encoder was made for images"});
}

void TestCommandLine::dataThatAreGoneAreAskedFor()
{
    folder().writePictures("own", 40);
    const CommandResult trained = folder().run(QStringList{"train"} + kSmall + QStringList{"--steps", "2", "--dataset", "own", "--out", "orphan"});
    QVERIFY2(trained.status == 0, qPrintable(trained.error));
    std::filesystem::rename(folder().at("own"), folder().at("moved"));
    const QString said = "the data of the run, " + folder().path("own") + ", are gone: put them back, or give where they are with --dataset";
    const QStringList commands[] = {{"train", "--resume", "--out", "orphan", "--steps", "4"},
                                    {"evaluate", "orphan"},
                                    {"embed", "orphan", "--out", "orphan.npy"},
                                    {"export", "orphan", "--format", "tsv", "--out", "orphan.tsv"}};
    for (const QStringList &command : commands) {
        verifyOneLine(folder().run(command), 1, {said});
        verifyOneLine(folder().run(command + QStringList{"--dataset", "own"}), 2, {"'own' is neither a data set"});
    }
    verifyOneLine(folder().run(commands[0] + QStringList{"--dataset", "shapes"}), 1, {"the data have changed since"});
    const CommandResult resumed = folder().run(commands[0] + QStringList{"--dataset", "moved"});
    QVERIFY2(resumed.status == 0 && resumed.out.contains("the data are taken from " + folder().path("moved") + ", no longer from " + folder().path("own")),
             qPrintable(resumed.error + resumed.out));
    const CommandResult again = folder().run({"train", "--resume", "--out", "orphan", "--steps", "5"});
    QVERIFY2(again.status == 0 && !again.out.contains("no longer"), qPrintable(again.error + again.out));
}

void TestCommandLine::longAndStrangeTextIsShownShortAndEscaped()
{
    const QString longText(5000, 'x');
    for (const QStringList &arguments : {QStringList{longText},
                                         {"train", longText},
                                         {"train", "--steps", longText},
                                         {"train", "--steps", "1", "--set", longText + "=1"},
                                         {"train", "--steps", "1", "--dataset", "shapes", "--set", "temperature=" + longText}}) {
        const CommandResult result = folder().run(arguments);
        verifyOneLine(result, 2, {"xxx…"});
        QVERIFY2(result.error.size() < 1000, qPrintable(result.error));
    }
    folder().write("long.json", "{\"method\": \"" + longText.toStdString() + "\"}");
    const CommandResult ofFile = folder().run({"train", "--steps", "1", "--config", "long.json"});
    verifyOneLine(ofFile, 1, {"long.json", "xxx…"});
    QVERIFY2(ofFile.error.size() < 400 && !ofFile.error.contains('['), qPrintable(ofFile.error)); // nor a place in the code
    const CommandResult strange = folder().run({}, "exec \"$1\" evaluate $'a\\033[31m\\xffb'");
    verifyOneLine(strange, 2, {"a\\x1B[31m\\xFFb"});
}

void TestCommandLine::theExitStatusIsTheSameForAll_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("word");
    for (const QString &subcommand : folder().subcommands()) {
        const QStringList good = complete(subcommand);
        const auto row = [&](const QString &fault, const QStringList &more, int status, const QString &word) {
            QTest::newRow(qPrintable(subcommand + ": " + fault)) << good + more << status << word;
        };
        if (subcommand == "train") { // one of them all the way
            const CommandResult whole = folder().run({subcommand, "--nonsense"});
            QVERIFY(whole.status == 2 && whole.error == parsed({subcommand, "--nonsense"}).error);
        }
        row("unknown option", {"--nonsense"}, 2, "--nonsense");
        row("one word too many", {"surplus"}, 2, subcommand == "evaluate" || subcommand == "embed" ? "--ensemble" : "surplus");
        row("a value for a flag", {"--help=no"}, 2, "--help");
        for (const CommandOption &option : folder().options(subcommand)) {
            const QString name = option.name;
            QStringList other = complete(subcommand, name); // with all it needs but this one
            const auto given = [&](const QString &fault, const QStringList &value, int status, const QString &word) {
                const QStringList length = subcommand == "train" && !name.endsWith("steps") ? QStringList{"--steps", "1"}
                                           : subcommand == "sweep"                          ? QStringList{"--steps", "1", "--set", "seed=1,2"}
                                                                                            : QStringList();
                QTest::newRow(qPrintable(subcommand + " " + name + ": " + fault))
                    << other + (name.startsWith("--") ? QStringList{name} + value : value) + length << status << word;
            };
            if (option.valueName.isEmpty() && name.startsWith("--"))
                continue;
            if (name.startsWith("--"))
                QTest::newRow(qPrintable(subcommand + " " + name + ": no value")) << other + QStringList{name} << 2 << name;
            if (option.required)
                QTest::newRow(qPrintable(subcommand + " without " + name)) << other << 2 << name;
            if (name == "--out" && subcommand != "train") {
                given("is there already", {"there.npy"}, 2, "there.npy");
                given("a folder", {"pictures"}, 2, "pictures");
                given("below a file", {"there.npy/z.npy"}, 1, "there.npy");
            } else if (name == "--out") {
                other << "--dataset"
                      << "pictures"
                      << "--batch"
                      << "4";
                given("is there already", {"run"}, 2, "run");
                given("below a file", {"there.npy/run"}, 1, "there.npy");
            } else if (name == "RUN") {
                given("absent", {"absent"}, 2, "absent");
                given("no run", {"pictures"}, 1, "pictures");
                given("damaged", {"there.npy"}, 1, "there.npy");
            } else if (name == "--dataset") {
                given("absent", {"absent"}, 2, "absent");
                given("unreadable", {"there.npy"}, 1, "there.npy");
                given("empty folder", {"hollow"}, 1, "hollow");
            } else if (name == "--config" || name == "--init") {
                given("absent", {"absent"}, 2, "absent");
                given("damaged", {"there.npy"}, 1, "there.npy");
            }
        }
    }
}

void TestCommandLine::theExitStatusIsTheSameForAll()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, status);
    QFETCH(QString, word);
    folder().write("there.npy", "neither numbers nor weights");
    std::filesystem::create_directories(folder().at("hollow"));
    const auto runs = [&] { return QDir(folder().path("runs")).count(); };
    const auto before = runs();
    const CommandResult parsing = parsed(arguments);
    verifyOneLine(parsing.status == 2 ? parsing : folder().run(arguments), status, {word});
    QVERIFY(status != 2 || runs() == before); // nothing was begun
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_commandline.moc"
