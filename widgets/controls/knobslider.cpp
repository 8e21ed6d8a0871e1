#include "widgets/controls/knobslider.h"

#include "widgets/controls/wheelguard.h"

#include <QSignalBlocker>

#include <cmath>

namespace pretext {

namespace {
constexpr int kPositions = 500;
}

KnobSlider::KnobSlider(const Knob &knob, QWidget *parent)
    : QSlider(Qt::Horizontal, parent)
    , m_minimum(knob.minimum)
    , m_maximum(knob.maximum)
    , m_lowest(knob.minimum > 0 ? knob.minimum : knob.maximum * 1e-6)
    , m_whole(knob.kind == KnobKind::integer)
    , m_logarithmic(knob.logarithmic)
{
    const bool each = m_whole && !m_logarithmic && m_maximum - m_minimum <= kPositions;
    setRange(0, each ? static_cast<int>(m_maximum - m_minimum) : kPositions);
    setPageStep(qMax(1, maximum() / 20));
    guardWheel(this);
    setMinimumWidth(48);
    connect(this, &QSlider::valueChanged, this, [this](int position) { emit numberChanged(toNumber(position)); });
}

void KnobSlider::setNumber(double number)
{
    const QSignalBlocker silent(this);
    setValue(toPosition(number));
}

double KnobSlider::toNumber(int position) const
{
    const double share = position / double(maximum());
    if (position == 0)
        return m_minimum;
    double number = m_logarithmic ? m_lowest * std::pow(m_maximum / m_lowest, share) : m_minimum + share * (m_maximum - m_minimum);
    if (m_whole)
        number = std::round(number);
    else if (position < maximum())
        number = QString::number(number, 'g', 3).toDouble(); // a dragged value that can be read aloud
    return std::clamp(number, m_minimum, m_maximum);
}

int KnobSlider::toPosition(double number) const
{
    if (number <= m_minimum)
        return 0;
    const double share = m_logarithmic ? std::log(number / m_lowest) / std::log(m_maximum / m_lowest) : (number - m_minimum) / (m_maximum - m_minimum);
    return static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * maximum()));
}

} // namespace pretext
