#include "core/data/sources/text/textdataset.h"

#include "core/data/sources/division.h"
#include "core/data/sources/source.h"
#include "core/data/sources/text/textreading.h"
#include "core/data/tokens/normalise.h"
#include "core/files/said.h"
#include "core/files/utf8.h"

#include <algorithm>
#include <stdexcept>

namespace pretext {

namespace fs = std::filesystem;

namespace {

constexpr ptrdiff_t kLinesAParagraph = 12; // where there are more, empty lines divide documents of one sentence a line

/// By whether several of %2 samples repeat a text, and whether none, one or several of them are held out and trained on.
constexpr const char *kRepeated[2][3] = {
    {PRETEXT_SAID("%1 of %2 samples repeats another's text."),
     PRETEXT_SAID("%1 of %2 samples repeats another's text; %3 of the held-out ones is trained on, too."),
     PRETEXT_SAID("%1 of %2 samples repeats another's text; %3 of the held-out ones are trained on, too.")},
    {PRETEXT_SAID("%1 of %2 samples repeat another's text."),
     PRETEXT_SAID("%1 of %2 samples repeat another's text; %3 of the held-out ones is trained on, too."),
     PRETEXT_SAID("%1 of %2 samples repeat another's text; %3 of the held-out ones are trained on, too.")},
};

/// By RowKind.
constexpr const char *kRowInTen[3] = {
    PRETEXT_SAID("one row in ten, chosen by its text, is held out."),
    PRETEXT_SAID("one line in ten, chosen by its text, is held out."),
    PRETEXT_SAID("one paragraph in ten, chosen by its text, is held out."),
};
/// The same; without labels and with.
constexpr const char *kRowInFive[3][2] = {
    {PRETEXT_SAID("at least one row in five, chosen by its text, is held out, since there are fewer than %1."),
     PRETEXT_SAID("at least one row in five of each label, chosen by its text, is held out, since there are fewer than %1.")},
    {PRETEXT_SAID("at least one line in five, chosen by its text, is held out, since there are fewer than %1."),
     PRETEXT_SAID("at least one line in five of each label, chosen by its text, is held out, since there are fewer than %1.")},
    {PRETEXT_SAID("at least one paragraph in five, chosen by its text, is held out, since there are fewer than %1."),
     PRETEXT_SAID("at least one paragraph in five of each label, chosen by its text, is held out, since there are fewer than %1.")},
};

class TextDataset : public Dataset
{
public:
    TextDataset(DatasetInfo info, std::vector<TextSample> train, std::vector<TextSample> test)
        : m_info(std::move(info))
        , m_train(std::move(train))
        , m_test(std::move(test))
    {
    }

    const DatasetInfo &info() const override { return m_info; }
    int64_t size(Split split) const override { return static_cast<int64_t>(samples(split).size()); }
    std::string text(Split split, int64_t index) const override { return sample(split, index).text; }
    std::string caption(Split split, int64_t index) const override { return sample(split, index).caption; }
    float label(Split split, int64_t index, int column) const override
    {
        const std::vector<float> &labels = sample(split, index).labels;
        if (column < 0 || column >= static_cast<int>(labels.size()))
            throw std::out_of_range("[text] " + m_info.name + " has no label column " + std::to_string(column));
        return labels[static_cast<size_t>(column)];
    }

private:
    const std::vector<TextSample> &samples(Split split) const { return split == Split::train ? m_train : m_test; }
    const TextSample &sample(Split split, int64_t index) const
    {
        checkIndex(*this, split, index);
        return samples(split)[static_cast<size_t>(index)];
    }

    DatasetInfo m_info;
    std::vector<TextSample> m_train, m_test;
};

bool isOneGroup(const std::vector<TextSample> &samples)
{
    return std::all_of(samples.begin(), samples.end(), [&](const TextSample &sample) { return sample.group == samples.front().group; });
}

/// Of each sample the first column's class; the same for all where that has none.
std::vector<std::string> classNumbersOf(const std::vector<TextSample> &samples, const std::vector<LabelColumn> &columns)
{
    std::vector<std::string> numbers(samples.size());
    for (size_t i = 0; i < samples.size() && !columns.empty() && !columns.front().classes.empty(); ++i)
        numbers[i] = std::to_string(int(samples[i].labels.front()));
    return numbers;
}

/// Which samples are held out.
std::vector<bool> heldOutOf(const std::vector<TextSample> &samples)
{
    std::vector<bool> out(samples.size());
    for (size_t i = 0; i < samples.size(); ++i)
        out[i] = samples[i].group % 10 == 0;
    if (std::adjacent_find(out.begin(), out.end(), std::not_equal_to<>()) != out.end())
        return out;
    const uint64_t last = samples.back().group;
    const bool one = isOneGroup(samples);
    const size_t tail = samples.size() < kSmallSet ? (samples.size() + 4) / 5 : samples.size() / 10;
    for (size_t i = 0; i < samples.size(); ++i)
        out[i] = one ? i + tail >= samples.size() : samples[i].group == last;
    return out;
}

std::vector<uint64_t> hashesOf(const std::vector<TextSample> &samples)
{
    std::vector<uint64_t> hashes;
    for (const TextSample &sample : samples)
        hashes.push_back(stableHash(sample.text));
    std::sort(hashes.begin(), hashes.end());
    return hashes;
}

/// What is to be known of texts that are there more than once; empty where there are none.
std::string noteOnRepeated(const std::vector<TextSample> &train, const std::vector<TextSample> &test)
{
    const std::vector<uint64_t> trained = hashesOf(train), held = hashesOf(test);
    std::vector<uint64_t> all;
    std::merge(trained.begin(), trained.end(), held.begin(), held.end(), std::back_inserter(all));
    const int64_t size = static_cast<int64_t>(all.size()), different = std::unique(all.begin(), all.end()) - all.begin();
    const int64_t known = std::count_if(held.begin(), held.end(), [&](uint64_t hash) { return std::binary_search(trained.begin(), trained.end(), hash); });
    if (different == 1)
        return pretext::said("All %1 samples are the same text, so that nothing can be learned or judged.", {size});
    if (different == size)
        return {};
    return pretext::said(kRepeated[size - different > 1][std::min<int64_t>(known, 2)], {size - different, size, known});
}

/// Where a text of more than kLongestSample bytes is best cut.
size_t cutIn(std::string_view text)
{
    const size_t limit = codePointBoundary(text, kLongestSample);
    size_t sentence = 0, space = 0;
    for (size_t at = 0; at < limit;) {
        const CodePoint c = codePointAt(text, at);
        const size_t next = at + c.bytes;
        const bool spaceNext = next < text.size() && isSpace(codePointAt(text, next).value);
        if (c.value == U'。' || c.value == U'！' || c.value == U'？' || ((c.value == '.' || c.value == '!' || c.value == '?') && spaceNext))
            sentence = next;
        if (isSpace(c.value))
            space = at;
        at = next;
    }
    return sentence > limit / 3 ? sentence : space > limit / 3 ? space : limit; // no crumbs
}

/// What lies between two line ends, joined to `paragraph` by a space.
void appendLine(std::string &paragraph, std::string_view line)
{
    const std::string text = squeezed(line);
    if (!paragraph.empty() && !text.empty())
        paragraph += ' ';
    paragraph += text;
}

} // namespace

std::string divideRows(std::vector<TextSample> &samples, const std::vector<LabelColumn> &columns, RowKind kind, std::string &doubt)
{
    const auto word = static_cast<size_t>(kind);
    if (samples.size() >= kSmallSet)
        return pretext::said(kRowInTen[word]);
    if (samples.empty() || isOneGroup(samples))
        return pretext::said("there is one text only, whose last part is held out.");
    const std::vector<std::string> numbers = classNumbersOf(samples, columns);
    std::vector<uint64_t> groups;
    for (const TextSample &sample : samples)
        groups.push_back(sample.group);
    const std::vector<size_t> firsts = firstOfContent(groups);
    std::vector<Divisible> divisible;
    for (size_t i = 0; i < samples.size(); ++i)
        divisible.push_back({numbers[i], groups[i], firsts[i]});
    const Division division = divide(divisible);
    for (size_t i = 0; i < samples.size(); ++i)
        samples[i].group = groups[i] - groups[i] % 10 + (division.heldOut[i] ? 0 : 1);
    doubt = doubtIn(division);
    return pretext::said(kRowInFive[word][division.labelled], {kSmallSet});
}

std::shared_ptr<const Dataset> makeTextDataset(DatasetInfo info, std::vector<TextSample> samples)
{
    if (samples.size() < 2)
        throw std::invalid_argument(
            "[text] "
            + (samples.empty()
                   ? pretext::said("%1 holds no text; at least two are needed, one to train on and one to hold out: choose a longer text", {info.name})
                   : pretext::said("%1 holds one sample only; at least two are needed, one to train on and one to hold out: choose a longer text",
                                   {info.name})));
    info.modality = Modality::text;
    const std::vector<bool> out = heldOutOf(samples);
    std::vector<TextSample> train, test;
    for (size_t i = 0; i < samples.size(); ++i)
        (out[i] ? test : train).push_back(std::move(samples[i]));
    if (const std::string note = noteOnRepeated(train, test); !note.empty())
        info.note += (info.note.empty() ? "" : " ") + note;
    return std::make_shared<TextDataset>(std::move(info), std::move(train), std::move(test));
}

std::vector<std::string> cutText(std::string_view text)
{
    std::vector<std::string> parts;
    const std::string normal = squeezed(text);
    for (std::string_view rest = normal; !rest.empty();) {
        const size_t cut = rest.size() > kLongestSample ? cutIn(rest) : rest.size();
        if (std::string part = squeezed(rest.substr(0, cut)); !part.empty())
            parts.push_back(std::move(part));
        rest.remove_prefix(cut);
    }
    return parts;
}

TextUnits unitsOf(std::string_view text)
{
    std::vector<std::string> lines;
    std::vector<bool> fresh; // of each line that is not empty: there was an empty one before
    bool gap = false;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
        std::string line = squeezed(text.substr(begin, end - begin));
        if (line.empty()) {
            gap = gap || !lines.empty();
        } else {
            lines.push_back(std::move(line));
            fresh.push_back(gap);
            gap = false;
        }
        begin = end + (text.substr(end).starts_with("\r\n") ? 2 : 1);
    }
    TextUnits units;
    units.paragraphs = std::count(fresh.begin(), fresh.end(), true) * kLinesAParagraph >= static_cast<ptrdiff_t>(lines.size());
    if (!units.paragraphs) {
        units.texts = std::move(lines);
        return units;
    }
    for (size_t i = 0; i < lines.size(); ++i) {
        if (i == 0 || fresh[i])
            units.texts.emplace_back();
        appendLine(units.texts.back(), lines[i]);
    }
    return units;
}

} // namespace pretext
