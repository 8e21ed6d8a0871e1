// In-context learning in miniature: documents of lines such as "Q: 2 ~ 3 = ? A: 5", where ~ is one operator throughout a document and is
// nowhere named. Who reads the examples can tell which; who sees none can only guess.
#pragma once

#include "core/data/dataset.h"

#include <string>

namespace pretext {

/// Modulo 10: a + c, and c whatever is asked, for c = 0 .. 9. Every answer to a pair is right for two of the twenty, so that without an example
/// one guess in ten is right where all are asked for equally often, as operatorPrompt does. One example leaves two operators, a second one
/// nearly always one. The second operand is there to be seen through.
constexpr int kOperators = 20;
constexpr int kMostExamples = 8; // of a document: one line more, the question

int applyOperator(int op, int a, int b);
std::string operatorName(int op); // "a + 3"
/// One combination of operator and pair in ten is in no document of the training split.
bool isHeldOut(int op, int a, int b);

/// A question about a held-out combination after `examples` lines with others of the same operator; a pure function of its arguments.
struct OperatorPrompt
{
    std::string text;   // "Q: 2 ~ 3 = ? A: 5\nQ: 7 ~ 1 = ? A:"
    std::string answer; // "8"
    int op = 0;
};
OperatorPrompt operatorPrompt(int examples, int64_t index);

} // namespace pretext
