// Two trainers in lock-step: a gate that lets each take a step before the other takes its next. Who is paused, has ended, failed or is gone does not
// hold the others up, and whoever was told to go on is waited for. A trainer alone has no gate.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace pretext {

class Turns
{
public:
    explicit Turns(int places) : m_seats(size_t(places)) {}

    /// Those in the places are about to be told to go on: nobody takes a step until each of them plays, rests again or is gone. Where all others rest,
    /// they begin together, and counts of steps with them.
    void expect(const std::vector<int> &places);
    /// All come to one count of steps, that of whoever has taken or is taking the most, and rest there, until they are told to go on.
    void endRound();

private:
    friend class Turn;
    enum class Seat { gone, rests, comes, plays };
    struct Seated
    {
        Seat seat = Seat::gone;
        int64_t taken = 0; // steps, since all began together
    };
    bool mayStep(int place) const;
    bool isOver(int place) const;
    int64_t mostTaken() const; // of those that play

    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::vector<Seated> m_seats;
    int m_stepping = -1;           // the place whose turn it is
    std::optional<int64_t> m_last; // the count of steps at which all rest
    int64_t m_lookedAt = -1;       // the count of steps at which the first of a round made a snapshot
};

/// A trainer's place at the gate, for as long as it lives. On the trainer's thread alone.
class Turn
{
public:
    Turn(std::shared_ptr<Turns> turns, int place);
    ~Turn();
    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;

    void play(); // it wants to take steps
    void rest(); // it does not, and gives up the turn where it has it
    /// Waits for the turn, which it then has until pass() or rest(), or for the round to be over. False: asked to stop meanwhile.
    bool wait(std::stop_token stop);
    bool isMine() const;
    /// The round was ended, and this one has taken its last step: it is to rest.
    bool isOver() const;
    void pass(); // after a step
    /// The round was ended, and this one is yet to take a step of it.
    bool owes() const;
    /// Whether to make a snapshot of the step just taken: the first of a round decides by whether one is `due`, the others do as it did, so that
    /// snapshots are of the same step.
    bool looks(bool due);

private:
    std::shared_ptr<Turns> m_turns;
    int m_place;
};

} // namespace pretext
