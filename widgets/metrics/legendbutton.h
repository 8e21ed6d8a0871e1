// The legend of a plot that is too small to hold it: a button, shown while that is so, opens it.
#pragma once

#include <QToolButton>

namespace pretext {

class CurvePlot;

class LegendButton : public QToolButton
{
    Q_OBJECT
public:
    LegendButton(CurvePlot *plot, QWidget *parent);
};

} // namespace pretext
