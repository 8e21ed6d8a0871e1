#include "core/ssl/family.h"

#include "core/files/said.h"
#include "core/ssl/method.h"

namespace pretext {

namespace {

struct FamilyWords
{
    Family family;
    const char *title, *help;
};

constexpr FamilyWords kFamilies[] = {
    FamilyWords{Family::contrastive, PRETEXT_SAID("Contrastive"),
                PRETEXT_SAID("Views of one sample attract each other, and views of other samples repel: watch Similarity.")},
    FamilyWords{Family::withoutNegatives, PRETEXT_SAID("Without negatives"),
                PRETEXT_SAID("Views of one sample attract each other and nothing repels; something else keeps all from becoming alike.")},
    FamilyWords{Family::clustering, PRETEXT_SAID("Clustering and distillation"),
                PRETEXT_SAID("Views are shared out among prototypes, and one view has to foretell the share of another: watch Prototypes.")},
    FamilyWords{Family::generative, PRETEXT_SAID("Generative"), PRETEXT_SAID("What was hidden, spoiled or squeezed is painted again: watch Reconstruction.")},
    FamilyWords{Family::pretext, PRETEXT_SAID("Pretext tasks"),
                PRETEXT_SAID("A question is asked whose answer the data give themselves: watch Task predictions.")},
    FamilyWords{Family::text, PRETEXT_SAID("Of text"), PRETEXT_SAID("Tokens are predicted, or sentences compared: watch Token predictions.")},
    FamilyWords{Family::labels, PRETEXT_SAID("With labels"), PRETEXT_SAID("Learns from the classes that people gave, to compare with what needs none.")}};

const FamilyWords &wordsOf(Family family)
{
    return kFamilies[static_cast<size_t>(family)];
}

} // namespace

const char *titleOf(Family family)
{
    return wordsOf(family).title;
}

const char *helpOf(Family family)
{
    return wordsOf(family).help;
}

std::vector<MethodGroup> methodGroups()
{
    std::vector<MethodGroup> groups;
    for (const FamilyWords &words : kFamilies) {
        MethodGroup group{words.family, {}};
        for (const MethodType &type : methodTypes())
            if (type.family == words.family)
                group.methods.push_back(&type);
        if (!group.methods.empty())
            groups.push_back(std::move(group));
    }
    return groups;
}

} // namespace pretext
