#include "core/data/augment/augment.h"

#include "core/data/augment/planes.h"

#include <cmath>
#include <cstdio>
#include <stdexcept>

namespace pretext {

namespace {

void jitter(const Planes &view, const ViewRecord &record)
{
    for (uint8_t step : record.jitterOrder) {
        if (step == 0)
            adjustBrightness(view, record.brightness);
        else if (step == 1)
            adjustContrast(view, record.contrast);
        else if (view.channels == 3 && step == 2)
            adjustSaturation(view, record.saturation);
        else if (view.channels == 3)
            adjustHue(view, record.hue);
    }
}

void interleave(const Planes &planes, std::span<float> view)
{
    for (int c = 0; c < planes.channels; ++c) {
        const float *from = planes.plane(c);
        for (size_t i = 0; i < planes.area(); ++i)
            view[i * planes.channels + c] = from[i];
    }
}

std::string text(const char *format, double value)
{
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}

} // namespace

Augmenter::Augmenter(const KnobSet &knobs, ImageShape shape) : m_settings(AugmentationSettings::of(knobs)), m_shape(shape)
{
    if (shape.height < 1 || shape.width < 1 || (shape.channels != 1 && shape.channels != 3))
        throw std::invalid_argument("[augment] a view of " + std::to_string(shape.height) + " x " + std::to_string(shape.width) + " x "
                                    + std::to_string(shape.channels) + " cannot be made; it needs pixels in 1 or 3 channels");
}

void Augmenter::apply(const Image &original, const ViewRecord &record, std::span<float> view) const
{
    Planes planes{m_shape.channels, m_shape.height, m_shape.width};
    if (original.channels != m_shape.channels || view.size() != planes.size()
        || original.pixels.size() != size_t(original.height) * original.width * original.channels || original.pixels.empty())
        throw std::invalid_argument("[augment] an original of " + std::to_string(original.height) + " x " + std::to_string(original.width) + " x "
                                    + std::to_string(original.channels) + " into a view of " + std::to_string(view.size()) + " values");
    thread_local std::vector<float> scratch;
    scratch.resize(planes.size());
    planes.data = m_shape.channels == 1 ? view.data() : scratch.data(); // one channel is its own plane

    resample(original, record, planes);
    jitter(planes, record);
    if (record.grey && planes.channels == 3)
        makeGrey(planes);
    if (record.blurSigma > 0)
        blur(planes, record.blurSigma);
    if (record.solarise <= 1)
        solarise(planes, record.solarise);
    if (record.noise > 0)
        addNoise(planes, record.noise, record.noiseKey);
    if (record.cutout.width > 0)
        cutOut(planes, record.cutout);
    if (planes.channels > 1)
        interleave(planes, view);
}

ViewRecord Augmenter::make(const Image &original, const ViewKey &key, std::span<float> view) const
{
    const ViewRecord record = draw(key);
    apply(original, record, view);
    return record;
}

std::string ViewRecord::describe() const
{
    std::string all;
    const auto add = [&](const std::string &what) { all += (all.empty() ? "" : ", ") + what; };
    if (crop.width < 1 || crop.height < 1)
        add("crop" + text(" %.0f %%", 100. * crop.width * crop.height));
    if (flipped)
        add("flipped");
    if (rotation != 0)
        add("rotated" + text(" %.0f°", rotation));
    for (uint8_t step : jitterOrder) {
        const char *names[] = {"brightness ×%.2f", "contrast ×%.2f", "saturation ×%.2f", "hue %+.0f°"};
        const double values[] = {brightness, contrast, saturation, 360. * hue};
        if (step < 4)
            add(text(names[step], values[step]));
    }
    if (grey)
        add("grey");
    if (blurSigma > 0)
        add(text("blur σ %.1f", blurSigma));
    if (solarise <= 1)
        add(text("solarised above %.2f", solarise));
    if (noise > 0)
        add(text("noise %.2f", noise));
    if (cutout.width > 0)
        add("cut-out" + text(" %.0f %%", 100. * cutout.width * cutout.height));
    return all.empty() ? "nothing" : all;
}

} // namespace pretext
