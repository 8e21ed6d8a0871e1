#include "app/statusline.h"

#include "core/engine/profile.h"
#include "widgets/help/glossary.h"
#include "widgets/workbench.h"

#include <QEvent>
#include <QLabel>
#include <QLocale>

namespace pretext {

namespace {
constexpr int kReadableMs = 500; // numbers that change faster are not read, and each change lays the window out again
constexpr int kLongMs = 150;

/// What holds up a run's next step.
QString doingOf(const Run &run)
{
    const Status &status = run.status();
    if (!run.hasJob() || status.state != TrainerState::playing)
        return {};
    if (status.activity.empty())
        return run.isPausing() ? StatusLine::tr("pauses after the step under way") : QString();
    const QString activity = QString::fromStdString(status.activity);
    return run.isPausing() ? StatusLine::tr("%1; pauses after it").arg(activity) : activity;
}

} // namespace

StatusLine::StatusLine(Workbench *workbench, QWidget *parent)
    : QStatusBar(parent)
    , m_workbench(workbench)
    , m_run(workbench->current())
    , m_device(add("device, threads and precision", tr("What computes; on how many threads, and why so many: the least of the cores, the processor quota and "
                                                       "what was asked for; and the numbers that layers multiply, f32 or bf16")))
    , m_rate(add("samples per second", tr("Samples trained per second, smoothed")))
    , m_times(add("milliseconds of a step",
                  tr("Milliseconds of a step, smoothed: making the batch, forward, backward, the optimizer's step, and the copy for this window")))
    , m_disk(add("disk space of the runs",
                 tr("What all listed runs take on disk, as the panel Runs has it, which deletes them. Of each its checkpoints keep within %1")
                     .arg(QLocale().formattedDataSize(kCheckpointBytes, 0))))
    , m_doing(new QLabel(this))
{
    m_times->installEventFilter(this);
    m_doing->setObjectName("doing");
    m_doing->setContentsMargins(8, 0, 8, 0);
    m_doing->hide();
    insertPermanentWidget(0, m_doing); // a message is not in its way
    m_long.setSingleShot(true);
    m_long.setInterval(kLongMs);
    connect(&m_long, &QTimer::timeout, this, [this] {
        m_doing->setText(doing());
        m_doing->setVisible(!m_doing->text().isEmpty());
        fit();
    });
    setTerm(this, "part/status bar");
    connect(m_run, &Run::statusChanged, this, &StatusLine::updateState);
    connect(m_run, &Run::jobStarted, this, [this] { // what was said was of another
        m_rate->clear();
        m_times->clear();
    });
    follow(m_run);
    connect(workbench, &Workbench::besideAdded, this, &StatusLine::follow);
}

void StatusLine::follow(const Run *run)
{
    for (auto signal : {&Run::statusChanged, &Run::jobStopped})
        connect(run, signal, this, &StatusLine::updateDoing);
}

QString StatusLine::doing() const
{
    const SideBySide *together = m_workbench->sideBySide();
    if (!together)
        return doingOf(*m_run);
    QStringList parts;
    if (const QString left = doingOf(*together->left()); !left.isEmpty())
        parts << tr("left run: %1").arg(left);
    if (const QString right = doingOf(*together->right()); !right.isEmpty())
        parts << tr("right run: %1").arg(right);
    return parts.join(QStringLiteral(" · "));
}

/// Most evaluations, and most steps to a pause, are over before they could be read.
void StatusLine::updateDoing()
{
    const QString text = doing();
    const bool isSaid = !m_doing->isHidden();
    if (text.isEmpty())
        m_long.stop();
    else if (!isSaid && !m_long.isActive())
        m_long.start();
    if (!isSaid || text == m_doing->text())
        return;
    m_doing->setText(text);
    m_doing->setVisible(!text.isEmpty());
    fit();
}

QLabel *StatusLine::add(const QString &term, const QString &tip)
{
    auto *label = new QLabel(this);
    label->setToolTip(tip);
    setTerm(label, "part/" + term);
    label->setContentsMargins(8, 0, 8, 0);
    label->setMinimumWidth(1); // the window may be narrower than all of them; then the least needed go
    addPermanentWidget(label);
    return label;
}

/// The profile's tip is put together when it is asked for.
bool StatusLine::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_times && event->type() == QEvent::ToolTip)
        m_times->setToolTip(timesTip());
    return QStatusBar::eventFilter(watched, event);
}

QString StatusLine::timesTip() const
{
    constexpr double kLeastShare = 0.01; // of a step, to be named
    const QString what = tr("Milliseconds of a step, smoothed: making the batch, forward, backward, the optimizer's step, and the copy for this window");
    const std::shared_ptr<const Profile> profile = m_run->status().profile;
    if (!profile || profile->steps == 0)
        return what;
    QString rows;
    for (const std::vector<std::string> &row : profileTable(*profile, kLeastShare)) {
        QString cells;
        for (size_t column = 0; column < row.size(); ++column)
            cells += QStringLiteral("<td align='%1'>%2&nbsp;</td>")
                         .arg(column < 2 ? "left" : "right", QString::fromStdString(row[column]).trimmed().toHtmlEscaped());
        rows += "<tr>" + cells + "</tr>";
    }
    return "<p>" + what + ".</p><table>" + rows + "</table><p>"
           + tr("Of the last second; making a batch took %1 ms, beside the steps.").arg(profile->batchMilliseconds / double(profile->steps), 0, 'f', 1)
           + "</p>";
}

/// "CPU", or a card's name and how much of its memory is taken.
QString StatusLine::deviceText(const Status &status)
{
    if (status.deviceName.empty())
        return QString::fromStdString(status.device).toUpper();
    return tr("%1 (%2 of %3)")
        .arg(QString::fromStdString(status.deviceName), QLocale().formattedDataSize(qint64(status.deviceHeld)),
             QLocale().formattedDataSize(qint64(status.deviceBytes)));
}

void StatusLine::updateState()
{
    const Status &status = m_run->status();
    const Timings &t = status.timings;
    const bool playsOn = status.state == TrainerState::playing && m_shown == TrainerState::playing;
    if (status.state == TrainerState::starting || (playsOn && m_sinceShown.elapsed() < kReadableMs))
        return;
    m_shown = status.state;
    m_sinceShown.start();
    QStringList machine{
        deviceText(status),
        (status.threads == 1 ? tr("%1 thread (%2)") : tr("%1 threads (%2)")).arg(status.threads).arg(QString::fromStdString(status.threadsReason))};
    if (!status.precision.empty()) // known once the data are open
        machine << QString::fromStdString(status.precision);
    m_device->setText(machine.join(QStringLiteral(", ")));
    if (t.total <= 0)
        return;
    m_rate->setText(tr("%1 samples/s").arg(QLocale().toString(qRound(t.samplesPerSecond))));
    const auto ms = [](double value) { return QString::number(value, 'f', value < 10 ? 1 : 0); };
    m_times->setText(tr("data %1 · forward %2 · backward %3 · optimizer %4 · snapshot %5 ms")
                         .arg(ms(t.data), ms(t.forward), ms(t.backward), ms(t.optimizer), ms(t.snapshot)));
    fit();
}

void StatusLine::setDiskUsed(qint64 bytes)
{
    m_disk->setText(tr("runs %1").arg(QLocale().formattedDataSize(bytes, 1)));
    fit();
}

void StatusLine::resizeEvent(QResizeEvent *event)
{
    QStatusBar::resizeEvent(event);
    fit();
}

/// Whole labels or none, the device's last.
void StatusLine::fit()
{
    constexpr int kRest = 32; // the size grip, and what lies between
    int left = width() - kRest - (m_doing->isHidden() ? 0 : m_doing->sizeHint().width());
    for (QLabel *label : {m_device, m_rate, m_disk, m_times}) {
        left -= label->sizeHint().width();
        label->setVisible(left >= 0);
    }
}

} // namespace pretext
