#include "core/ssl/method.h"

#include "core/data/modalitytype.h"
#include "core/files/said.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pretext {

#define METHOD(name) MethodType name##Method();
#include "core/files/said.h"
#include "core/ssl/methods.def"
#undef METHOD

bool trainsOn(const MethodType &method, Modality kind)
{
    return method.kinds.empty() ? modalityType(kind).views != nullptr : std::ranges::find(method.kinds, kind) != method.kinds.end();
}

std::vector<Modality> kindsOf(const MethodType &method)
{
    std::vector<Modality> kinds;
    for (size_t number = 0; number < modalityTypes().size(); ++number)
        if (trainsOn(method, Modality(number)))
            kinds.push_back(Modality(number));
    return kinds;
}

std::string kindsSaid(const MethodType &method)
{
    std::string list;
    for (const Modality kind : kindsOf(method))
        list += (list.empty() ? "" : ", ") + said(toText(kind));
    return list;
}

MakeBatchMaker makerOf(const MethodType &method, Modality kind)
{
    return method.maker ? method.maker : modalityType(kind).views;
}

bool suits(const MethodType &method, const EncoderType &encoder)
{
    if (!trainsOn(method, encoder.modality) || (method.patches && !encoder.patches))
        return false;
    return encoder.anySize || std::ranges::none_of(method.views(KnobSet(method.knobs({}))), [](const ViewKind &kind) { return kind.size > 0; });
}

namespace {

std::vector<MethodType> &methodRows()
{
    static std::vector<MethodType> types{
#define METHOD(name) name##Method(),
#include "core/ssl/methods.def"
#undef METHOD
    };
    return types;
}

} // namespace

const std::vector<MethodType> &methodTypes()
{
    return methodRows();
}

void addMethod(MethodType type)
{
    methodRows().push_back(std::move(type));
}

const MethodType &methodType(const std::string &name)
{
    std::vector<std::string> names;
    for (const MethodType &type : methodTypes()) {
        if (type.name == name)
            return type;
        names.push_back(type.name);
    }
    const std::string nearest = nearestName(name, names);
    throw std::invalid_argument("[method] "
                                + (nearest.empty() ? said("there is no method '%1'; see pretext methods", {name})
                                                   : said("there is no method '%1'; did you mean %2?", {name, nearest})));
}

void requireLearnable(const MethodType &method, const DatasetInfo &data)
{
    if (method.labels && !hasClasses(data))
        throw std::invalid_argument("[config] "
                                    + said("%1 learns from labels, and %2 has none: choose data with labels, such as a folder with one folder for each class, "
                                           "or another method",
                                           {method.name, data.name}));
    if (method.colour && (data.image.channels != 3 || data.frames))
        throw std::invalid_argument("[config] "
                                    + said("%1 gives images their colours back, and those of %2 have none: choose data in colour, such as shapes, or another "
                                           "method",
                                           {method.name, data.name}));
    if (method.frames && !data.frames)
        throw std::invalid_argument(
            "[config] " + said("%1 foretells what comes next in a clip, and %2 has none: choose moving-shapes, or another method", {method.name, data.name}));
}

} // namespace pretext
