#include "widgets/canvaswidget/canvaswidget.h"

#include "widgets/imguiview/imguiview.h"
#include "widgets/plots/paintercanvas.h"

#include <QApplication>
#include <QMouseEvent>
#include <QPainter>

#include <functional>

namespace pretext {

namespace {

/// The QPainter end on the screen.
class PainterView : public QWidget
{
public:
    PainterView(std::function<void(Canvas &)> draw, QWidget *parent) : QWidget(parent), m_draw(std::move(draw)) {}

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        PainterCanvas canvas(painter, QSizeF(size()), Theme::of(this));
        m_draw(canvas);
    }

private:
    std::function<void(Canvas &)> m_draw;
};

} // namespace

CanvasWidget::CanvasWidget(CanvasContent &content, QWidget *parent) : QWidget(parent), m_content(content)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    m_frameTimer.setSingleShot(true);
    m_frameTimer.setTimerType(Qt::PreciseTimer);
    connect(&m_frameTimer, &QTimer::timeout, this, [this] { m_view->update(); });
    makeView(ImGuiView::available());
}

CanvasWidget::~CanvasWidget() = default;

void CanvasWidget::makeView(bool openGL)
{
    delete m_view;
    const auto drawThis = [this](Canvas &canvas) { draw(canvas); };
    m_gl = openGL ? new ImGuiView(drawThis, this) : nullptr;
    m_view = m_gl ? static_cast<QWidget *>(m_gl) : new PainterView(drawThis, this);
    m_view->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_view->setFocusPolicy(Qt::NoFocus);
    m_view->setGeometry(rect());
    m_view->show();
}

void CanvasWidget::draw(Canvas &canvas)
{
    ++m_paints;
    m_sincePaint.start();
    m_content.draw(canvas);
    if (hasFocus())
        canvas.rectangle(QRectF(QPointF(), canvas.size()), canvas.theme().accent, 2);
}

void CanvasWidget::repaintWithin(int frame)
{
    if (!isVisible())
        return;
    const qint64 since = m_sincePaint.isValid() ? m_sincePaint.elapsed() : frame;
    const int wait = int(std::clamp<qint64>(frame - since, 0, frame));
    if (!m_frameTimer.isActive() || m_frameTimer.remainingTime() > wait)
        m_frameTimer.start(wait);
}

void CanvasWidget::changed()
{
    repaintWithin(kAnswerMilliseconds);
    const QString text = m_content.description();
    if (text != accessibleDescription())
        setAccessibleDescription(text); // tells assistive technology
}

void CanvasWidget::paintTo(QPainter &painter, const QSize &size)
{
    PainterCanvas canvas(painter, QSizeF(size), Theme::of(this));
    m_content.draw(canvas);
}

bool CanvasWidget::event(QEvent *event)
{
    if (m_gl)
        m_gl->forward(*event);
    return QWidget::event(event);
}

void CanvasWidget::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange)
        repaintSoon();
}

void CanvasWidget::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!m_gl)
        return;
    // A context could be made before, yet this window's may fail: driver limits, a remote display.
    QTimer::singleShot(0, this, [this] {
        if (m_gl && isVisible() && m_gl->size().isValid() && !m_gl->isValid())
            makeView(false);
    });
}

void CanvasWidget::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    m_view->setGeometry(rect());
}

void CanvasWidget::mousePressEvent(QMouseEvent *event)
{
    m_pressed = m_last = event->position();
    m_dragging = false;
}

void CanvasWidget::mouseMoveEvent(QMouseEvent *event)
{
    const QPointF position = event->position();
    if (event->buttons() & (Qt::LeftButton | Qt::MiddleButton)) {
        m_dragging |= (position - m_pressed).manhattanLength() >= QApplication::startDragDistance();
        if (m_dragging)
            m_content.drag(m_pressed, position - std::exchange(m_last, position));
    } else {
        m_content.hover(position);
    }
    changed();
}

void CanvasWidget::mouseReleaseEvent(QMouseEvent *event)
{
    if (m_dragging)
        m_content.release();
    else if (event->button() == Qt::LeftButton)
        m_content.click(event->position());
    m_dragging = false;
    changed();
}

void CanvasWidget::mouseDoubleClickEvent(QMouseEvent *event)
{
    m_dragging = true; // its release is no second click
    m_content.doubleClick(event->position());
    changed();
}

void CanvasWidget::wheelEvent(QWheelEvent *event)
{
    m_content.wheel(event->position(), event->angleDelta().y() / qreal(int(QWheelEvent::DefaultDeltasPerStep)));
    event->accept();
    changed();
}

void CanvasWidget::leaveEvent(QEvent *)
{
    m_content.leave();
    changed();
}

void CanvasWidget::keyPressEvent(QKeyEvent *event)
{
    if (!m_content.key(event->key(), event->modifiers())) {
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
    changed();
}

void CanvasWidget::focusInEvent(QFocusEvent *event)
{
    QWidget::focusInEvent(event);
    changed();
}

void CanvasWidget::focusOutEvent(QFocusEvent *event)
{
    QWidget::focusOutEvent(event);
    changed();
}

} // namespace pretext
