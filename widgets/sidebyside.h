// Two runs side by side: they take their steps in turn, play, pause and step together, and a knob that is linked is turned in both. Panels stand twice,
// and what they draw of both can be of one step.
#pragma once

#include "core/engine/turns.h"
#include "widgets/run.h"

#include <QObject>

#include <array>
#include <deque>
#include <functional>
#include <set>

namespace pretext {

class Request;

class SideBySide : public QObject
{
    Q_OBJECT
public:
    SideBySide(Request *left, Request *right, QObject *parent);
    ~SideBySide() override; // each goes on alone

    Run *left() const;
    Run *right() const;
    Request *request(const Run *run) const;

    // What is asked of one is done by both.
    bool plays() const;
    void play();
    void pause();
    void stepOnce();
    void rewind();
    void extend(qint64 steps, ScheduleChange change);
    bool rests() const;     // neither takes a step
    bool isPausing() const; // was asked to, and one still takes the step under way
    /// Pauses both, and returns once they do, at one step: before one is stopped, and then the other.
    void settle();

    /// Whether a change goes to both; knobs that were other when they came together are not linked, and those that need a restart never.
    bool isLinked(const std::string &knob) const;
    /// Whether both have it, and can change it while they train.
    bool canLink(const std::string &knob) const;
    /// A knob linked again has the left run's value in both.
    void setLinked(const std::string &knob, bool linked);
    /// Knobs that both can change, and are not linked.
    std::vector<std::string> apart() const;
    bool allLinked() const;
    void linkAll(bool linked);

    /// What the run differs in: "temperature 0.1"; where they are the same, which side it is.
    QString title(const Run *run) const;
    /// Its folder's name, and what it differs in.
    QString name(const Run *run) const;
    /// The step at which the right run was forked from the left one; none: it was not.
    std::optional<int64_t> parting() const;

    /// The newest snapshots of both that are of one step and one batch; null where there are none.
    struct Both
    {
        SnapshotPtr left, right;
    };
    const Both &both() const { return m_both; }
    /// Why there are none, as a sentence.
    QString whyNotBoth() const;

signals:
    void linksChanged();
    void titlesChanged();
    void bothReady();
    void goBackRequested(qint64 step); // of the left run, to where the right one was forked from it

private:
    static constexpr size_t kKept = 4; // snapshots of each
    QString difference(const Run *run) const;
    std::vector<int> able() const;
    bool starts() const;
    void go(const Command &command);
    void follow(int side);
    void statusChanged();
    void keep(int side);
    void lookBack();
    void linkWhatIsEqual();

    std::array<Request *, 2> m_requests;
    std::shared_ptr<Turns> m_turns;
    std::set<std::string> m_apart; // knobs that are not linked
    std::function<void()> m_atRest;
    bool m_playWhenReady = false;
    std::array<std::deque<SnapshotPtr>, 2> m_snapshots;
    Both m_both;
};

} // namespace pretext
