// What stands before a transformer's trunk where it reads tokens: a row of a table for each token, one for each position, and of BERT one for
// each type, added up. N samples, T positions, D features, V tokens.
#pragma once

#include "core/nn/transformertrunk.h"

namespace pretext {

struct TokenEmbeddingOptions
{
    int vocabulary = 0, context = 128;
    int tokenTypes = 0;         // 0: tokens have no types
    bool embeddingNorm = false; // norm and dropout behind the sum of embeddings, else dropout alone
};

/// What is added up for a token: rows of the tables, and the outcome for a row of ids.
struct EmbeddingParts
{
    Tensor tokens;     // [N, T, D]
    Tensor positions;  // [context, D]
    Tensor types = {}; // [types, D]; undefined where tokens have none
    Tensor given;      // [N, T, D]: the sum, or its norm, without dropout
};

class TokenEmbedding : public Module
{
public:
    /// Width, norm's epsilon and initial deviation are the trunk's. Another's table of tokens may be shared, which stays the other's parameter.
    TokenEmbedding(const TokenEmbeddingOptions &options, const TrunkOptions &trunk, Random &random, const Variable &sharedTokens = {});

    /// i32 [N, T] -> [N, T, D]; `types` i32 [N, T], where undefined all 0. Throws std::invalid_argument where T is beyond the context.
    Variable run(const Variable &ids, const Variable &types, const DropoutOptions &dropout);
    EmbeddingParts parts(const Variable &ids);
    const Variable &table() const { return m_tokens; } // [V, D]

protected:
    Variable forward(const Variable &ids) override { return run(ids, {}, {}); }

private:
    TokenEmbeddingOptions m_options;
    Variable m_tokens, m_positions, m_types;
    Module *m_norm = nullptr;
};

} // namespace pretext
