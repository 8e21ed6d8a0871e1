#include "widgets/plots/fontmeasure.h"

#include "widgets/plots/canvas.h"

#include <memory>
#include <vector>

namespace pretext {

namespace {
constexpr qsizetype kMostWidths = 4000; // numbers change all the time, and are not asked for again
}

FontMeasure::FontMeasure(const QFont &base, const QFont &font) : m_base(base), m_font(font), m_metrics(font), m_key(font.key())
{
}

const FontMeasure &FontMeasure::of(const Theme &theme, qreal scale)
{
    // Never freed: at the end of the program fonts must not outlive Qt's own.
    thread_local auto &known = *new std::vector<std::unique_ptr<FontMeasure>>;
    const int size = theme.pixelSize(scale);
    for (const auto &measure : known)
        if (measure->m_font.pixelSize() == size && measure->m_base == theme.font)
            return *measure;
    known.emplace_back(new FontMeasure(theme.font, theme.scaledFont(scale)));
    return *known.back();
}

qreal FontMeasure::width(const QString &text) const
{
    const auto found = m_widths.constFind(text);
    if (found != m_widths.cend())
        return *found;
    if (m_widths.size() >= kMostWidths)
        m_widths.clear();
    return *m_widths.insert(text, m_metrics.horizontalAdvance(text));
}

QString FontMeasure::elided(const QString &text, qreal room) const
{
    return width(text) <= room ? text : m_metrics.elidedText(text, Qt::ElideRight, room);
}

} // namespace pretext
