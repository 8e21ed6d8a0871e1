#include "core/data/fingerprint.h"

#include "core/data/dataset.h"
#include "core/data/modalitytype.h"

#include <algorithm>
#include <cstdio>

#include <zlib.h>

namespace pretext {

namespace {

constexpr int64_t kSampledImages = 256;         // of data that may have to be decoded or drawn
constexpr int64_t kSampledTextBytes = 32 << 20; // hashed in a hundredth of a second or two

} // namespace

void markImages(Fingerprint &print, const Dataset &dataset, Split split)
{
    const int64_t size = dataset.size(split), step = size / kSampledImages + 1;
    for (int64_t i = 0; i < size; i += step) {
        const Image image = dataset.image(split, i);
        print.add(image.pixels.data(), image.pixels.size());
    }
}

void markTexts(Fingerprint &print, const Dataset &dataset, Split split)
{
    const int64_t size = dataset.size(split);
    int64_t bytes = 0, step = 1;
    for (int64_t i = 0; i < size; i += step) {
        const std::string text = dataset.text(split, i);
        print.add(text);
        bytes += static_cast<int64_t>(text.size());
        if (i == 1000) // by now it is known how long they are
            step = bytes / 1000 * size / kSampledTextBytes + 1;
    }
}

void Fingerprint::add(std::string_view piece)
{
    const uint32_t sum = static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef *>(piece.data()), piece.size()));
    for (const uint64_t part : {uint64_t(sum), uint64_t(piece.size())})
        m_value = (m_value ^ part) * 0x100000001b3ull;
}

std::string Fingerprint::text() const
{
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(m_value));
    return digits;
}

std::string Dataset::fingerprint() const
{
    Fingerprint print;
    for (const Split split : {Split::train, Split::test})
        modalityType(info().modality).mark(print, *this, split);
    return print.text();
}

} // namespace pretext
