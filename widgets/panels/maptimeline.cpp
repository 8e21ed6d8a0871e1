#include "widgets/panels/maptimeline.h"

#include "widgets/panelpair.h"
#include "widgets/panels/maphistory.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QStyle>
#include <QToolButton>

namespace pretext {

namespace {
constexpr int kMapMilliseconds = 120; // from one to the next as it plays
}

MapTimeline::MapTimeline(QWidget *parent) : QWidget(parent), m_play(new QToolButton), m_label(new QLabel), m_slider(new QSlider(Qt::Horizontal))
{
    setProperty(kOwnToRun, true); // maps of two runs are not made at the same steps
    m_slider->setAccessibleName(tr("Time: the step of the map"));
    m_slider->setToolTip(tr("Goes back to the maps of earlier steps; at its right end the map follows the training. Of more than %1 maps "
                            "some in between are dropped.")
                             .arg(MapHistory::kMost));
    m_slider->setPageStep(1);
    m_play->setCheckable(true);
    m_play->setAccessibleName(tr("Play the maps"));
    m_play->setToolTip(tr("Plays the maps of all steps from the one that is shown, or from the first: how the encoder came to see these samples."));
    m_play->setIcon(style()->standardIcon(QStyle::SP_MediaPlay));
    m_label->setMinimumWidth(m_label->fontMetrics().horizontalAdvance(QStringLiteral("Step 000000, newest")));
    m_tick.setInterval(kMapMilliseconds);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(6, 2, 6, 4);
    row->addWidget(m_play);
    row->addWidget(m_label);
    row->addWidget(m_slider, 1);
    connect(m_slider, &QSlider::valueChanged, this, &MapTimeline::showMap);
    connect(m_play, &QToolButton::toggled, this, &MapTimeline::togglePlaying);
    connect(&m_tick, &QTimer::timeout, this, &MapTimeline::playOn);
    setMaps(0, 0);
}

void MapTimeline::setMaps(int count, int shown)
{
    const QSignalBlocker quiet(m_slider);
    m_slider->setRange(0, std::max(0, count - 1));
    m_slider->setValue(shown);
    m_slider->setEnabled(count > 1);
    m_play->setEnabled(count > 1);
    if (count < 2)
        m_play->setChecked(false);
}

void MapTimeline::setText(const QString &text)
{
    m_label->setText(text);
}

int MapTimeline::shown() const
{
    return m_slider->value();
}

bool MapTimeline::atEnd() const
{
    return m_slider->value() == m_slider->maximum();
}

void MapTimeline::move(int maps)
{
    m_slider->setValue(m_slider->value() + maps);
}

void MapTimeline::togglePlaying()
{
    const bool plays = m_play->isChecked();
    m_play->setIcon(style()->standardIcon(plays ? QStyle::SP_MediaPause : QStyle::SP_MediaPlay));
    if (plays && atEnd())
        m_slider->setValue(0);
    plays ? m_tick.start() : m_tick.stop();
}

void MapTimeline::playOn()
{
    move(1);
    if (atEnd())
        m_play->setChecked(false);
}

} // namespace pretext
