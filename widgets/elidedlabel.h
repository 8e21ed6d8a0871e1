// A line of text that takes the room it is given: what does not fit ends in dots, and stands whole in the tooltip. It never widens the window.
#pragma once

#include <QLabel>

namespace pretext {

class ElidedLabel : public QLabel
{
    Q_OBJECT
public:
    explicit ElidedLabel(QWidget *parent = nullptr);
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
};

} // namespace pretext
