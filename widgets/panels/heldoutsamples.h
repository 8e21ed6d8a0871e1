// Held-out samples as panels show them, read when one is first looked at: words at once, pictures beside the window, since a photograph takes a while.
#pragma once

#include "core/data/dataset.h"
#include "core/data/modalitytype.h"
#include "widgets/plots/canvas.h"

#include <QHash>

#include <functional>
#include <memory>
#include <vector>

class QObject;

namespace pretext {

struct HeldOutSample
{
    CanvasImage image; // null of text, and before it is read
    QString text;      // of text; of an image what the data set says of it
    QString label;     // in words, or empty
};

class HeldOutSamples
{
public:
    /// `arrived` is called on the window's thread whenever a picture was read, as long as there is the receiver, whose member this is.
    HeldOutSamples(QObject *receiver, std::function<void()> arrived) : m_receiver(receiver), m_arrived(std::move(arrived)) {}
    void setDataset(std::shared_ptr<const Dataset> dataset);
    const Dataset *dataset() const { return m_dataset.get(); }
    /// Whether samples are shown as pictures; else by words alone.
    bool inPictures() const { return m_dataset && modalityType(m_dataset->info().modality).picture; }
    QSize imageSize() const; // of every picture
    /// The reference holds until the next call. A sample that cannot be read says so instead.
    const HeldOutSample &at(int64_t index);
    /// "Sandal, held-out sample 4711".
    QString name(int64_t index);

private:
    void ask(int64_t index);
    void readNext();
    void finish(const std::shared_ptr<const Dataset> &dataset, int64_t index, const std::function<void(HeldOutSample &)> &fill);

    QObject *m_receiver;
    std::function<void()> m_arrived;
    std::shared_ptr<const Dataset> m_dataset;
    QHash<int64_t, HeldOutSample> m_read;
    std::vector<int64_t> m_asked; // pictures that are yet to be read, the newest last
    bool m_reading = false;
};

} // namespace pretext
