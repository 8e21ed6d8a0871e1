#include "app/taborder.h"

#include <QLayout>
#include <QWidget>

namespace pretext {

namespace {

/// `last`: the widget before, null at the first.
void follow(QLayout *layout, QWidget *&last)
{
    for (int i = 0; i < layout->count(); ++i) {
        QLayoutItem *item = layout->itemAt(i);
        if (item->layout())
            follow(item->layout(), last);
        QWidget *widget = item->widget();
        if (!widget || widget->focusPolicy() == Qt::NoFocus)
            continue;
        if (last)
            QWidget::setTabOrder(last, widget);
        last = widget;
    }
}

} // namespace

void tabAlong(QLayout *layout)
{
    QWidget *last = nullptr;
    follow(layout, last);
}

} // namespace pretext
