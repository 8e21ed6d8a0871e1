// Tables of scores one below the other, two side by side where there is room, with notes below them; scrolled where there is more than fits.
#pragma once

#include "widgets/panels/evaluationjudging.h"
#include "widgets/plots/canvas.h"

namespace pretext {

class ScoreView
{
public:
    /// `progress`: what is being done, empty where nothing is.
    void draw(Canvas &canvas, const QRectF &area, const Judged &judged, const QString &progress);
    void scroll(qreal pixels);
    void scrollToTop() { m_offset = 0; }
    /// False: it does not know the key.
    bool key(int key);

private:
    qreal m_offset = 0, m_height = 0, m_shown = 0;
};

} // namespace pretext
