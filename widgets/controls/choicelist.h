// A choice of names under headings, with a line on each: what a combo box opens where there are many to choose from.
#pragma once

#include <QString>

#include <vector>

class QComboBox;

namespace pretext {

struct Choice
{
    QString name, title, line; // what is chosen; as it is called; a sentence on it
};

struct ChoiceGroup
{
    QString title, line;
    std::vector<Choice> choices;
};

/// In place of what the box holds. Headings cannot be chosen, and the keys pass over them; the box's text is the name that is chosen.
void setGroups(QComboBox *box, const std::vector<ChoiceGroup> &groups);

} // namespace pretext
