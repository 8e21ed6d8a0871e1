// Runs' folders, made without training: as many as a test or a benchmark wants, each with knobs, curve, events and a file in place of a checkpoint.
#pragma once

#include "core/data/dataset.h"
#include "core/engine/config.h"
#include "core/engine/rowfile.h"

#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace pretext::test {

class RunMaker
{
public:
    RunMaker()
    {
        const auto data = openDataset("shapes");
        for (const char *method : kMethods)
            m_configs.push_back(toJson(makeConfig(method, "convnet", "shapes", data->info())));
    }

    /// The same number makes the same run: method, temperature, learning rate, seed, steps and scores are functions of it.
    void make(const std::filesystem::path &run, int number) const
    {
        namespace fs = std::filesystem;
        fs::create_directories(run / "checkpoints");
        nlohmann::json config = m_configs[size_t(number) % m_configs.size()];
        const int steps = 100 + number % 7 * 100;
        config["seed"] = number;
        config["steps"] = steps;
        config["knobs"]["learning_rate"] = 0.001 * (1 + number % 9);
        if (config["knobs"].contains("temperature"))
            config["knobs"]["temperature"] = 0.05 * (1 + number % 10);
        if (number % 5 == 4)
            config["parent"] = {{"run", (run.parent_path() / "run-0").string()}, {"step", 50}};
        write(run / "config.json", config.dump(2) + "\n");
        std::string rows = "step,seconds,loss/total,gradient/norm,evaluation/knn,evaluation/probe,health/effective_rank\n";
        for (int step = 10; step <= steps; step += 10) {
            const double loss = 6 - 4.0 * step / (step + 100 + number % 13);
            rows += std::to_string(step) + "," + numberText(step * 0.05) + "," + numberText(loss) + ",1.5,";
            rows += step % 50 == 0 ? numberText(knnOf(number)) + "," + numberText(knnOf(number) + 0.02) + ",12.5\n" : ",,\n";
        }
        write(run / "metrics.csv", rows);
        write(run / "events.jsonl", R"({"kind":"checkpoint","name":"step-00000000.safetensors","step":0})" + std::string("\n") + R"({"kind":"end","step":)"
                                        + std::to_string(steps) + (number % 11 == 10 ? R"(,"message":"stopped")" : "") + "}\n");
        write(run / "checkpoints" / "step-00000000.safetensors", std::string(1000 + size_t(number) % 100, 'x'));
    }

    /// Of its last look.
    static double knnOf(int number) { return 0.4 + 0.5 * (number * 37 % 100) / 100; }
    static const char *methodOf(int number) { return kMethods[size_t(number) % kMethods.size()]; }

    static void write(const std::filesystem::path &path, const std::string &text) { std::ofstream(path, std::ios::binary) << text; }

private:
    static constexpr std::array kMethods{"simclr", "byol", "vicreg"};
    std::vector<nlohmann::json> m_configs;
};

} // namespace pretext::test
