// Looks at the health of the job's newest weights, again and again, below the training and at a pace that leaves it the processor; once also at the
// initial ones. It asks for a copy of the encoder when it is ready for the next look.
#pragma once

#include "core/analysis/health.h"
#include "core/engine/encodercopy.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <memory>

namespace pretext {

class Progressing;
class Run;

/// Seconds between two looks, where one took `cost` seconds of processor time and the machine runs `threads` threads at once.
double healthInterval(double cost, int threads);

class HealthMaker : public QObject
{
    Q_OBJECT
public:
    /// It looks while `showing` says so.
    HealthMaker(Run &run, std::function<bool()> showing, QObject *parent);
    ~HealthMaker() override;

    bool wantsWeights() const;
    /// Takes the weights of the run's snapshot, where they are there and wanted.
    void look();
    /// What it computes and how much of it is done; empty while it waits.
    QString progress() const;
    /// Of the newest weights looked at, and of the initial ones; null before.
    const EncoderHealth *newest() const { return m_newest.get(); }
    const EncoderHealth *untrained() const { return m_untrained.get(); }

signals:
    void made();
    void failed(const QString &problem);
    void wantsChanged();
    void cleared(); // another job, or a rewound one

private:
    struct Made
    {
        std::shared_ptr<const EncoderHealth> now, untrained;
        double cost = 0;
    };
    static Made make(const EncoderCopy &copy, const Dataset &dataset, std::shared_ptr<const EncoderHealth> untrained, Progressing &progress);

    bool playing() const;
    void begin(std::shared_ptr<const EncoderCopy> copy);
    void finish(const Made &made);
    void giveUp();
    void clear();
    void update();

    Run &m_run;
    std::function<bool()> m_showing;
    std::shared_ptr<Progressing> m_progress; // while it computes
    QTimer m_pause;
    std::shared_ptr<const EncoderHealth> m_newest, m_untrained;
    int64_t m_step = -1; // of the last look that was begun
    bool m_asking = false;
};

} // namespace pretext
