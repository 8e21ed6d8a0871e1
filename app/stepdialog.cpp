#include "app/stepdialog.h"

#include "core/engine/rowfile.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLayout>
#include <QLocale>
#include <QPushButton>
#include <QSpinBox>

#include <algorithm>
#include <limits>

namespace pretext {

namespace {

int stepsInBox(int64_t step)
{
    return int(std::clamp<int64_t>(step, 0, std::numeric_limits<int>::max()));
}

} // namespace

StepDialog::StepDialog(const std::filesystem::path &run, int64_t first, int64_t last, int64_t step, QWidget *parent)
    : QDialog(parent)
    , m_last(last)
    , m_step(new QSpinBox(this))
    , m_howFar(new QLabel(this))
    , m_what(new QLabel(this))
{
    setWindowTitle(tr("Go back or fork: %1").arg(QString::fromStdString(run.filename().string())));
    for (const std::filesystem::path &checkpoint : checkpointsIn(run))
        m_kept.push_back(stepOf(checkpoint));
    auto *form = new QFormLayout(this);
    m_step->setRange(stepsInBox(first), std::numeric_limits<int>::max()); // a larger one is refused in words, not made another
    m_step->setGroupSeparatorShown(true);
    m_step->setValue(stepsInBox(step));
    form->addRow(tr("&Step"), m_step);
    m_howFar->setWordWrap(true);
    form->addRow(m_howFar);
    m_what->setWordWrap(true);
    m_what->setMinimumWidth(420);
    sayWhat(false);
    form->addRow(m_what);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    QPushButton *back = buttons->addButton(tr("&Go back"), QDialogButtonBox::ActionRole);
    QPushButton *fork = buttons->addButton(tr("&Fork"), QDialogButtonBox::ActionRole);
    QPushButton *both = buttons->addButton(tr("Fork and watch &both"), QDialogButtonBox::ActionRole);
    both->setObjectName("forkBeside");
    back->setObjectName("goBack");
    fork->setObjectName("fork");
    fork->setDefault(true);
    form->addRow(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(back, &QPushButton::clicked, this, [this] {
        emit goBack(m_step->value());
        accept();
    });
    connect(fork, &QPushButton::clicked, this, [this] {
        emit this->fork(m_step->value());
        accept();
    });
    connect(both, &QPushButton::clicked, this, [this] {
        emit forkBeside(m_step->value());
        accept();
    });
    connect(m_step, &QSpinBox::valueChanged, this, &StepDialog::sayHowFar);
    sayHowFar();
}

void StepDialog::sayWhat(bool both)
{
    const QString back =
        both ? tr("<b>Go back</b>: both runs go on from that step, with all they had there: weights, optimizer, queue, teacher and knobs. What "
                  "they took since is kept aside, in metrics.lost.csv and checkpoints/lost.")
             : tr("<b>Go back</b>: this run goes on from that step, with all it had there: weights, optimizer, queue, teacher and knobs. What it "
                  "took since is kept aside, in metrics.lost.csv and checkpoints/lost.");
    const QString fork =
        both ? tr("<b>Fork</b>: another run begins with all that the left one had there, and both stay as they are. <b>Fork and watch both</b>: "
                  "the same, in place of the right run, which keeps its folder.")
             : tr("<b>Fork</b>: another run begins with all of that, and this one stays as it is. Until you change something it takes the very "
                  "same steps. <b>Fork and watch both</b>: the same, side by side with this run, step for step: change a knob of one, and see "
                  "what becomes of it.");
    m_what->setText(back + QStringLiteral("<br>") + fork);
}

void StepDialog::runIsAt(int64_t step)
{
    if (step <= m_last)
        return;
    m_last = step;
    sayHowFar();
}

void StepDialog::proposeGoingBack()
{
    findChild<QPushButton *>("goBack")->setDefault(true);
}

void StepDialog::beOfBoth(int64_t first, int64_t last)
{
    sayWhat(true);
    m_firstOfBoth = first;
    m_last = std::min(m_last, last);
    m_step->setValue(stepsInBox(std::clamp<int64_t>(m_step->value(), std::min(first, m_last), m_last)));
    sayHowFar();
}

void StepDialog::sayHowFar()
{
    const int64_t step = m_step->value();
    const auto after = std::upper_bound(m_kept.begin(), m_kept.end(), step);
    const QLocale numbers;
    if (step > m_last)
        m_howFar->setText(tr("The run is at step %1.").arg(numbers.toString(qlonglong(m_last))));
    else if (after == m_kept.begin())
        m_howFar->setText(
            m_kept.empty()
                ? tr("No checkpoint is kept of this run.")
                : tr("No checkpoint is kept of this step or of one before; the first is of step %1.").arg(numbers.toString(qlonglong(m_kept.front()))));
    else if (const int64_t kept = *(after - 1); kept == step)
        m_howFar->setText(tr("A checkpoint of this step is kept."));
    else
        m_howFar->setText(
            step - kept == 1
                ? tr("A checkpoint is kept of step %1; the step from there is taken again first, the same bit for bit.").arg(numbers.toString(qlonglong(kept)))
                : tr("A checkpoint is kept of step %1; the %2 steps from there are taken again first, the same bit for bit.")
                      .arg(numbers.toString(qlonglong(kept)), numbers.toString(qlonglong(step - kept))));
    for (const char *name : {"goBack", "fork", "forkBeside"})
        findChild<QPushButton *>(name)->setEnabled(after != m_kept.begin() && step <= m_last);
    if (step < m_firstOfBoth) {
        m_howFar->setText(tr("The right run began at step %1.").arg(numbers.toString(qlonglong(m_firstOfBoth))));
        findChild<QPushButton *>("goBack")->setEnabled(false);
    }
    if (isVisible())
        resize(width(), std::max(height(), layout()->totalHeightForWidth(width()))); // a line more may have to be read
}

} // namespace pretext
