#include "widgets/help/glossary.h"

#include "core/data/augment/augment.h"
#include "core/engine/config.h"
#include "core/engine/tokenizing.h"
#include "core/nn/optimizer.h"
#include "core/ssl/datakinds.h"
#include "core/ssl/method.h"
#include "widgets/panel.h"
#include "widgets/resources.h"
#include "widgets/said.h"

#include <QFile>
#include <QRegularExpression>
#include <QWidget>

#include <algorithm>
#include <map>

namespace pretext {

namespace {

QString utf8Text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

/// Values of a knob and whose each is.
using ValuesOf = std::vector<std::pair<QString, QStringList>>;

/// A knob as some of its owners declare it; others of the same name may mean something else by it.
struct Declared
{
    Knob knob;
    QStringList owners;
    ValuesOf defaults = {}; // by owner
    ValuesOf begun = {};    // by method, and kind of data where it matters: what recipes begin with, where that is not the default
};

using DeclaredKnobs = std::map<std::string, std::vector<Declared>>;

bool declaredAlike(const Knob &a, const Knob &b)
{
    return a.help == b.help && a.minimum == b.minimum && a.maximum == b.maximum && a.choices == b.choices;
}

void addValue(ValuesOf &values, const KnobValue &value, const QString &whose)
{
    const QString text = utf8Text(toText(value));
    const auto found = std::ranges::find(values, text, &ValuesOf::value_type::first);
    QStringList &all = found != values.end() ? found->second : values.emplace_back(text, QStringList()).second;
    if (!all.contains(whose))
        all << whose;
}

void collectKnobs(DeclaredKnobs &all, const std::vector<Knob> &knobs, const QString &owner)
{
    for (const Knob &knob : knobs) {
        std::vector<Declared> &same = all[knob.name];
        const auto found = std::find_if(same.begin(), same.end(), [&](const Declared &other) { return declaredAlike(other.knob, knob); });
        Declared &declared = found == same.end() ? same.emplace_back(Declared{knob, {}}) : *found;
        if (!declared.owners.contains(owner))
            declared.owners << owner;
        addValue(declared.defaults, knob.defaultValue, owner);
    }
}

/// Which of a method's kinds of data a knob begins with a value on; by knob and value.
using KindsByValue = std::map<std::pair<std::string, std::string>, QStringList>;

/// What each method's recipe sets otherwise than the knob's default, with the kinds of data where it is not the same on all.
void collectRecipes(DeclaredKnobs &all)
{
    for (const MethodType &type : methodTypes()) {
        const std::vector<DataKind> kinds = dataKinds(type);
        KindsByValue kindsOf;
        std::map<std::pair<std::string, std::string>, std::pair<Knob, KnobValue>> set;
        for (const DataKind &kind : kinds) {
            const Recipe recipe = type.recipe(kind.info);
            const KnobSet declared(knobsOf(type.name, recipe.encoder, kind.info.image));
            for (const auto &[name, value] : recipe.knobs)
                if (const Knob *knob = declared.find(name); knob && knob->defaultValue != value) {
                    kindsOf[{name, toText(value)}] << translated(kind.title);
                    set.insert({{name, toText(value)}, {*knob, value}});
                }
        }
        for (const auto &[key, where] : kindsOf) {
            const auto &[knob, value] = set.at(key);
            const QString method = utf8Text(type.name);
            const QString whose = where.size() == qsizetype(kinds.size()) ? method : QObject::tr("%1 on %2").arg(method, where.join(QObject::tr(", ")));
            for (Declared &declared : all[key.first])
                if (declaredAlike(declared.knob, knob))
                    addValue(declared.begun, value, whose);
        }
    }
}

DeclaredKnobs declaredKnobs()
{
    DeclaredKnobs all;
    collectKnobs(all, jobKnobs(), QObject::tr("every job"));
    for (const MethodType &type : methodTypes())
        collectKnobs(all, type.knobs({}), utf8Text(type.name));
    for (const EncoderType &type : encoderTypes())
        collectKnobs(all, type.knobs(), utf8Text(type.name));
    collectKnobs(all, optimizerKnobs(), QObject::tr("every method"));
    for (const ImageShape shape : {ImageShape{32, 32, 3}, ImageShape{28, 28, 1}})
        collectKnobs(all, augmentationKnobs(shape), QObject::tr("images' augmentations"));
    collectKnobs(all, tokenizerKnobs(), QObject::tr("texts' tokenizers"));
    collectRecipes(all);
    return all;
}

QString whenItActs(KnobEffect effect)
{
    switch (effect) {
    case KnobEffect::live: return QObject::tr("acts from the next step on");
    case KnobEffect::nextBatch: return QObject::tr("acts from the next batch on");
    case KnobEffect::restart: break;
    }
    return QObject::tr("acts after a restart");
}

QString knobRange(const Knob &knob)
{
    if (knob.kind == KnobKind::boolean)
        return QObject::tr("on or off");
    if (knob.kind == KnobKind::integer || knob.kind == KnobKind::real)
        return QObject::tr("%1 to %2").arg(utf8Text(toText(KnobValue(knob.minimum))), utf8Text(toText(KnobValue(knob.maximum))));
    QStringList choices;
    for (const std::string &choice : knob.choices)
        choices << utf8Text(choice);
    return choices.join(QObject::tr(", "));
}

/// "0.1 (simclr), 0.5 (mae)"
QString valuesText(const ValuesOf &values)
{
    QStringList parts;
    for (const auto &[value, whose] : values)
        parts << QObject::tr("%1 (%2)").arg(value, whose.join(QObject::tr(", ")));
    return parts.join(QObject::tr(", "));
}

/// The default, or those of several owners; and what recipes begin with instead.
QString defaultText(const Declared &declared)
{
    QString text;
    if (declared.defaults.size() > 1)
        text = QObject::tr("default %1; ").arg(valuesText(declared.defaults).toHtmlEscaped());
    else if (const QString one = declared.defaults.front().first; !one.isEmpty())
        text = QObject::tr("default %1; ").arg(one.toHtmlEscaped());
    if (!declared.begun.empty())
        text += QObject::tr("recipes begin with %1; ").arg(valuesText(declared.begun).toHtmlEscaped());
    return text;
}

QString knobHtml(const Declared &declared, bool alone)
{
    const Knob &knob = declared.knob;
    const QString whose = alone ? QString() : QStringLiteral("<p><b>%1</b></p>").arg(QObject::tr("Of %1").arg(declared.owners.join(", ")).toHtmlEscaped());
    return whose
           + QStringLiteral("<p>%1</p><p>%2; %3%4.</p>")
                 .arg(translated(knob.help).toHtmlEscaped(), knobRange(knob).toHtmlEscaped(), defaultText(declared), whenItActs(knob.effect));
}

Term termOfKnob(const std::string &name, const std::vector<Declared> &declared)
{
    QStringList owners;
    QString html;
    for (const Declared &one : declared) {
        owners += one.owners;
        html += knobHtml(one, declared.size() == 1);
    }
    owners.removeDuplicates();
    const QString symbol = utf8Text(declared.front().knob.symbol);
    const bool ofJob = owners == QStringList{QObject::tr("every job")};
    const QString setBy = ofJob ? QString() : QObject::tr("<p>On the command line: train --set %1=VALUE</p>").arg(utf8Text(name));
    return {"knob/" + utf8Text(name), symbol.isEmpty() ? utf8Text(name) : utf8Text(name) + ' ' + symbol, QObject::tr("knob of %1").arg(owners.join(", ")),
            html + setBy};
}

/// The knobs as links to their terms.
QString knobLinks(const std::vector<Knob> &knobs)
{
    QStringList names;
    for (const Knob &knob : knobs)
        names << QStringLiteral("<a href='knob/%1'>%1</a>").arg(utf8Text(knob.name));
    return names.isEmpty() ? QString() : QObject::tr("<p>Knobs: %1</p>").arg(names.join(", "));
}

QString helpParagraph(const std::string &help)
{
    return QStringLiteral("<p>%1</p>").arg(translated(help).toHtmlEscaped());
}

void addTypes(std::vector<Term> &terms)
{
    for (const MethodType &type : methodTypes())
        terms.push_back({"method/" + utf8Text(type.name), translated(type.title),
                         QObject::tr("method, %1; for %2").arg(utf8Text(type.name), utf8Text(kindsSaid(type))),
                         helpParagraph(type.help) + knobLinks(type.knobs({}))});
    for (const EncoderType &type : encoderTypes())
        terms.push_back({"encoder/" + utf8Text(type.name), utf8Text(type.name), QObject::tr("encoder, reads %1").arg(translated(toText(type.modality))),
                         helpParagraph(type.help) + knobLinks(type.knobs())});
    for (const DatasetType &type : datasetTypes())
        terms.push_back({"data/" + utf8Text(type.name), utf8Text(type.name), QObject::tr("data set of %1").arg(translated(toText(type.modality))),
                         helpParagraph(type.help)});
    for (const PanelType &type : panelTypes())
        terms.push_back({"panel/" + type.name, type.title, QObject::tr("panel"), QStringLiteral("<p>%1</p>").arg(type.help.toHtmlEscaped())});
}

/// Lines "## word", and what it means below; of a word that is a knob, an encoder or a panel, too, that one says it.
void addWords(std::vector<Term> &terms, const QString &name, const QString &prefix, const QString &kind)
{
    useResources();
    QFile file(":/glossary/" + name);
    if (!file.open(QIODevice::ReadOnly))
        return;
    for (const QString &entry : ("\n" + QString::fromUtf8(file.readAll())).split("\n## ").mid(1)) {
        const QString word = entry.section('\n', 0, 0).trimmed(), html = QStringLiteral("<p>%1</p>").arg(entry.section('\n', 1).trimmed().toHtmlEscaped());
        const auto knob = std::find_if(terms.begin(), terms.end(), [&](const Term &term) {
            return term.key == "knob/" + QString(word).replace(' ', '_') || term.key == "encoder/" + word
                   || (term.key.startsWith(QLatin1String("panel/")) && term.title.compare(word, Qt::CaseInsensitive) == 0);
        });
        if (knob != terms.end())
            knob->html.prepend(html);
        else
            terms.push_back({prefix + word, word, kind, html});
    }
}

/// "crop.min_area", "loss/total" and "top-k" are words, too; small letters, as a search compares them.
QString inWords(const QString &text)
{
    static const QRegularExpression between("[\\s_/.,:;&…()%-]+");
    return QString(text).replace(between, " ").trimmed().toLower();
}

/// Of a plural by its usual endings; what is sought in a text is found in its plural anyway.
QString singularOf(const QString &word)
{
    static const std::pair<QString, QString> endings[] = {{"ies", "y"}, {"sses", "ss"}, {"xes", "x"}, {"ches", "ch"}, {"ices", "i"},
                                                          {"ss", "ss"}, {"us", "us"},   {"is", "is"}, {"s", ""}};
    constexpr qsizetype kShortest = 4; // "gas", "is"
    for (const auto &[plural, singular] : endings)
        if (word.size() >= kShortest && word.endsWith(plural))
            return word.chopped(plural.size()) + singular;
    return word;
}

std::vector<Term> makeGlossary()
{
    std::vector<Term> terms;
    for (const auto &[name, declared] : declaredKnobs())
        terms.push_back(termOfKnob(name, declared));
    addTypes(terms);
    addWords(terms, "words.md", "word/", QObject::tr("word of the field"));
    addWords(terms, "parts.md", "part/", QObject::tr("part of the window"));
    std::stable_sort(terms.begin(), terms.end(), [](const Term &a, const Term &b) { return a.title.compare(b.title, Qt::CaseInsensitive) < 0; });
    return terms;
}

} // namespace

const std::vector<Term> &glossary()
{
    static const std::vector<Term> terms = makeGlossary();
    return terms;
}

const Term *termNamed(const QString &key)
{
    const auto found = std::find_if(glossary().begin(), glossary().end(), [&](const Term &term) { return term.key == key; });
    return found == glossary().end() ? nullptr : &*found;
}

std::vector<const Term *> termsMatching(const QString &sought, const std::vector<Term> &terms)
{
    QStringList words;
    for (const QString &word : inWords(sought).split(' ', Qt::SkipEmptyParts))
        words << singularOf(word);
    const auto holdsAll = [&](const QString &in) {
        return std::all_of(words.begin(), words.end(), [text = inWords(in), &words](const QString &word) { return text.contains(word); });
    };
    const QString title = words.join(' ');
    std::vector<const Term *> whole, first, inTitle, elsewhere;
    for (const Term &term : terms) {
        if (inWords(term.title) == title)
            whole.push_back(&term);
        else if (!title.isEmpty() && inWords(term.title).startsWith(title + ' '))
            first.push_back(&term);
        else if (holdsAll(term.title))
            inTitle.push_back(&term);
        else if (holdsAll(term.title + ' ' + term.kind + ' ' + term.html))
            elsewhere.push_back(&term);
    }
    for (const auto &others : {first, inTitle, elsewhere})
        whole.insert(whole.end(), others.begin(), others.end());
    return whole;
}

void setTerm(QWidget *widget, const QString &key)
{
    widget->setProperty("term", key);
}

QString termOf(const QWidget *widget)
{
    for (; widget; widget = widget->parentWidget())
        if (const QString term = widget->property("term").toString(); !term.isEmpty())
            return term;
    return {};
}

} // namespace pretext
