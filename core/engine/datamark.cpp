#include "core/engine/datamark.h"

#include "core/data/dataset.h"
#include "core/files/json.h"
#include "core/files/messagetext.h"
#include "core/files/said.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

constexpr size_t kClassesKept = 1000;

void addPart(std::string &line, const std::string &part)
{
    line += (line.empty() ? "" : "; ") + part;
}

/// The first of `names` that `others` has not, and how many such there are.
std::pair<std::string, size_t> missingOf(const std::vector<std::string> &names, const std::vector<std::string> &others)
{
    std::vector<std::string> missing;
    for (const std::string &name : names)
        if (std::find(others.begin(), others.end(), name) == others.end())
            missing.push_back(name);
    return {missing.empty() ? std::string() : shortened(missing.front()), missing.size()};
}

void addCounts(std::string &line, const DataMark &before, const DataMark &now)
{
    if (before.train != now.train)
        addPart(line, now.train == 1 ? said("%1 sample to train on instead of %2", {now.train, before.train})
                                     : said("%1 samples to train on instead of %2", {now.train, before.train}));
    if (before.test != now.test)
        addPart(line, now.test == 1 ? said("%1 sample held out instead of %2", {now.test, before.test})
                                    : said("%1 samples held out instead of %2", {now.test, before.test}));
}

void addClasses(std::string &line, const DataMark &before, const DataMark &now)
{
    if (const auto [name, count] = missingOf(before.classes, now.classes); count > 0)
        addPart(line, count == 1 ? said("the class '%1' is gone", {name}) : said("the class '%1' and %2 more are gone", {name, count - 1}));
    if (const auto [name, count] = missingOf(now.classes, before.classes); count > 0)
        addPart(line, count == 1 ? said("the class '%1' is new", {name}) : said("the class '%1' and %2 more are new", {name, count - 1}));
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
    addCounts(line, before, now);
    addClasses(line, before, now);
    if (line.empty())
        line = pretext::said("as many samples as before, but not the same");
    return line;
}

std::string tooFewFor(int64_t batch, const DataMark &now)
{
    if (batch <= now.train)
        return {};
    if (now.train == 1)
        return pretext::said("its batch of %1 does not fit the 1 sample that is left to train on: put the data back, or start a new run", {batch});
    return pretext::said("its batch of %1 does not fit the %2 samples that are left to train on: put the data back, or start a new run", {batch, now.train});
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
        throw std::invalid_argument(said("its field data: %1", {error.what()}));
    } catch (const nlohmann::json::exception &) {
        throw std::invalid_argument(said("its field data is %1; it must hold train, test, classes and content", {excerptOf(json)}));
    }
}

} // namespace pretext
