// The time of a map: a slider over the kept ones, and a button that plays them.
#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QSlider;
class QToolButton;

namespace pretext {

class MapTimeline : public QWidget
{
    Q_OBJECT
public:
    explicit MapTimeline(QWidget *parent);
    /// So many maps, of which one is shown; without a signal.
    void setMaps(int count, int shown);
    void setText(const QString &text);
    int shown() const;
    bool atEnd() const; // it shows the newest, and follows
    void move(int maps);

signals:
    void showMap(int index);

private:
    void togglePlaying();
    void playOn();

    QToolButton *m_play;
    QLabel *m_label;
    QSlider *m_slider;
    QTimer m_tick;
};

} // namespace pretext
