#include "app/extenddialog.h"

#include "core/engine/lengthening.h"
#include "widgets/run.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QRadioButton>
#include <QSpinBox>

#include <algorithm>

namespace pretext {

ExtendDialog::ExtendDialog(Run *run, QWidget *parent) : QDialog(parent), m_run(run), m_steps(new QSpinBox(this)), m_now(new QLabel(this))
{
    setWindowTitle(tr("Train past the end"));
    auto *form = new QFormLayout(this);
    m_steps->setRange(1, 1'000'000'000);
    m_steps->setValue(int(std::clamp<int64_t>(run->status().plannedSteps, 1, 1'000'000'000))); // as many again
    m_steps->setGroupSeparatorShown(true);
    form->addRow(tr("Steps to &add"), m_steps);
    form->addRow(m_now);
    for (const ScheduleChange change : {ScheduleChange::hold, ScheduleChange::rewarm, ScheduleChange::stretch}) {
        auto *choice = m_choices[change] = new QRadioButton(this);
        choice->setObjectName(nameOf(change));
        form->addRow(choice);
    }
    m_choices[ScheduleChange::hold]->setChecked(true);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    auto *train = buttons->addButton(tr("&Train"), QDialogButtonBox::AcceptRole);
    train->setObjectName("train");
    train->setDefault(true);
    form->addRow(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &ExtendDialog::extend);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_steps, &QSpinBox::valueChanged, this, &ExtendDialog::updateTexts);
    connect(run, &Run::statusChanged, this, [this, train] {
        train->setEnabled(m_run->hasJob() && m_run->status().plannedSteps > 0);
        updateTexts();
    });
    train->setEnabled(run->hasJob() && run->status().plannedSteps > 0);
    updateTexts();
}

/// The running job as it is planned now.
RunConfig ExtendDialog::planned() const
{
    RunConfig config = m_run->config();
    config.steps = m_run->status().plannedSteps;
    config.plan = m_run->status().plan;
    return config;
}

void ExtendDialog::updateTexts()
{
    const RunConfig config = planned();
    const int64_t step = m_run->status().step, steps = config.steps + m_steps->value();
    if (config.steps == 0)
        return m_now->setText(tr("This run has no planned end: it trains until it is stopped."));
    const bool asks = asksForScheduleChange(config, steps);
    const QString rate = QString::number(learningRateAt(config, std::max<int64_t>(0, step - 1)), 'g', 3);
    m_now->setText(asks ? tr("The learning rate is %1 now, at step %2 of %3. With %4 steps it")
                              .arg(rate, QLocale().toString(qlonglong(step)), QLocale().toString(qlonglong(config.steps)), QLocale().toString(qlonglong(steps)))
                        : tr("The learning rate stays %1.").arg(rate));
    const std::map<ScheduleChange, QString> names{
        {ScheduleChange::hold, tr("&Hold")}, {ScheduleChange::rewarm, tr("&Rewarm")}, {ScheduleChange::stretch, tr("&Stretch")}};
    for (const auto &[change, choice] : m_choices) {
        choice->setVisible(asks);
        if (asks)
            choice->setText(tr("%1: it %2").arg(names.at(change), QString::fromStdString(scheduleChangeText(config, step, steps, change))));
    }
}

void ExtendDialog::extend()
{
    for (const auto &[change, choice] : m_choices)
        if (choice->isChecked())
            m_run->extend(m_steps->value(), change);
    accept();
}

} // namespace pretext
