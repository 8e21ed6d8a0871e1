// The views of a batch where a device makes them: the loader writes down what is to be done, drawn as for the host, and the device does it when the batch is on its
// way to the encoder.
#pragma once

#include "core/backend/viewplan.h"
#include "core/data/augment/viewrecord.h"
#include "core/data/image.h"
#include "core/data/modality.h"
#include "core/tensor/tensor.h"

#include <cstdint>
#include <vector>

namespace pretext {

struct DatasetInfo;

class PlannedViews
{
public:
    explicit PlannedViews(Device device) : m_device(device) {}

    /// Forgets what was planned. `kinds` has the shape of each kind's views, [count * N, H, W, C].
    void begin(std::vector<Shape> kinds, const DatasetInfo &info);
    /// Brings an image along, once for all views of it; where it is, for add().
    int64_t addImage(const Image &image);
    /// The view at `row` of all kinds' is what the record says of the image that lies `at`. Throws std::invalid_argument where none of this shape can be made of it.
    void add(int64_t row, const Image &image, int64_t at, const ViewRecord &record, ImageShape shape);
    /// Turns the view that was added last counter-clockwise, by quarters.
    void turn(int64_t row, int quarters);

    /// Each kind's views, normalised, on the device; made when they are first asked for. Where the device computes, on the thread that computes on it.
    const std::vector<Tensor> &made();
    /// Gives the device's memory back.
    void forget() { m_made.clear(); }
    Device device() const { return m_device; }

private:
    bool addDeeds(PlannedView &view, const ViewRecord &record, ImageShape shape);
    int64_t makeOnHost(const Image &image, const ViewRecord &record, ImageShape shape);

    Device m_device;
    std::vector<Shape> m_kinds;
    ViewPlan m_plan;
    std::vector<Tensor> m_made;
};

} // namespace pretext
