#include "widgets/controls/linkbutton.h"

#include "widgets/help/glossary.h"
#include "widgets/icons.h"
#include "widgets/plots/colourmap.h"

#include <QEvent>

namespace pretext {

LinkButton::LinkButton(QWidget *parent) : QToolButton(parent)
{
    setAutoRaise(true);
    setFocusPolicy(Qt::TabFocus);
    setIconSize(QSize(16, 16));
    QSizePolicy rows = sizePolicy();
    rows.setRetainSizeWhenHidden(true); // so that those with and without line up
    setSizePolicy(rows);
    setTerm(this, "part/side by side");
    connect(this, &QToolButton::clicked, this, [this] { emit linkAsked(!m_linked); });
    show();
}

void LinkButton::setLinked(bool linked)
{
    m_linked = linked;
    show();
}

void LinkButton::show()
{
    setIcon(themedIcon(m_linked ? "link" : "unlink", palette()));
    setAccessibleName(m_linked ? tr("Linked") : tr("Not linked"));
    setToolTip(m_linked ? tr("Linked: a change goes to both runs. A click gives each a value of its own.")
                        : tr("Not linked: each run has a value of its own. A click gives both the left one's, and a change goes to both again."));
}

void LinkButton::changeEvent(QEvent *event)
{
    QToolButton::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        show();
}

QColor sideColour(bool right, const QPalette &palette)
{
    return curveColour(right ? 1 : 0, palette.color(QPalette::Window).lightness() < 128);
}

QString sideMark(bool right, const QPalette &palette)
{
    return QStringLiteral("<span") + u' ' + QStringLiteral("style='color:%1'>●</span>").arg(sideColour(right, palette).name()) + u' ';
}

} // namespace pretext
