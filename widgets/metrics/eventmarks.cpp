#include "widgets/metrics/eventmarks.h"

#include <QCoreApplication>

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

} // namespace pretext
