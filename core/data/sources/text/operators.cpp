#include "core/data/sources/text/operators.h"

#include "core/data/sources/source.h"
#include "core/files/said.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace pretext {

namespace {

constexpr int64_t kTrainDocuments = 100000, kTestDocuments = 10000;
constexpr uint64_t kOperatorSeed = 0x4F50455241544F52; // a data set of its own, whatever the run's seed
enum OperatorStream : uint32_t { trainStream, testStream };

struct Operands
{
    int a, b;
};

constexpr double kEqualShare = 0.4; // of the training documents

/// Of training documents: four in ten have any operator, in the others the k-th is as frequent as 1 / k (Zipf). While all are equally frequent,
/// the pair alone says nothing of the answer, and there is no first step on the way to the second; Chan et al. 2022, "Data distributional
/// properties drive emergent in-context learning in transformers", found the same skew to bring it about. With nothing but the skew, the
/// rare ones are learned late.
int drawOperator(Random &random)
{
    static const std::vector<double> reach = [] {
        double harmonic = 0, sum = 0;
        for (int k = 1; k <= kOperators; ++k)
            harmonic += 1.0 / k;
        std::vector<double> sums;
        for (int k = 1; k <= kOperators; ++k)
            sums.push_back(sum += (1 - kEqualShare) / harmonic / k + kEqualShare / kOperators);
        return sums;
    }();
    const double drawn = double(random.uniform()) * reach.back();
    return int(std::min<ptrdiff_t>(std::upper_bound(reach.begin(), reach.end(), drawn) - reach.begin(), kOperators - 1));
}

int trainOperator(int64_t index)
{
    Random random(kOperatorSeed, trainStream, static_cast<uint32_t>(index));
    return drawOperator(random);
}

Operands drawPair(int op, bool heldOut, Random &random)
{
    Operands pair;
    do {
        pair = {static_cast<int>(random.below(10)), static_cast<int>(random.below(10))};
    } while (isHeldOut(op, pair.a, pair.b) != heldOut);
    return pair;
}

std::string question(Operands pair)
{
    return "Q: " + std::to_string(pair.a) + " ~ " + std::to_string(pair.b) + " = ? A:";
}

std::string exampleLines(int op, int count, Random &random)
{
    std::string text;
    for (int i = 0; i < count; ++i) {
        const Operands pair = drawPair(op, false, random);
        text += question(pair) + " " + std::to_string(applyOperator(op, pair.a, pair.b)) + "\n";
    }
    return text;
}

class Operators : public Dataset
{
public:
    Operators()
    {
        m_info.name = "operators";
        m_info.modality = Modality::text;
        m_info.tokenizer = "word";
        m_info.columns = {{"operator", {}}};
        for (int op = 0; op < kOperators; ++op)
            m_info.columns[0].classes.push_back(operatorName(op));
        m_info.knobs = {{"encoder.context", 96.0}, {"pack", false},         {"encoder.width", 64.0},
                        {"encoder.layers", 2.0},   {"encoder.heads", 8.0},  {"encoder.look", std::string("back")},
                        {"answers", true},         {"learning_rate", 2e-3}, {"warmup", 0.03}};
        m_info.batch = 32; // small and often: the insight comes with the number of steps
        m_info.note = pretext::said("Nine lines a document, ten words a line: a context of 92 tokens holds it. One combination of operator and pair in ten is "
                                    "never trained on; the last line of every held-out document asks for one.");
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? kTrainDocuments : kTestDocuments; }

    std::string text(Split split, int64_t index) const override
    {
        checkIndex(*this, split, index);
        if (split == Split::test) {
            const OperatorPrompt prompt = operatorPrompt(kMostExamples, index);
            return prompt.text + " " + prompt.answer;
        }
        Random random(kOperatorSeed, trainStream, static_cast<uint32_t>(index));
        const int op = drawOperator(random);
        std::string text = exampleLines(op, kMostExamples + 1, random);
        text.pop_back();
        return text;
    }

    float label(Split split, int64_t index, int column) const override
    {
        checkIndex(*this, split, index);
        if (column != 0)
            throw std::out_of_range("[operators] no label column " + std::to_string(column));
        return split == Split::test ? float(operatorPrompt(0, index).op) : float(trainOperator(index));
    }

    std::string caption(Split split, int64_t index) const override { return "~ is " + operatorName(static_cast<int>(label(split, index, 0))); }

private:
    DatasetInfo m_info;
};

} // namespace

/// Even operators shift a, odd ones give a constant, so that among the frequent ones are both.
int applyOperator(int op, int a, int)
{
    return ((op % 2 ? 0 : a) + op / 2) % 10;
}

std::string operatorName(int op)
{
    if (op % 2)
        return std::to_string(op / 2);
    return op ? "a + " + std::to_string(op / 2) : "a";
}

/// Of every operator each a and each b once, so that among what is held out, too, no guess is better than another.
bool isHeldOut(int op, int a, int b)
{
    return (a + 3 * b + 7 * op) % 10 == 0;
}

OperatorPrompt operatorPrompt(int examples, int64_t index)
{
    Random random(kOperatorSeed, testStream, static_cast<uint32_t>(index));
    OperatorPrompt prompt;
    prompt.op = static_cast<int>(random.below(kOperators));
    const Operands asked = drawPair(prompt.op, true, random);
    prompt.text = exampleLines(prompt.op, examples, random) + question(asked);
    prompt.answer = std::to_string(applyOperator(prompt.op, asked.a, asked.b));
    return prompt;
}

DatasetType operatorsSource()
{
    return {"operators", PRETEXT_SAID("lines such as Q: 2 ~ 3 = ? A: 5, a hidden operator (of 20, modulo 10) per document: in-context learning; needs no file"),
            [] { return true; }, [] { return std::shared_ptr<const Dataset>(std::make_shared<Operators>()); }, Modality::text};
}

} // namespace pretext
