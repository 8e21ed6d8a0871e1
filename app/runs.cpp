#include "app/runs.h"

#include "widgets/runs/userruns.h"

namespace pretext {

namespace fs = std::filesystem;

fs::path runsRoot()
{
    return userRuns().runs();
}

fs::path newRunPath(const fs::path &root, const RunConfig &config, const QDateTime &now, const std::set<fs::path> &given)
{
    const std::string name = now.toString("yyyy-MM-dd-HHmmss").toStdString() + '-' + config.method;
    fs::path path = root / name;
    for (int i = 2; fs::exists(path) || given.contains(path); ++i)
        path = root / (name + '-' + std::to_string(i));
    return path;
}

} // namespace pretext
