// The terms of the program in one searchable list: every knob, method, encoder, data set and panel with the help that its declaration gives, and
// the words of the field and the parts of the window from resources/glossary. A widget with the property "term" says which term it stands for; F1 opens that.
#pragma once

#include <QString>

#include <vector>

class QWidget;

namespace pretext {

struct Knob;

struct Term
{
    QString key;   // "knob/temperature", "method/simclr", "panel/metrics", "word/projector", "part/rewind"
    QString title; // "temperature τ"
    QString kind;  // "knob of simclr, simcse"
    QString html;  // below the title
};

/// In the order of the alphabet.
const std::vector<Term> &glossary();
/// Null where there is none.
const Term *termNamed(const QString &key);
/// Those that hold every word of `text`, or its singular: as the title, else at its beginning, else in it, else in the explanation; all where it is empty.
std::vector<const Term *> termsMatching(const QString &text, const std::vector<Term> &terms);

void setTerm(QWidget *widget, const QString &key);
/// Of the widget, or of what it lies in; empty where nothing around it has one.
QString termOf(const QWidget *widget);

/// What the job's own choices are declared as: data, method, encoder, batch, seed, and of a folder's images size and colour.
std::vector<Knob> jobKnobs();
Knob jobKnob(const std::string &name); // the one of them

} // namespace pretext
