// NumPy's arrays: an .npz where the input is a zip, else an .npy of images, with its labels where there is a second part.
#include "tests/fuzz/target.h"

#include "core/data/sources/arrayfile.h"

namespace pretext::fuzz {

void read_array(std::string_view input)
{
    const Scratch scratch;
    if (input.starts_with("PK")) {
        useDataset(scratch.write("a.npz", input).string());
        return;
    }
    const std::vector<std::string> parts = partsOf(input);
    const std::filesystem::path path = scratch.write("x_train.npy", parts[0]);
    if (parts.size() > 1)
        scratch.write("y_train.npy", parts[1]);
    const NumpyArray array = readNpy(path);
    if (array.count() > 0)
        array.value(array.count() - 1);
    useDataset(path.string());
}

} // namespace pretext::fuzz
