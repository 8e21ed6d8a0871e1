// IDX files, plain or gzip: training images, and where there are more parts their labels, test images and their labels.
#include "tests/fuzz/target.h"

namespace pretext::fuzz {

void read_idx(std::string_view input)
{
    constexpr const char *kNames[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    const Scratch scratch;
    const std::vector<std::string> parts = partsOf(input);
    for (size_t i = 0; i < std::min(parts.size(), std::size(kNames)); ++i)
        scratch.write(kNames[i], parts[i]);
    useDataset(scratch.path().string());
}

} // namespace pretext::fuzz
