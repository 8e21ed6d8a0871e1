// The widget that a panel puts its content on: an OpenGL view where a context can be made, else one painted by QPainter that shows the same.
// It turns Qt's events into the content's few, and repaints only when asked to, at most 30 times a second, and twice that under the user's hand.
#pragma once

#include "widgets/canvaswidget/canvascontent.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

namespace pretext {

class ImGuiView;

class CanvasWidget : public QWidget
{
    Q_OBJECT
public:
    static constexpr int kFrameMilliseconds = 33;  // between two paints of what training changed
    static constexpr int kAnswerMilliseconds = 16; // of what the user did: its answer must not wait for that

    /// The content must live as long as the widget is shown.
    explicit CanvasWidget(CanvasContent &content, QWidget *parent = nullptr);
    ~CanvasWidget() override;

    /// What the content shows has changed.
    void repaintSoon() { repaintWithin(kFrameMilliseconds); }
    /// The content through the QPainter end, for SVG and PNG.
    void paintTo(QPainter &painter, const QSize &size);
    bool usesOpenGL() const { return m_gl != nullptr; }
    int paints() const { return m_paints; }

    QSize sizeHint() const override { return {480, 320}; }
    QSize minimumSizeHint() const override { return {120, 80}; }

protected:
    bool event(QEvent *event) override;
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void makeView(bool openGL);
    void draw(Canvas &canvas);
    void changed();
    void repaintWithin(int frame);

    CanvasContent &m_content;
    QWidget *m_view = nullptr;
    ImGuiView *m_gl = nullptr; // m_view, where it is one
    QTimer m_frameTimer;
    QElapsedTimer m_sincePaint;
    QPointF m_pressed, m_last;
    bool m_dragging = false;
    int m_paints = 0;
};

} // namespace pretext
