// A size of a font, and how wide texts are in it. A panel of tokens asks for the width of a thousand words at every frame, the same ones as at the
// frame before: making a font and shaping a word takes microseconds, looking it up a tenth of that.
#pragma once

#include <QFont>
#include <QFontMetricsF>
#include <QHash>

namespace pretext {

struct Theme;

class FontMeasure
{
public:
    /// The theme's font at a scale; kept as long as the thread runs.
    static const FontMeasure &of(const Theme &theme, qreal scale);

    const QFont &font() const { return m_font; }
    const QFontMetricsF &metrics() const { return m_metrics; }
    /// Another one for every font and size.
    const QString &key() const { return m_key; }
    qreal width(const QString &text) const;
    /// The text, or as much of its beginning as has room, and dots.
    QString elided(const QString &text, qreal room) const;

private:
    explicit FontMeasure(const QFont &base, const QFont &font);

    QFont m_base, m_font; // the theme's; at its size
    QFontMetricsF m_metrics;
    QString m_key;
    mutable QHash<QString, qreal> m_widths;
};

} // namespace pretext
