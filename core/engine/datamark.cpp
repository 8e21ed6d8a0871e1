#include "core/engine/datamark.h"

#include "core/data/counted.h"
#include "core/data/dataset.h"
#include "core/files/json.h"
#include "core/files/messagetext.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace pretext {

namespace {

constexpr size_t kClassesKept = 1000;

void addPart(std::string &line, const std::string &part)
{
    line += (line.empty() ? "" : "; ") + part;
}

void addCount(std::string &line, int64_t before, int64_t now, const std::string &what)
{
    if (before != now)
        addPart(line, std::to_string(now) + (now == 1 ? " sample " : " samples ") + what + " instead of " + std::to_string(before));
}

/// The first of `names` that `others` has not, and how many more.
void addMissing(std::string &line, const std::vector<std::string> &names, const std::vector<std::string> &others, const char *what)
{
    std::vector<std::string> missing;
    for (const std::string &name : names)
        if (std::find(others.begin(), others.end(), name) == others.end())
            missing.push_back(name);
    if (!missing.empty())
        addPart(line, "the class '" + shortened(missing.front()) + "' "
                          + (missing.size() > 1 ? "and " + std::to_string(missing.size() - 1) + " more are " : "is ") + what);
}

} // namespace

DataMark markOf(const Dataset &dataset)
{
    DataMark mark{dataset.size(Split::train), dataset.size(Split::test), {}, dataset.fingerprint()};
    if (!dataset.info().columns.empty())
        mark.classes = dataset.info().columns.front().classes;
    mark.classes.resize(std::min(mark.classes.size(), kClassesKept));
    return mark;
}

std::string changeOf(const DataMark &before, const DataMark &now)
{
    std::string line;
    if (!before.known() || before == now)
        return line;
    addCount(line, before.train, now.train, "to train on");
    addCount(line, before.test, now.test, "held out");
    addMissing(line, before.classes, now.classes, "gone");
    addMissing(line, now.classes, before.classes, "new");
    if (line.empty())
        line = "as many samples as before, but not the same";
    return line;
}

std::string tooFewFor(int64_t batch, const DataMark &now)
{
    if (batch <= now.train)
        return {};
    return "its batch of " + std::to_string(batch) + " does not fit the " + counted(now.train, "sample that is", "samples that are")
           + " left to train on: put the data back, or start a new run";
}

nlohmann::json toJson(const DataMark &mark)
{
    return {{"train", mark.train}, {"test", mark.test}, {"classes", mark.classes}, {"content", mark.content}};
}

DataMark dataMarkFromJson(const nlohmann::json &json)
{
    try {
        constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
        return {wholeNumber(json.at("train"), 0, kMost), wholeNumber(json.at("test"), 0, kMost), json.at("classes").get<std::vector<std::string>>(),
                json.at("content").get<std::string>()};
    } catch (const std::invalid_argument &error) {
        throw std::invalid_argument(std::string("its field data: ") + error.what());
    } catch (const nlohmann::json::exception &) {
        throw std::invalid_argument("its field data is " + excerptOf(json) + "; it must hold train, test, classes and content");
    }
}

} // namespace pretext
