// The command line's parser without a window: what `bench --ui` would start is not part of the fuzzer, which parses and does nothing.
#include "app/uibench/uibench.h"

#include <stdexcept>

namespace pretext {

int benchUi(const UiBenchOptions &)
{
    throw std::logic_error("the fuzzer has no window");
}

} // namespace pretext
