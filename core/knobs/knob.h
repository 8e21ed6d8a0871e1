// Knobs: what a method, an encoder, an optimizer or the augmentations let a user turn, declared as data. The window and the
// command line are generated from these declarations.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace pretext {

using KnobValue = std::variant<bool, double, std::string>; // whole numbers travel as double

enum class KnobKind { boolean, integer, real, choice };
enum class KnobEffect { live, nextBatch, restart }; // when a change acts: the next step, the next batch made, a new run

/// What must hold between a knob's value and another's; declared with one of the two, and of no effect where the other is not declared.
struct KnobRule
{
    enum Kind { togetherAtMostOne, notAbove, divides } kind = togetherAtMostOne; // shares of one whole; least and most; parts of equal size
    std::string other;
};

struct Knob
{
    std::string name = {};   // "temperature", "crop.min_area"; a dot groups
    std::string symbol = {}; // "τ", may be empty
    KnobKind kind = KnobKind::real;
    double minimum = 0, maximum = 1;
    bool logarithmic = false;
    KnobValue defaultValue = {};
    std::vector<std::string> choices = {}; // of a choice
    KnobEffect effect = KnobEffect::live;
    std::string help = {}; // what it does to the learning, one line
    std::vector<KnobRule> rules = {};
    std::string formerSwitch = {}; // of a choice that was once on or off: the choice that `true` means since; `false` means the first
};

/// Values for a list of declarations; every write is checked against its declaration. Rules between two of them are checked where the values are
/// together: a write is not refused because its partner is still to come.
class KnobSet
{
public:
    KnobSet() = default;
    explicit KnobSet(std::vector<Knob> declarations); // at their defaults

    const std::vector<Knob> &declarations() const { return m_declarations; }
    /// Null where there is none.
    const Knob *find(const std::string &name) const;

    /// Throw std::invalid_argument naming the knob, the value and its range; an unknown name suggests the nearest.
    void set(const std::string &name, const KnobValue &value);
    void setText(const std::string &name, const std::string &text);
    /// Also against its rules with the other values, where the knob acts at once.
    void check(const std::string &name, const KnobValue &value) const;
    /// Throws std::invalid_argument naming two knobs and their values, where a rule does not hold.
    void requireConsistent() const;
    /// Lowers shares that are too much together and exchanges a least that is above its most, as runs did silently when rules were not yet declared.
    void settle();

    const KnobValue &value(const std::string &name) const;
    double real(const std::string &name) const { return std::get<double>(value(name)); }
    int integer(const std::string &name) const { return static_cast<int>(real(name)); }
    bool boolean(const std::string &name) const { return std::get<bool>(value(name)); }
    const std::string &choice(const std::string &name) const { return std::get<std::string>(value(name)); }
    const std::map<std::string, KnobValue> &values() const { return m_values; }

    friend bool operator==(const KnobSet &a, const KnobSet &b) { return a.m_values == b.m_values; }

private:
    std::vector<Knob> m_declarations;
    std::map<std::string, KnobValue> m_values;
};

/// The knobs that differ, in an order in which each change is consistent with those before it.
std::vector<std::string> changedInOrder(const KnobSet &from, const KnobSet &to);

std::string toText(const KnobValue &value); // "0.2", "true", "adamw": shortest text that reads back the same
const char *toText(KnobEffect effect);      // "live", "next batch", "restart"

/// The candidate nearest to `name` by edit distance, or empty when none is near.
std::string nearestName(const std::string &name, const std::vector<std::string> &candidates);

} // namespace pretext
