// CIFAR's binary files: as CIFAR-10, CIFAR-100 and by a name that says neither, with a list of class names where there is a second part.
#include "tests/fuzz/target.h"

namespace pretext::fuzz {

namespace {

void readAs(const char *name, std::string_view input)
{
    const Scratch scratch;
    const std::vector<std::string> parts = partsOf(input);
    const std::filesystem::path path = scratch.write(name, parts[0]);
    if (parts.size() > 1)
        for (const char *list : {"batches.meta.txt", "fine_label_names.txt", "coarse_label_names.txt"})
            scratch.write(list, parts[1]);
    useDataset(path.string());
}

} // namespace

void read_cifar(std::string_view input)
{
    readUnderEach({"data_batch_1.bin", "train.bin", "other.bin"}, readAs, input);
}

} // namespace pretext::fuzz
