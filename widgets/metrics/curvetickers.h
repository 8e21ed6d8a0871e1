// What stands at the ticks of a curve's axes.
#pragma once

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace pretext {

/// Steps are whole: two ticks must not both say 2.
class StepTicker : public QCPAxisTicker
{
protected:
    double getTickStep(const QCPRange &range) override { return std::max(1.0, std::round(QCPAxisTicker::getTickStep(range))); }
    int getSubTickCount(double) override { return 0; }
};

/// Where all values are nearly the same, as many digits as tell the ticks apart.
class ValueTicker : public QCPAxisTicker
{
public:
    explicit ValueTicker(bool percent) : m_percent(percent) {}

protected:
    QVector<QString> createLabelVector(const QVector<double> &ticks, const QLocale &locale, QChar format, int precision) override
    {
        constexpr int kMostDigits = 15, kOfTheStep = 3; // 2.5, and one for each rounding down
        if (ticks.size() > 1) {
            const double step = ticks[1] - ticks[0], largest = std::max(std::abs(ticks.front()), std::abs(ticks.back()));
            if (step > 0 && largest > step)
                precision = std::max(precision, std::min(kMostDigits, int(std::log10(largest / step)) + kOfTheStep));
        }
        QVector<double> shown = ticks;
        for (double &tick : shown)
            tick *= m_percent ? 100 : 1;
        QVector<QString> labels = QCPAxisTicker::createLabelVector(shown, locale, format, precision);
        for (QString &label : labels)
            label += m_percent ? QStringLiteral(" %") : QString();
        return labels;
    }

private:
    bool m_percent;
};

} // namespace pretext
