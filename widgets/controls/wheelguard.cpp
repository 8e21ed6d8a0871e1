#include "widgets/controls/wheelguard.h"

#include <QEvent>
#include <QWidget>

namespace pretext {

namespace {

class WheelGuard : public QObject
{
public:
    using QObject::QObject;

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() != QEvent::Wheel || static_cast<QWidget *>(watched)->hasFocus())
            return false;
        event->ignore();
        return true;
    }
};

} // namespace

void guardWheel(QWidget *control)
{
    control->setFocusPolicy(Qt::StrongFocus); // not by the wheel itself
    control->installEventFilter(new WheelGuard(control));
}

} // namespace pretext
