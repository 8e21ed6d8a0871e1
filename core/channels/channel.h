// What a step shows beside its scalars: heavy values under channel names. A new method may add a name without anyone else changing.
#pragma once

#include "core/channels/drawing.h"
#include "core/channels/guesses.h"
#include "core/channels/layernorms.h"
#include "core/channels/tokens.h"
#include "core/data/augment/augment.h"
#include "core/data/image.h"

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

namespace pretext {

struct EncoderCopy; // core/engine/encodercopy.h

struct Matrix
{
    int64_t rows = 0, columns = 0;
    std::vector<float> values; // row-major
    float at(int64_t row, int64_t column) const { return values[row * columns + column]; }
};

using ImageBatch = std::vector<Image>;

// Channels that exist today. N samples in V views; rows of a VN matrix are all first views, then all second views, ...
//   views/originals   ImageBatch, N
//   views/pixels      ImageBatch, VN: the augmenter's output, rounded to 8 bits
//   views/records     std::vector<ViewRecord>, VN
//   views/drawings    Drawings, VN: of kinds of data without pictures and sentences
//   features          Matrix, VN x D: the encoder's, h, before a projector
//   embeddings        Matrix, VN x D: the projections z, unit rows
//   similarity        Matrix, VN x VN: cosine of the embeddings' rows
//   similarity/softmax   Matrix, VN x VN: the same as the probabilities in the loss's softmax; NaN where the loss compares no two
//   similarity/gradient  Matrix, VN x VN: share of a row's repulsion that each of its negatives carries; NaN elsewhere
//   covariance        Matrix, D x D: of the dimensions of the first views' projections
//   reconstruction/output  Matrix, images x H W C: what a decoder painted, normalised; /wanted: what was to be, if not the view; /seen: what the encoder saw,
//                      if not the view without its patches; /error, images x T: squared error of each of T patches, or pixels, NaN where nothing was to be painted
//   cross-correlation  Matrix, D x D: of the dimensions of the first views' projections (rows) with those of the second views' (columns)
//   similarity/teacher  Matrix, VN x VN: cosine of the student's output of the row's view with the teacher's of the column's; NaN where one of them was not given it
//   prototypes/shares   Matrix, 2N x K: which share each of K prototypes has in a view of the first two, as it is to be foretold
//   prototypes/foretold Matrix, VN x K: the same as the student foretells it
//   targets/guesses     Guesses: what the model takes the first rows of a batch's targets to be
//   patches/attention  AttentionView of the first view, of encoders that see patches; patches/attention/R of view R, below 64,
//                      and patches/attention/sample/S of the first view of sample S of the training split
// Of text (R rows; views/... are of images):
//   tokens/rows        TokenRowViews, R: the batch's rows as the model was given them; of one view a sample, the first 64
//   tokens/predictions TokenPredictions: top candidates at every predicted position of the first rows
//   tokens/attention   AttentionView of the first row; tokens/attention/R of row R, below 64, and
//                      tokens/attention/sample/S of the first row of sample S of the training split
//   tokens/decoder-attention  the same of a decoder's tokens to each other; tokens/cross-attention of them to the encoder's
//   tokens/embedded    EmbeddedTokens of the tokens that something is predicted from, by row and by sample as tokens/attention
//   tokens/positions   AccuracyBins by position; tokens/frequencies by how often the token occurs
//   answer/NAME        Answer to the Question asked under that name
//   gradient/layers    LayerNorms of the step's gradient
//   encoder/weights    EncoderCopy, for what is computed of held-out data beside the training
using ChannelValue = std::variant<Matrix, ImageBatch, std::vector<ViewRecord>, TokenRowViews, TokenPredictions, AttentionView, EmbeddedTokens, AccuracyBins,
                                  Answer, Drawings, Guesses, LayerNorms, std::shared_ptr<const EncoderCopy>>;

} // namespace pretext
