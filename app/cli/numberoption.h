// Options that take a number: one way to read them for all subcommands. What is no number of the option's kind and range is refused, never
// wrapped, clamped or read in another base.
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>

namespace pretext {

namespace numberoption {

CLI::Option *add(CLI::App &command, const std::string &option, const std::string &help, const char *valueName, std::function<bool(const std::string &)> take,
                 const std::string &rule);
bool read(const std::string &text, int64_t least, int64_t most, int64_t &value);
bool read(const std::string &text, uint64_t least, uint64_t most, uint64_t &value);
bool read(const std::string &text, double above, double most, double &value); // `above` itself is not one
std::string rule(int64_t least, int64_t most);
std::string rule(uint64_t least, uint64_t most);
std::string rule(double above, double most);

template<class T>
struct Number
{
    using Type = T;
};
template<class T>
struct Number<std::optional<T>>
{
    using Type = T;
};

} // namespace numberoption

/// Adds `option`, which takes a whole number from `least` to `most`, or a real one above `least`, into `target`, a number or an optional one.
template<class Target, class T = typename numberoption::Number<Target>::Type>
CLI::Option *addNumber(CLI::App &command, const std::string &option, Target &target, const std::string &help, T least,
                       std::type_identity_t<T> most = std::numeric_limits<T>::max(), const char *valueName = "N")
{
    using Wide = std::conditional_t<std::is_floating_point_v<T>, double, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>;
    const Wide from = least, to = most;
    const auto take = [&target, from, to](const std::string &given) {
        Wide value{};
        if (!numberoption::read(given, from, to, value))
            return false;
        target = static_cast<T>(value);
        return true;
    };
    return numberoption::add(command, option, help, valueName, take, numberoption::rule(from, to));
}

} // namespace pretext
