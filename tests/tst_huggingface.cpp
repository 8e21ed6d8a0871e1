// The Hugging Face folders: what is in them, what is refused, and that the real library (@huggingface/transformers from npm, see
// clients/npm.h) reads them offline and answers as we do: the same tokens, the same five candidates, vectors and continuation.
#include "core/data/tokens/tokenizertraining.h"
#include "core/exchange/huggingface.h"
#include "core/exchange/tokenizerjson.h"
#include "core/files/safetensors.h"
#include "core/tensor/random.h"
#include "tests/clients/npm.h"
#include "tests/flippedweight.h"

#include <nlohmann/json.hpp>

#include <QTemporaryDir>
#include <QtTest>

#include <array>
#include <cmath>
#include <csignal>
#include <fstream>

#include <sys/resource.h>

using namespace pretext;

namespace {

const QString kClient = PRETEXT_SOURCE_DIR "/tests/clients/huggingface";

const std::vector<std::string> kSentences = {
    "In the beginning God created the heaven and the earth.", "And the earth was without form, and void; and darkness was upon the face of the deep.",
    "And God said, Let there be light: and there was light.", "And God saw the light, that it was good: and God divided the light from the darkness."};

std::shared_ptr<const Tokenizer> tokenizerOf(TokenizerKind kind)
{
    return trainTokenizer({kind, kind == TokenizerKind::unigram || kind == TokenizerKind::bpe ? 52 : 4096}, kSentences);
}

/// A model with random weights, large enough that its answers differ.
struct Made
{
    Made(TransformerOptions options, bool causal, bool heads, bool transform) : random(3)
    {
        options.deviation = 0.3f;
        trunk = std::make_unique<Transformer>(options, random);
        if (heads)
            head = std::make_unique<VocabularyHead>(options, trunk->tokenTable(), transform, random);
        model = std::make_unique<TextModel>(TextModel{*trunk, head.get(), causal});
        trunk->setTraining(false);
    }

    std::vector<float> scores(const std::vector<int32_t> &ids, int64_t row) const
    {
        const NoGrad noGrad;
        const Variable hidden = trunk->hidden({.ids = Variable(Tensor::fromHost(ids, {1, int64_t(ids.size())})), .causal = model->causal});
        return head->logits(hidden, Tensor::fromHost(std::vector{int32_t(row)}, {1})).value().toHost();
    }

    Random random;
    std::unique_ptr<Transformer> trunk;
    std::unique_ptr<VocabularyHead> head;
    std::unique_ptr<TextModel> model;
};

Made bert(int vocabulary, bool heads = true)
{
    return Made(bertOptions(vocabulary, 48, 2, 24, 3), false, heads, true);
}
Made gpt2(int vocabulary)
{
    return Made(gpt2Options(vocabulary, 48, 2, 24, 3), true, true, false);
}

std::vector<int32_t> framed(const Tokenizer &tokenizer, const std::string &text, bool closed)
{
    std::vector<int32_t> ids = tokenizer.encodePrompt(text);
    ids.insert(ids.begin(), kClassify);
    if (closed)
        ids.push_back(kSeparate);
    return ids;
}

nlohmann::json jsonAt(const QString &path)
{
    std::ifstream file(path.toStdString());
    return nlohmann::json::parse(file);
}

/// All questions in one process: the library takes long to load.
nlohmann::json ask(const QTemporaryDir &folder, const nlohmann::json &questions)
{
    const QString in = folder.filePath("questions.json"), out = folder.filePath("answers.json");
    std::ofstream(in.toStdString()) << questions.dump();
    const QString wrong =
        clients::run("node", {kClient + "/ask.cjs", folder.path(), in, out}, folder.path(), 200, clients::packageFolder(kClient) + "/node_modules");
    if (!wrong.isEmpty())
        throw std::runtime_error(wrong.toStdString());
    return jsonAt(out);
}

/// Sentences of everything that a text may hold, special tokens glued to it: words known and unknown, marks, white space and what only looks like
/// it, accents and combining marks, Chinese, emoji, letters that repeat (ways to merge that are worth the same), control characters, any code point.
class AnyText
{
public:
    explicit AnyText(const std::vector<std::string> &corpus)
    {
        for (const std::string &sentence : corpus)
            for (const QString &word : QString::fromStdString(sentence).split(' '))
                m_words.push_back(word.toStdString());
    }

    std::string operator()()
    {
        std::string text;
        for (uint32_t parts = m_random.below(14) + 1; parts > 0; --parts)
            text += part();
        return text;
    }

private:
    std::string oneOf(const std::vector<std::string> &all) { return all[m_random.below(uint32_t(all.size()))]; }

    std::string part()
    {
        switch (m_random.below(10)) {
        case 0:
        case 1: return oneOf(m_words) + (m_random.below(2) ? " " : "");
        case 2:
        case 3: return oneOf(specialTokens());
        case 4:
            return oneOf(
                {" ", "  ", "\t", "\n", "\r\n", "\v\f", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u205f", "\u2581", "\u3000", " \u2581 "});
        case 5:
            return oneOf({".",      ",",        "!", "?!", "-",  "--", "'s", "\"", "(", ")",  "[",  "]", "[MASK", "MASK]",
                          "[mask]", "[ MASK ]", "^", "$",  "\\", "|",  "&&", "~",  "…", "。", "「", "€", "→"});
        case 6:
            return oneOf({"\u200b", "\u200d", "\ufeff", "\u00ad", "\u0001", "\u001b", "\u001c", "\u001f", "\u007f", "\u180e", "\u2060", "\ufffd", "\ufffe"});
        case 7:
            return oneOf({"é",           "e\u0301", "ÅNGSTRÖM", "ﬁ",    "İi",     "ß",  "Zebra", "naïve", "שלום", "مرحبا", "กขค",
                          "👩‍🚀", "🇩🇪",      "𝔘𝔫",       "明月", "起初神", "々", "𠀀",    "1234",  "ＡＢ", "ガ",    "한국"});
        case 8: {
            std::string letters;
            for (uint32_t n = m_random.below(9) + 1; n > 0; --n)
                letters += oneOf({"a", "a", "b", "n"});
            return letters;
        }
        default: return codePoint();
        }
    }

    std::string codePoint()
    {
        const uint32_t wide = m_random.below(3), c = 1 + m_random.below(wide == 0 ? 0x2FF : wide == 1 ? 0xFFFE : 0x10FFFE);
        return QString::fromUcs4(std::array{char32_t(c >= 0xD800 && c < 0xE000 ? 0x4E00 : c)}.data(), 1).toStdString();
    }

    std::vector<std::string> m_words;
    Random m_random{7};
};

const std::vector<std::string> kRepeating = {"banana bananas abababa nananana aaaa aaaaa", "anna bab baab abba nab aabb naan", "bbbb nn anan abab babab",
                                             "月明かり 起初，神创造天地。 地是空虚混沌，渊面黑暗", "café naïve Ångström e\u0301te\u0301"};

/// Forty texts of a masked word that marks and letters stand against.
std::vector<std::string> clozes()
{
    std::vector<std::string> all;
    for (const char *before : {"And God saw the", "the earth was", "[MASK] said, Let there", "(Behold,", "darkness"})
        for (const char *behind : {".", ", and light", "; it was good", "! And", "?", ": the", "'s face", ")"})
            all.push_back(std::string(before) + " [MASK]" + behind);
    return all;
}

} // namespace

class HuggingFaceTest : public QObject
{
    Q_OBJECT

private slots:
    void whatIsWrittenIsReadBack()
    {
        const QTemporaryDir folder;
        const auto tokenizer = tokenizerOf(TokenizerKind::word);
        for (bool heads : {true, false}) {
            const Made made = bert(tokenizer->vocabularySize(), heads);
            const QString path = folder.filePath(heads ? "bert" : "encoder");
            const ExportReport report = exportHuggingFace(*made.model, *tokenizer, path.toStdString());
            QVERIFY2(report.scale > 0 && report.largestDifference < 1e-5 * report.scale, qPrintable(QString::number(report.largestDifference)));
            const SafetensorsFile weights = readSafetensors((path + "/model.safetensors").toStdString());
            const std::string name = heads ? "bert.encoder.layer.1.attention.self.value.weight" : "encoder.layer.1.attention.self.value.weight";
            QVERIFY(weights.tensors.contains(name));
            QCOMPARE(weights.tensors.at(name).shape, (std::vector<int64_t>{24, 24}));
            QCOMPARE(weights.tensors.contains("cls.predictions.bias"), heads);
            QCOMPARE(jsonAt(path + "/config.json")["model_type"], "bert");
        }
        const Made made = gpt2(tokenizer->vocabularySize());
        const ExportReport report = exportHuggingFace(*made.model, *tokenizer, folder.filePath("gpt2").toStdString());
        QVERIFY(report.scale > 0 && report.largestDifference < 1e-5 * report.scale);
        const SafetensorsFile weights = readSafetensors(folder.filePath("gpt2/model.safetensors").toStdString());
        QCOMPARE(weights.tensors.at("transformer.h.0.attn.c_attn.weight").shape, (std::vector<int64_t>{24, 72})); // inputs x outputs
        QVERIFY(QFile::exists(folder.filePath("gpt2/generation_config.json")));
    }

    void aFlippedWeightIsFound_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<bool>("sign");
        QTest::newRow("the graph, the sign") << "model.onnx" << true;
        QTest::newRow("the graph, the last bit") << "model.onnx" << false;
        QTest::newRow("the weights, the sign") << "model.safetensors" << true;
        QTest::newRow("the weights, the last bit") << "model.safetensors" << false;
    }
    void aFlippedWeightIsFound()
    {
        QFETCH(QString, file);
        QFETCH(bool, sign);
        const QTemporaryDir folder;
        const auto tokenizer = tokenizerOf(TokenizerKind::word);
        const Made made = bert(tokenizer->vocabularySize());
        const std::filesystem::path out = folder.filePath("bert").toStdString();
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, exportHuggingFace(*made.model, *tokenizer, out, [&](const std::filesystem::path &written) {
                                     if (written.filename() == file.toStdString())
                                         QVERIFY(test::flipWeight(written, *made.trunk, sign));
                                 }));
        QVERIFY(!std::filesystem::exists(out)); // nothing that could be taken for an export
        exportHuggingFace(*made.model, *tokenizer, out);
    }

    void otherArchitecturesGoOutAsOnnxAlone()
    {
        const QTemporaryDir folder;
        const auto tokenizer = tokenizerOf(TokenizerKind::word);
        const int vocabulary = tokenizer->vocabularySize();
        const Made mixed[] = {Made(gpt2Options(vocabulary, 48, 2, 24, 3), false, true, true), Made(bertOptions(vocabulary, 48, 2, 24, 3), true, true, false)};
        const QString reasons[] = {"encoder.norm=post", "encoder.norm=pre"};
        for (int i = 0; i < 2; ++i) {
            const QString path = folder.filePath(QString::number(i));
            const ExportReport report = exportHuggingFace(*mixed[i].model, *tokenizer, path.toStdString());
            QVERIFY(report.largestDifference < 1e-5 * report.scale);
            QVERIFY2(QString::fromStdString(report.checkedWith).contains(reasons[i]), report.checkedWith.c_str());
            QVERIFY(!QFile::exists(path + "/model.safetensors") && QFile::exists(path + "/onnx/model.onnx"));
        }
    }

    void aFolderInUseIsLeftAlone()
    {
        const QTemporaryDir folder;
        QFile(folder.filePath("mine")).open(QIODevice::WriteOnly);
        const auto tokenizer = tokenizerOf(TokenizerKind::word);
        const Made made = gpt2(tokenizer->vocabularySize());
        QVERIFY_EXCEPTION_THROWN(exportHuggingFace(*made.model, *tokenizer, folder.path().toStdString()), std::invalid_argument);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot), QStringList{"mine"});
    }

    void anExportThatFailsLeavesNothing()
    {
        const QTemporaryDir folder;
        const auto tokenizer = tokenizerOf(TokenizerKind::word);
        const Made made = gpt2(tokenizer->vocabularySize());
        rlimit before;
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit small{20000, before.rlim_max}; // the configuration fits, the model does not
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &small);
        bool refused = false;
        try {
            exportHuggingFace(*made.model, *tokenizer, folder.filePath("gpt2").toStdString());
        } catch (const std::exception &) {
            refused = true;
        }
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
        QVERIFY(refused);
        QVERIFY(QDir(folder.path()).isEmpty());
        exportHuggingFace(*made.model, *tokenizer, folder.filePath("gpt2").toStdString());
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot), QStringList{"gpt2"});
    }

    void theLibraryAnswersAsWeDo_data()
    {
        QTest::addColumn<int>("kind");
        for (TokenizerKind kind : {TokenizerKind::word, TokenizerKind::character, TokenizerKind::unigram, TokenizerKind::bpe})
            QTest::newRow(toText(kind)) << int(kind);
    }

    void theLibraryAnswersAsWeDo()
    {
        if (!libraryIsThere())
            return;
        QFETCH(int, kind);
        const auto tokenizer = tokenizerOf(TokenizerKind(kind));
        const Made filling = bert(tokenizer->vocabularySize()), continuing = gpt2(tokenizer->vocabularySize());
        const QTemporaryDir folder;
        exportHuggingFace(*filling.model, *tokenizer, folder.filePath("bert").toStdString());
        exportHuggingFace(*continuing.model, *tokenizer, folder.filePath("gpt2").toStdString());

        const std::vector<std::string> texts = {"the earth was good.", "And God  said: light,\n light!  ", "unheard-of Zebras", "x"};
        const std::string cloze = "And the [MASK] was good.", prompt = "And God said";
        nlohmann::json questions = nlohmann::json::array();
        for (const std::string &text : texts)
            questions.push_back({{"model", "bert"}, {"task", "tokens"}, {"text", text}});
        questions.push_back({{"model", "bert"}, {"task", "fill-mask"}, {"text", cloze}});
        questions.push_back({{"model", "bert"}, {"task", "feature-extraction"}, {"text", texts[0]}});
        questions.push_back({{"model", "gpt2"}, {"task", "text-generation"}, {"text", prompt}});
        nlohmann::json answers;
        try {
            answers = ask(folder, questions);
        } catch (const std::exception &error) {
            QFAIL(error.what());
        }
        for (size_t i = 0; i < texts.size(); ++i)
            QVERIFY2(answers[i].get<std::vector<int32_t>>() == framed(*tokenizer, texts[i], true), (texts[i] + " -> " + answers[i].dump()).c_str());
        compareCandidates(filling, framed(*tokenizer, cloze, true), answers[texts.size()]);
        compareVectors(filling, framed(*tokenizer, texts[0], true), answers[texts.size() + 1]);
        QCOMPARE(QString::fromStdString(answers[texts.size() + 2]), continued(continuing, *tokenizer, framed(*tokenizer, prompt, false)));
    }

    /// Special tokens anywhere, in thousands of texts of everything: the same ids.
    void anyTextHasTheSameTokens()
    {
        if (!libraryIsThere())
            return;
        std::vector<std::string> corpus = kSentences;
        corpus.insert(corpus.end(), kRepeating.begin(), kRepeating.end());
        const QTemporaryDir folder;
        std::vector<std::shared_ptr<const Tokenizer>> tokenizers;
        nlohmann::json questions = nlohmann::json::array();
        AnyText any(corpus);
        for (TokenizerKind kind : {TokenizerKind::word, TokenizerKind::character, TokenizerKind::unigram, TokenizerKind::bpe}) {
            const bool learned = kind == TokenizerKind::unigram || kind == TokenizerKind::bpe;
            const auto tokenizer = tokenizers.emplace_back(trainTokenizer({kind, learned ? 104 : 4096}, corpus));
            const QString model = toText(kind);
            QDir(folder.path()).mkdir(model);
            std::ofstream(folder.filePath(model + "/tokenizer.json").toStdString()) << tokenizerJson(*tokenizer, true);
            std::ofstream(folder.filePath(model + "/tokenizer_config.json").toStdString()) << tokenizerConfigJson(48, true);
            std::vector<std::string> texts = clozes();
            while (texts.size() < 4000)
                texts.push_back(any());
            questions.push_back({{"model", toText(kind)}, {"task", "tokens"}, {"text", texts}});
        }
        const nlohmann::json answers = ask(folder, questions);
        for (size_t k = 0; k < tokenizers.size(); ++k) {
            QCOMPARE(answers[k].size(), size_t(4000));
            for (size_t i = 0; i < answers[k].size(); ++i) {
                const std::string text = questions[k]["text"][i];
                const std::vector<int32_t> ours = framed(*tokenizers[k], text, true);
                QVERIFY2(answers[k][i].get<std::vector<int32_t>>() == ours, (std::string(toText(tokenizers[k]->kind())) + ": " + nlohmann::json(text).dump()
                                                                             + "\n ours " + nlohmann::json(ours).dump() + "\n they " + answers[k][i].dump())
                                                                                .c_str());
            }
        }
    }

    /// The whole way: the program trains, exports and answers, and the library answers the same from what it exported.
    void whatTheProgramExportsAnswersAsTheProgramDoes()
    {
        if (!libraryIsThere())
            return;
        const QTemporaryDir folder;
        const QString cloze = "And God saw the [MASK] that it was good.", prompt = "And the earth";
        {
            std::ofstream corpus(folder.filePath("corpus.txt").toStdString()), two(folder.filePath("two.txt").toStdString());
            for (int i = 0; i < 40; ++i)
                corpus << kSentences[size_t(i) % 4] << " " << i << "\n";
            two << kSentences[0] << "\n" << kSentences[1] << "\n";
        }
        for (const QString method : {"mlm", "clm"}) {
            program({"train",
                     "--method",
                     method,
                     "--dataset",
                     "corpus.txt",
                     "--steps",
                     "20",
                     "--batch",
                     "8",
                     "--threads",
                     "1",
                     "--set",
                     "encoder.layers=2",
                     "--set",
                     "encoder.width=24",
                     "--set",
                     "encoder.heads=3",
                     "--set",
                     "encoder.context=48",
                     "--out",
                     method + "-run"},
                    folder);
            program({"export", method + "-run", "--format", "huggingface", "--out", method}, folder);
            QVERIFY(QFile::exists(folder.filePath(method + "/model.safetensors")));
        }
        const auto filled = nlohmann::json::parse(program({"evaluate", "mlm-run", "--json", "--prompt", cloze}, folder).toStdString());
        const auto continued = nlohmann::json::parse(program({"evaluate", "clm-run", "--json", "--prompt", prompt}, folder).toStdString());
        nlohmann::json questions = {{{"model", "mlm"}, {"task", "fill-mask"}, {"text", cloze.toStdString()}},
                                    {{"model", "clm"}, {"task", "text-generation"}, {"text", prompt.toStdString()}}};
        for (int i = 0; i < 2; ++i)
            questions.push_back({{"model", "mlm"}, {"task", "feature-extraction"}, {"text", kSentences[size_t(i)]}});
        const nlohmann::json answers = ask(folder, questions);

        const nlohmann::json tokens = jsonAt(folder.filePath("mlm/tokenizer.json")).at("model").at("vocab");
        const nlohmann::json &candidates = filled.at("answers").at(0).at("masks").at(0);
        QCOMPARE(answers[0].size(), size_t(5));
        for (size_t i = 0; i < 5; ++i) {
            QCOMPARE(answers[0][i]["token"], tokens.at(candidates[i]["token"].get<std::string>()));
            QVERIFY(std::abs(answers[0][i]["score"].get<double>() - candidates[i]["probability"].get<double>()) < 1e-4);
        }
        const QString whole = prompt + " " + QString::fromStdString(continued.at("answers").at(0).at("continuation").get<std::string>());
        const auto unspaced = [](QString text) { return text.remove(u' '); }; // none stands before a comma, where the continuation may begin
        QVERIFY2(unspaced(whole).startsWith(unspaced(QString::fromStdString(answers[1].get<std::string>()))), qPrintable(whole));
        const auto vector = [&](const QString &split) {
            program({"embed", "mlm-run", "--dataset", "two.txt", "--split", split, "--out", split + ".npy"}, folder);
            const QByteArray bytes = clients::contentsOf(folder.filePath(split + ".npy"));
            std::vector<float> values(24);
            memcpy(values.data(), bytes.data() + bytes.size() - 96, 96);
            return values;
        };
        const std::vector<float> train = vector("train"), test = vector("test");
        QVERIFY(train != test);
        for (int i = 0; i < 2; ++i) {
            const auto got = answers[size_t(2 + i)].get<std::vector<float>>();
            QVERIFY(distance(got, train) < 1e-4 || distance(got, test) < 1e-4);
        }
    }

    /// Word for word, in a folder that holds models/kjv.
    void theReadmesExampleRuns()
    {
        if (!libraryIsThere())
            return;
        const QString readme = QString::fromUtf8(clients::contentsOf(PRETEXT_SOURCE_DIR "/README.md"));
        const qsizetype begin = readme.indexOf("    import { env, pipeline }"), end = readme.indexOf("\n\n", begin);
        QVERIFY(begin >= 0 && end > begin);
        const QTemporaryDir folder;
        QFile script(folder.filePath("example.mjs"));
        QVERIFY(script.open(QIODevice::WriteOnly) && script.write(readme.mid(begin, end - begin).toUtf8()) > 0);
        script.close();
        QVERIFY(QFile::link(clients::packageFolder(kClient) + "/node_modules", folder.filePath("node_modules")));
        QVERIFY(QDir(folder.path()).mkdir("models"));
        const auto tokenizer = tokenizerOf(TokenizerKind::word);
        exportHuggingFace(*bert(tokenizer->vocabularySize()).model, *tokenizer, folder.filePath("models/kjv").toStdString());
        QProcess node;
        node.setWorkingDirectory(folder.path());
        node.start("node", {"example.mjs"});
        QVERIFY(node.waitForFinished(100000));
        const QByteArray said = node.readAllStandardOutput();
        QVERIFY2(node.exitCode() == 0 && said.count("token_str: ") == 5, said + node.readAllStandardError());
    }

    /// Of a text in which many words are unknown: forty masked words with marks and letters against them, and forty texts continued.
    void fortyPromptsAreAnsweredAlike()
    {
        if (!libraryIsThere())
            return;
        const QTemporaryDir folder;
        {
            std::ofstream corpus(folder.filePath("corpus.txt").toStdString());
            for (int i = 0; i < 60; ++i)
                corpus << kSentences[size_t(i) % 4] << " unheard" << i << " of" << i << "\n";
        }
        for (const QString method : {"mlm", "clm"}) {
            program({"train",
                     "--method",
                     method,
                     "--dataset",
                     "corpus.txt",
                     "--steps",
                     "40",
                     "--batch",
                     "8",
                     "--threads",
                     "1",
                     "--set",
                     "encoder.layers=2",
                     "--set",
                     "encoder.width=24",
                     "--set",
                     "encoder.heads=3",
                     "--set",
                     "encoder.context=64",
                     "--set",
                     "tokenizer=word",
                     "--set",
                     "tokenizer.vocabulary=24",
                     "--out",
                     method + "-run"},
                    folder);
            program({"export", method + "-run", "--format", "huggingface", "--out", method}, folder);
        }
        // As it would be without a rule of what is drawn.
        QVERIFY(QProcess::execute("cp", {"-r", folder.filePath("clm"), folder.filePath("free")}) == 0);
        std::ofstream(folder.filePath("free/generation_config.json").toStdString()) << R"({"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0})";

        const std::vector<std::string> masked = clozes();
        QCOMPARE(masked.size(), size_t(40));
        std::vector<std::string> words, begun; // known ones: the library leaves [UNK] out of what it writes
        const nlohmann::json vocabulary = jsonAt(folder.filePath("clm/tokenizer.json")).at("model").at("vocab");
        for (const auto &[piece, id] : vocabulary.items())
            if (piece.starts_with("▁"))
                words.push_back(QString::fromStdString(piece).replace("▁", " ").toStdString());
        for (size_t i = 0; i < 40; ++i)
            begun.push_back(words[i % words.size()] + words[i * 7 / 3 % words.size()] + words[i * 5 / 2 % words.size()]);
        const nlohmann::json filled = answersOf("mlm-run", masked, folder), continued = answersOf("clm-run", begun, folder);
        const nlohmann::json answers = ask(folder, {{{"model", "mlm"}, {"task", "fill-mask"}, {"text", masked}},
                                                    {{"model", "clm"}, {"task", "text-generation"}, {"text", begun}, {"new_tokens", 32}},
                                                    {{"model", "free"}, {"task", "text-generation"}, {"text", begun}, {"new_tokens", 32}}});
        const nlohmann::json tokens = jsonAt(folder.filePath("mlm/tokenizer.json")).at("model").at("vocab");
        int differing = 0;
        for (size_t i = 0; i < 40; ++i) {
            const nlohmann::json &ours = filled[i].at("masks").at(0), &theirs = answers[0][i];
            QVERIFY2(theirs[0]["token"] == tokens.at(ours[0]["token"].get<std::string>()), masked[i].c_str());
            for (size_t c = 0; c < 5; ++c)
                QVERIFY2(std::abs(theirs[c]["score"].get<double>() - ours[c]["probability"].get<double>()) < 1e-3, masked[i].c_str());
            const QString text = spaceless(begun[i] + continued[i].at("continuation").get<std::string>());
            QCOMPARE(spaceless(answers[1][i]), text);
            differing += spaceless(answers[2][i]) != text;
        }
        QVERIFY(differing > 0); // else nothing was there to keep from being drawn
    }

private:
    static nlohmann::json answersOf(const QString &run, const std::vector<std::string> &prompts, const QTemporaryDir &folder)
    {
        QStringList arguments{"evaluate", run, "--json"};
        for (const std::string &prompt : prompts)
            arguments << "--prompt" << QString::fromStdString(prompt);
        return nlohmann::json::parse(program(arguments, folder).toStdString()).at("answers");
    }

    static QString spaceless(const std::string &text) { return QString::fromStdString(text).remove(' '); }

    /// Skips or fails where it is not.
    static bool libraryIsThere()
    {
        const QString wrong = clients::install(kClient);
        const auto tell = [](const QString &why) { QFAIL(qPrintable("@huggingface/transformers could not be installed though npm answers: " + why)); };
        const auto skip = [](const QString &why) { QSKIP(qPrintable("@huggingface/transformers is not there and npm cannot fetch it: " + why)); };
        if (!wrong.isEmpty())
            clients::required() ? tell(wrong) : skip(wrong);
        return wrong.isEmpty();
    }

    /// Standard output of the real program; throws what it says where it fails.
    static QString program(const QStringList &arguments, const QTemporaryDir &folder)
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("XDG_CACHE_HOME", folder.filePath("cache"));
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(folder.path());
        process.start(PRETEXT_BINARY, arguments);
        if (!process.waitForFinished(60000) || process.exitCode() != 0)
            throw std::runtime_error("pretext " + arguments.join(' ').toStdString() + ": " + process.readAllStandardError().toStdString());
        return QString::fromUtf8(process.readAllStandardOutput());
    }

    static float distance(const std::vector<float> &a, const std::vector<float> &b)
    {
        float largest = a.size() == b.size() ? 0 : 1e9f;
        for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
            largest = std::max(largest, std::abs(a[i] - b[i]));
        return largest;
    }

    static void compareCandidates(const Made &made, const std::vector<int32_t> &ids, const nlohmann::json &candidates)
    {
        const auto mask = std::ranges::find(ids, int32_t(kMaskToken)) - ids.begin();
        std::vector<float> p = made.scores(ids, mask);
        double sum = 0;
        for (float &score : p)
            sum += double(score = std::exp(score));
        QCOMPARE(candidates.size(), size_t(5));
        for (const nlohmann::json &candidate : candidates) {
            const auto best = std::ranges::max_element(p);
            QCOMPARE(candidate["token"].get<int64_t>(), int64_t(best - p.begin()));
            QVERIFY(std::abs(candidate["score"].get<double>() - double(*best) / sum) < 1e-4);
            *best = 0;
        }
    }

    static void compareVectors(const Made &made, const std::vector<int32_t> &ids, const nlohmann::json &vector)
    {
        const NoGrad noGrad;
        const Variable hidden = made.trunk->hidden({.ids = Variable(Tensor::fromHost(ids, {1, int64_t(ids.size())}))});
        const std::vector<float> states = hidden.value().toHost(), got = vector.get<std::vector<float>>();
        QCOMPARE(got.size(), size_t(24));
        for (size_t d = 0; d < got.size(); ++d) {
            double mean = 0;
            for (size_t t = 0; t < ids.size(); ++t)
                mean += double(states[t * 24 + d]) / double(ids.size());
            QVERIFY(std::abs(double(got[d]) - mean) < 1e-4);
        }
    }

    static QString continued(const Made &made, const Tokenizer &tokenizer, std::vector<int32_t> ids)
    {
        for (int i = 0; i < 6 && ids.back() != kSeparate; ++i) {
            const std::vector<float> scores = made.scores(ids, int64_t(ids.size()) - 1);
            ids.push_back(int32_t(std::ranges::max_element(scores) - scores.begin()));
        }
        return QString::fromStdString(tokenizer.decode(ids));
    }
};

QTEST_GUILESS_MAIN(HuggingFaceTest)
#include "tst_huggingface.moc"
