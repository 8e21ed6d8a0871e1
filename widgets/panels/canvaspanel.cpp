#include "widgets/panels/canvaspanel.h"

#include "widgets/selection.h"
#include "widgets/trainingcontroller.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace pretext {

CanvasPanel::CanvasPanel(const PanelContext &context, const QString &name, QWidget *parent)
    : Panel(context, parent), m_canvas(new CanvasWidget(*this, this))
{
    m_canvas->setAccessibleName(name);
    setFocusProxy(m_canvas);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_canvas, 1);
    connect(&selection(), &Selection::changed, this, &CanvasPanel::repaint);
    connect(&selection(), &Selection::hoverChanged, this, &CanvasPanel::repaint);
    connect(&controller(), &TrainingController::jobStarted, this, [this] {
        if (isShowing())
            refresh();
    });
}

CanvasPanel::~CanvasPanel()
{
    delete m_canvas; // before this, which it draws
}

void CanvasPanel::refresh()
{
    if (m_batch.update(controller()))
        batchChanged();
    repaint();
}

void CanvasPanel::paintTo(QPainter &painter, const QSize &size)
{
    if (m_batch.update(controller()))
        batchChanged();
    m_canvas->paintTo(painter, size);
}

QHBoxLayout &CanvasPanel::toolbar()
{
    if (!m_toolbar) {
        m_toolbar = new QHBoxLayout;
        m_toolbar->setContentsMargins(6, 4, 6, 4);
        m_toolbar->setSpacing(6);
        static_cast<QVBoxLayout *>(layout())->insertLayout(0, m_toolbar);
    }
    return *m_toolbar;
}

} // namespace pretext
