// pretext-tokenizer: SentencePiece in a process of its own. Its library brings a copy of protobuf that does not bear the one behind OpenCV
// and ONNX beside it; and a process can be killed in the middle of learning. Pretext starts it; a user need not.
//
//   pretext-tokenizer unigram|bpe SIZE < sentences > vocabulary     a sentence a line in, "piece TAB score" a line out
//   pretext-tokenizer encode MODEL-FILE < sentences > ids           what SentencePiece itself makes of a text; for tests
//
// SentencePiece's own log lines, on standard error, are the progress.
#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <unordered_map>

#include <sys/prctl.h>

namespace {

class Lines : public sentencepiece::SentenceIterator
{
public:
    explicit Lines(std::istream &in) : m_in(in) { Next(); }
    bool done() const override { return m_done; }
    void Next() override { m_done = !std::getline(m_in, m_line); }
    const std::string &value() const override { return m_line; }
    sentencepiece::util::Status status() const override { return {}; }

private:
    std::istream &m_in;
    std::string m_line;
    bool m_done = false;
};

int fail(const std::string &what)
{
    std::cerr << "pretext-tokenizer: " << what << std::endl;
    return 1;
}

int train(const std::string &kind, const std::string &size, const char *modelFile)
{
    // The special tokens have the ids that Pretext gives them; texts come normalised.
    const std::unordered_map<std::string, std::string> options = {{"model_type", kind},
                                                                  {"vocab_size", size},
                                                                  {"normalization_rule_name", "identity"},
                                                                  {"character_coverage", "1.0"},
                                                                  {"pad_id", "0"},
                                                                  {"unk_id", "1"},
                                                                  {"bos_id", "2"},
                                                                  {"eos_id", "3"},
                                                                  {"control_symbols", "[MASK]"},
                                                                  {"pad_piece", "[PAD]"},
                                                                  {"unk_piece", "[UNK]"},
                                                                  {"bos_piece", "[CLS]"},
                                                                  {"eos_piece", "[SEP]"},
                                                                  {"max_sentence_length", "1000000"},
                                                                  {"num_threads", "1"},
                                                                  {"model_prefix", ""}};
    Lines lines(std::cin);
    std::string model;
    if (const auto status = sentencepiece::SentencePieceTrainer::Train(options, &lines, &model); !status.ok())
        return fail(status.ToString());
    if (modelFile)
        std::ofstream(modelFile, std::ios::binary) << model;
    sentencepiece::SentencePieceProcessor processor;
    if (const auto status = processor.LoadFromSerializedProto(model); !status.ok())
        return fail(status.ToString());
    for (int id = 0; id < processor.GetPieceSize(); ++id)
        std::printf("%s\t%.9g\n", processor.IdToPiece(id).c_str(), double(processor.GetScore(id)));
    return 0;
}

int encode(const std::string &modelFile)
{
    sentencepiece::SentencePieceProcessor processor;
    if (const auto status = processor.Load(modelFile); !status.ok())
        return fail(status.ToString());
    for (std::string line; std::getline(std::cin, line);) {
        for (int id : processor.EncodeAsIds(line))
            std::printf("%d ", id);
        std::printf("\n");
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); // do not outlive who asked
    std::ios::sync_with_stdio(false);
    const std::string verb = argc > 1 ? argv[1] : "";
    if ((verb == "unigram" || verb == "bpe") && (argc == 3 || argc == 4))
        return train(verb, argv[2], argc == 4 ? argv[3] : nullptr);
    if (verb == "encode" && argc == 3)
        return encode(argv[2]);
    std::cerr
        << "usage: pretext-tokenizer unigram|bpe SIZE [MODEL-FILE] < sentences > vocabulary\n       pretext-tokenizer encode MODEL-FILE < sentences > ids\n";
    return 2;
}
