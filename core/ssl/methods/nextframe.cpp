// Next-frame prediction (Srivastava et al. 2015, "Unsupervised learning of video representations using LSTMs", section 2.3; here without recurrence, the
// frames so far being the channels of one image): the encoder sees three moments of a clip, and a decoder paints the fourth, for which the embedding must
// say what is shown, where it is and how it moves. N clips; views [2N, H, W, 3]: those to come, shifted by one moment, then those given.
#include "core/autograd/operations.h"
#include "core/files/said.h"
#include "core/ssl/imagerecipe.h"
#include "core/ssl/rebuilding.h"

namespace pretext {

namespace {

class NextFrame : public Rebuilding
{
public:
    explicit NextFrame(const MethodParts &parts) : Rebuilding(parts, 1) {}

    /// The mean squared error of the one frame that was not given, of normalised values; and what the regulariser adds.
    Variable loss(Encoder &encoder, const StepInput &input) override
    {
        const auto clips = int64_t(input.batch.indices.size());
        const Variable coming = sliceRows(input.views[0], 0, clips), given = sliceRows(input.views[0], clips, clips);
        const Variable next = lastFrame(coming);
        const Rebuilt foretold = rebuild(encoder, given);
        input.recorder.read({still(given, next)},
                            [&recorder = input.recorder](const std::vector<Matrix> &read) { recorder.scalar("loss/still", read[0].values[0]); });
        offer(foretold.images.value(), given.value(), next.value(), input.recorder);
        return regularised(meanSquaredError(foretold.images, next), foretold, input);
    }

private:
    static Variable lastFrame(const Variable &frames) { return sliceColumns(frames, frames.shape()[3] - 1, 1); }

    /// The error of who says that nothing moves.
    static Tensor still(const Variable &given, const Variable &next)
    {
        const NoGrad noGrad;
        return meanSquaredError(lastFrame(given), next).value();
    }

    static void offer(const Tensor &foretold, const Tensor &given, const Tensor &next, Recorder &recorder)
    {
        recorder.heavy("reconstruction/output", [=] { return shownImages(foretold); });
        recorder.heavy("reconstruction/seen", [=] { return shownImages(given); });
        recorder.heavy("reconstruction/wanted", [=] { return shownImages(next); });
        recorder.heavy("reconstruction/error", [=] { return shownErrors(foretold, next); });
    }
};

} // namespace

MethodType nextframeMethod()
{
    return {.name = "next-frame",
            .title = PRETEXT_SAID("Next frame"),
            .help = PRETEXT_SAID("Foretells a clip's next frame from the three before it (Srivastava et al. 2015)."),
            .family = Family::generative,
            .views = twoViews,
            .knobs = [](const InputShape &) { return rebuildingKnobs(); },
            .make = [](const MethodParts &parts) -> std::unique_ptr<Method> { return std::make_unique<NextFrame>(parts); },
            .recipe =
                [](const DatasetInfo &info) {
                    return imageRecipe(info, {{"crop", false}, {"jitter", false}, {"grey", false}});
                },
            .maker = makeNextMaker,
            .frames = true,
            .panel = "reconstruction"};
}

} // namespace pretext
