// Numbers as people write them, of the command line and of knobs: decimal, all of the text, within the type. `010` is ten; a sign that the type
// has not, a number beyond it, hexadecimal and anything behind the number are no number, never another one.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <optional>
#include <string_view>

namespace pretext {

template<std::integral Integer>
std::optional<Integer> wholeNumber(std::string_view text)
{
    Integer value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 10);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// Finite. `0.0003` is one in either notation, `3e-4` in the scientific too.
inline std::optional<double> realNumber(std::string_view text, std::chars_format notation = std::chars_format::general)
{
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, notation);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

} // namespace pretext
