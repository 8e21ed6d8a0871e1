#include "widgets/panel.h"

#include "core/data/dataset.h"
#include "core/files/said.h"
#include "widgets/said.h"
#include "widgets/workbench.h"

#include <QPainter>

namespace pretext {

#define PANEL(name, title, help, kind, Class) Panel *make##Class(const PanelContext &context);
#include "widgets/panels/panels.def"
#undef PANEL

namespace {

/// The kinds of data as panels.def names them.
namespace panelkinds {
constexpr std::optional<Modality> any = {};
#define MODALITY(name) constexpr std::optional<Modality> name = Modality::name;
#include "core/data/modalities.def"
#undef MODALITY
} // namespace panelkinds

/// A panel that knows what its type is made for.
Panel *madeFor(Panel *(*make)(const PanelContext &), PanelContext context, std::optional<Modality> of)
{
    context.of = of;
    return make(context);
}

} // namespace

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

void Panel::standBeside(Panel *other, bool isLeft)
{
    m_beside = other;
    m_isLeft = isLeft;
}

void Panel::setRaised(bool raised)
{
    m_raised = raised;
    setShowing(isVisible() && m_raised);
}

bool Panel::servesJob() const
{
    const auto dataset = run().dataset();
    return dataset && (!of() || dataset->info().modality == *of());
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
#define PANEL(name, title, help, kind, Class)                                                                                                                  \
    {QStringLiteral(#name), translated(title), translated(help), panelkinds::kind,                                                                             \
     [](const PanelContext &context) { return madeFor(make##Class, context, panelkinds::kind); }},
#include "widgets/panels/panels.def"
#undef PANEL
    };
    return types;
}

} // namespace pretext
