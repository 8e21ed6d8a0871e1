// `pretext bench`: the project's own benchmarks, beside PyTorch where it is there.
#include "app/cli/cli.h"
#include "app/cli/numberoption.h"
#include "app/cli/table.h"
#include "app/uibench/uibench.h"

#include "core/backend/backend.h"
#include "core/bench/comparison.h"
#include "core/bench/contestant.h"
#include "core/bench/peak.h"
#include "core/system/threads.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>

#include <unistd.h>

namespace pretext {

namespace fs = std::filesystem;

namespace {

struct BenchArguments
{
    std::vector<std::string> rows;
    std::optional<std::string> against;
    std::string serve, precision = "auto", device = "cpu";
    int rounds = 5, threads = 0, frames = 100;
    bool list = false, json = false, ui = false;
};

using bench::Comparison;
using bench::Peak;
using bench::Row;
using bench::Side;

std::vector<Row> chosenRows(const BenchArguments &arguments)
{
    if (arguments.rows.empty())
        return bench::rows();
    std::vector<Row> chosen;
    for (const std::string &name : arguments.rows)
        chosen.push_back(fromCommandLine([&] { return bench::rowNamed(name); }));
    return chosen;
}

/// The PyTorch side of a source tree: where this is run, or where the program was built.
std::string scriptInSight()
{
    std::error_code none;
    const fs::path script = fs::path("tests") / "bench" / "pytorch.py";
    for (const fs::path &root : {fs::current_path(none), fs::read_symlink("/proc/self/exe", none).parent_path().parent_path()})
        if (fs::exists(root / script, none))
            return "/usr/bin/python3 '" + (root / script).string() + "'";
    return {};
}

std::string number(const char *format, double value)
{
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string milliseconds(double value)
{
    return number(value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
}

double gflops(const Row &row, double time)
{
    return time > 0 ? row.flop / time / 1e6 : 0;
}

/// `peak` is the processor's: a card's rate is held against none.
std::vector<std::string> tableRow(const Row &row, const Comparison &result, const Peak &peak, bool onProcessor, bool against)
{
    const Side &ours = result.ours;
    const double rate = gflops(row, ours.median);
    std::vector<std::string> cells{row.name,
                                   milliseconds(ours.median),
                                   rate > 0 ? number("%.0f", rate) : "",
                                   rate > 0 && onProcessor ? number("%.0f %%", 100 * rate / peak.gflops) : "",
                                   number("%.0f", ours.peakBytes / 1e6),
                                   number("%.1f", ours.secondsToReady)};
    if (!against)
        return cells;
    for (const Side &side : result.others)
        cells.push_back(side.median > 0 ? milliseconds(side.median) : "-");
    const Side *best = result.best();
    cells.push_back(best ? number("%.2f", best->median / ours.median) : "-");
    cells.push_back(best ? number("%.0f", best->peakBytes / 1e6) : "-");
    cells.push_back(best ? number("%.1f", best->secondsToReady) : "-");
    return cells;
}

nlohmann::json jsonOfSide(const Row &row, const Side &side)
{
    if (!side.failure.empty())
        return {{"name", side.name}, {"failure", side.failure}};
    nlohmann::json json{{"name", side.name}, {"ms", side.median}, {"times_ms", side.times}, {"peak_bytes", side.peakBytes}, {"ready_s", side.secondsToReady}};
    if (row.flop > 0)
        json["gflops"] = gflops(row, side.median);
    return json;
}

nlohmann::json jsonOfRow(const Row &row, const Comparison &result, const Peak &peak)
{
    nlohmann::json json{{"row", row.name}, {"help", row.help}, {"pretext", jsonOfSide(row, result.ours)}};
    if (row.flop > 0) {
        json["gflop"] = row.flop / 1e9;
        json["share_of_peak"] = gflops(row, result.ours.median) / peak.gflops;
    }
    for (const Side &side : result.others)
        json["others"].push_back(jsonOfSide(row, side));
    if (const Side *best = result.best())
        json["ratio"] = best->median / result.ours.median;
    return json;
}

void listRows()
{
    std::vector<std::vector<std::string>> lines{{"row", "GFLOP", "what a step is"}};
    for (const Row &row : bench::rows())
        lines.push_back({row.name, row.flop > 0 ? number("%.1f", row.flop / 1e9) : "", row.help});
    printTable(std::cout, lines);
}

/// Why the other side has no times, each reason once: what is behind the command that failed, which names the row.
void tellFailures(const Comparison &result, std::string &told)
{
    for (const Side &side : result.others)
        if (const std::string reason = side.failure.substr(side.failure.rfind("; ") + 1); !side.failure.empty() && reason != told) {
            std::cerr << side.failure << std::endl;
            told = reason;
        }
}

int compareRows(const BenchArguments &arguments)
{
    const std::vector<Row> chosen = chosenRows(arguments);
    setThreads(chooseThreads(arguments.threads).count);
    const Peak peak = bench::measurePeak(threads());
    const bool onProcessor = DeviceScope::current() == Device::cpu;
    std::string others = arguments.against ? (*arguments.against == "none" ? "" : *arguments.against) : scriptInSight();
    const std::string device = std::string(" --device ") + nameOf(DeviceScope::current());
    if (!others.empty() && !onProcessor)
        others += device;
    const std::string self = fs::read_symlink("/proc/self/exe").string();
    const char *precision = nameOf(precisionNamed(arguments.precision));
    const bench::Commands commands{"'" + self + "' bench --threads " + std::to_string(threads()) + " --precision " + precision + device + " --serve", others,
                                   threads()};
    if (!arguments.json)
        std::cout << "peak " << number("%.0f", peak.gflops) << " GFLOP/s (" << peak.instructions << " multiply-adds on " << threads() << " threads); "
                  << (onProcessor ? "" : backend(DeviceScope::current()).information().name + ": ")
                  << "times are medians of a step; models and attention are in " << precision
                  << (others.empty() ? "; without PyTorch, whose side is tests/bench/pytorch.py of the source tree" : "") << std::endl;

    nlohmann::json json{{"peak_gflops", peak.gflops}, {"instructions", peak.instructions}, {"device", nameOf(DeviceScope::current())}, {"threads", threads()},
                        {"precision", precision},     {"rows", nlohmann::json::array()}};
    std::vector<std::string> heading{"row", "ms", "GFLOP/s", "of peak", "MB", "start s"};
    if (!others.empty())
        heading.insert(heading.end(), {"PyTorch f32", "bf16", "ratio", "its MB", "its start s"});
    std::vector<std::vector<std::string>> lines{heading};
    std::string told;
    for (const Row &row : chosen) {
        if (isatty(STDERR_FILENO))
            std::cerr << "\r\033[K" << row.name << std::flush;
        const Comparison result = bench::compare(row, commands, arguments.rounds);
        tellFailures(result, told);
        lines.push_back(tableRow(row, result, peak, onProcessor, !others.empty()));
        json["rows"].push_back(jsonOfRow(row, result, peak));
    }
    if (isatty(STDERR_FILENO))
        std::cerr << "\r\033[K" << std::flush;
    if (arguments.json)
        std::cout << json.dump(2) << std::endl;
    else
        printTable(std::cout, lines);
    return 0;
}

int benchRun(const BenchArguments &arguments)
{
    if (arguments.precision != "auto" && arguments.precision != "f32" && arguments.precision != "bf16" && arguments.precision != "tf32")
        throw UsageError("--precision " + arguments.precision + ": auto, f32, bf16 or tf32");
    if (arguments.ui)
        return benchUi({arguments.frames, arguments.json, arguments.rows});
    if (arguments.list) {
        listRows();
        return 0;
    }
    Device device = Device::cpu;
    fromCommandLine([&] { device = deviceNamed(arguments.device); });
    const DeviceScope scope(device);
    if (arguments.serve.empty())
        return compareRows(arguments);
    Row row = fromCommandLine([&] { return bench::rowNamed(arguments.serve); });
    setThreads(chooseThreads(arguments.threads).count);
    row.precision = precisionNamed(arguments.precision);
    bench::serve(row, std::cin, std::cout, std::cerr);
    return 0;
}

} // namespace

CommandAction benchCommand(CLI::App &command)
{
    auto a = std::make_shared<BenchArguments>();
    CLI::Option *row = command.add_option("--row", a->rows, "This row alone, or with --ui this panel; may be given again and again (default: all)")
                           ->type_name("NAME")
                           ->expected(1)
                           ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    CLI::Option *list = command.add_flag("--list", a->list, "Name the rows, and what a step of each is");
    CLI::Option *rounds = addNumber(command, "--rounds", a->rounds, "Turns that each side takes (default 5)", 1, 1000000);
    CLI::Option *threads = addNumber(command, "--threads", a->threads, "0 .. 1024; 0 means all cores (default 0)", 0, 1024);
    CLI::Option *precision =
        command
            .add_option("--precision", a->precision,
                        "auto, f32, bf16 or, on a card, tf32: of models and attention (default auto: bf16 where the device is faster by it)")
            ->type_name("NAME");
    CLI::Option *device = command.add_option("--device", a->device, "cpu, cuda or auto: of both sides (default cpu)")->type_name("NAME");
    CLI::Option *against =
        command
            .add_option("--against", a->against, "The other side's command, or none (default: tests/bench/pytorch.py of the source tree, where it is in sight)")
            ->type_name("COMMAND");
    CLI::Option *json = command.add_flag("--json", a->json, "As JSON, with every step's time (default: a table)");
    CLI::Option *ui = command.add_flag(
        "--ui", a->ui, "Instead, every panel of the window with the largest snapshots: milliseconds of a frame; status 1 where one takes longer than 33");
    CLI::Option *frames = addNumber(command, "--frames", a->frames, "Frames of each kind with --ui (default 100)", 1, 1000000);
    CLI::Option *serve =
        command.add_option("--serve", a->serve, "Be one side: build the row, say 'ready', and for each line N take N steps and say their milliseconds")
            ->type_name("NAME");
    frames->needs(ui);
    for (CLI::Option *other : {row, rounds, threads, precision, device, against, json, ui})
        list->excludes(other);
    for (CLI::Option *other : {rounds, threads, precision, device, against})
        ui->excludes(other);
    for (CLI::Option *other : {row, list, rounds, against, json, ui})
        serve->excludes(other);
    command.footer("Both sides build the same row and take turns, each in a process of its own. 'of peak' is the share of the multiply-adds that the cores\n"
                   "can do at most in f32, measured before; operations are counted by the direct algorithm, so Winograd's and bf16 may pass 100 %. 'start s' "
                   "is from the start of the process to the end of\n"
                   "its second step, 'MB' its largest resident memory.\n"
                   "Examples:\n"
                   "  pretext bench\n"
                   "  pretext bench --row simclr-32 --row views --rounds 10\n"
                   "  pretext bench --device cuda --row simclr-32\n"
                   "  pretext bench --ui\n"
                   "  pretext bench --against none --json > ours.json\n"
                   "  pretext bench --against 'python3 tests/bench/pytorch.py' --row mlm-256");
    return [a] { return benchRun(*a); };
}

} // namespace pretext
