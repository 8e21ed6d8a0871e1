// For TensorBoard's embedding projector: small pictures of all samples on one sheet, and the file that says which vectors, labels and pictures belong
// together.
#pragma once

#include "core/data/dataset.h"
#include "core/exchange/export.h"

#include <filesystem>
#include <string>

namespace pretext {

/// All of it: vectors [n, D] of the first n samples, labels, pictures and config. Throws as writeTsv does.
struct ProjectorReport
{
    ExportReport vectors;
    int spriteSide = 0;
};
ProjectorReport writeProjectorFiles(const std::filesystem::path &tsv, const Matrix &vectors, const Dataset &dataset, Split split);

/// NAME.sprite.png beside NAME.tsv.
std::filesystem::path spriteFile(const std::filesystem::path &tsv);
/// The first `rows` samples, by rows of a square sheet, each in a square of its own. A sheet has 8192 pixels a side at most, beyond which projectors show none, so
/// many samples are made smaller; the squares' side is returned. 0, and no file, where samples have no pictures, or there are so many that none would be seen.
int writeSprite(const std::filesystem::path &path, const Dataset &dataset, Split split, int64_t rows);

/// projector_config.pbtxt beside the vectors, which TensorBoard (--logdir of the folder) reads: of several exports to one folder it lists each.
/// `spriteSide` 0: without pictures; `metadata`: whether there is a file of labels.
void writeProjectorConfig(const std::filesystem::path &tsv, bool metadata, int spriteSide);

} // namespace pretext
