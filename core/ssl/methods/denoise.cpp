// Denoising (Lewis et al. 2020, "BART"; Raffel et al. 2020, "T5"): the encoder reads a corrupted text, and a decoder that attends to it
// rebuilds the original token by token. R rows, T positions of the encoder, S of the decoder.
#include "core/data/corrupt/textnoise.h"
#include "core/data/tokens/preparedtext.h"
#include "core/data/tokens/rowmaker.h"
#include "core/data/tokens/tokenizedtext.h"
#include "core/files/said.h"
#include "core/ssl/answer.h"
#include "core/ssl/tokenprediction.h"
#include "core/ssl/tokenviews.h"

#include <algorithm>

namespace pretext {

namespace {

class Noising : public RowMaker
{
public:
    Noising(const SampleSource &source, const KnobSet &knobs)
        : RowMaker(source, knobs)
        , m_noise(textNoise(knobs.choice("noise")))
        , m_amounts{static_cast<float>(knobs.real("noise.strength")), static_cast<float>(knobs.real("noise.span"))}
    {
    }

protected:
    /// The decoder is given what it has to write from [CLS] on, and predicts it one token later.
    TokenRow corrupt(std::span<const int32_t> original, int, Random &random) const override
    {
        TokenRow row = rowOf(addNoise(sequenceOf(original).view(), m_noise, m_amounts, random));
        row.decoderIds.assign(row.targets.begin(), row.targets.end() - 1);
        row.targets.erase(row.targets.begin());
        return row;
    }

private:
    const TextNoise &m_noise;
    NoiseAmounts m_amounts;
};

class DecoderHeads : public Module
{
public:
    DecoderHeads(const TextEncoder &encoder, Random &random)
        : decoder(addModule("decoder", std::make_unique<Transformer>(decoderOptions(encoder.options()), random, encoder.tokenTable())))
        , vocabulary(addModule("vocabulary", std::make_unique<VocabularyHead>(encoder.options(), encoder.tokenTable(), false, random)))
    {
    }
    Transformer &decoder;
    VocabularyHead &vocabulary;

protected:
    Variable forward(const Variable &hidden) override { return vocabulary(hidden); }

private:
    static TransformerOptions decoderOptions(TransformerOptions options)
    {
        options.crossAttention = true;
        options.tokenTypes = 0;
        return options;
    }
};

class Denoise : public Method
{
public:
    Denoise(TextEncoder &encoder, Random &random) : m_heads(encoder, random), m_predictor(m_heads.vocabulary, "accuracy/next", encoder.options().context)
    {
        encoder.setVisibility(Visibility::full);
    }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        TextEncoder &text = textEncoder(encoder);
        recordAttention(text, input);
        recordEmbedded(m_heads.decoder, input);
        for (const bool cross : {false, true})
            offerByRow(input, cross ? "tokens/cross-attention" : "tokens/decoder-attention",
                       [this, cross, &text, &rows = input.batch.tokens, &tokenizer = input.text->tokenizer()](int64_t row) {
                           return shownDecoder(text, rows.given(row), rows.decoderGiven(row), cross, tokenizer);
                       });
        return m_predictor.loss(hidden(text, input), input);
    }

    std::optional<TargetScore> score(Encoder &encoder, const StepInput &input) override
    {
        return m_predictor.score(hidden(textEncoder(encoder), input), input.batch.tokens);
    }

    /// The user's sentence, with what she hid, is rebuilt greedily.
    std::optional<ChannelValue> answer(Encoder &encoder, const Prepared &prepared, const Question &question) override
    {
        const Tokenizer &tokenizer = *tokenizerOf(prepared);
        TextEncoder &text = textEncoder(encoder);
        const AskedRow row = askedRow(question, tokenizer, text.options().context);
        Answer answer = answerTo(question, row, text, tokenizer);
        if (!answer.problem.empty())
            return answer;
        const std::vector<int32_t> rebuilt = rebuild(text, row.given, tokenizer, question, answer.predictions);
        answer.continuation = tokenizer.decode(rebuilt);
        answer.rebuilt = piecesOf(rebuilt, tokenizer);
        answer.row.decoder = answer.rebuilt;
        answer.row.decoder.insert(answer.row.decoder.begin(), tokenizer.piece(kClassify));
        std::vector<int32_t> written{kClassify};
        written.insert(written.end(), rebuilt.begin(), rebuilt.end());
        answer.decoderAttention = decoderAttention(text, row.given, written, false, tokenizer);
        answer.crossAttention = decoderAttention(text, row.given, written, true, tokenizer);
        return answer;
    }

private:
    AttentionView decoderAttention(TextEncoder &text, std::span<const int32_t> given, std::span<const int32_t> written, bool cross, const Tokenizer &tokenizer)
    {
        return std::get<AttentionView>(shownDecoder(text, given, written, cross, tokenizer).now());
    }

    Shown shownDecoder(TextEncoder &text, std::span<const int32_t> given, std::span<const int32_t> written, bool cross, const Tokenizer &tokenizer)
    {
        const NoGrad noGrad;
        const TokenInput source = singleRow(given);
        const TransformerMemory memory{text.hidden(source), source.lengths};
        return shownAttentionOf(m_heads.decoder, {written, given, memory, cross}, tokenizer);
    }

    /// Of the decoder, for the batch's rows.
    Variable hidden(TextEncoder &text, const StepInput &input)
    {
        const TokenRows &rows = input.batch.tokens;
        const int64_t count = static_cast<int64_t>(rows.decoderLengths.size());
        const TokenInput decoder{.ids = Tensor::fromHost(rows.decoderIds, Shape{count, rows.decoderLength}),
                                 .lengths = Tensor::fromHost(rows.decoderLengths, Shape{count}),
                                 .seed = input.seed,
                                 .step = input.tokens.step,
                                 .dropout = input.tokens.dropout};
        return decoded(decoder, {text.hidden(input.tokens), input.tokens.lengths});
    }

    Variable decoded(const TokenInput &input, const TransformerMemory &memory)
    {
        return m_heads.decoder.hidden({.ids = Variable(input.ids),
                                       .lengths = input.lengths,
                                       .causal = true,
                                       .dropout = {input.dropout, {input.seed, static_cast<uint32_t>(input.step), kDropoutSites}}},
                                      memory);
    }

    std::vector<int32_t> rebuild(TextEncoder &encoder, const std::vector<int32_t> &given, const Tokenizer &tokenizer, const Question &question,
                                 TokenPredictions &predictions)
    {
        const TokenInput source = singleRow(given);
        const TransformerMemory memory{encoder.hidden(source), source.lengths};
        std::vector<int32_t> ids{kClassify};
        Random random(question.sampling.seed);
        while (static_cast<int>(ids.size()) < encoder.options().context) {
            const int32_t last = static_cast<int32_t>(ids.size()) - 1;
            const Variable hidden = decoded(singleRow(ids), memory);
            const std::vector<float> scores = m_heads.vocabulary.logits(hidden, Tensor::fromHost(std::vector{last}, Shape{1})).value().toHost();
            predictions.push_back(predictionFrom(scores, kNoTarget, question.candidates, tokenizer));
            predictions.back().position = last;
            const int32_t next = drawToken(scores, {.temperature = 0}, random);
            if (next == kSeparate)
                break;
            ids.push_back(next);
        }
        ids.erase(ids.begin());
        return ids;
    }

    DecoderHeads m_heads;
    TokenPredictor m_predictor;
};

Knob noiseKnob()
{
    Knob knob{.name = "noise",
              .kind = KnobKind::choice,
              .defaultValue = std::string("infilling"),
              .effect = KnobEffect::nextBatch,
              .help = said("What is done to the text that the encoder reads:")};
    for (const TextNoise &noise : textNoises()) {
        knob.help += (knob.choices.empty() ? " " : "; ") + noise.name + " " + said(noise.help.c_str());
        knob.choices.push_back(noise.name);
    }
    knob.help += ".";
    return knob;
}

std::vector<Knob> knobs(const InputShape &)
{
    return {
        noiseKnob(),
        {.name = "noise.strength",
         .kind = KnobKind::real,
         .minimum = 0,
         .maximum = 0.9,
         .defaultValue = 0.3,
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("Share of the text that is disturbed; at 0 the decoder only copies and learns little of language.")},
        {.name = "noise.span",
         .symbol = "λ",
         .kind = KnobKind::real,
         .minimum = 1,
         .maximum = 10,
         .defaultValue = 3.0,
         .effect = KnobEffect::nextBatch,
         .help = PRETEXT_SAID("Mean of the Poisson lengths of spans: the longer, the more of the sense has to be invented.")},
        packKnob(),
    };
}

} // namespace

MethodType denoiseMethod()
{
    return {.name = "denoise",
            .title = PRETEXT_SAID("Denoising"),
            .help = PRETEXT_SAID("Rebuilds a text from what noise has left of it, with an encoder and a decoder (Lewis et al. 2020; Raffel et al. 2020)."),
            .family = Family::text,
            .views = oneView,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<Denoise>(textEncoder(parts.encoder), parts.random); },
            .recipe =
                [](const DatasetInfo &info) {
                    return textRecipe(info, {{"encoder.norm", std::string("pre")}, {"encoder.layers", 2.0}});
                },
            .kinds = {Modality::text},
            .maker = makeRows<Noising>,
            .panel = "tokenpredictions"};
}

} // namespace pretext
