// What looks at a run beside its steps, now and then: it is given a copy of the encoder, so that it cannot touch what trains, and what it finds stands in the
// step's row of metrics.csv, in columns of its own that most steps leave empty.
#pragma once

#include "core/engine/encodercopy.h"
#include "core/engine/lanes.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pretext {

class Observer
{
public:
    virtual ~Observer() = default;
    /// What it finds, by names for which isObserved(): the same ones as long as the run goes, also after a resume.
    virtual const std::vector<std::string> &columns() const = 0;
    /// Told of every step, without its own columns.
    virtual void follow(const ScalarRow &row) = 0;
    /// A number for each column, NaN where there is none: a function of the copy alone. Called on the trainer's thread, between two steps.
    virtual std::vector<double> look(const EncoderCopy &copy) = 0;
    /// A sentence for the user that the last look brought, or empty; each is given once.
    virtual std::string news() = 0;
};
/// The data set outlives the observer.
using MakeObserver = std::unique_ptr<Observer> (*)(const RunConfig &config, const Dataset &dataset);

/// "evaluation/..." and "health/...": columns that only some rows have a number in.
bool isObserved(const std::string &channel);

/// How often to look, so that it takes no more of the time than its share.
class LookPace
{
public:
    explicit LookPace(double share) : m_share(share) {}

    /// A look took so many seconds, and the steps since the last one so many. By how many times the looks are to lie farther apart from now on, 1: not. One that is
    /// a little slow says little.
    int64_t looked(double seconds, double stepSeconds);

private:
    double m_share;
    int m_over = 0; // looks in turn that took more
};

} // namespace pretext
