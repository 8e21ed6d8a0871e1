#include "core/files/said.h"

#include <atomic>

namespace pretext {

namespace {
std::atomic<Translation> translationInUse = nullptr;
}

void setTranslation(Translation translation)
{
    translationInUse = translation;
}

std::string said(const char *text, std::initializer_list<SaidValue> values)
{
    const Translation translation = translationInUse;
    const std::string pattern = translation ? translation(text) : text;
    std::string sentence;
    for (size_t i = 0; i < pattern.size(); ++i) {
        const size_t number = pattern[i] == '%' && i + 1 < pattern.size() ? size_t(pattern[i + 1] - '1') : values.size();
        if (number < values.size()) {
            sentence += values.begin()[number].text;
            ++i;
        } else {
            sentence += pattern[i];
        }
    }
    return sentence;
}

} // namespace pretext
