// Makes maps of the job's newest weights, one after the other. A map by neighbours is shown while it is laid out, in small portions while training runs,
// so that it moves on and on and costs little.
#pragma once

#include "widgets/panels/encoderfollower.h"
#include "widgets/panels/maphistory.h"

#include <QObject>

#include <functional>
#include <map>
#include <memory>

namespace pretext {

class MapPace;
class Run;

class MapMaker : public QObject
{
    Q_OBJECT
public:
    static constexpr int64_t kMostSamples = 20000;

    /// Maps are made while `showing` says so.
    MapMaker(Run &run, std::function<bool()> showing, QObject *parent);
    ~MapMaker() override;

    EncoderFollower &follower() { return m_follower; }
    void setSamples(int64_t samples);
    void setKind(MapKind kind);
    MapKind kind() const { return m_kind; }
    /// Whether maps also say how far each sample's two views are apart, which takes three times the encoder.
    void setApart(bool wanted);
    /// Of a run beside another: the first map of a kind begins where the other's points lie. Empty: by itself.
    void setBasis(std::function<KeptMap()> basis) { m_basis = std::move(basis); }
    /// Lays the map out from the start, not from where the one before stood.
    void startAnew();
    /// Held-out samples that a map will have.
    int64_t samples() const;
    /// All embeddings of the newest map, [n, D]; null before.
    const Matrix *embeddings() const { return m_embeddings.get(); }
    std::shared_ptr<const Matrix> sharedEmbeddings() const { return m_embeddings; }
    const EmbeddingMap *newest() const { return m_newest.map.get(); }

signals:
    void moved(const pretext::KeptMap &map); // on its way
    void made(const pretext::KeptMap &map);

private:
    struct Made
    {
        KeptMap kept; // null where it was given up
        std::shared_ptr<const Matrix> embeddings;
        double layout = 0; // seconds of processor time, which keep to a share of their own
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
        bool waitedFor;                           // somebody looks back at the step
    };
    static Made make(const Wish &wish, Progressing &progress, MapPace &pace);
    static std::shared_ptr<const Matrix> embeddingsOf(const Wish &wish, Progressing &progress);
    static std::shared_ptr<EmbeddingMap> layOut(const Wish &wish, const Matrix &embeddings, std::shared_ptr<EmbeddingMap> map, KeptMap kept,
                                                Progressing &progress, MapPace &pace);

    EncoderFollower::Work prepare(std::shared_ptr<const EncoderCopy> copy, std::shared_ptr<const Dataset> dataset);
    void clear();

    /// What of the job's newest weights is kept while an older step is shown.
    struct OfNow
    {
        std::map<MapKind, KeptMap> before;
        std::shared_ptr<const Matrix> embeddings;
        int64_t embeddingsOf = -1;
    };
    void keepNow();
    void comeBack();

    Run &m_run;
    int64_t m_most = kMostSamples;
    MapKind m_kind;
    bool m_apart = false;
    std::function<KeptMap()> m_basis;
    std::shared_ptr<MapPace> m_pace;     // of the map that was begun last
    KeptMap m_newest;                    // of the kind that is shown
    std::map<MapKind, KeptMap> m_before; // of each kind
    std::shared_ptr<const Matrix> m_embeddings;
    int64_t m_embeddingsOf = -1; // the step
    OfNow m_ofNow;
    quint64 m_begun = 0; // maps
    EncoderFollower m_follower;
};

} // namespace pretext
