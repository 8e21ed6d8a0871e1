#include "core/ssl/datakinds.h"

#include "core/files/said.h"
#include "core/ssl/method.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

DataKind imageKind(const std::string &title, const std::string &name, ImageShape shape, const std::vector<std::string> &classes)
{
    DatasetInfo info;
    info.name = name;
    info.image = shape;
    info.columns = {{"label", classes}};
    return {title, info};
}

DataKind clipKind(const std::string &name, ImageShape shape, const std::vector<std::string> &classes)
{
    DataKind kind = imageKind(name, name, shape, classes);
    kind.info.frames = true;
    return kind;
}

const std::vector<std::string> kDigits{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

std::vector<DataKind> imageKinds()
{
    return {imageKind("fashion-mnist", "fashion-mnist", {28, 28, 1}, {"shirt"}),
            imageKind("shapes", "shapes", {32, 32, 3}, {"circle"}),
            clipKind("moving-shapes", {32, 32, 3}, {"circle"}),
            imageKind(PRETEXT_SAID("colour images"), "", {32, 32, 3}, {"cat"}),
            imageKind(PRETEXT_SAID("grey images"), "", {32, 32, 1}, {"cat"}),
            imageKind(PRETEXT_SAID("colour images of digits or letters"), "", {32, 32, 3}, kDigits),
            imageKind(PRETEXT_SAID("grey images of digits or letters"), "", {28, 28, 1}, kDigits)};
}

} // namespace

std::vector<DataKind> dataKinds(const MethodType &method)
{
    std::vector<DataKind> all;
    for (const Modality modality : kindsOf(method)) {
        DatasetInfo other; // of which recipes know one kind
        other.modality = modality;
        for (DataKind &kind : modality == Modality::image ? imageKinds() : std::vector<DataKind>{{toText(modality), other}})
            all.push_back(std::move(kind));
    }
    return all;
}

bool learnsFrom(const MethodType &method, const DatasetInfo &data)
{
    if (!trainsOn(method, data.modality))
        return false;
    try {
        requireLearnable(method, data);
        return true;
    } catch (const std::invalid_argument &) {
        return false;
    }
}

std::string firstDataFor(const MethodType &method)
{
    const std::vector<DataKind> kinds = dataKinds(method);
    for (const DatasetType &type : datasetTypes()) {
        const auto known = std::ranges::find(kinds, type.name, [](const DataKind &kind) { return kind.info.name; });
        DatasetInfo info; // of texts no more is known, and no more is asked
        info.modality = type.modality;
        if (type.available() && learnsFrom(method, known == kinds.end() ? info : known->info))
            return type.name;
    }
    return {};
}

} // namespace pretext
