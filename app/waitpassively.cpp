#include "app/waitpassively.h"

#include <cstdlib>
#include <unistd.h>

namespace pretext {

namespace {

char passivePolicy[] = "OMP_WAIT_POLICY=passive";
char *lentVariable = nullptr; // it gives its place to the policy until the libraries have begun

// Neither the C library nor a sanitizer has begun where these two run.
#define PRETEXT_BEFORE_LIBRARIES [[gnu::no_sanitize_address, gnu::no_sanitize_thread, gnu::no_sanitize_undefined]]

PRETEXT_BEFORE_LIBRARIES bool isVariable(const char *entry, const char *nameAndSign)
{
    while (*nameAndSign && *entry == *nameAndSign)
        ++entry, ++nameAndSign;
    return !*nameAndSign;
}

/// What is set before the C library begins is forgotten when it does, and the environment that it is given has no room for another variable; but
/// the display's place in it can be lent, since nobody asks for the display before main.
PRETEXT_BEFORE_LIBRARIES void setPolicyBeforeLibraries(int, char **, char **environment)
{
    char **place = nullptr;
    for (char **entry = environment; *entry; ++entry) {
        if (isVariable(*entry, "OMP_WAIT_POLICY="))
            return;
        if (isVariable(*entry, "DISPLAY=") || isVariable(*entry, "WAYLAND_DISPLAY="))
            place = entry;
    }
    if (!place)
        return;
    lentVariable = *place;
    *place = passivePolicy;
}

[[gnu::section(".preinit_array"), gnu::used]] auto *const policySetter = setPolicyBeforeLibraries;

/// The program's own constructors run after those of its libraries.
[[gnu::constructor]] void giveVariableBack()
{
    if (lentVariable)
        putenv(lentVariable);
}

} // namespace

void waitPassively(char **argv)
{
    if (std::getenv("OMP_WAIT_POLICY"))
        return;
    setenv("OMP_WAIT_POLICY", "passive", 1);
    execv("/proc/self/exe", argv); // where it cannot, everything still works
}

} // namespace pretext
