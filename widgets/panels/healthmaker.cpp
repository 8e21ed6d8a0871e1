#include "widgets/panels/healthmaker.h"

#include "core/data/dataset.h"
#include "core/files/said.h"
#include "widgets/progressing.h"
#include "widgets/snapshotpace.h"

#include <utility>

namespace pretext {

HealthMaker::HealthMaker(Run &run, std::function<bool()> showing, QObject *parent)
    : QObject(parent)
    , m_follower(run, {.showing = std::move(showing), .prepare = [this](auto copy, auto dataset) { return prepare(std::move(copy), std::move(dataset)); }},
                 nullptr)
{
    connect(&m_follower, &EncoderFollower::cleared, this, [this] {
        m_newest.reset();
        m_untrained.reset();
    });
    connect(&m_follower, &EncoderFollower::leftNow, this, [this] { m_ofNow = m_newest; });
    connect(&m_follower, &EncoderFollower::cameBack, this, [this] { m_newest = std::move(m_ofNow); });
}

/// The untrained encoder's is known to the first look alone that has to make it, and given to the later ones.
EncoderFollower::Work HealthMaker::prepare(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset)
{
    return [this, copy = std::move(copy), dataset = std::move(dataset), untrained = m_untrained](Progressing &progress) mutable -> EncoderFollower::Done {
        const auto working = [&](const std::string &what) { return [&progress, what](double share) { return progress.report(what, share); }; };
        const double begun = processorSeconds();
        if (!untrained)
            untrained = std::make_shared<const EncoderHealth>(
                untrainedHealth(copy->state, *dataset, {}, working(pretext::said("held-out samples through the untrained encoder"))));
        const double once = processorSeconds() - begun;
        TrainedEncoder trained = encoderOf(*copy);
        const auto now = std::make_shared<const EncoderHealth>(
            healthOf(trained, *dataset, {}, working(pretext::said("held-out samples through the encoder of step %1", {copy->state.step}))));
        if (progress.cancelled())
            return {};
        const auto adopt = [this, now, untrained] { // on the window's thread, where it is still there
            m_newest = now;
            m_untrained = untrained;
        };
        return {adopt, once};
    };
}

} // namespace pretext
