#include "core/bench/row.h"

#include "core/backend/backend.h"
#include "core/knobs/knob.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace pretext::bench {

#define BENCH_FAMILY(name) std::vector<Row> name##Rows();
#include "core/bench/families.def"
#undef BENCH_FAMILY

std::vector<double> SteppedWork::steps(int count)
{
    std::vector<double> milliseconds;
    for (int i = 0; i < count; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        step();
        if (const auto synchronize = backend(DeviceScope::current()).synchronize)
            synchronize();
        milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    return milliseconds;
}

const std::vector<Row> &rows()
{
    static const std::vector<Row> all = [] {
        std::vector<Row> list;
        const auto add = [&](const std::vector<Row> &family) { list.insert(list.end(), family.begin(), family.end()); };
#define BENCH_FAMILY(name) add(name##Rows());
#include "core/bench/families.def"
#undef BENCH_FAMILY
        return list;
    }();
    return all;
}

const Row &rowNamed(const std::string &name)
{
    const std::vector<Row> &all = rows();
    const auto found = std::find_if(all.begin(), all.end(), [&](const Row &row) { return row.name == name; });
    if (found != all.end())
        return *found;
    std::vector<std::string> names;
    for (const Row &row : all)
        names.push_back(row.name);
    const std::string nearest = nearestName(name, names);
    throw std::invalid_argument("[bench] there is no row '" + name + "'" + (nearest.empty() ? "; --list names them" : "; did you mean " + nearest + "?"));
}

} // namespace pretext::bench
