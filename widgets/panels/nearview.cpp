#include "widgets/panels/nearview.h"

#include "widgets/plots/imagegrid.h"
#include "widgets/plots/textlayout.h"

namespace pretext {

namespace {

const QColor kCame(0x00, 0x9e, 0x73), kGone(0xd5, 0x5e, 0x00);

} // namespace

void NearView::show(const QString &name, const QString &text, const QImage &picture, FoundNear now, FoundNear before, bool back)
{
    m_name = name;
    m_text = text;
    m_picture = {newImageKey(), 0, picture};
    m_now = std::move(now);
    m_before = std::move(before);
    m_back = back;
    point(0);
}

void NearView::point(int by)
{
    m_pointed = std::clamp(m_pointed + by, 0, std::max(0, int(m_now.neighbours.size()) - 1));
}

int64_t NearView::pointed() const
{
    return size_t(m_pointed) < m_now.neighbours.size() ? m_now.neighbours[size_t(m_pointed)].sample : -1;
}

int64_t NearView::sampleAt(QPointF position) const
{
    for (const Spot &spot : m_spots)
        if (spot.box.contains(position))
            return spot.sample;
    return -1;
}

QString NearView::heading(const FoundNear &found) const
{
    if (m_back)
        return &found == &m_now ? tr("Then, step %1").arg(found.step) : tr("Now, step %1").arg(found.step);
    return &found == &m_now ? tr("Now, step %1").arg(found.step) : tr("Before, step %1").arg(found.step);
}

QString NearView::sharing(const FoundNear &found)
{
    return found.alike < 0 ? QString() : tr("%1 of %2 share its label").arg(found.alike).arg(found.neighbours.size());
}

void NearView::draw(Canvas &canvas, HeldOutSamples &samples, const QString &coming)
{
    m_spots.clear();
    const bool pictures = samples.inPictures();
    const qreal gap = canvas.theme().spacing;
    QRectF area = QRectF(QPointF(), canvas.size()).adjusted(gap, gap, -gap, -gap);
    const qreal side = pictures ? std::clamp(0.22 * area.width(), 5 * canvas.theme().fontSize, 14 * canvas.theme().fontSize) : 0;
    if (pictures) {
        drawQuery(canvas, QRectF(area.topLeft(), QSizeF(side, area.height())), true);
        area.setLeft(area.left() + side + 2 * gap);
    } else {
        const qreal height = 3.2 * lineHeight(canvas);
        drawQuery(canvas, QRectF(area.topLeft(), QSizeF(area.width(), height)), false);
        area.setTop(area.top() + height);
    }
    QRectF left = area, right = area;
    left.setRight(area.center().x() - gap);
    right.setLeft(area.center().x() + gap);
    drawFound(canvas, left, samples, m_before, m_now, coming);
    drawFound(canvas, right, samples, m_now, m_before, coming);
}

void NearView::drawQuery(Canvas &canvas, QRectF area, bool pictures) const
{
    const Theme &theme = canvas.theme();
    area.setTop(area.top() + drawWrapped(canvas, area, m_name, theme.text) + theme.spacing / 2);
    if (pictures && !m_picture.image.isNull()) {
        const QRectF place = drawSharp(canvas, QRectF(area.topLeft(), QSizeF(area.width(), std::min(area.width(), area.height()))), m_picture);
        canvas.rectangle(place, theme.accent, 2);
        area.setTop(place.bottom() + theme.spacing);
    }
    drawWrapped(canvas, area, m_text, pictures ? theme.mutedText : theme.text, pictures ? kSmall : 1);
}

/// Those that are not in the other look are marked. Pictures stand in two columns, nearest down the first, where one would make them too small to see.
void NearView::drawFound(Canvas &canvas, QRectF area, HeldOutSamples &samples, const FoundNear &found, const FoundNear &other, const QString &coming)
{
    const bool first = &found == &m_now, newest = first != m_back, pictures = samples.inPictures();
    const Theme &theme = canvas.theme();
    const qreal line = lineHeight(canvas);
    if (found.step < 0) {
        drawWrapped(canvas, area, coming, theme.mutedText, kSmall);
        return;
    }
    canvas.text({area.left(), area.top() + line / 2}, elided(canvas, heading(found), area.width()), theme.text);
    canvas.text({area.left(), area.top() + 1.4 * line}, elided(canvas, sharing(found), area.width(), kSmall), theme.mutedText, Align::left, kSmall);
    area.setTop(area.top() + 2.2 * line);
    const int count = std::max(1, int(found.neighbours.size()));
    const bool small = pictures && area.height() < 2.5 * line * count;
    const int columns = small && area.width() > 24 * theme.fontSize ? 2 : 1, rows = (count + columns - 1) / columns;
    const qreal width = area.width() / columns, height = std::max(1.3 * line, std::min(area.height() / rows, pictures ? 4 * line : 2 * line));
    canvas.clip(area);
    for (size_t i = 0; i < found.neighbours.size(); ++i) {
        const BankNeighbour &neighbour = found.neighbours[i];
        const bool stays = other.step < 0 || other.has(neighbour.sample);
        const QRectF box(area.left() + int(i) / rows * width, area.top() + int(i) % rows * height, width - (columns - 1) * theme.spacing, height - 3);
        drawNeighbour(canvas, box, samples, neighbour, stays ? QColor() : newest ? kCame : kGone, stays ? QString() : newest ? tr("came in") : tr("has left"));
        if (first && int(i) == m_pointed)
            canvas.rectangle(box, theme.grid);
        m_spots.push_back({box, neighbour.sample});
    }
    canvas.unclip();
}

void NearView::drawNeighbour(Canvas &canvas, const QRectF &box, HeldOutSamples &samples, const BankNeighbour &neighbour, const QColor &mark,
                             const QString &word) const
{
    const bool pictures = samples.inPictures();
    const Theme &theme = canvas.theme();
    const HeldOutSample &sample = samples.at(neighbour.sample);
    qreal left = box.left() + 5;
    if (mark.isValid())
        canvas.fill(QRectF(box.left(), box.top(), 3, box.height()), mark);
    if (pictures) {
        const QRectF place(left, box.top() + 1, box.height() - 2, box.height() - 2);
        if (!sample.image.image.isNull())
            drawSharp(canvas, place, sample.image);
        left = place.right() + theme.spacing;
    }
    const QString number = decimalText(neighbour.cosine),
                  words = pictures ? sample.label.isEmpty() ? samples.name(neighbour.sample) : sample.label : sample.text;
    const qreal numbers = canvas.textWidth(number, kSmall) + theme.spacing, said = canvas.textWidth(word, kSmall) + theme.spacing;
    const qreal least = std::min(canvas.textWidth(words), 6 * theme.fontSize), whole = box.right() - left - numbers;
    const qreal marks = word.isEmpty() || whole - said < least ? 0 : said, room = whole - marks; // the colour says the same
    canvas.text({left, box.center().y()}, elided(canvas, words, room), theme.text);
    if (marks > 0)
        canvas.text({box.right() - numbers, box.center().y()}, word, mark, Align::right, kSmall);
    canvas.text({box.right(), box.center().y()}, number, theme.mutedText, Align::right, kSmall);
}

QString NearView::words(HeldOutSamples &samples) const
{
    QStringList sentences{tr("Nearest to %1.").arg(m_name), heading(m_now) + u'.'};
    if (m_now.alike >= 0)
        sentences << sharing(m_now) + u'.';
    for (size_t i = 0; i < m_now.neighbours.size(); ++i) {
        const BankNeighbour &neighbour = m_now.neighbours[i];
        const QString words = tr("%1, cosine %2").arg(samples.name(neighbour.sample), decimalText(neighbour.cosine));
        if (m_before.step < 0 || m_before.has(neighbour.sample))
            sentences << words + u'.';
        else
            sentences << (m_back ? tr("%1, which has left since.").arg(words) : tr("%1, which came in.").arg(words));
        if (int(i) == m_pointed)
            sentences.back() = tr("Pointed at: %1").arg(sentences.back());
    }
    for (const BankNeighbour &neighbour : m_before.neighbours)
        if (!m_now.has(neighbour.sample))
            sentences << (m_back ? tr("%1 came in since.") : tr("%1 has left.")).arg(samples.name(neighbour.sample));
    return sentences.join(u' ');
}

QString NearView::csv() const
{
    if (m_now.step < 0)
        return {};
    QString text = QStringLiteral("step,rank,sample,cosine,new\n");
    for (const FoundNear *found : {&m_before, &m_now})
        for (size_t i = 0; i < found->neighbours.size(); ++i) {
            const BankNeighbour &neighbour = found->neighbours[i];
            const bool came = found == &m_now && m_before.step >= 0 && !m_before.has(neighbour.sample);
            text += QStringLiteral("%1,%2,%3,%4,%5\n")
                        .arg(found->step)
                        .arg(i + 1)
                        .arg(neighbour.sample)
                        .arg(QString::number(double(neighbour.cosine), 'g', 7))
                        .arg(came ? 1 : 0);
        }
    return text;
}

} // namespace pretext
