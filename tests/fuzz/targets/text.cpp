// A text file, as it is or gzip, and how it is cut into samples.
#include "tests/fuzz/target.h"

#include "core/data/sources/text/textdataset.h"

namespace pretext::fuzz {

void read_text(std::string_view input)
{
    for (const std::string &part : cutText(input))
        require(!part.empty() && part.size() <= kLongestSample, "a sample that is empty or too long");
    for (const std::string &unit : unitsOf(input).texts)
        require(!unit.empty(), "an empty line or paragraph");
    const Scratch scratch;
    useDataset(scratch.write("a.txt", input).string());
}

} // namespace pretext::fuzz
