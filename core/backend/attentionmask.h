// What a query may see. All parts are optional, and a key must be allowed by all that are there.
#pragma once

#include "core/tensor/tensor.h"

namespace pretext {

struct AttentionMask
{
    Tensor queryLengths = {};  // i32 [N]: queries from here on are padding, and give zeros
    Tensor keyLengths = {};    // i32 [N]: keys from here on are padding, and nobody sees them
    Tensor prefixLengths = {}; // i32 [N], with causal attention: keys before this are seen by every query
    Tensor allowed = {};       // i32 [N or 1, Tq, Tk]: 0 hides the key from the query
};

} // namespace pretext
