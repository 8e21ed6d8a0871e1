#include "widgets/metrics/overlaidrun.h"

#include "core/engine/runfolder.h"

#include <algorithm>
#include <map>

namespace pretext {

std::shared_ptr<OverlaidRun> readRun(const std::filesystem::path &folder)
{
    auto run = std::make_shared<OverlaidRun>();
    run->name = QString::fromStdString(folder.filename().string());
    run->config = loadConfig(folder / "config.json", Contradictions::settle);
    const MetricsTable table = readMetrics(folder / "metrics.csv");
    for (const auto &cells : table.rows) {
        ScalarRow row{static_cast<int64_t>(cells[0]), cells[1], {}};
        for (size_t i = 2; i < cells.size(); ++i)
            row.values.emplace_back(table.columns[i], cells[i]);
        run->history.append(row);
    }
    return run;
}

std::vector<KnobDifference> differences(const std::vector<const RunConfig *> &configs)
{
    std::vector<QString> order;
    std::map<QString, std::vector<QString>> table;
    const auto put = [&](size_t run, const QString &name, const std::string &value) {
        auto &values = table[name];
        if (values.empty()) {
            order.push_back(name);
            values.resize(configs.size());
        }
        values[run] = QString::fromStdString(value);
    };
    for (size_t i = 0; i < configs.size(); ++i) {
        const RunConfig &config = *configs[i];
        put(i, "data", config.dataset);
        put(i, "method", config.method);
        put(i, "encoder", config.encoder);
        put(i, "batch", std::to_string(config.batch));
        put(i, "seed", std::to_string(config.seed));
        for (const Knob &knob : config.knobs.declarations())
            put(i, QString::fromStdString(knob.name), toText(config.knobs.value(knob.name)));
    }
    std::vector<KnobDifference> result;
    for (const QString &name : order)
        if (std::adjacent_find(table[name].begin(), table[name].end(), std::not_equal_to<>()) != table[name].end())
            result.push_back({name, table[name]});
    return result;
}

} // namespace pretext
