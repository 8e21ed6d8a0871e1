#include "widgets/panels/samplingbar.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>

namespace pretext {

SamplingBar::SamplingBar(QWidget *parent) : QWidget(parent)
{
    auto *rows = new QVBoxLayout(this); // two rows, so that the panel may be narrow
    rows->setContentsMargins(6, 0, 6, 4);
    rows->setSpacing(4);
    auto *row = new QHBoxLayout, *second = new QHBoxLayout;
    for (QHBoxLayout *each : {row, second}) {
        each->setSpacing(6);
        rows->addLayout(each);
    }
    m_greedy = new QCheckBox(tr("&Greedy"));
    m_greedy->setToolTip(tr("Takes the most probable token each time: what the model holds to be the likeliest text, which soon repeats itself. "
                            "It changes what is drawn, not what is learned."));
    row->addWidget(m_greedy);
    connect(m_greedy, &QCheckBox::toggled, this, &SamplingBar::changeGreedy);
    m_temperature = addReal(row, tr("&Temperature"), 0.05, 3, 1,
                            tr("T divides the scores before the softmax: below 1 the likely tokens gain, above 1 the unlikely ones do. "
                               "At 1 the text is drawn as the model has learned it."));
    m_topK = addWhole(second, tr("Top &k"), 0, 1000, 0,
                      tr("Draws from the k most probable tokens only, which cuts off the long tail of what the model "
                         "has hardly learned. 0: from all."));
    m_topP = addReal(second, tr("Top &p"), 0.05, 1, 1,
                     tr("Draws from the fewest tokens that together have the probability p: few where the model is "
                        "sure, many where it is not. 1: from all."));
    m_tokens = addWhole(second, tr("Tokens"), 1, 256, 32, tr("Longest continuation, in tokens; the context's end and the token [SEP] end it sooner."));
    auto *again = new QPushButton(tr("Draw &again"));
    again->setToolTip(tr("Draws another continuation from the same probabilities."));
    row->addWidget(again);
    connect(again, &QPushButton::clicked, this, [this] {
        ++m_seed;
        emit changed();
    });
    row->addStretch(1);
    second->addStretch(1);
}

QSpinBox *SamplingBar::addWhole(QHBoxLayout *row, const QString &label, int low, int high, int value, const QString &help)
{
    auto *box = new QSpinBox;
    box->setRange(low, high);
    box->setValue(value);
    box->setToolTip(help);
    if (low == 0)
        box->setSpecialValueText(tr("all"));
    auto *name = new QLabel(label);
    name->setBuddy(box);
    row->addWidget(name);
    row->addWidget(box);
    connect(box, &QSpinBox::valueChanged, this, &SamplingBar::changed);
    return box;
}

QDoubleSpinBox *SamplingBar::addReal(QHBoxLayout *row, const QString &label, double low, double high, double value, const QString &help)
{
    auto *box = new QDoubleSpinBox;
    box->setRange(low, high);
    box->setSingleStep(0.05);
    box->setValue(value);
    box->setToolTip(help);
    auto *name = new QLabel(label);
    name->setBuddy(box);
    row->addWidget(name);
    row->addWidget(box);
    connect(box, &QDoubleSpinBox::valueChanged, this, &SamplingBar::changed);
    return box;
}

void SamplingBar::changeGreedy()
{
    for (QWidget *box : {static_cast<QWidget *>(m_temperature), static_cast<QWidget *>(m_topK), static_cast<QWidget *>(m_topP)})
        box->setEnabled(!m_greedy->isChecked());
    emit changed();
}

Sampling SamplingBar::sampling() const
{
    Sampling sampling;
    sampling.tokens = m_tokens->value();
    sampling.temperature = m_greedy->isChecked() ? 0 : float(m_temperature->value());
    sampling.topK = m_topK->value();
    sampling.topP = float(m_topP->value());
    sampling.seed = m_seed;
    return sampling;
}

} // namespace pretext
