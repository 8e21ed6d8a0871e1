// Makes maps of the job's newest weights, one after the other, below the training and at a pace that leaves it the processor. It asks for a copy of
// the encoder when it is ready for the next map, so that none is made in vain. A map by neighbours is shown while it is laid out, in small portions
// while training runs, so that it moves on and on and costs little.
#pragma once

#include "core/engine/encodercopy.h"
#include "widgets/panels/maphistory.h"

#include <QObject>
#include <QTimer>

#include <functional>
#include <map>

namespace pretext {

class MapWork;
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
    void setKind(MapKind kind);
    MapKind kind() const { return m_kind; }
    /// Whether maps also say how far each sample's two views are apart, which takes three times the encoder.
    void setApart(bool wanted);
    /// Lays the map out from the start, not from where the one before stood.
    void startAnew();
    /// Held-out samples that a map will have.
    int64_t samples() const;
    bool wantsWeights() const;
    /// Takes the weights of the run's snapshot, where they are there and wanted.
    void look();
    /// What it computes and how much of it is done; empty while it waits.
    QString progress() const;
    /// All embeddings of the newest map, [n, D]; null before.
    const Matrix *embeddings() const { return m_embeddings.get(); }
    std::shared_ptr<const Matrix> sharedEmbeddings() const { return m_embeddings; }
    const EmbeddingMap *newest() const { return m_newest.map.get(); }
    bool playing() const;

signals:
    void moved(const pretext::KeptMap &map); // on its way
    void made(const pretext::KeptMap &map);
    void failed(const QString &problem);
    void wantsChanged();
    void cleared(); // another job, or a rewound one: the maps before are of other weights

private:
    struct Made
    {
        KeptMap kept;
        std::shared_ptr<const Matrix> embeddings;
        double cost = 0; // seconds of processor time, without those of the layout, which keeps to a share of its own
    };
    /// What a map is made of: on any thread.
    struct Wish
    {
        std::shared_ptr<const EncoderCopy> copy;
        std::shared_ptr<const Dataset> dataset;
        int64_t samples;
        MapKind kind;
        bool apart;
        KeptMap before;                           // of the same kind; none: it begins anew
        std::shared_ptr<const Matrix> embeddings; // where they are known already
    };
    static Made make(const Wish &wish, MapWork &work);
    static std::shared_ptr<const Matrix> embeddingsOf(const Wish &wish, MapWork &work);
    static std::shared_ptr<EmbeddingMap> layOut(const Wish &wish, const Matrix &embeddings, std::shared_ptr<EmbeddingMap> map, KeptMap kept, MapWork &work);

    void begin(std::shared_ptr<const EncoderCopy> copy);
    void again();
    void finish(Made made);
    void giveUp();
    void clear();
    void update();

    Run &m_run;
    std::function<bool()> m_showing;
    int64_t m_most = kMostSamples;
    MapKind m_kind;
    bool m_apart = false;
    std::shared_ptr<MapWork> m_progress; // while it computes
    QTimer m_pause;
    KeptMap m_newest;                    // of the kind that is shown
    std::map<MapKind, KeptMap> m_before; // of each kind
    std::shared_ptr<const Matrix> m_embeddings;
    int64_t m_embeddingsOf = -1;         // the step
    int64_t m_step = -1, m_samples = -1; // of the last map that was begun
    quint64 m_begun = 0;                 // maps
    bool m_asking = false;
};

} // namespace pretext
