// What every tokenizer does to a text first; see tokenizer.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pretext {

struct NormalisedText
{
    std::string text;
    std::vector<size_t> origin; // of each byte, the offset in what was normalised; and one more: where the last one's character ends
};

/// White space of any sort becomes one `space`, none at either end; bytes that are not UTF-8 become U+FFFD. `front` puts a space before the
/// first character, where there is one.
NormalisedText normalised(std::string_view text, std::string_view space, bool front);
/// The same text alone, in the memory of its own length.
std::string squeezed(std::string_view text, std::string_view space = " ", bool front = false);

} // namespace pretext
