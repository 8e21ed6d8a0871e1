// libFuzzer's side: PRETEXT_FUZZ_TARGET names the target, the arguments are libFuzzer's. See ./run.
#include "tests/fuzz/target.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

using namespace pretext::fuzz;

namespace {

const Target *chosen = nullptr;

[[noreturn]] void explain()
{
    std::fprintf(stderr, "PRETEXT_FUZZ_TARGET must be one of:");
    for (const Target &target : targets())
        std::fprintf(stderr, " %s", target.name);
    std::fprintf(stderr, "\n");
    std::exit(2);
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = std::getenv("PRETEXT_FUZZ_TARGET");
    chosen = name ? findTarget(name) : nullptr;
    if (!chosen)
        explain();
    static std::string longest = "-max_len=" + std::to_string(chosen->longest);
    static std::vector<char *> arguments(*argv, *argv + *argc);
    arguments.insert(arguments.begin() + 1, longest.data());
    arguments.push_back(nullptr);
    *argc += 1;
    *argv = arguments.data();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const Outcome outcome = outcomeOf(*chosen, {reinterpret_cast<const char *>(data), size});
    if (outcome.kind == Outcome::finding) {
        std::fprintf(stderr, "FINDING: %s\n", outcome.text.c_str());
        std::abort();
    }
    return 0;
}
