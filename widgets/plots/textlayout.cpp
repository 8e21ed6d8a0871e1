#include "widgets/plots/textlayout.h"

#include "widgets/plots/fontmeasure.h"

#include <algorithm>
#include <cmath>

namespace pretext {

qreal lineHeight(const Canvas &canvas, qreal scale)
{
    return std::ceil(FontMeasure::of(canvas.theme(), scale).metrics().height() * 1.1);
}

QString elided(const Canvas &canvas, const QString &text, qreal width, qreal scale)
{
    return FontMeasure::of(canvas.theme(), scale).elided(text, width);
}

namespace {

/// What a line may be broken between: words, and the characters of scripts that write none (from the CJK radicals on).
struct Breakable
{
    QString text;
    bool spaceBefore;
};

std::vector<Breakable> breakables(const QString &text)
{
    constexpr char16_t kWithoutSpaces = 0x2e80;
    std::vector<Breakable> parts;
    for (const QString &word : text.split(u' ', Qt::SkipEmptyParts)) {
        bool spaceBefore = true, open = false; // open: letters that belong together go on
        for (const QChar c : word) {
            const bool alone = c.unicode() >= kWithoutSpaces && !c.isSurrogate();
            if (open && !alone && !parts.empty())
                parts.back().text += c;
            else
                parts.push_back({c, spaceBefore});
            open = !alone;
            spaceBefore = false;
        }
    }
    return parts;
}

} // namespace

QStringList wrapped(const Canvas &canvas, const QString &text, qreal width, int maxLines, qreal scale)
{
    const FontMeasure &measure = FontMeasure::of(canvas.theme(), scale);
    QStringList lines;
    QString line;
    const auto join = [](const QString &before, const Breakable &part) {
        return part.spaceBefore && !before.isEmpty() ? before + u' ' + part.text : before + part.text;
    };
    const std::vector<Breakable> parts = breakables(text);
    for (size_t i = 0; i < parts.size(); ++i) {
        const QString longer = join(line, parts[i]);
        if (line.isEmpty() || measure.width(longer) <= width) {
            line = longer;
            continue;
        }
        if (lines.size() + 1 >= maxLines) {
            for (; i < parts.size(); ++i)
                line = join(line, parts[i]);
            break;
        }
        lines << measure.elided(line, width);
        line = parts[i].text;
    }
    if (!line.isEmpty())
        lines << measure.elided(line, width);
    return lines;
}

qreal drawWrapped(Canvas &canvas, const QRectF &rect, const QString &text, const QColor &colour, qreal scale)
{
    const qreal height = lineHeight(canvas, scale);
    const int room = int(rect.height() / height);
    if (room < 1)
        return 0;
    qreal y = rect.top();
    for (const QString &line : wrapped(canvas, text, rect.width(), room, scale)) {
        canvas.text(QPointF(rect.left(), y + height / 2), line, colour, Align::left, scale);
        y += height;
    }
    return y - rect.top();
}

void drawMessage(Canvas &canvas, const QString &text)
{
    const qreal height = lineHeight(canvas);
    const qreal width = std::min(canvas.size().width() - 4 * canvas.theme().spacing, 30 * canvas.theme().fontSize);
    const int room = int(canvas.size().height() / height);
    if (width < canvas.theme().fontSize || room < 1)
        return;
    const QStringList lines = wrapped(canvas, text, width, room);
    qreal y = (canvas.size().height() - height * lines.size()) / 2 + height / 2;
    for (const QString &line : lines) {
        canvas.text(QPointF(canvas.size().width() / 2, y), line, canvas.theme().mutedText, Align::centre);
        y += height;
    }
}

QString numberText(double value, int digits)
{
    if (std::isnan(value))
        return QStringLiteral("–");
    QString text = QString::number(value == 0 ? 0. : value, 'g', digits); // no "-0"
    return text.replace(u'-', u'−');
}

QString decimalText(double value, int decimals)
{
    if (std::isnan(value))
        return QStringLiteral("–");
    return QString::number(value, 'f', decimals).replace(u'-', u'−');
}

QString percentText(double share)
{
    return std::isnan(share) ? QStringLiteral("–") : numberText(share * 100) + QStringLiteral(" %");
}

std::vector<double> roundTicks(double low, double high, int count)
{
    if (!(high > low) || !std::isfinite(high - low) || count < 1)
        return {};
    const double wish = (high - low) / count, power = std::pow(10, std::floor(std::log10(wish)));
    const double step = power * (wish <= power * 1.5 ? 1 : wish <= power * 3.5 ? 2 : wish <= power * 7.5 ? 5 : 10);
    std::vector<double> ticks;
    for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i)
        ticks.push_back(i * step);
    return ticks;
}

double roundedUp(double value)
{
    if (!(value > 0) || !std::isfinite(value))
        return 1;
    const double power = std::pow(10, std::floor(std::log10(value)));
    for (double factor : {1., 2., 5.})
        if (value <= power * factor * (1 + 1e-9))
            return power * factor;
    return 10 * power;
}

} // namespace pretext
