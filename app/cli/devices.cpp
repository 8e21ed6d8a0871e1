// `pretext devices`: what can compute here, and what was looked for and not found.
#include "app/cli/cli.h"
#include "app/cli/table.h"

#include "core/backend/backend.h"
#include "core/files/messagetext.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>

namespace pretext {

namespace {

void printDevices()
{
    std::vector<std::vector<std::string>> rows{{"device", "model", "memory", "free", "layers", "products by"}};
    std::string notThere;
    for (const Device device : {Device::cpu, Device::cuda}) {
        if (!available(device)) {
            notThere = missing(device);
            continue;
        }
        const DeviceInfo info = backend(device).information();
        rows.push_back({nameOf(device), info.name, gigabytes(double(info.bytes)), gigabytes(double(info.freeBytes)), nameOf(backend(device).fasterPrecision),
                        info.products});
    }
    printTable(std::cout, rows);
    if (!notThere.empty())
        printWrapped(std::cout, "cuda: none; " + notThere, 2);
    std::cout << "--device auto takes " << nameOf(deviceNamed("auto")) << std::endl;
}

void printDevicesJson()
{
    nlohmann::json json{{"auto", nameOf(deviceNamed("auto"))}, {"devices", nlohmann::json::array()}};
    for (const Device device : {Device::cpu, Device::cuda}) {
        nlohmann::json entry{{"name", nameOf(device)}, {"available", available(device)}};
        if (!available(device)) {
            entry["missing"] = missing(device);
        } else {
            const DeviceInfo info = backend(device).information();
            entry.update({{"model", info.name},
                          {"bytes", info.bytes},
                          {"free_bytes", info.freeBytes},
                          {"precision", nameOf(backend(device).fasterPrecision)},
                          {"products", info.products},
                          {"choices", nlohmann::json::parse(backend(device).choices())}});
        }
        json["devices"].push_back(entry);
    }
    std::cout << json.dump(2) << std::endl;
}

} // namespace

CommandAction devicesCommand(CLI::App &command)
{
    auto json = std::make_shared<bool>(false);
    command.add_flag("--json", *json, "As JSON (default: a table)");
    command.footer("Examples:\n  pretext devices\n  pretext devices --json");
    return [json] {
        *json ? printDevicesJson() : printDevices();
        return 0;
    };
}

} // namespace pretext
