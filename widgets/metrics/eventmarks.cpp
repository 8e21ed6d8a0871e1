#include "widgets/metrics/eventmarks.h"

#include <QCoreApplication>

#include <algorithm>

namespace pretext {

std::vector<Mark> marksOf(const std::vector<Event> &events)
{
    constexpr double kSameDragSteps = 25; // knob changes this close together were one drag
    std::vector<Mark> marks;
    std::string last, before; // knob of the last mark, and its value before that
    for (const Event &event : events) {
        const double step = static_cast<double>(event.step);
        if (event.kind == "rewind")
            marks.clear();
        if (event.kind == "resume")
            std::erase_if(marks, [step](const Mark &mark) { return mark.step > step; });
        if (event.kind == "schedule") { // where a jump of the learning rate comes from
            marks.push_back({step, QCoreApplication::translate("pretext::EventMarks", "%1 → %2 steps, %3")
                                       .arg(QString::fromStdString(event.before), QString::fromStdString(event.after), QString::fromStdString(event.name))});
            last.clear();
        }
        if (event.kind != "knob")
            continue;
        const bool sameDrag = !marks.empty() && last == event.name && step - marks.back().step < kSameDragSteps;
        if (!sameDrag) {
            marks.push_back({});
            before = event.before;
        }
        last = event.name;
        marks.back() = {
            step, QStringLiteral("%1 %2 → %3").arg(QString::fromStdString(event.name), QString::fromStdString(before), QString::fromStdString(event.after))};
    }
    return marks;
}

std::vector<Mark> marksOfBoth(const std::vector<Event> &left, const std::vector<Event> &right, std::optional<int64_t> parting)
{
    const std::vector<Mark> own = marksOf(left), its = marksOf(right);
    const auto in = [](const std::vector<Mark> &marks, const Mark &mark) {
        return std::ranges::any_of(marks, [&](const Mark &other) { return other.step == mark.step && other.label == mark.label; });
    };
    std::vector<Mark> both;
    for (const Mark &mark : own) {
        const bool common = (parting && mark.step <= double(*parting)) || in(its, mark);
        both.push_back(common ? mark : Mark{mark.step, QCoreApplication::translate("pretext::EventMarks", "left: %1").arg(mark.label)});
    }
    for (const Mark &mark : its)
        if (!in(own, mark))
            both.push_back({mark.step, QCoreApplication::translate("pretext::EventMarks", "right: %1").arg(mark.label)});
    std::ranges::stable_sort(both, {}, &Mark::step);
    return both;
}

} // namespace pretext
