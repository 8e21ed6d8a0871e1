// What the attention panel draws of a head: its weights as a map, whole rows for a table, and whether a view can be shown at all.
#pragma once

#include "core/channels/tokens.h"
#include "widgets/plots/heatmap.h"

#include <QString>

namespace pretext {

/// Whether all its numbers are there.
bool isWhole(const AttentionView &view);
/// Whether each token may see all that there are.
bool seesAll(const AttentionView &view);
/// One head's weights: of tokens a matrix, of patches the query's on their grid.
HeatMap attentionMap(const AttentionView &view, size_t head, int query);
/// The token whose attention is shown where `chosen` is none of the view's: the class token, or the patch in the middle.
int queryOf(const AttentionView &view, int chosen);
/// layer,head,query,query token,key,key token,may see,weight: of all heads.
QString attentionCsv(const AttentionView &view);

} // namespace pretext
