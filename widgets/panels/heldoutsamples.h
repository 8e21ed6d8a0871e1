// Held-out samples as panels show them, read when one is first looked at.
#pragma once

#include "core/data/dataset.h"
#include "widgets/plots/canvas.h"

#include <QHash>

#include <memory>

namespace pretext {

struct HeldOutSample
{
    CanvasImage image; // null of text
    QString text;      // of text; of an image what the data set says of it
    QString label;     // in words, or empty
};

class HeldOutSamples
{
public:
    void setDataset(std::shared_ptr<const Dataset> dataset);
    const Dataset *dataset() const { return m_dataset.get(); }
    bool ofText() const { return m_dataset && m_dataset->info().modality == Modality::text; }
    /// The reference holds until the next call. A sample that cannot be read says so instead.
    const HeldOutSample &at(int64_t index);
    /// "Sandal, held-out sample 4711".
    QString name(int64_t index);

private:
    std::shared_ptr<const Dataset> m_dataset;
    QHash<int64_t, HeldOutSample> m_read;
};

} // namespace pretext
