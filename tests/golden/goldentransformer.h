// The runner of whole transformers: from given weights and batches, some steps of AdamW on the mean cross-entropy at the targets.
#pragma once

#include "core/nn/optimizer.h"
#include "core/nn/transformer.h"
#include "tests/golden/goldentraining.h"

namespace golden {

/// An encoder, perhaps a decoder that looks at it, and the head of whichever comes last.
class LanguageModel : public Module
{
public:
    LanguageModel(TransformerOptions options, bool transform, bool decodes, Random &random)
    {
        encoder = &addModule("encoder", std::make_unique<Transformer>(options, random));
        options.crossAttention = true;
        if (decodes)
            decoder = &addModule("decoder", std::make_unique<Transformer>(options, random, encoder->tokenTable()));
        head = &addModule("head", std::make_unique<VocabularyHead>(options, encoder->tokenTable(), transform, random));
    }
    Transformer *encoder, *decoder = nullptr;
    VocabularyHead *head;

protected:
    Variable forward(const Variable &ids) override { return head->logits((*encoder)(ids)); }
};

/// Step `step` of a tensor of integers with one row a step.
inline Tensor stepOf(const Tensor &all, int64_t step)
{
    const std::vector<int32_t> values = all.toHostInt();
    const Shape &s = all.shape();
    const int64_t size = all.size() / s[0];
    return Tensor::fromHost(std::span(values).subspan(size_t(step * size), size_t(size)), s.rank() == 2 ? Shape{s[1]} : Shape{s[1], s[2]});
}

inline Variable hiddenOf(GoldenCase &c, LanguageModel &model, int64_t step)
{
    const Tensor lengths = stepOf(c.constant("lengths"), step);
    const std::string mask = c.option<std::string>("mask");
    TransformerInput input{.ids = Variable(stepOf(c.constant("ids"), step)), .lengths = lengths, .causal = mask != "full"};
    if (mask == "prefix")
        input.prefixes = stepOf(c.constant("prefixes"), step);
    const Variable states = model.encoder->hidden(input);
    if (!model.decoder)
        return states;
    return model.decoder->hidden({.ids = Variable(stepOf(c.constant("decoder_ids"), step)), .causal = true}, {states, lengths});
}

/// The loss as methods compute it: only rows with a target are brought to the vocabulary.
inline Variable lossOf(LanguageModel &model, const Variable &hidden, const Tensor &targets)
{
    std::vector<int32_t> rows, wanted;
    const std::vector<int32_t> all = targets.toHostInt();
    for (size_t row = 0; row < all.size(); ++row)
        if (all[row] != kIgnored) {
            rows.push_back(int32_t(row));
            wanted.push_back(all[row]);
        }
    const Shape count{int64_t(rows.size())};
    return crossEntropy(model.head->logits(hidden, Tensor::fromHost(rows, count)), Tensor::fromHost(wanted, count));
}

inline void runTransformer(GoldenCase &c)
{
    const bool bert = c.option<std::string>("style") == "bert";
    const auto preset = bert ? bertOptions : gpt2Options;
    Random random(0);
    LanguageModel model(preset(c.option<int>("vocabulary"), c.option<int>("context"), c.option<int>("layers"), c.option<int>("width"), c.option<int>("heads")),
                        bert, c.has("constant.decoder_ids"), random);
    std::vector<NamedParameter> parameters = model.parameters();
    for (NamedParameter &parameter : parameters)
        parameter.variable.value().copyFrom(c.input(parameter.name).value());
    KnobSet knobs(optimizerKnobs());
    for (const char *name : {"momentum", "weight_decay"})
        knobs.set(name, c.option<double>(name));
    auto optimizer = makeOptimizer("adamw", parameters, knobs);

    const Tensor targets = c.constant("targets");
    std::vector<float> losses;
    for (int64_t step = 0; step < targets.shape()[0]; ++step) {
        for (NamedParameter &parameter : parameters)
            parameter.variable.clearGrad();
        const Variable hidden = hiddenOf(c, model, step), loss = lossOf(model, hidden, stepOf(targets, step));
        backward(loss);
        losses.push_back(loss.value().item());
        for (NamedParameter &parameter : parameters)
            if (step == 0)
                c.give("grad." + parameter.name, parameter.variable.grad().clone());
        if (step == 0)
            c.give("output.hidden", hidden.value());
        optimizer->step(c.option<float>("learning_rate"));
    }
    c.give("output.loss", Tensor::fromHost(losses, {targets.shape()[0]}));
    for (const NamedParameter &parameter : parameters)
        c.give("output." + parameter.name, parameter.variable.value());
}

} // namespace golden
