// How many threads to compute on, and why; and the team that the calling thread computes with.
#pragma once

#include <optional>
#include <string>

namespace pretext {

struct ThreadChoice
{
    int count = 1;
    std::string reason; // in a few words: "all cores", "the processor quota is 1.5 of 8 cores"
};

/// The least of what is asked for (0: any number), the cores this process may run on, and the processors' time its control groups give it, rounded up.
ThreadChoice chooseThreads(int asked);
/// `machine`: its cores, where the process may not run on all of them.
ThreadChoice chooseThreads(int asked, int cores, std::optional<double> quota, int machine = 0);
/// Every limit in sentences, and which of them decides.
std::string explainedThreads(int asked);
std::string explainedThreads(int asked, int cores, std::optional<double> quota, int machine);

/// Of the teams that the calling thread makes: how many threads each has.
int threads();
void setThreads(int count); // 0: as chooseThreads(0) says
/// So many for as long as it lives, and then as many as before: 1 beside a trainer, since two teams would wait for each other's cores.
class ThreadBudget
{
public:
    explicit ThreadBudget(int count) : m_before(threads()) { setThreads(count); }
    ~ThreadBudget() { setThreads(m_before); }
    ThreadBudget(const ThreadBudget &) = delete;
    ThreadBudget &operator=(const ThreadBudget &) = delete;

private:
    int m_before;
};

} // namespace pretext
