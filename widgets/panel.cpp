#include "widgets/panel.h"

#include "core/files/said.h"
#include "widgets/said.h"
#include "widgets/workbench.h"

#include <QPainter>

namespace pretext {

#define PANEL(name, title, help, Class) Panel *make##Class(const PanelContext &context);
#include "widgets/panels/panels.def"
#undef PANEL

Panel::Panel(const PanelContext &context, QWidget *parent) : QWidget(parent), m_context(context)
{
    connect(&run(), &Run::snapshotReady, this, [this] {
        if (isShowing())
            refresh();
    });
}

Request &Panel::request() const
{
    return *m_context.workbench->requestOf(m_context.run);
}

Panel::~Panel()
{
    run().want(this, {});
}

void Panel::setRaised(bool raised)
{
    m_raised = raised;
    setShowing(isVisible() && m_raised);
}

void Panel::wantedChannelsChanged()
{
    if (m_showing)
        run().want(this, wantedChannels());
}

void Panel::paintTo(QPainter &painter, const QSize &size)
{
    const qreal scale = qMin(size.width() / qreal(qMax(1, width())), size.height() / qreal(qMax(1, height())));
    painter.save();
    painter.scale(scale, scale);
    render(&painter, {}, {}, QWidget::DrawChildren);
    painter.restore();
}

void Panel::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    setShowing(m_raised);
}

void Panel::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    setShowing(false);
}

void Panel::setShowing(bool showing)
{
    if (showing == m_showing)
        return;
    m_showing = showing;
    run().want(this, showing ? wantedChannels() : std::set<std::string>{});
    if (showing)
        refresh();
}

const std::vector<PanelType> &panelTypes()
{
    static const std::vector<PanelType> types = {
#define PANEL(name, title, help, Class) {QStringLiteral(#name), translated(title), translated(help), make##Class},
#include "widgets/panels/panels.def"
#undef PANEL
    };
    return types;
}

} // namespace pretext
