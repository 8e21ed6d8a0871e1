#include "widgets/panels/canvaspanel.h"

#include "widgets/background.h"
#include "widgets/selection.h"
#include "widgets/run.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace pretext {

namespace {
constexpr int kPairsAtOnce = 256;
}

CanvasPanel::CanvasPanel(const PanelContext &context, const QString &name, QWidget *parent) : Panel(context, parent), m_canvas(new CanvasWidget(*this, this))
{
    m_canvas->setAccessibleName(name);
    setFocusProxy(m_canvas);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_canvas, 1);
    connect(&selection(), &Selection::changed, this, &CanvasPanel::repaint);
    connect(&selection(), &Selection::hoverChanged, this, &CanvasPanel::repaint);
    connect(&run(), &Run::jobStarted, this, [this] {
        if (isShowing())
            refresh();
    });
    connect(&run(), &Run::statusChanged, this, [this] {
        if (isShowing() && waits())
            repaint();
    });
}

CanvasPanel::~CanvasPanel()
{
    delete m_canvas; // before this, which it draws
}

bool CanvasPanel::takesLong(const BatchView &batch) const
{
    return batch.pairs() > kPairsAtOnce;
}

void CanvasPanel::refresh()
{
    prepare(false);
}

/// A small batch at once, since the detour would take longer than the work; a large one beside the window, whose newest snapshot wins.
void CanvasPanel::prepare(bool again)
{
    BatchView next = m_batch;
    if (!next.update(run()) && !again) {
        repaint();
        return;
    }
    const bool atOnce = !takesLong(next);
    if (m_preparing && !again && !atOnce) {
        m_behind = true;
        return;
    }
    const int request = ++m_request;
    m_preparing = !atOnce;
    m_behind = false;
    if (atOnce) {
        adopt(next, preparation(next)());
        return;
    }
    inBackground(
        this, preparation(next),
        [this, next, request](const Adopt &takeOver) {
            if (request != m_request)
                return;
            m_preparing = false;
            adopt(next, takeOver);
            if (m_behind && isShowing())
                prepare(false);
        },
        [this, request](const QString &line) {
            m_preparing &= request != m_request;
            qWarning("%s", qPrintable(line));
        },
        analysisPool());
}

void CanvasPanel::adopt(const BatchView &batch, const Adopt &takeOver)
{
    m_batch = batch;
    takeOver();
    repaint();
}

void CanvasPanel::paintTo(QPainter &painter, const QSize &size)
{
    if (BatchView next = m_batch; next.update(run()))
        adopt(next, preparation(next)());
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
