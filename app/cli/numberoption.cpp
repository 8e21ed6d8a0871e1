#include "app/cli/numberoption.h"

#include "core/files/messagetext.h"
#include "core/knobs/knob.h"
#include "core/knobs/number.h"

namespace pretext::numberoption {

CLI::Option *add(CLI::App &command, const std::string &option, const std::string &help, const char *valueName, std::function<bool(const std::string &)> take,
                 const std::string &rule)
{
    const auto refuseOthers = [option, take, rule](const std::string &given) {
        if (!take(given))
            throw CLI::ValidationError(option + " " + shortened(given.empty() ? "''" : given), "must be " + rule);
    };
    return command.add_option_function<std::string>(option, refuseOthers, help)->type_name(valueName);
}

bool read(const std::string &text, int64_t least, int64_t most, int64_t &value)
{
    const auto number = wholeNumber<int64_t>(text);
    value = number.value_or(0);
    return number && value >= least && value <= most;
}

bool read(const std::string &text, uint64_t least, uint64_t most, uint64_t &value)
{
    const auto number = wholeNumber<uint64_t>(text);
    value = number.value_or(0);
    return number && value >= least && value <= most;
}

bool read(const std::string &text, double above, double most, double &value)
{
    const auto number = realNumber(text, std::chars_format::fixed);
    value = number.value_or(0);
    return number && value > above && value <= most;
}

std::string rule(int64_t least, int64_t most)
{
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

std::string rule(uint64_t least, uint64_t most)
{
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

std::string rule(double above, double most)
{
    return std::string("a number such as ") + (above < 0.5 ? "0.5" : "1.5") + " or 10, above " + toText(KnobValue(above)) + " and at most "
           + toText(KnobValue(most));
}

} // namespace pretext::numberoption
