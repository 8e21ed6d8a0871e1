// More than two views of a sample against those of other samples, in one of two ways. All pairs (Tian et al. 2020, "Contrastive multiview coding",
// the full graph): the mean over all pairs of views of NT-Xent, so that two views make SimCLR. Pooled (Shidani et al. 2024, "Poly-view
// contrastive learning", its objective by sufficient statistics): each view has to find the mean of its own sample's other views among the same means
// of other samples, by InfoNCE. N samples, V views, z [VN, D] of unit rows, rows i, i + N, ... of one sample.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/nn/heads.h"
#include "core/ssl/contrast.h"
#include "core/ssl/guessing.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/projector.h"
#include "core/ssl/share.h"
#include "core/ssl/similarity.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <vector>

namespace pretext {

namespace {

const std::string kPairs = "pairs", kPooled = "pooled";

double meanOf(const std::vector<float> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.) / double(values.size());
}

/// [N, N] each, of a view's rows with the pools of their own and other samples: in the place of each of the pool's views its part, by
/// `shares(similarities)` of the softmax; the rest is blank.
Matrix amongPools(const std::vector<Matrix> &similarities, const std::function<Matrix(const Matrix &)> &shares)
{
    const int64_t views = int64_t(similarities.size()), n = similarities.front().rows, rows = views * n;
    Matrix all{rows, rows, std::vector<float>(size_t(rows * rows), std::numeric_limits<float>::quiet_NaN())};
    for (int64_t view = 0; view < views; ++view) {
        const Matrix share = shares(similarities[size_t(view)]);
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j < rows; ++j)
                if (j / n != view)
                    all.values[size_t((view * n + i) * rows + j)] = share.at(i, j % n) / float(views - 1);
    }
    return all;
}

class MultiView : public Method
{
public:
    explicit MultiView(const MethodParts &parts) { m_heads.add("projector", makeProjector(parts.knobs, parts.encoder.dimension(), parts.random)); }

    Module &heads() override { return m_heads; }

    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const Variable z = normalize(m_heads(embedViews(encoder, input.views[0])));
        const int64_t views = input.knobs.integer("views");
        recordMeans(z.value(), input.recorder, views);
        return input.knobs.choice("positives") == kPairs ? ofPairs(z, views, input) : ofPools(z, views, input);
    }

private:
    static float temperatureOf(const KnobSet &knobs) { return static_cast<float>(knobs.real("temperature")); }

    static Variable ofPairs(const Variable &z, int64_t views, const StepInput &input)
    {
        const int64_t n = z.shape()[0] / views;
        Variable sum;
        std::vector<Tensor> found;
        for (int64_t a = 0; a < views; ++a)
            for (int64_t b = a + 1; b < views; ++b) {
                Tensor &nearest = found.emplace_back();
                const Variable loss = ntXent(concatRows(sliceRows(z, a * n, n), sliceRows(z, b * n, n)), temperatureOf(input.knobs), &nearest);
                sum = sum.defined() ? add(sum, loss) : loss;
            }
        input.recorder.read(found, [&recorder = input.recorder](const std::vector<Matrix> &read) {
            double sum = 0;
            for (const Matrix &nearest : read)
                sum += meanOf(nearest.values);
            recorder.scalar("accuracy/contrastive", sum / int(read.size()));
        });
        const auto temperature = [&knobs = input.knobs] { return temperatureOf(knobs); };
        input.recorder.heavy("similarity/softmax", [=, z = z.value()] {
            return shownCosines(z, [=, t = temperature()](const Matrix &cosines) { return softmaxOfPairs(cosines, t, views); });
        });
        input.recorder.heavy("similarity/gradient", [=, z = z.value()] {
            return shownCosines(z, [=, t = temperature()](const Matrix &cosines) { return gradientOfPairs(cosines, t, views); });
        });
        return scale(sum, 1 / float(found.size()));
    }

    static Variable ofPools(const Variable &z, int64_t views, const StepInput &input)
    {
        const int64_t n = z.shape()[0] / views;
        Variable all = sliceRows(z, 0, n), sum;
        for (int64_t view = 1; view < views; ++view)
            all = add(all, sliceRows(z, view * n, n));
        std::vector<Tensor> similarities;
        for (int64_t view = 0; view < views; ++view) {
            const Variable own = sliceRows(z, view * n, n), pool = normalize(subtract(all, own)); // the mean's direction
            const Variable cosines = matmul(own, pool, false, true), loss = infoNce(cosines, temperatureOf(input.knobs));
            similarities.push_back(cosines.value());
            sum = sum.defined() ? add(sum, loss) : loss;
        }
        recordPools(similarities, input);
        return scale(sum, 1 / float(views));
    }

    static void recordPools(const std::vector<Tensor> &similarities, const StepInput &input)
    {
        input.recorder.read(similarities, [&recorder = input.recorder](const std::vector<Matrix> &read) {
            double found = 0;
            for (const Matrix &of : read)
                found += shareOnDiagonal(of);
            recorder.scalar("accuracy/contrastive", found / double(read.size()));
        });
        const auto offer = [&](const char *channel, bool positives) {
            input.recorder.heavy(channel, [=, &knobs = input.knobs] {
                return Shown(similarities, [=, t = temperatureOf(knobs)](const std::vector<Matrix> &read) -> ChannelValue {
                    return amongPools(
                        read, [&](const Matrix &cosines) { return softmaxWhere(cosines, t, [&](int64_t i, int64_t j) { return positives || i != j; }); });
                });
            });
        };
        offer("similarity/softmax", true);
        offer("similarity/gradient", false);
    }

    Heads m_heads;
};

std::vector<Knob> knobs(const InputShape &)
{
    std::vector<Knob> knobs{
        {.name = "views",
         .symbol = "V",
         .kind = KnobKind::integer,
         .minimum = 2,
         .maximum = 8,
         .defaultValue = 4.0,
         .effect = KnobEffect::restart,
         .help = PRETEXT_SAID("Views of each sample: more say more of it in one step, which takes as much longer. Two, and pairs, are SimCLR.")},
        {.name = "positives",
         .kind = KnobKind::choice,
         .defaultValue = kPairs,
         .choices = {kPairs, kPooled},
         .effect = KnobEffect::live,
         .help = PRETEXT_SAID("What a view is to be near to. pairs: each of its sample's other views, one at a time. pooled: the mean of them all, which is "
                              "steadier than any of them.")},
        temperatureKnob(0.1, PRETEXT_SAID("Divides the cosines before the softmax: the lower, the more the hardest negatives alone push."))};
    std::ranges::copy(projectorKnobs(256, 128, 2), std::back_inserter(knobs));
    return knobs;
}

} // namespace

MethodType multiviewMethod()
{
    return {.name = "multiview",
            .title = PRETEXT_SAID("Multi-view"),
            .help =
                PRETEXT_SAID("Pulls several views of a sample together, in pairs or each to the mean of the others (Tian et al. 2020; Shidani et al. 2024)."),
            .family = Family::contrastive,
            .views = [](const KnobSet &knobs) { return ViewKinds{{.name = "view", .count = knobs.integer("views")}}; },
            .knobs = knobs,
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<MultiView>(parts); },
            .recipe = [](const DatasetInfo &info) { return imageRecipe(info, {}); },
            .kinds = kAnyWithViews};
}

} // namespace pretext
