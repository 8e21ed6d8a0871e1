// The families of methods, by which pickers, lists and help group them.
#pragma once

#include <cstdint>
#include <vector>

namespace pretext {

struct MethodType;

enum class Family : uint8_t {
    contrastive,      // views of a sample attract each other, and others repel
    withoutNegatives, // views of a sample attract each other alone
    clustering,       // views are shared out among prototypes
    generative,       // what was hidden or spoiled is rebuilt
    pretext,          // an answer that the data give themselves is predicted
    text,             // tokens or sentences
    labels,           // classes that people gave
};

const char *titleOf(Family family); // "Contrastive"
const char *helpOf(Family family);  // a sentence

struct MethodGroup
{
    Family family;
    std::vector<const MethodType *> methods; // in the order of the table
};
/// All methods; no family without any. The pointers hold until a method is added.
std::vector<MethodGroup> methodGroups();

} // namespace pretext
