// A plain text file of the user's: a line a sample, or a paragraph where empty lines divide it.
#include "core/data/sources/source.h"
#include "core/data/sources/text/textdataset.h"
#include "core/data/sources/text/textreading.h"
#include "core/files/said.h"

namespace pretext {

namespace fs = std::filesystem;

namespace {

/// %2 says which are held out.
constexpr const char *kParagraphs = PRETEXT_SAID("A paragraph is a sample, cut where it is longer than %1 bytes; %2 A file has no labels.");
constexpr const char *kLines = PRETEXT_SAID("A line is a sample, cut where it is longer than %1 bytes; %2 A file has no labels.");

bool recognisesTextFile(const fs::path &path)
{
    std::error_code error;
    const std::string extension = textExtension(path);
    return fs::is_regular_file(path, error) && (extension == ".txt" || extension == ".text" || extension == ".md");
}

std::shared_ptr<const Dataset> openTextFile(const fs::path &path, const DatasetOptions &)
{
    const TextUnits units = unitsOf(readText(path));
    const std::string unit = units.paragraphs ? "paragraph" : "line";
    std::vector<TextSample> samples;
    size_t number = 0;
    for (const std::string &text : units.texts) {
        ++number;
        const uint64_t group = stableHash(text);
        for (std::string &part : cutText(text))
            samples.push_back({std::move(part), {}, group, path.filename().string() + ", " + unit + " " + std::to_string(number)});
    }
    DatasetInfo info;
    info.name = shownPath(path);
    const std::string heldOut = divideRows(samples, {}, units.paragraphs ? RowKind::paragraph : RowKind::line, info.doubt);
    info.note = pretext::said(units.paragraphs ? kParagraphs : kLines, {kLongestSample, heldOut});
    return makeTextDataset(std::move(info), std::move(samples));
}

} // namespace

PathSource textFileSource()
{
    return {recognisesTextFile, openTextFile};
}

} // namespace pretext
