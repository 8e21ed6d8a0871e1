#include "core/data/longtailed.h"

#include "core/data/fingerprint.h"
#include "core/data/sources/folder.h"
#include "core/files/said.h"
#include "core/tensor/random.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace pretext {

namespace {

constexpr uint64_t kDrawn = 0x10f97a11; // keys which samples stay

/// `count` of them, in their order.
std::vector<int64_t> someOf(std::vector<int64_t> samples, int64_t count, uint32_t label)
{
    Random random(kDrawn, label);
    for (size_t i = samples.size(); i > 1; --i)
        std::swap(samples[i - 1], samples[random.below(static_cast<uint32_t>(i))]);
    samples.resize(size_t(count));
    return samples;
}

class LongTailed : public Dataset, public Resizable
{
public:
    LongTailed(std::shared_ptr<const Dataset> dataset, double ratio) : m_dataset(std::move(dataset)), m_info(m_dataset->info())
    {
        const std::vector<std::string> &classes = m_info.columns.front().classes;
        std::vector<std::vector<int64_t>> samples(classes.size());
        for (int64_t i = 0; i < m_dataset->size(Split::train); ++i)
            samples.at(size_t(m_dataset->label(Split::train, i))).push_back(i);
        std::vector<int64_t> counts;
        for (const auto &of : samples)
            counts.push_back(int64_t(of.size()));
        const std::vector<int64_t> kept = longTail(counts, ratio);
        for (size_t label = 0; label < samples.size(); ++label)
            std::ranges::copy(someOf(samples[label], kept[label], uint32_t(label)), std::back_inserter(m_train));
        std::ranges::sort(m_train);
        m_info.note +=
            (m_info.note.empty() ? "" : " ")
            + pretext::said("Made long-tailed: of %1 there are %2 to train on, of %3 %4.", {classes.front(), kept.front(), classes.back(), kept.back()});
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return split == Split::train ? int64_t(m_train.size()) : m_dataset->size(split); }
    Image image(Split split, int64_t index) const override { return m_dataset->image(split, at(split, index)); }
    std::vector<uint8_t> mask(Split split, int64_t index) const override { return m_dataset->mask(split, at(split, index)); }
    Image next(Split split, int64_t index) const override { return m_dataset->next(split, at(split, index)); }
    std::string text(Split split, int64_t index) const override { return m_dataset->text(split, at(split, index)); }
    float label(Split split, int64_t index, int column) const override { return m_dataset->label(split, at(split, index), column); }
    std::string caption(Split split, int64_t index) const override { return m_dataset->caption(split, at(split, index)); }
    bool isResized() const override { return pretext::isResized(*m_dataset); }
    std::string fingerprint() const override
    {
        Fingerprint print;
        print.add(m_dataset->fingerprint());
        for (const int64_t sample : m_train)
            print.add(sample);
        return print.text();
    }

private:
    int64_t at(Split split, int64_t index) const { return split == Split::train ? m_train.at(size_t(index)) : index; }

    std::shared_ptr<const Dataset> m_dataset;
    DatasetInfo m_info;
    std::vector<int64_t> m_train; // samples of the whole training split
};

} // namespace

std::vector<int64_t> longTail(const std::vector<int64_t> &counts, double ratio)
{
    const double most = counts.empty() ? 0 : double(*std::ranges::max_element(counts)), last = std::max(1., double(counts.size()) - 1);
    std::vector<int64_t> kept;
    for (size_t label = 0; label < counts.size(); ++label)
        kept.push_back(std::min(counts[label], std::max<int64_t>(1, std::llround(most * std::pow(ratio, -double(label) / last)))));
    return kept;
}

std::shared_ptr<const Dataset> longTailed(std::shared_ptr<const Dataset> dataset, double ratio)
{
    if (!hasClasses(dataset->info()))
        throw std::invalid_argument(
            "[dataset] "
            + pretext::said("%1 has no labels, so no class of it can be made rare: leave imbalance at 1, or choose data with labels", {dataset->info().name}));
    return std::make_shared<LongTailed>(std::move(dataset), ratio);
}

} // namespace pretext
