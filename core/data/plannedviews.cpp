#include "core/data/plannedviews.h"

#include "core/backend/backend.h"
#include "core/data/augment/augment.h"
#include "core/data/augment/geometry.h"
#include "core/data/dataset.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace pretext {

void PlannedViews::begin(std::vector<Shape> kinds, const DatasetInfo &info)
{
    m_kinds = std::move(kinds);
    m_made.clear();
    m_plan.images.clear();
    m_plan.deeds.clear();
    int64_t views = 0;
    for (const Shape &kind : m_kinds)
        views += kind[0];
    m_plan.views.assign(size_t(views), {});
    for (size_t c = 0; c < info.mean.size() && c < std::size(m_plan.mean); ++c) {
        m_plan.mean[c] = info.mean[c];
        m_plan.scale[c] = 1 / info.deviation[c];
    }
}

int64_t PlannedViews::addImage(const Image &image)
{
    const size_t at = m_plan.images.size();
    m_plan.images.insert(m_plan.images.end(), image.pixels.begin(), image.pixels.end());
    return int64_t(at);
}

void PlannedViews::add(int64_t row, const Image &image, int64_t at, const ViewRecord &record, ImageShape shape)
{
    requireViewable(image, shape);
    PlannedView &view = m_plan.views.at(size_t(row));
    view = {.image = at, .height = image.height, .width = image.width, .from = resamplingOf(record.placement(), image.height, image.width, shape)};
    view.firstDeed = int32_t(m_plan.deeds.size());
    if (addDeeds(view, record, shape))
        return;
    m_plan.deeds.resize(size_t(view.firstDeed));
    const int64_t made = makeOnHost(image, record, shape);
    view = {};
    view.image = made;
    view.firstDeed = int32_t(m_plan.deeds.size());
}

/// False where the device does not know one of them.
bool PlannedViews::addDeeds(PlannedView &view, const ViewRecord &record, ImageShape shape)
{
    for (const Deed &deed : record.deeds) {
        if (!deed.by->apply)
            continue;
        const PixelDeed asked = deed.by->onDevice ? deed.by->onDevice(deed, shape) : PixelDeed();
        if (asked.step == PixelStep::host)
            return false;
        m_plan.deeds.push_back(asked);
        ++view.deeds;
    }
    return true;
}

int64_t PlannedViews::makeOnHost(const Image &image, const ViewRecord &record, ImageShape shape)
{
    std::vector<float> pixels(size_t(shape.height) * shape.width * shape.channels);
    applyRecord(image, record, shape, pixels);
    m_plan.images.resize((m_plan.images.size() + sizeof(float) - 1) / sizeof(float) * sizeof(float));
    const size_t at = m_plan.images.size();
    const auto *bytes = reinterpret_cast<const uint8_t *>(pixels.data());
    m_plan.images.insert(m_plan.images.end(), bytes, bytes + pixels.size() * sizeof(float));
    return int64_t(at);
}

void PlannedViews::turn(int64_t row, int quarters)
{
    PlannedView &view = m_plan.views.at(size_t(row));
    if (size_t(view.firstDeed) + size_t(view.deeds) != m_plan.deeds.size())
        throw std::logic_error("[augment] only the view that was planned last can be turned");
    m_plan.deeds.push_back({PixelStep::turn, {float(quarters)}});
    ++view.deeds;
}

const std::vector<Tensor> &PlannedViews::made()
{
    if (m_made.empty()) {
        std::vector<Tensor> made;
        for (const Shape &kind : m_kinds)
            made.emplace_back(kind, DType::f32, m_device);
        backend(m_device).makeViews(m_plan, made);
        m_made = std::move(made);
    }
    return m_made;
}

} // namespace pretext
