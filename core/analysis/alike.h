// Features that say nothing because they are all alike, as of a collapsed encoder or of black pictures, and features that are no numbers.
#pragma once

#include "core/channels/channel.h"
#include "core/nn/module.h"

#include <string>

namespace pretext {

/// Every row is the same, up to the rounding of the arithmetic that made them. Also of a single row, and of none.
bool allAlike(const Matrix &rows);

/// Rows that hold a value that is infinite or no number.
int64_t rowsNotFinite(const Matrix &rows);
/// Throw std::runtime_error where a value is not finite: of embeddings, naming whose they are where that is said; naming the parameter or statistic.
void requireFinite(const Matrix &rows, const std::string &features = {});
void requireFinite(const Module &module, const std::string &prefix = "encoder.");

} // namespace pretext
