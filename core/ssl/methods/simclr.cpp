// SimCLR (Chen et al. 2020, "A simple framework for contrastive learning of visual representations"): two views of a sample are pulled
// together and pushed from all other views of the batch. N pairs, z [2N, D] of unit rows, rows i and i + N positive.
#include "core/autograd/operations.h"
#include "core/ssl/similarity.h"

#include <algorithm>

namespace pretext {

namespace {

class Heads : public Module
{
public:
    explicit Heads(std::unique_ptr<Module> projector) : m_projector(addModule("projector", std::move(projector))) {}

protected:
    Variable forward(const Variable &h) override { return m_projector(h); }

private:
    Module &m_projector;
};

class SimClr : public Method
{
public:
    SimClr(const KnobSet &knobs, Encoder &encoder, Random &random)
        : m_heads(makeProjector(encoder.dimension(), knobs.integer("projector.width"), knobs.integer("projector.dimension"), knobs.integer("projector.depth"),
                                random))
    {
    }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable z = normalize(m_heads(embed(encoder, input.views)));
        Tensor nearest;
        const Variable loss = ntXent(z, static_cast<float>(input.knobs.real("temperature")), &nearest);
        recordSimilarity(z.value(), input.recorder, nearest);
        return loss;
    }

private:
    static Variable embed(Encoder &encoder, const Variable &views)
    {
        const Scope scope("encoder");
        return encoder(views);
    }

    Heads m_heads;
};

std::vector<Knob> knobs()
{
    return {
        {.name = "temperature",
         .symbol = "τ",
         .kind = KnobKind::real,
         .minimum = 0.01,
         .maximum = 1,
         .logarithmic = true,
         .defaultValue = 0.2,
         .choices = {},
         .effect = KnobEffect::live,
         .help = "Divides the cosines before the softmax: the lower, the more the hardest negatives alone push."},
        {.name = "projector.width",
         .symbol = "",
         .kind = KnobKind::integer,
         .minimum = 8,
         .maximum = 4096,
         .logarithmic = true,
         .defaultValue = 256.0,
         .choices = {},
         .effect = KnobEffect::restart,
         .help = "Hidden units of the projector, the head that is thrown away after training."},
        {.name = "projector.dimension",
         .symbol = "D",
         .kind = KnobKind::integer,
         .minimum = 2,
         .maximum = 1024,
         .logarithmic = true,
         .defaultValue = 128.0,
         .choices = {},
         .effect = KnobEffect::restart,
         .help = "Dimension of the sphere on which views are compared."},
        {.name = "projector.depth",
         .symbol = "",
         .kind = KnobKind::integer,
         .minimum = 1,
         .maximum = 4,
         .logarithmic = false,
         .defaultValue = 2.0,
         .choices = {},
         .effect = KnobEffect::restart,
         .help = "Layers of the projector: the deeper, the more the encoder may keep of what the augmentations destroy."},
    };
}

/// Digits and letters, whose mirror images are others or none.
bool showsCharacters(const DatasetInfo &info)
{
    if (info.columns.empty() || info.columns.front().classes.empty())
        return false;
    const std::vector<std::string> &classes = info.columns.front().classes;
    return std::ranges::all_of(classes, [](const std::string &name) {
        const bool number = !name.empty() && name.size() <= 3 && name.find_first_not_of("0123456789") == std::string::npos;
        return number || (name.size() == 1 && name.front() != '?');
    });
}

// Chosen for what five minutes of two cores can teach on Fashion-MNIST: a cheap stack of convolutions takes several times
// the steps of a residual network; a 2 x 2 grid of features and unmirrored views keep the layout by which clothes differ; the README has
// the figures. Other images are mirrored, as long as they show no characters, and colour is not always there to match by; their stem's stride
// leaves a side of 12 places or more.
Recipe recipe(const DatasetInfo &info)
{
    Recipe recipe{.encoder = "convnet",
                  .batch = 256,
                  .knobs = {{"temperature", 0.1},
                            {"optimizer", std::string("adamw")},
                            {"learning_rate", 6e-3},
                            {"flip", false},
                            {"encoder.width", 64.0},
                            {"encoder.max_width", 64.0},
                            {"encoder.stem_stride", 2.0},
                            {"encoder.pool", 2.0}}};
    if (info.name == "fashion-mnist" || info.name == "shapes")
        return recipe;
    const auto set = [&](const char *name, const KnobValue &value) {
        std::erase_if(recipe.knobs, [&](const auto &knob) { return knob.first == name; });
        recipe.knobs.emplace_back(name, value);
    };
    set("flip", !showsCharacters(info));
    if (info.image.channels == 3)
        set("grey", true);
    set("encoder.stem_stride", std::min(info.image.height, info.image.width) >= 24 ? 2. : 1.);
    return recipe;
}

} // namespace

MethodType simclrMethod()
{
    return {.name = "simclr",
            .title = "SimCLR",
            .help = "Pulls two views of a sample together and pushes all others away, with NT-Xent (Chen et al. 2020).",
            .views = 2,
            .knobs = knobs,
            .make = [](const KnobSet &values, Encoder &encoder, Random &random) -> std::unique_ptr<Method> {
                return std::make_unique<SimClr>(values, encoder, random);
            },
            .recipe = recipe};
}

} // namespace pretext
