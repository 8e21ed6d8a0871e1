// Looks at the health of the job's newest weights, again and again, and once also at the initial ones.
#pragma once

#include "core/analysis/health.h"
#include "widgets/panels/encoderfollower.h"

#include <QObject>

#include <functional>
#include <memory>

namespace pretext {

class Run;

class HealthMaker : public QObject
{
    Q_OBJECT
public:
    /// It looks while `showing` says so.
    HealthMaker(Run &run, std::function<bool()> showing, QObject *parent);

    EncoderFollower &follower() { return m_follower; }
    /// Of the newest weights looked at, or those of an older step while that is shown, and of the initial ones; null before.
    const EncoderHealth *newest() const { return m_newest.get(); }
    const EncoderHealth *untrained() const { return m_untrained.get(); }

private:
    EncoderFollower::Work prepare(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset);

    std::shared_ptr<const EncoderHealth> m_newest, m_untrained;
    std::shared_ptr<const EncoderHealth> m_ofNow; // while an older step is shown
    EncoderFollower m_follower;
};

} // namespace pretext
