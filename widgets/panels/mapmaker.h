// Makes maps of the job's newest weights, one after the other, below the training and at a pace that leaves it the processor. It asks for a copy of
// the encoder when it is ready for the next map, so that none is made in vain.
#pragma once

#include "core/engine/encodercopy.h"
#include "widgets/panels/maphistory.h"

#include <QObject>
#include <QTimer>

#include <functional>

namespace pretext {

class Progressing;
class Run;

/// Seconds between two maps, where making one took `cost` seconds of processor time and the machine runs `threads` threads at once.
double mapInterval(double cost, int threads);

class MapMaker : public QObject
{
    Q_OBJECT
public:
    static constexpr int64_t kMostSamples = 20000;

    /// Maps are made while `showing` says so.
    MapMaker(Run &run, std::function<bool()> showing, QObject *parent);
    ~MapMaker() override;

    void setSamples(int64_t samples);
    /// Held-out samples that a map will have.
    int64_t samples() const;
    bool wantsWeights() const;
    /// Takes the weights of the run's snapshot, where they are there and wanted.
    void look();
    /// What it computes and how much of it is done; empty while it waits.
    QString progress() const;
    /// All embeddings of the newest map, [n, D]; null before.
    const Matrix *embeddings() const { return m_embeddings.get(); }
    const EmbeddingMap *newest() const { return m_newest.map.get(); }

signals:
    void made(const pretext::KeptMap &map);
    void failed(const QString &problem);
    void wantsChanged();
    void cleared(); // another job, or a rewound one: the maps before are of other weights

private:
    struct Made
    {
        KeptMap kept;
        std::shared_ptr<const Matrix> embeddings;
        double cost = 0;
    };
    static Made make(const EncoderCopy &copy, const Dataset &dataset, int64_t samples, const KeptMap &before, Progressing &progress);

    bool playing() const;
    void begin(std::shared_ptr<const EncoderCopy> copy);
    void finish(Made made);
    void giveUp();
    void clear();
    void update();

    Run &m_run;
    std::function<bool()> m_showing;
    int64_t m_most = kMostSamples;
    std::shared_ptr<Progressing> m_progress; // while it computes
    QTimer m_pause;
    KeptMap m_newest;
    std::shared_ptr<const Matrix> m_embeddings;
    int64_t m_step = -1, m_samples = -1; // of the last map that was begun
    bool m_asking = false;
};

} // namespace pretext
