// A slider over a knob's range, linear or logarithmic; whole numbers of a short range stop at each.
#pragma once

#include "core/knobs/knob.h"

#include <QSlider>

namespace pretext {

class KnobSlider : public QSlider
{
    Q_OBJECT
public:
    explicit KnobSlider(const Knob &knob, QWidget *parent = nullptr);

    double number() const { return toNumber(value()); }
    /// Silent: does not emit.
    void setNumber(double number);

signals:
    void numberChanged(double number);

private:
    double toNumber(int position) const;
    int toPosition(double number) const;

    double m_minimum, m_maximum, m_lowest; // m_lowest: where the logarithm begins when the range includes zero
    bool m_whole, m_logarithmic;
};

} // namespace pretext
