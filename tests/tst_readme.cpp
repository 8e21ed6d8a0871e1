// Every `pretext` command of README.md, in its order, typed into a shell in an empty folder. What would take minutes is cut down by the rules below,
// and by nothing else; the user's own files that it speaks of lie in a home folder made for it.
#include "commandfixture.h"

#include <QFile>

#include <utility>

using namespace pretext;
using namespace pretext::test;

namespace {

/// Pattern and replacement. A rule that matches no command is out of date, and fails the test.
const std::pair<const char *, const char *> kShorter[] = {
    {"--minutes \\S+", "--steps 2 --threads 2"},
    {"--steps \\d+(?! --threads)", "--steps 2 --threads 2"},
    {"@400", "@1"},
    {"^pretext train (?!.*(--dataset|--method|--fork))", "pretext train --batch 16 "},
    {"^pretext sweep ", "pretext sweep --batch 16 --encoder mlp "},
    {"^pretext evaluate (\\S+)$", "pretext evaluate \\1 --no-baselines"},
    {"^pretext bench$", "pretext bench --row ntxent-512 --rounds 1 --against none"},
};

/// The indented lines that begin with the program's name, without the remarks behind them.
QStringList commandsOf(const QString &readme)
{
    QStringList commands;
    static const QRegularExpression remark("\\s+#.*$");
    for (QString line : readme.split('\n'))
        if (line.startsWith("    pretext "))
            commands << line.trimmed().remove(remark);
    return commands;
}

} // namespace

class TestReadme : public QObject
{
    Q_OBJECT
private slots:
    void everyCommandWorksInAnEmptyFolder();
};

void TestReadme::everyCommandWorksInAnEmptyFolder()
{
    QFile readme(PRETEXT_SOURCE_DIR "/README.md");
    QVERIFY(readme.open(QIODevice::ReadOnly));
    const QStringList commands = commandsOf(QString::fromUtf8(readme.readAll()));
    QVERIFY(commands.size() >= 16);
    const CommandFolder folder; // also the home, where ~ leads
    folder.writePictures("pictures", 300);
    std::string sentences;
    for (int i = 0; i < 400; ++i)
        sentences += "sentence " + std::to_string(i) + " speaks of the number " + std::to_string(i * 7 % 100) + ".\n";
    folder.write("sentences.txt", sentences);
    std::vector<bool> used(std::size(kShorter));
    for (QString command : commands) {
        for (size_t i = 0; i < std::size(kShorter); ++i) {
            const QString before = command;
            command.replace(QRegularExpression(kShorter[i].first), kShorter[i].second);
            used[i] = used[i] || command != before;
        }
        qInfo("%s", qPrintable(command));
        const CommandResult result = folder.run({}, "pretext() { \"" PRETEXT_BINARY "\" \"$@\"; }; " + command);
        QVERIFY2(result.status == 0, qPrintable(command + ": " + result.error));
    }
    for (size_t i = 0; i < used.size(); ++i)
        QVERIFY2(used[i], kShorter[i].first);
    for (const char *made : {"runs/first/metrics.csv", "z.npy", "z.labels.npy", "encoder.onnx", "runs/kjv/metrics.csv", "models/kjv/tokenizer.json"})
        QVERIFY2(std::filesystem::exists(folder.at(made)), made);
}

QTEST_GUILESS_MAIN(TestReadme)
#include "tst_readme.moc"
