// Safetensors: a whole file, or, where the input begins with a brace, a header in front of which its length is put, and the data as a second part.
#include "tests/fuzz/target.h"

#include "core/files/safetensors.h"

#include <stdexcept>

namespace pretext::fuzz {

namespace {

std::string wholeFile(std::string_view input)
{
    if (!input.starts_with('{'))
        return std::string(input);
    const std::vector<std::string> parts = partsOf(input);
    const uint64_t length = parts[0].size();
    return std::string(reinterpret_cast<const char *>(&length), sizeof length) + parts[0] + (parts.size() > 1 ? parts[1] : "");
}

template<class Read>
void mayRefuse(const Read &read)
{
    try {
        read();
    } catch (const std::runtime_error &error) {
        requireWell(error.what());
    }
}

} // namespace

void read_safetensors(std::string_view input)
{
    const Scratch scratch;
    const std::filesystem::path path = scratch.write("a.safetensors", wholeFile(input));
    const SafetensorsFile file = readSafetensors(path);
    require(readSafetensorsMetadata(path) == file.metadata, "two readings of one file's metadata");
    for (const auto &entry : file.tensors) {
        mayRefuse([&] { entry.second.floats(); });
        mayRefuse([&] { entry.second.ints(); });
    }
    writeSafetensors(scratch.path() / "b.safetensors", file);
    const SafetensorsFile again = readSafetensors(scratch.path() / "b.safetensors");
    require(again.tensors.size() == file.tensors.size(), "a file that does not come back as it was written");
    for (const auto &[name, tensor] : file.tensors)
        require(again.tensors.contains(name) && again.tensors.at(name).bytes == tensor.bytes && again.tensors.at(name).shape == tensor.shape,
                "a tensor that does not come back as it was written");
}

} // namespace pretext::fuzz
