// A text small enough to train on within a test: sentences of a little grammar, in which every word tells the next, and a label.
#pragma once

#include "core/data/dataset.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/data/tokens/tokenizer.h"
#include "core/tensor/random.h"

#include <string>
#include <vector>

namespace pretext {

class ToyText : public Dataset
{
public:
    static constexpr int kTrain = 64, kTest = 16;

    ToyText()
    {
        m_info.name = "toytext";
        m_info.modality = Modality::text;
        m_info.columns = {{"label", {"day", "night"}}};
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? kTrain : kTest; }
    float label(Split, int64_t index, int) const override { return float(index % 2); }

    std::string text(Split split, int64_t index) const override
    {
        static const std::vector<std::vector<std::string>> places = {
            {"the sun", "the lark", "the bee"}, {"shines", "sings", "hums"}, {"by day", "in the light"}, {"over the hill .", "over the field ."}};
        static const std::vector<std::vector<std::string>> night = {
            {"the moon", "the owl", "the bat"}, {"glows", "calls", "flies"}, {"by night", "in the dark"}, {"under the tree .", "under the roof ."}};
        Random random(11, split == Split::train ? 0 : 1, static_cast<uint32_t>(index));
        std::string text;
        for (const std::vector<std::string> &choices : index % 2 ? night : places)
            text += (text.empty() ? "" : " ") + choices[random.below(static_cast<uint32_t>(choices.size()))];
        return text;
    }

private:
    DatasetInfo m_info;
};

inline std::shared_ptr<const Tokenizer> toyTokenizer()
{
    std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    for (const char *word : {"the", "sun",   "lark", "bee", "shines", "sings", "hums",  "by",    "day",   "in",   "light", "over", "hill",
                             ".",   "field", "moon", "owl", "bat",    "glows", "calls", "flies", "night", "dark", "under", "tree", "roof"})
        pieces.push_back("▁" + std::string(word));
    return std::make_shared<const Tokenizer>(TokenizerKind::word, std::move(pieces));
}

inline std::shared_ptr<const TokenizedText> toyTokens()
{
    return std::make_shared<const TokenizedText>(ToyText(), Split::train, toyTokenizer());
}

} // namespace pretext
