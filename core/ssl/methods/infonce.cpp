// InfoNCE (van den Oord et al. 2018, "Representation learning with contrastive predictive coding", eq. 4), in one direction: each first view has to
// find its own second view among those of the batch. How alike two embeddings are may be said in four ways. N samples, z [2N, D], rows i and i + N of
// one sample.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/contrast.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <iterator>

namespace pretext {

namespace {

const std::vector<std::string> kLikenesses = {"cosine", "product", "euclidean", "rbf"}; // as enum class Likeness

Likeness likenessNamed(const std::string &name)
{
    return static_cast<Likeness>(std::ranges::find(kLikenesses, name) - kLikenesses.begin());
}

class InfoNce : public Method
{
public:
    explicit InfoNce(const MethodParts &parts) { m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)); }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable h = embedViews(encoder, input.views[0]), z = m_heads(h);
        recordFeatures(h, input.recorder);
        const int64_t pairs = z.shape()[0] / 2;
        const Variable similarities = likeness(sliceRows(z, 0, pairs), sliceRows(z, pairs, pairs), likenessNamed(input.knobs.choice("similarity")),
                                               static_cast<float>(input.knobs.real("similarity.width")));
        recordAcross(normalize(detach(z)).value(), similarities.value(), input);
        return infoNce(similarities, static_cast<float>(input.knobs.real("temperature")));
    }

private:
    Heads m_heads;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        temperatureKnob(0.1, PRETEXT_SAID("Divides the similarities before the softmax: the lower, the more the most similar other samples alone push.")),
        {.name = "similarity",
         .kind = KnobKind::choice,
         .defaultValue = kLikenesses.front(),
         .choices = kLikenesses,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("What makes two embeddings alike. cosine: their directions alone. product: their lengths, too, which the loss can enlarge "
                              "instead of learning. euclidean: how near they lie. rbf: nearness that ends at about the width, so that whatever lies "
                              "farther pushes as little as anything else.")},
        {.name = "similarity.width",
         .symbol = "σ",
         .kind = KnobKind::real,
         .minimum = 0.05,
         .maximum = 20,
         .logarithmic = true,
         .defaultValue = 1.0,
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("How far nearness reaches where the similarity is rbf: the smaller, the fewer samples are felt at all.")},
    };
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType infonceMethod()
{
    return {.name = "infonce",
            .title = PRETEXT_SAID("InfoNCE"),
            .help = PRETEXT_SAID("Lets each first view find its own second view among those of the batch (van den Oord et al. 2018)."),
            .family = Family::contrastive,
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<InfoNce>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
