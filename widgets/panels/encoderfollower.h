// Does a piece of work with the job's newest weights, again and again, below the training and at a pace that leaves it the processor. It asks for a copy
// of the encoder when it is ready for the next one, so that none is made in vain.
#pragma once

#include "core/engine/encodercopy.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace pretext {

class Dataset;
class Progressing;
class Run;

class EncoderFollower : public QObject
{
    Q_OBJECT
public:
    using Adopt = std::function<void()>;
    /// Called on another thread, which may use one processor; what it returns takes the result over on the window's thread. It reports its progress, which
    /// says when to give up: then, and where there is nothing to take over, it returns null.
    using Work = std::function<Adopt(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset, Progressing &progress)>;

    /// Works while `showing` says so.
    EncoderFollower(Run &run, std::function<bool()> showing, Work work, QObject *parent);
    ~EncoderFollower() override;

    bool wantsWeights() const;
    /// Takes the weights of the run's snapshot, where they are there and wanted.
    void look();
    /// The work is another one by now: what is under way is given up, and the weights of now are worked with again.
    void beginAgain();
    /// What is computed and how much of it is done; empty while it waits.
    QString progress() const;

signals:
    void wantsChanged();
    void worked();
    void failed(const QString &problem);
    void cleared(); // another job, or a rewound one: results before are of other weights

private:
    bool playing() const;
    void begin(std::shared_ptr<const EncoderCopy> copy);
    void finish(double cost);
    void giveUp();
    void clear();
    void update();

    Run &m_run;
    std::function<bool()> m_showing;
    Work m_work;
    std::shared_ptr<Progressing> m_progress; // while it computes
    QTimer m_pause;
    int64_t m_step = -1; // that was last begun with
    bool m_asking = false;
};

} // namespace pretext
