// An exception as one line for the user.
#pragma once

#include <exception>
#include <string>

namespace pretext {

/// what(); but of std::bad_alloc, whose what() is a name of C++, how much memory is free and what can be done.
std::string describe(const std::exception &error);

} // namespace pretext
