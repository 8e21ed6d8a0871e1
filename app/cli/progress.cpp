#include "app/cli/progress.h"

#include "app/cli/stopsignals.h"
#include "app/cli/table.h"

#include "core/data/counted.h"
#include "core/engine/profile.h"
#include "core/files/messagetext.h"
#include "core/files/shownpath.h"
#include "core/system/describe.h"
#include "widgets/runs/runsweep.h"
#include "widgets/runs/userruns.h"

#include <cmath>
#include <cstdio>
#include <future>
#include <iostream>
#include <optional>

#include <sys/ioctl.h>
#include <unistd.h>

namespace pretext {

namespace {

constexpr auto kPoll = std::chrono::milliseconds(100);
constexpr double kLineSeconds = 30; // plain lines: at least this often, or every twentieth of the run
constexpr int kBarWidth = 24;

std::string format(const char *pattern, auto... values)
{
    char text[256];
    std::snprintf(text, sizeof text, pattern, values...);
    return text;
}

std::string duration(double seconds)
{
    const long whole = std::lround(seconds);
    return whole >= 3600 ? format("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60) : format("%ld:%02ld", whole / 60, whole % 60);
}

class Teller
{
public:
    explicit Teller(Lanes &lanes) : m_lanes(lanes), m_terminal(isatty(STDOUT_FILENO)) {}

    void tell()
    {
        const Log::Drained news = m_lanes.log.drain();
        for (const Event &event : news.events)
            if (!event.message.empty() && event.kind != "fault" && event.kind != "end") // those end the program, which says so itself
                line("step " + std::to_string(event.step) + ": " + event.message);
        if (!news.rows.empty())
            m_row = news.rows.back();
        const Status status = m_lanes.status.latest();
        if (status.state == TrainerState::starting && !status.activity.empty())
            return activity(status);
        if (m_row.values.empty() || status.plannedSteps == 0)
            return;
        m_terminal ? bar(status) : plain(status);
    }

    void clearBar()
    {
        if (m_terminal && m_barShown)
            std::cout << "\r\033[K" << std::flush;
        m_barShown = false;
    }

    const ScalarRow &row() const { return m_row; }

private:
    void line(const std::string &text)
    {
        clearBar();
        std::cout << text << std::endl;
    }

    /// What the run does before its first step.
    void activity(const Status &status)
    {
        const int percent = static_cast<int>(100 * status.activityShare);
        if (m_terminal) {
            std::cout << "\r" << status.activity << ' ' << percent << " %\033[K" << std::flush;
            m_barShown = true;
        } else if (status.activity != m_activity) {
            std::cout << status.activity << std::endl;
        }
        m_activity = status.activity;
    }

    std::string figures(const Status &status) const
    {
        const double left = double(status.plannedSteps - m_row.step) * status.timings.total / 1000;
        return format("%lld/%lld  loss %.4f  %.0f samples/s  %s left", static_cast<long long>(m_row.step), static_cast<long long>(status.plannedSteps),
                      m_row.values.front().second, status.timings.samplesPerSecond, duration(left).c_str());
    }

    void bar(const Status &status)
    {
        const int full = static_cast<int>(kBarWidth * m_row.step / status.plannedSteps);
        std::string text = "[" + std::string(full, '#') + std::string(kBarWidth - full, '.') + "] " + figures(status);
        winsize size{};
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
            text = text.substr(0, size.ws_col - 1); // a line that wraps cannot be taken back
        std::cout << "\r" << text << "\033[K" << std::flush;
        m_barShown = true;
    }

    void plain(const Status &status)
    {
        const auto now = std::chrono::steady_clock::now();
        const int64_t twentieth = 20 * m_row.step / status.plannedSteps;
        if (twentieth == m_twentieth && std::chrono::duration<double>(now - m_lastLine).count() < kLineSeconds)
            return;
        m_twentieth = twentieth;
        m_lastLine = now;
        std::cout << "step " << figures(status) << std::endl;
    }

    Lanes &m_lanes;
    bool m_terminal, m_barShown = false;
    ScalarRow m_row{};
    std::string m_activity;
    int64_t m_twentieth = -1;
    std::chrono::steady_clock::time_point m_lastLine;
};

/// Where the time went. Operations below a thousandth of a step are many, and no use.
void tellProfile(const Profile &profile)
{
    constexpr double kLeastShare = 0.001;
    if (profile.steps == 0)
        return;
    printTable(std::cout, profileTable(profile, kLeastShare));
    std::cout << format("a batch took %.2f ms to make, beside the steps", profile.batchMilliseconds / double(profile.steps)) << std::endl;
    if (!profile.trace.empty())
        std::cout << "trace " << profile.trace.string() << ", of " << profile.tracedSteps << " steps; open it in Perfetto or chrome://tracing" << std::endl;
}

} // namespace

std::string tryToList(const std::filesystem::path &run)
{
    try {
        if (const std::optional<RunStore> store = userRunsIfAny())
            recordRun(*store, run);
        return {};
    } catch (const std::exception &error) {
        return oneLine(describe(error));
    }
}

int trainAndTell(const TrainerOptions &options, Lanes &lanes)
{
    const StopSignals interrupt;
    std::stop_source stop;
    const auto trained = std::async(std::launch::async, [&] { runTrainer(options, lanes, stop.get_token(), false); });
    Teller teller(lanes);
    bool listed = false;
    while (trained.wait_for(kPoll) != std::future_status::ready) {
        if (interrupt.asked())
            stop.request_stop();
        teller.tell();
        if (!listed && lanes.status.latest().state == TrainerState::playing) // its folder is there
            listed = tryToList(options.out).empty();
    }
    teller.tell();
    teller.clearBar();
    if (std::error_code none; std::filesystem::exists(options.out / "config.json", none))
        if (const std::string why = tryToList(options.out); !why.empty())
            std::cout << "the run is not in the list of pretext runs: " << why << std::endl;
    const Status status = lanes.status.latest();
    if (status.state == TrainerState::failed)
        throw std::runtime_error(status.failure);
    if (status.profile)
        tellProfile(*status.profile);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - options.begun).count();
    if (status.step < status.plannedSteps)
        std::cout << "stopped at step " << status.step << " of " << status.plannedSteps << "; go on with: pretext train --resume --out " << options.out.string()
                  << std::endl;
    else
        std::cout << "trained " << counted(status.step, "step") << " in " << duration(seconds) << "; see " << shownPath(options.out) << std::endl;
    return 0;
}

} // namespace pretext
