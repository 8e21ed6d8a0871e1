#include "widgets/panels/canvaspanel.h"

#include "widgets/background.h"
#include "widgets/plots/textlayout.h"
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
        if (isShowing() && isRead() && run().status().state != TrainerState::playing)
            refresh(); // what was held while training ran
    });
}

CanvasPanel::~CanvasPanel()
{
    delete m_canvas; // before this, which it draws
}

SnapshotPtr CanvasPanel::shownSnapshot() const
{
    return run().snapshot();
}

bool CanvasPanel::takesLong(const BatchView &batch) const
{
    return batch.pairs() > kPairsAtOnce;
}

void CanvasPanel::refresh()
{
    prepare(false);
}

bool CanvasPanel::isHeld() const
{
    return isRead() && run().hasJob() && !run().isToBeRead();
}

/// A small batch at once, since the detour would take longer than the work; a large one beside the window, whose newest snapshot wins.
void CanvasPanel::prepare(bool again)
{
    BatchView next = m_batch;
    const bool other = !isHeld() && next.update(run(), shownSnapshot());
    if (!other && !again) {
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

/// Of a run that rests what it shows is that of its last step, too.
bool CanvasPanel::isWaiting() const
{
    if (m_preparing || waits())
        return true;
    const SnapshotPtr newest = shownSnapshot();
    return run().status().state != TrainerState::playing && newest && batch().snapshot() && batch().snapshot()->step != newest->step;
}

void CanvasPanel::paintTo(QPainter &painter, const QSize &size)
{
    if (BatchView next = m_batch; next.update(run(), shownSnapshot()))
        adopt(next, preparation(next)());
    m_canvas->paintTo(painter, size);
}

Cell CanvasPanel::selectedCell() const
{
    if (batch().pairOf(selection().sample()) < 0)
        return selection().cell(); // those in its place
    const Cell cell{batch().rowOf(selection().row()), batch().rowOf(selection().column())};
    return cell.row >= 0 && cell.column >= 0 ? cell : Cell();
}

void CanvasPanel::selectPair(int pair)
{
    if (pair >= 0 && pair < batch().pairs())
        selection().select({batch().sample(pair), pair});
}

void CanvasPanel::selectCell(Cell cell)
{
    const int pair = batch().pairOf(cell.row);
    selection().select({batch().sample(pair), pair}, batch().sampleView(cell.row), batch().sampleView(cell.column), cell);
}

QString CanvasPanel::absence() const
{
    const Sample &sample = selection().sample();
    if (!sample || batch().pairs() == 0 || batch().pairOf(sample) >= 0)
        return {};
    if (sample.split == Split::test)
        return tr("The selected sample, %1, is held out: no batch has it.").arg(sample.index);
    const int pair = selectedPair();
    return pair < 0 ? tr("The selected sample, %1, is not in this batch.").arg(sample.index)
                    : tr("The selected sample, %1, is not in this batch: sample %2 is in its place.").arg(sample.index).arg(batch().sample(pair).index);
}

void CanvasPanel::drawAbsence(Canvas &canvas, QRectF &area) const
{
    const QString line = absence();
    if (line.isEmpty())
        return;
    const qreal height = lineHeight(canvas, kSmall);
    canvas.text({area.left(), area.top() + height / 2}, elided(canvas, line, area.width(), kSmall), canvas.theme().mutedText, Align::left, kSmall);
    area.setTop(area.top() + height + canvas.theme().spacing / 2);
}

QLayout *CanvasPanel::controls() const
{
    return m_toolbar;
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
