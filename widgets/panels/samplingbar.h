// How a continuation is drawn from the model's probabilities: temperature, top-k, top-p, greedy or not, and how long.
#pragma once

#include "core/channels/tokens.h"

#include <QWidget>

class QCheckBox;
class QHBoxLayout;
class QSpinBox;
class QDoubleSpinBox;

namespace pretext {

class SamplingBar : public QWidget
{
    Q_OBJECT
public:
    explicit SamplingBar(QWidget *parent = nullptr);

    Sampling sampling() const;

signals:
    void changed();

private:
    QSpinBox *addWhole(QHBoxLayout *row, const QString &label, int low, int high, int value, const QString &help);
    QDoubleSpinBox *addReal(QHBoxLayout *row, const QString &label, double low, double high, double value, const QString &help);
    void changeGreedy();

    QCheckBox *m_greedy;
    QDoubleSpinBox *m_temperature, *m_topP;
    QSpinBox *m_topK, *m_tokens;
    quint64 m_seed = 1;
};

} // namespace pretext
