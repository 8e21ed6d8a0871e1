// Colours are chosen by median cut (Heckbert 1982) over a histogram of five bits a channel, weighted by how often they occur; frames are packed by LZW.
#include "core/files/gif.h"

#include "core/files/safetensors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace pretext {

namespace {

constexpr int kGifColours = 256, kGifBins = 32 * 32 * 32;

using Colour = std::array<uint8_t, 3>;

int binOf(const uint8_t *rgb)
{
    return (rgb[0] >> 3) << 10 | (rgb[1] >> 3) << 5 | rgb[2] >> 3;
}

struct Bin
{
    int64_t pixels = 0;
    std::array<int64_t, 3> sum{};
    int at(int channel) const { return int(sum[size_t(channel)] / std::max<int64_t>(1, pixels)); }
};

/// Some bins, whose mean is one colour.
struct Box
{
    std::vector<int> bins;
    int64_t pixels = 0;
    int widest = 0, extent = 0; // the channel in which its bins lie farthest apart, and how far

    void measure(const std::vector<Bin> &all)
    {
        pixels = 0;
        std::array<int, 3> low{255, 255, 255}, high{};
        for (const int bin : bins) {
            pixels += all[size_t(bin)].pixels;
            for (int c = 0; c < 3; ++c) {
                low[size_t(c)] = std::min(low[size_t(c)], all[size_t(bin)].at(c));
                high[size_t(c)] = std::max(high[size_t(c)], all[size_t(bin)].at(c));
            }
        }
        extent = -1;
        for (int c = 0; c < 3; ++c)
            if (high[size_t(c)] - low[size_t(c)] > extent) {
                extent = high[size_t(c)] - low[size_t(c)];
                widest = c;
            }
    }
    /// How much a cut would mend; rare colours that lie far apart count, too.
    double worth() const { return bins.size() < 2 ? -1 : double(extent) * std::pow(double(pixels), 0.25); }
};

Box cut(Box &box, const std::vector<Bin> &all)
{
    std::sort(box.bins.begin(), box.bins.end(), [&](int a, int b) { return all[size_t(a)].at(box.widest) < all[size_t(b)].at(box.widest); });
    const int middle = (all[size_t(box.bins.front())].at(box.widest) + all[size_t(box.bins.back())].at(box.widest)) / 2;
    auto to = std::partition_point(box.bins.begin(), box.bins.end(), [&](int bin) { return all[size_t(bin)].at(box.widest) <= middle; });
    to = std::clamp(to, box.bins.begin() + 1, box.bins.end() - 1);
    Box other{{to, box.bins.end()}};
    box.bins.erase(to, box.bins.end());
    box.measure(all);
    other.measure(all);
    return other;
}

struct Palette
{
    std::vector<Colour> colours;                                 // 256
    std::vector<uint8_t> ofBin = std::vector<uint8_t>(kGifBins); // of every bin that occurs
};

Palette paletteOf(const std::vector<Bin> &all)
{
    std::vector<Box> boxes(1);
    for (int bin = 0; bin < kGifBins; ++bin)
        if (all[size_t(bin)].pixels > 0)
            boxes[0].bins.push_back(bin);
    boxes[0].measure(all);
    while (boxes.size() < kGifColours) {
        const auto most = std::max_element(boxes.begin(), boxes.end(), [](const Box &a, const Box &b) { return a.worth() < b.worth(); });
        if (most->worth() < 0)
            break;
        Box half = cut(*most, all);
        boxes.push_back(std::move(half));
    }
    Palette palette;
    for (const Box &box : boxes) {
        Bin whole;
        for (const int bin : box.bins) {
            palette.ofBin[size_t(bin)] = uint8_t(palette.colours.size());
            whole.pixels += all[size_t(bin)].pixels;
            for (size_t c = 0; c < 3; ++c)
                whole.sum[c] += all[size_t(bin)].sum[c];
        }
        palette.colours.push_back({uint8_t(whole.at(0)), uint8_t(whole.at(1)), uint8_t(whole.at(2))});
    }
    palette.colours.resize(kGifColours);
    return palette;
}

class GifBytes
{
public:
    std::vector<std::byte> bytes;

    void byte(int value) { bytes.push_back(std::byte(value)); }
    void word(int value)
    {
        byte(value & 255);
        byte(value >> 8);
    }
    void text(const char *words)
    {
        while (*words)
            byte(*words++);
    }
};

/// Codes of growing length, lowest bit first, in blocks of up to 255 bytes.
class CodeWriter
{
public:
    explicit CodeWriter(GifBytes &out) : m_out(out) {}
    void put(int code, int bits)
    {
        m_held |= uint32_t(code) << m_count;
        for (m_count += bits; m_count >= 8; m_count -= 8, m_held >>= 8)
            add(uint8_t(m_held));
    }
    void end()
    {
        if (m_count > 0)
            add(uint8_t(m_held));
        flush();
        m_out.byte(0);
    }

private:
    void add(uint8_t value)
    {
        m_block.push_back(value);
        if (m_block.size() == 255)
            flush();
    }
    void flush()
    {
        if (m_block.empty())
            return;
        m_out.byte(int(m_block.size()));
        for (const uint8_t value : m_block)
            m_out.byte(value);
        m_block.clear();
    }

    GifBytes &m_out;
    std::vector<uint8_t> m_block;
    uint32_t m_held = 0;
    int m_count = 0;
};

void packPixels(const std::vector<uint8_t> &pixels, GifBytes &out)
{
    constexpr int kDepth = 8, kClear = 256, kEnd = 257, kMostCodes = 4096;
    out.byte(kDepth);
    CodeWriter writer(out);
    std::unordered_map<int, int> known; // a code and the pixel behind it
    int next = kEnd + 1, bits = kDepth + 1;
    writer.put(kClear, bits);
    int code = pixels.front();
    for (size_t i = 1; i < pixels.size(); ++i) {
        const int longer = code << 8 | pixels[i];
        if (const auto found = known.find(longer); found != known.end()) {
            code = found->second;
            continue;
        }
        writer.put(code, bits);
        code = pixels[i];
        if (next == kMostCodes) {
            writer.put(kClear, bits);
            known.clear();
            next = kEnd + 1;
            bits = kDepth + 1;
            continue;
        }
        if (next == 1 << bits)
            ++bits;
        known.emplace(longer, next++);
    }
    writer.put(code, bits);
    writer.put(kEnd, next == 1 << bits && bits < 12 ? bits + 1 : bits);
    writer.end();
}

struct Part
{
    int left, top, right, bottom; // right and bottom are beyond
};

/// What differs from the picture before; one pixel where nothing does.
Part changedPart(const std::vector<uint8_t> &now, const std::vector<uint8_t> &before, const GifSize &size)
{
    if (before.empty())
        return {0, 0, size.width, size.height};
    Part part{size.width, size.height, 0, 0};
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            if (now[size_t(y) * size.width + x] != before[size_t(y) * size.width + x])
                part = {std::min(part.left, x), std::min(part.top, y), std::max(part.right, x + 1), std::max(part.bottom, y + 1)};
    return part.right == 0 ? Part{0, 0, 1, 1} : part;
}

void addFrame(GifBytes &out, const std::vector<uint8_t> &pixels, const Part &part, int width, int centiseconds)
{
    out.text("!\xf9\x04");
    out.byte(1 << 2); // what was drawn stays
    out.word(centiseconds);
    out.word(0); // no colour is transparent; end of the block
    out.byte(',');
    out.word(part.left);
    out.word(part.top);
    out.word(part.right - part.left);
    out.word(part.bottom - part.top);
    out.byte(0);
    std::vector<uint8_t> cutOut;
    for (int y = part.top; y < part.bottom; ++y)
        cutOut.insert(cutOut.end(), pixels.begin() + size_t(y) * width + part.left, pixels.begin() + size_t(y) * width + part.right);
    packPixels(cutOut, out);
}

void addHead(GifBytes &out, const GifSize &size, const Palette &palette)
{
    out.text("GIF89a");
    out.word(size.width);
    out.word(size.height);
    out.byte(0xf7); // a palette of 256 for all frames
    out.word(0);
    for (const Colour &colour : palette.colours)
        for (const uint8_t value : colour)
            out.byte(value);
    out.text("!\xff\x0bNETSCAPE2.0\x03\x01");
    out.word(0); // for ever
    out.byte(0);
}

GifFrame checkedFrame(const GifSize &size, const std::function<GifFrame(int)> &frame, int i)
{
    GifFrame made = frame(i);
    if (made.size() != size_t(size.width) * size.height * 3)
        throw std::invalid_argument("[gif] frame " + std::to_string(i) + " has " + std::to_string(made.size()) + " bytes, not 3 x " + std::to_string(size.width)
                                    + " x " + std::to_string(size.height));
    return made;
}

} // namespace

void writeGif(const std::filesystem::path &path, const GifSize &size, int count, const std::function<GifFrame(int)> &frame)
{
    if (size.width < 1 || size.height < 1 || size.width > 65535 || size.height > 65535 || count < 1)
        throw std::invalid_argument("[gif] " + std::to_string(count) + " frames of " + std::to_string(size.width) + " x " + std::to_string(size.height));
    std::vector<Bin> bins(kGifBins);
    for (int i = 0; i < count; ++i) {
        const GifFrame made = checkedFrame(size, frame, i);
        for (size_t at = 0; at < made.size(); at += 3) {
            Bin &bin = bins[size_t(binOf(&made[at]))];
            ++bin.pixels;
            for (size_t c = 0; c < 3; ++c)
                bin.sum[c] += made[at + c];
        }
    }
    const Palette palette = paletteOf(bins);
    GifBytes out;
    addHead(out, size, palette);
    std::vector<uint8_t> before;
    for (int i = 0; i < count; ++i) {
        const GifFrame made = checkedFrame(size, frame, i);
        std::vector<uint8_t> pixels;
        for (size_t at = 0; at < made.size(); at += 3)
            pixels.push_back(palette.ofBin[size_t(binOf(&made[at]))]);
        addFrame(out, pixels, changedPart(pixels, before, size), size.width, i + 1 < count ? size.centiseconds : 10 * size.centiseconds);
        before = std::move(pixels);
    }
    out.byte(';');
    writeFileAtomically(path, out.bytes);
}

} // namespace pretext
