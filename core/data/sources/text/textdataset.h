// Texts in memory as a data set, and how they come to be samples: cut where they are long, one in ten held out.
#pragma once

#include "core/data/dataset.h"

#include <filesystem>

namespace pretext {

/// Longer ones are cut at the end of a sentence, else at a space, so that what lies beyond a model's context is trained on, too. A line of
/// a megabyte becomes some thousand samples.
constexpr size_t kLongestSample = 400; // bytes

struct TextSample
{
    std::string text;          // UTF-8
    std::vector<float> labels; // one for each column
    uint64_t group = 0;        // stableHash() of what must stay together: samples of one group are all trained on or all held out
    std::string caption = {};  // where it comes from
};

/// What a source's samples are called.
enum class RowKind { row, line, paragraph };
/// Fewer samples than kSmallSet are divided by their first column's classes, those of one group together, as images are: the hashes are changed so that at
/// least a fifth is held out. Says which are, "one row in ten, chosen by its text, is held out.", and in `doubt` (see DatasetInfo) what cannot be judged.
std::string divideRows(std::vector<TextSample> &samples, const std::vector<LabelColumn> &columns, RowKind kind, std::string &doubt);

/// One group in ten is held out, chosen by its hash; where all fell on one side, the last one. Where there is but one group, its
/// last tenth is, of few samples its last fifth. The note says how many repeat another's text. Throws std::invalid_argument where there are fewer than two samples.
std::shared_ptr<const Dataset> makeTextDataset(DatasetInfo info, std::vector<TextSample> samples);

/// The parts of a text, each at most kLongestSample bytes, without white space at their ends; none of an empty text.
std::vector<std::string> cutText(std::string_view text);

/// Lines; where there is an empty line for every dozen or more often, the paragraphs between them with their lines joined: a book's lines end
/// anywhere.
struct TextUnits
{
    std::vector<std::string> texts;
    bool paragraphs = false;
};
TextUnits unitsOf(std::string_view text);

/// Whether the path is a .csv or .tsv, plain or gzip.
bool isTextTable(const std::filesystem::path &path);
/// The columns of such a table, which is opened as FILE#NAME, and the one that is taken without #NAME; -1: none is.
struct TextColumns
{
    std::vector<std::string> names;
    int usual = -1;
};
/// Throws std::invalid_argument naming the file.
TextColumns textColumnsOf(const std::filesystem::path &table);

} // namespace pretext
