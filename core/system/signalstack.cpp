#include "core/system/signalstack.h"

#include <array>

#include <signal.h>

namespace pretext {

void useSignalStack()
{
    alignas(16) static std::array<char, 1 << 16> handlerStack; // the registers that are saved on it take up to 11 KB
    stack_t stack = {};
    stack.ss_sp = handlerStack.data();
    stack.ss_size = handlerStack.size();
    sigaltstack(&stack, nullptr);
}

} // namespace pretext
