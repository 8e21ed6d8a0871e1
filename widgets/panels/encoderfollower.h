// Does a piece of work with the job's newest weights, again and again, below the training and at a pace that leaves it the processor; or with those of an
// older step, while that is looked back at. It asks for a copy of the encoder when it is ready for the next one, so that none is made in vain.
#pragma once

#include "core/engine/encodercopy.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <limits>
#include <memory>
#include <set>

class QThreadPool;

namespace pretext {

class Dataset;
class Progressing;
class Run;

/// Seconds between the ends of two pieces of work, where one takes `cost` seconds of processor time and the machine runs `threads` threads at once: all
/// followers at work, `followers`, together take no more than 0.8 % of what these can do, and each works not less often than once a minute. The trainer's
/// team waits for the interrupted one, so steps lose about twice that.
double workInterval(double cost, int threads, int followers);

class EncoderFollower : public QObject
{
    Q_OBJECT
public:
    /// Takes a result over, on the window's thread; null: there is none.
    using Adopt = std::function<void()>;
    struct Done
    {
        Adopt adopt;
        double uncounted = 0; // seconds of processor time that the pace does not know: they come once, or keep to a share of their own
    };
    /// On another thread, which may use one processor. It reports its progress, which says when to give up.
    using Work = std::function<Done(Progressing &progress)>;
    struct Following
    {
        std::function<bool()> showing; // works while it says so
        /// On the window's thread: what is to be done with these weights, of all else what it is now.
        std::function<Work(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset)> prepare;
        QThreadPool *pool = nullptr; // null: the usual one
    };
    EncoderFollower(Run &run, Following following, QObject *parent);
    ~EncoderFollower() override;

    bool wantsWeights() const;
    /// Takes the weights of the run's snapshot, where they are there and wanted.
    void look();
    /// The work is another one by now: what is under way is given up, and the weights of now are worked with again.
    void beginAgain();
    /// Something has changed that the weights may soon show: works in two seconds at the latest, and then after pauses that double until they are as usual.
    void hurry();
    void giveUp();
    bool working() const { return m_progress != nullptr; }
    /// Whether the job trains, or is about to.
    bool playing() const;
    /// What is computed and how much of it is done; empty while it waits.
    QString progress() const;

signals:
    void wantsChanged();
    void worked();
    void failed(const QString &problem);
    void cleared(); // another job, or a rewound one: results before are of other weights
    /// From here on results are of older steps that are looked back at; and of the newest again.
    void leftNow();
    void cameBack();

private:
    void begin(std::shared_ptr<const EncoderCopy> copy);
    void finish(double cost);
    void clear();
    void showOther();
    void update();
    static std::set<const EncoderFollower *> &all();
    static int atWork();

    Run &m_run;
    Following m_following;
    std::shared_ptr<Progressing> m_progress; // while it computes
    QTimer m_pause;
    double m_hurriedPause = std::numeric_limits<double>::infinity(); // seconds after the work that is next or under way
    int64_t m_step = -1;                                             // that was last begun with
    bool m_asking = false, m_back = false;
};

} // namespace pretext
