#include "widgets/metrics/legendbutton.h"

#include "widgets/help/glossary.h"
#include "widgets/metrics/curveplot.h"

#include <QLabel>
#include <QMenu>
#include <QScreen>
#include <QScrollArea>
#include <QStyle>
#include <QWidgetAction>

namespace pretext {

LegendButton::LegendButton(CurvePlot *plot, QWidget *parent) : QToolButton(parent)
{
    setObjectName("legend");
    setText(tr("Legend"));
    setToolTip(tr("Which colour is which curve, and the best of each; a larger panel shows it in the plot."));
    setPopupMode(QToolButton::InstantPopup);
    setTerm(this, "part/legend");
    auto *menu = new QMenu(this);
    auto *whole = new QScrollArea(menu);
    whole->setFrameShape(QFrame::NoFrame);
    auto *text = new QLabel(whole);
    text->setMargin(8);
    whole->setWidget(text);
    auto *line = new QWidgetAction(menu);
    line->setDefaultWidget(whole);
    menu->addAction(line);
    setMenu(menu);
    hide();
    connect(menu, &QMenu::aboutToShow, this, [this, plot, whole, text, line] {
        text->setText(plot->legendHtml());
        text->resize(text->sizeHint());
        const QSize most = 0.7 * screen()->availableSize(), bar(whole->style()->pixelMetric(QStyle::PM_ScrollBarExtent), 0);
        whole->setFixedSize((text->height() > most.height() ? text->size() + bar : text->size()).boundedTo(most));
        line->setData(text->text()); // so that the menu measures it again
    });
    connect(
        plot, &CurvePlot::roomChanged, this, [this](bool room) { setVisible(!room); },
        Qt::QueuedConnection); // while the plot lays itself out
}

} // namespace pretext
