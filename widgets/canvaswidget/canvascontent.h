// What a canvas widget shows. It draws through Canvas and answers pointer and keys, in logical pixels, without knowing which end is used.
#pragma once

#include <QPointF>
#include <QString>
#include <Qt>

namespace pretext {

class Canvas;

class CanvasContent
{
public:
    virtual ~CanvasContent() = default;
    virtual void draw(Canvas &canvas) = 0;
    virtual void hover(QPointF) {}
    virtual void leave() {}
    virtual void click(QPointF) {}
    virtual void doubleClick(QPointF) {}
    virtual void drag(QPointF /*from*/, QPointF /*change since the last call*/) {}
    virtual void release() {} // after the last of a drag
    virtual void wheel(QPointF, qreal /*steps, away from the user is positive*/) {}
    /// True where the key was used.
    virtual bool key(int /*Qt::Key*/, Qt::KeyboardModifiers) { return false; }
    /// The current cell in words, for assistive technology.
    virtual QString description() const { return {}; }
};

} // namespace pretext
