#include "widgets/panels/slowmotionscene.h"

#include <QObject>

#include <algorithm>
#include <cmath>

namespace pretext {

namespace {

constexpr double kSameShare = 2e-3; // by which the channel's probability, of floats, may differ from the one computed here

std::vector<Compared> comparedWith(const Matrix &similarity, const Matrix &softmax, int anchor, int positive, double temperature)
{
    std::vector<Compared> all;
    for (int column = 0; column < int(softmax.columns); ++column) {
        if (std::isnan(softmax.at(anchor, column)))
            continue; // not compared
        const double s = double(similarity.at(anchor, column));
        all.push_back({column, column == positive, s, s / temperature, std::exp(s / temperature), 0});
    }
    return all;
}

} // namespace

std::optional<SlowMotionScene> slowMotionOf(const BatchView &batch, int pair, QString *why)
{
    const Matrix *similarity = batch.similarity(), *softmax = batch.ofPairs("similarity/softmax");
    const std::optional<double> temperature = batch.snapshot() ? batch.snapshot()->real("temperature") : std::nullopt;
    if (!similarity || !softmax || !temperature || pair < 0 || batch.views() < 2)
        return {};
    SlowMotionScene scene;
    scene.anchor = batch.rowOf(pair, 0);
    scene.positive = batch.partnerOf(scene.anchor);
    scene.temperature = *temperature;
    std::vector<Compared> all = comparedWith(*similarity, *softmax, scene.anchor, scene.positive, scene.temperature);
    for (const Compared &one : all)
        scene.total += one.power;
    bool same = !all.empty();
    for (Compared &one : all) {
        one.share = one.power / scene.total;
        same = same && std::abs(one.share - double(softmax->at(scene.anchor, one.row))) < kSameShare;
    }
    const auto own = std::ranges::find_if(all, [](const Compared &one) { return one.positive; });
    if (!same || own == all.end()) {
        *why = QObject::tr(
            "This method's softmax is not that of one row of cosines over τ (it averages several, or measures otherwise), so that its arithmetic is not "
            "taken apart here. SimCLR and InfoNCE by cosine, choices of method in Controls, are.");
        return {};
    }
    scene.share = own->share;
    scene.loss = -std::log(own->share);
    std::iter_swap(all.begin(), own);
    std::sort(all.begin() + 1, all.end(), [](const Compared &a, const Compared &b) { return a.similarity > b.similarity; });
    for (size_t i = SlowMotionScene::kShown; i < all.size(); ++i) {
        ++scene.others;
        scene.othersPower += all[i].power;
        scene.othersShare += all[i].share;
    }
    all.resize(std::min(all.size(), SlowMotionScene::kShown));
    scene.shown = std::move(all);
    if (const auto loss = batch.snapshot()->scalars.find("loss/total"); loss != batch.snapshot()->scalars.end())
        scene.batchLoss = loss->second;
    return scene;
}

} // namespace pretext
